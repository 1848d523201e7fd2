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

use super::hull::{Break, Near, find_break};
use super::stock::{Pick, Stock, Taken};
use super::table::{self, Core, Effort};

/// What is known at the end: the option taken in each menu, and the least bound that was proved.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    pub(crate) taken: Taken,
    pub(crate) value: f64,
    pub(crate) bound: f64,
    /// Whether the search was exhaustive.
    pub(crate) complete: bool,
    /// Price of a minor unit at the root.
    pub(crate) price: f64,
    /// Work counted: states of the table.
    pub(crate) work: u64,
}

/// The packing of highest value, or the best found and a bound, within `limit` states.
///
/// The cheapest spend must be at most the budget.
pub(crate) fn pack(stock: &impl Stock, budget: i128, limit: u64) -> Packing {
    let Break {
        price,
        mut taken,
        spent,
        nearest,
        near,
    } = find_break(stock, budget);
    let room = i64::try_from(budget - spent).unwrap_or(i64::MAX);
    if price <= 0.0 {
        return finish(taken, 0.0, 0.0, 0.0, 0);
    }
    // The loss of the answer in hand against the linear relaxation is `ceiling` − its gain over the base.
    let ceiling = price * cast::f64_of_i64(room);
    let mut noise = noise_of(&taken, price);
    let mut best = table::Best::new();
    let mut answer = Vec::new();
    let mut work = 0;
    let mut above = 0.0;
    // From a narrow search near the break to an exhaustive one: each makes the next one's core smaller.
    let base = Base {
        stock,
        taken: &taken,
        price,
    };
    let mut core = base.core(nearest.iter().copied(), f64::INFINITY);
    for (stage, width) in WIDTHS.into_iter().enumerate() {
        let exhaustive = width == usize::MAX;
        let states = limit;
        let outcome = table::search(&core, room, price, &mut best, Effort { states, width });
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
            core = if loss + noise <= near.loss {
                base.core_near(&near, loss)
            } else {
                base.core(0..cast::u32_of_usize(stock.len()), loss)
            };
        }
    }
    for (menu, option) in answer {
        taken.change(stock, menu, option);
    }
    finish(taken, price, above, noise, work)
}

/// States kept from menu to menu in the searches, the last of which is exhaustive.
const WIDTHS: [usize; 3] = [200, 2_000, usize::MAX];

/// What the evaluation of gains near the break can be off by: a few roundings of the largest terms.
fn noise_of(taken: &Taken, price: f64) -> f64 {
    let largest = (taken.cost.iter().zip(&taken.value))
        .map(|(cost, value)| value.abs().max(price * cast::f64_of_i64(*cost)))
        .fold(0.0, f64::max);
    16.0 * f64::EPSILON * largest
}

fn finish(taken: Taken, price: f64, above: f64, noise: f64, work: u64) -> Packing {
    let value = taken.value.iter().copied().collect::<ExactSum>().value();
    Packing {
        taken,
        value,
        bound: value + above + noise,
        complete: above <= noise,
        price,
        work,
    }
}

/// What is taken at the break.
struct Base<'a, S> {
    stock: &'a S,
    taken: &'a Taken,
    price: f64,
}

impl<S: Stock> Base<'_, S> {
    /// The options of the given menus that lose less than `loss` at the price.
    fn core(&self, among: impl Iterator<Item = u32>, loss: f64) -> Core {
        let mut core = Core::default();
        for menu in among {
            let floor = self.floor(menu, loss);
            self.stock.each(cast::usize_of_u32(menu), |pick| {
                self.add(&mut core, menu, pick, floor);
            });
        }
        core
    }

    /// The same of menus whose options are at hand.
    fn core_near(&self, near: &Near, loss: f64) -> Core {
        let mut core = Core::default();
        for (menu, picks) in near.each() {
            let floor = self.floor(menu, loss);
            for pick in picks {
                self.add(&mut core, menu, *pick, floor);
            }
        }
        core
    }

    fn score(&self, cost: i64, value: f64) -> f64 {
        value - self.price * cast::f64_of_i64(cost)
    }

    /// What an option of the menu must score.
    fn floor(&self, menu: u32, loss: f64) -> f64 {
        let at = cast::usize_of_u32(menu);
        self.score(self.taken.cost[at], self.taken.value[at]) - loss
    }

    fn add(&self, core: &mut Core, menu: u32, pick: Pick, floor: f64) {
        let at = cast::usize_of_u32(menu);
        if self.score(pick.cost, pick.value) > floor && pick.place != self.taken.place[at] {
            let (cost, gain) = (
                pick.cost - self.taken.cost[at],
                pick.value - self.taken.value[at],
            );
            core.option(menu, pick.place, cost, gain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stock::Menus;
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
                let spent: i128 = packing
                    .taken
                    .cost
                    .iter()
                    .map(|cost| i128::from(*cost))
                    .sum();
                assert!(spent <= budget);
            }
        }
    }

    fn of(options: &[&[(i64, f64)]]) -> Menus {
        let mut menus = Menus::with_capacity(0, 0);
        for menu in options {
            menus.option(0, 0.0);
            for (cost, value) in *menu {
                menus.option(*cost, *value);
            }
            menus.close();
        }
        menus
    }

    /// The first menu is taken, and the second, of slope 1, breaks the budget: at that price a unit is left, so that the
    /// gap is 1. Without the first, or with the third, exactly that is lost: neither can beat the answer. The first
    /// table has all three: two looks at the second menu, whose place the third's slope could take, and one at the third.
    /// The other tables have the second menu alone: one look each.
    #[test]
    fn what_loses_the_gap_is_not_looked_at_again() {
        let menus = of(&[&[(1, 2.0)], &[(2, 2.0)], &[(10, 9.0)]]);
        let packing = pack(&menus, 2, u64::MAX);
        assert_eq!((packing.value, packing.price), (2.0, 1.0));
        assert!(packing.complete);
        assert_eq!(packing.work, 3 + 1 + 1);
    }

    /// Thousands of menus have a second option that loses next to nothing. What fills the budget loses more than these,
    /// and its slope is far from the price: neither the menus near the break nor those near the price hold it.
    #[test]
    fn what_is_far_from_the_price_is_looked_at_if_the_gap_is_as_wide() {
        let count = 9_000;
        let mut menus = Menus::with_capacity(0, 0);
        let mut most = 0.0;
        let mut budget = 6;
        for at in 0..count {
            menus.option(0, 0.0);
            let share = f64::from(at) / f64::from(count);
            if at / 16 % 2 == 0 {
                menus.option(0, -1e-6);
            } else if at / 32 % 2 == 0 {
                // Taken: slopes from 1.1 to 3.
                menus.option(100, 100.0 * (1.1 + 1.9 * share));
                most += 100.0 * (1.1 + 1.9 * share);
                budget += 100;
            } else {
                // Not taken: slopes from 0.5 to 0.9.
                menus.option(100, 100.0 * (0.5 + 0.4 * share));
            }
            menus.close();
        }
        for (cost, value) in [(1_000, 1_000.0), (6, 1.5)] {
            menus.option(0, 0.0);
            menus.option(cost, value);
            menus.close();
        }
        let packing = pack(&menus, budget, u64::MAX);
        assert_eq!((packing.price, packing.complete), (1.0, true));
        assert!(
            (packing.value - most - 1.5).abs() < 1e-6,
            "{} {most}",
            packing.value
        );
    }

    /// Of what an option is worth and of what it costs at the price, the larger; a loss too.
    #[test]
    fn the_noise_is_a_few_roundings_of_the_largest_term() {
        for (cost, value, price, largest) in [
            ([3, 10], [-5.0, 2.0], 1.0, 10.0),
            ([3, 10], [-5.0, 2.0], 0.25, 5.0),
            ([0, 1], [0.0, 7.0], 2.0, 7.0),
        ] {
            let mut taken = Taken::with_capacity(2);
            for (cost, value) in cost.into_iter().zip(value) {
                let place = 1;
                taken.push(Pick { place, cost, value }, value);
            }
            let roundings = noise_of(&taken, price) / (f64::EPSILON * largest);
            assert!(
                (4.0..=64.0).contains(&roundings),
                "{roundings} of {largest}"
            );
        }
    }
}
