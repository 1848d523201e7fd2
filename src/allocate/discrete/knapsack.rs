//! Menus under one budget: the price of money, and the few menus that are left to decide.
//!
//! 1. A sample brackets the price of money; one pass over all menus at both ends of the bracket leaves only
//!    the steps of the upper hulls that lie between, and sorting those gives the price and the break.
//! 2. A small table (`table`) over the menus nearest to the break gives a first answer.
//! 3. At the price, an option loses its penalty against the bound. One more pass keeps the options whose
//!    penalty is below the loss of the answer in hand (Dyer, Kayal & Walker 1984; Pisinger 1995), and the
//!    table over these is exhaustive.
//!
//! `O(options)` for each of the three passes, and the table's own count, which is limited by number.

use crate::numeric::{ExactSum, cast};

use super::hull::find_break;
use super::table::{self, Core, Effort};

/// Menus in canonical order, their options flat. Each menu has at least one option, and its options ascend
/// by cost, the dearer value first among equal costs; "none" is an option like any other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Menus {
    starts: Vec<u32>,
    costs: Vec<i64>,
    values: Vec<f64>,
}

/// What is known at the end: the option taken in each menu, and the least bound that was proved.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    /// For each menu the place of its option among the menu's own.
    pub(crate) chosen: Vec<u32>,
    pub(crate) value: f64,
    pub(crate) bound: f64,
    /// Whether the search was exhaustive.
    pub(crate) complete: bool,
    /// Price of a minor unit at the root.
    pub(crate) price: f64,
    /// Work counted: states of the table.
    pub(crate) work: u64,
}

impl Menus {
    pub(crate) fn with_capacity(menus: usize, options: usize) -> Self {
        let mut starts = Vec::with_capacity(menus + 1);
        starts.push(0);
        Self {
            starts,
            costs: Vec::with_capacity(options),
            values: Vec::with_capacity(options),
        }
    }

    /// Adds an option to the menu that is being built.
    pub(crate) fn option(&mut self, cost: i64, value: f64) {
        self.costs.push(cost);
        self.values.push(value);
    }

    /// Ends the menu that is being built.
    pub(crate) fn close(&mut self) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(cast::u32_of_usize(self.costs.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(crate) fn of(&self, menu: usize) -> (&[i64], &[f64]) {
        let first = cast::usize_of_u32(self.starts[menu]);
        let last = cast::usize_of_u32(self.starts[menu + 1]);
        (&self.costs[first..last], &self.values[first..last])
    }

    /// The place of an option among all.
    pub(crate) fn place(&self, menu: usize, option: u32) -> usize {
        cast::usize_of_u32(self.starts[menu]) + cast::usize_of_u32(option)
    }

    pub(crate) fn pick(&self, menu: usize, option: u32) -> (i64, f64) {
        let place = self.place(menu, option);
        (self.costs[place], self.values[place])
    }

    /// The most by which an option costs more than the cheapest of its menu.
    pub(crate) fn widest(&self) -> i128 {
        (0..self.len())
            .map(|menu| {
                let (costs, _) = self.of(menu);
                let ends = costs.first().zip(costs.last());
                ends.map_or(0, |(first, last)| i128::from(last - first))
            })
            .max()
            .unwrap_or(0)
    }

    /// What sums of values can be told apart by at best.
    pub(crate) fn blur(&self) -> f64 {
        let largest = |menu: usize| {
            let (_, values) = self.of(menu);
            values
                .iter()
                .fold(0.0_f64, |most, value| most.max(value.abs()))
        };
        32.0 * f64::EPSILON * (0..self.len()).map(largest).sum::<f64>()
    }

    /// The cheapest spend that is possible at all.
    pub(crate) fn least(&self) -> i128 {
        (0..self.len())
            .map(|menu| i128::from(self.pick(menu, 0).0))
            .sum()
    }
}

/// The packing of highest value, or the best found and a bound, within `limit` states.
///
/// The cheapest spend must be at most the budget.
pub(crate) fn pack(menus: &Menus, budget: i128, limit: u64) -> Packing {
    let broken = find_break(menus, budget);
    let mut chosen = broken.chosen;
    let price = broken.price;
    let room = i64::try_from(budget - broken.spent).unwrap_or(i64::MAX);
    if price <= 0.0 {
        return finish(menus, chosen, 0.0, 0.0, 0.0, 0);
    }
    // The loss of the answer in hand against the linear relaxation is `ceiling` − its gain over the base.
    let ceiling = price * cast::f64_of_i64(room);
    let mut noise = noise_of(menus, &chosen, price);
    let mut best = table::Best::new();
    let mut answer = Vec::new();
    let mut work = 0;
    let mut above = 0.0;
    // From a narrow search near the break to an exhaustive one: each makes the next one's core smaller.
    let nearest = broken.nearest.iter().copied();
    let mut core = core_of(menus, &chosen, nearest, price, f64::INFINITY);
    for (stage, width) in WIDTHS.into_iter().enumerate() {
        let exhaustive = width == usize::MAX;
        let outcome = table::search(
            &core,
            room,
            price,
            &mut best,
            Effort {
                states: limit,
                width,
            },
        );
        work += outcome.work;
        if outcome.improved {
            answer = outcome.taken;
        }
        let loss = ceiling - best.gain();
        if loss <= noise {
            noise = noise.max(loss);
            break;
        }
        if exhaustive {
            above = (outcome.bound - best.gain()).max(0.0);
            break;
        }
        if stage == 0 || outcome.improved {
            core = core_of(
                menus,
                &chosen,
                0..cast::u32_of_usize(menus.len()),
                price,
                loss,
            );
        }
    }
    for (menu, option) in answer {
        chosen[cast::usize_of_u32(menu)] = option;
    }
    finish(menus, chosen, price, above, noise, work)
}

/// States kept from menu to menu in the searches, the last of which is exhaustive.
const WIDTHS: [usize; 3] = [200, 2_000, usize::MAX];

/// What the evaluation of gains near the break can be off by: a few roundings of the largest terms.
fn noise_of(menus: &Menus, chosen: &[u32], price: f64) -> f64 {
    let largest = chosen
        .iter()
        .enumerate()
        .map(|(menu, option)| {
            let (cost, value) = menus.pick(menu, *option);
            value.abs().max(price * cast::f64_of_i64(cost))
        })
        .fold(0.0, f64::max);
    16.0 * f64::EPSILON * largest
}

fn finish(
    menus: &Menus,
    chosen: Vec<u32>,
    price: f64,
    above: f64,
    noise: f64,
    work: u64,
) -> Packing {
    let value = chosen
        .iter()
        .enumerate()
        .map(|(menu, option)| menus.pick(menu, *option).1)
        .collect::<ExactSum>()
        .value();
    Packing {
        chosen,
        value,
        bound: value + above + noise,
        complete: above <= noise,
        price,
        work,
    }
}

/// The options of the given menus that lose less than `loss` at the price.
fn core_of(
    menus: &Menus,
    chosen: &[u32],
    among: impl Iterator<Item = u32>,
    price: f64,
    loss: f64,
) -> Core {
    let mut core = Core::default();
    for menu in among {
        let place = cast::usize_of_u32(menu);
        let (costs, values) = menus.of(place);
        let base = cast::usize_of_u32(chosen[place]);
        let (base_cost, base_value) = (costs[base], values[base]);
        let score = base_value - price * cast::f64_of_i64(base_cost);
        let enough = score - loss;
        for (index, (cost, value)) in (0_u32..).zip(costs.iter().zip(values)) {
            if value - price * cast::f64_of_i64(*cost) > enough && index != chosen[place] {
                core.option(menu, index, cost - base_cost, value - base_value);
            }
        }
    }
    core
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Draws;

    /// Menus of up to ten options besides none; values unrelated to costs, close to them, or cost and a constant.
    pub(super) fn menus(count: u64, seed: u64, kind: u64, scale: u64) -> (Menus, i64) {
        let mut menus = Menus::with_capacity(0, 0);
        let mut dearest = 0;
        for menu in 0..count {
            let mut draw = Draws::new(seed).stream(&[menu]);
            let mut options = vec![(0, 0.0)];
            for _ in 0..=draw.below(10) {
                let cost = i64::try_from(1 + draw.below(scale)).unwrap();
                let size = cast::f64_of_i64(cost);
                let value = match kind {
                    0 => draw.uniform() * 1000.0,
                    1 => size * (0.9 + 0.2 * draw.uniform()),
                    _ => size + cast::f64_of_u64(scale) / 10.0,
                };
                options.push((cost, value));
            }
            options.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            dearest += options.last().unwrap().0;
            for (cost, value) in options {
                menus.option(cost, value);
            }
            menus.close();
        }
        (menus, dearest)
    }

    /// The dynamic programme over every budget, written plainly.
    fn plain(menus: &Menus, budget: i64) -> f64 {
        let budget = usize::try_from(budget).unwrap();
        let mut best = vec![0.0_f64; budget + 1];
        for menu in 0..menus.len() {
            let (costs, values) = menus.of(menu);
            let mut next = vec![f64::NEG_INFINITY; budget + 1];
            for (cost, value) in costs.iter().zip(values) {
                let cost = usize::try_from(*cost).unwrap();
                for (after, before) in next.iter_mut().skip(cost).zip(&best) {
                    *after = after.max(before + value);
                }
            }
            best = next;
        }
        best[budget]
    }

    #[test]
    fn agrees_with_the_plain_programme() {
        for seed in 0..600 {
            let scale = [5, 50, 300][usize::try_from(seed / 3 % 3).unwrap()];
            let (menus, dearest) = menus(1 + (seed * 7) % 40, seed, seed % 3, scale);
            let share = Draws::new(seed).stream(&[9999]).uniform();
            let budget = cast::i64_clamped(share * cast::f64_of_i64(dearest), 0, dearest);
            let packing = pack(&menus, i128::from(budget), u64::MAX);
            let best = plain(&menus, budget);
            assert!(
                (packing.value - best).abs() <= 1e-12 * best,
                "seed {seed}: {} {best}",
                packing.value
            );
            assert!(
                packing.complete && packing.bound >= best * (1.0 - 1e-15),
                "seed {seed}"
            );
            assert!(packing.bound - packing.value <= 1e-12 * best, "seed {seed}");
        }
    }

    #[test]
    fn a_search_cut_short_still_bounds() {
        for seed in 0..60 {
            let (menus, dearest) = menus(60, seed, 2, 300);
            let budget = dearest / 3;
            let packing = pack(&menus, i128::from(budget), 10);
            let best = plain(&menus, budget);
            assert!(packing.value <= best * (1.0 + 1e-15) && packing.bound >= best * (1.0 - 1e-15));
        }
    }

    /// Thousands of menus go through the samples, and every bracket holds.
    #[test]
    fn samples_bracket_the_price() {
        for seed in 0..4 {
            let (menus, dearest) = menus(20_000, seed, seed % 2, 1_000_000);
            for share in [1000, 20, 3, 1] {
                let budget = i128::from(dearest / share);
                let packing = pack(&menus, budget, 1 << 24);
                assert!(packing.bound - packing.value <= 1e-12 * packing.value);
                let costs = packing.chosen.iter().enumerate();
                let spent: i128 = costs
                    .map(|(menu, option)| i128::from(menus.pick(menu, *option).0))
                    .sum();
                assert!(spent <= budget);
            }
        }
    }
}
