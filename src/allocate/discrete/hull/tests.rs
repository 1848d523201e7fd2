//! The bracket, the pass over all menus and the break, against plain versions of each, and how often menus are read.

use core::cell::{Cell, RefCell};

use super::super::stock::Menus;
use super::*;
use crate::numeric::Draws;

fn menus(options: &[&[(i64, f64)]]) -> Menus {
    let mut menus = Menus::default();
    for menu in options {
        for (cost, value) in *menu {
            menus.option(*cost, *value);
        }
        menus.close();
    }
    menus
}

/// Notes which menus are read, in order.
struct Read<'m> {
    menus: &'m Menus,
    seen: RefCell<Vec<usize>>,
    count: Cell<usize>,
}

impl<'m> Read<'m> {
    fn new(menus: &'m Menus) -> Self {
        let (seen, count) = (RefCell::new(Vec::new()), Cell::new(0));
        Self { menus, seen, count }
    }

    /// How many menus each pass over them read.
    fn passes(&self) -> Vec<usize> {
        let mut seen = self.seen.borrow().clone();
        seen.dedup();
        let mut passes = Vec::new();
        for (at, menu) in seen.iter().enumerate() {
            if at == 0 || seen[at - 1] > *menu {
                passes.push(0);
            }
            *passes.last_mut().unwrap() += 1;
        }
        passes
    }
}

impl Stock for Read<'_> {
    fn len(&self) -> usize {
        self.menus.len()
    }

    fn each(&self, menu: usize, look: impl FnMut(Pick)) -> f64 {
        // A search that goes on for ever is stopped.
        self.count.set(self.count.get() + 1);
        assert!(self.count.get() < 1_000_000, "reads again and again");
        self.seen.borrow_mut().push(menu);
        self.menus.each(menu, look)
    }

    fn pick(&self, menu: usize, place: u32) -> Pick {
        self.menus.pick(menu, place)
    }
}

/// Menus of whole costs and values: nothing, and options in any order, some alike; few of them are dear. The returns of
/// `tilted` menus are a tenth or tenfold.
fn drawn(seed: u64, count: u64, tilted: impl Fn(u64) -> f64) -> Menus {
    let mut menus = Menus::default();
    for menu in 0..count {
        let mut draw = Draws::new(seed).stream(&[menu]);
        menus.option(0, 0.0);
        for _ in 0..=draw.below(3) {
            let cost = i64::try_from(1 + draw.below(40)).unwrap();
            let dear = if draw.below(8) == 0 { 5 } else { 1 };
            let value = libm::floor(tilted(menu) * 30.0 * (1.0 + draw.uniform() * 40.0));
            menus.option(cost * dear, value);
        }
        menus.close();
    }
    menus
}

/// Menus of like costs, whose returns a unit are even up to 1, or up to what `tilted` says.
fn alike(count: u64, tilted: impl Fn(u64) -> f64) -> Menus {
    let mut menus = Menus::default();
    for menu in 0..count {
        let mut draw = Draws::new(7).stream(&[menu]);
        menus.option(0, 0.0);
        for _ in 0..2 {
            let cost = i64::try_from(30 + draw.below(30)).unwrap();
            let value = cast::f64_of_i64(cost) * draw.uniform();
            menus.option(cost, tilted(menu) * value);
        }
        menus.close();
    }
    menus
}

/// The cheapest of the best options at a price, and what the next best loses.
fn best(menus: &Menus, menu: usize, price: f64) -> (Pick, f64) {
    let mut options = Vec::new();
    menus.each(menu, |pick| {
        options.push((pick.value - price * cast::f64_of_i64(pick.cost), pick));
    });
    options.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cost.cmp(&b.1.cost)));
    let loss = options
        .get(1)
        .map_or(f64::INFINITY, |second| options[0].0 - second.0);
    (options[0].1, loss)
}

/// The price at which the budget runs out, from all steps of all hulls, and the spend before it.
fn plain(menus: &Menus, budget: i128) -> (f64, i128) {
    let (start, steps) = path(menus);
    let mut spent: i128 = (start.iter().enumerate())
        .map(|(menu, place)| i128::from(menus.pick(menu, *place).cost))
        .sum();
    for step in steps {
        if spent + i128::from(step.cost) > budget {
            return (step.slope, spent);
        }
        spent += i128::from(step.cost);
    }
    (0.0, spent)
}

/// What all menus spend at a price.
fn demand(menus: &Menus, price: f64) -> f64 {
    let cost = |menu| best(menus, menu, price).0.cost;
    cast::f64_of_i64((0..menus.len()).map(cost).sum())
}

#[test]
fn the_cheapest_of_the_best_is_kept_and_the_first_of_what_is_alike() {
    let pick = |place, cost| Pick {
        place,
        cost,
        value: 1.0,
    };
    for (offers, kept, second) in [
        (vec![(pick(0, 5), 3.0), (pick(1, 2), 3.0)], 1, 3.0),
        (vec![(pick(0, 2), 3.0), (pick(1, 5), 3.0)], 0, 3.0),
        (vec![(pick(0, 2), 3.0), (pick(1, 2), 3.0)], 0, 3.0),
        (
            vec![(pick(0, 9), 3.0), (pick(1, 1), 2.0), (pick(2, 0), 1.0)],
            0,
            2.0,
        ),
        (
            vec![(pick(0, 1), 1.0), (pick(1, 7), 2.0), (pick(2, 9), 4.0)],
            2,
            2.0,
        ),
        (vec![(pick(0, 1), 1.0)], 0, f64::NEG_INFINITY),
    ] {
        let mut best = Best::none();
        for (pick, score) in &offers {
            best.offer(*pick, *score);
        }
        assert_eq!(best.pick.place, kept, "{offers:?}");
        assert_eq!(best.second.to_bits(), second.to_bits(), "{offers:?}");
    }
}

/// Prices are short binary fractions and values whole, so that every score is exact.
#[test]
fn the_ends_are_the_best_at_both_prices() {
    for seed in 0..60 {
        let menus = drawn(seed, 20, |_| 1.0);
        for menu in 0..menus.len() {
            for (high, low) in [
                (40.0, 3.5),
                (12.5, 12.0),
                (f64::INFINITY, 8.0),
                (f64::INFINITY, 0.0),
            ] {
                let found = ends(&menus, menu, high, low);
                let (last, loss) = best(&menus, menu, low);
                let (first, first_loss) = if high.is_finite() {
                    best(&menus, menu, high)
                } else {
                    (menus.cheapest(menu), f64::INFINITY)
                };
                assert_eq!((found.first.cost, found.last.cost), (first.cost, last.cost));
                assert_eq!(found.first.value.to_bits(), first.value.to_bits());
                assert_eq!(found.last.value.to_bits(), last.value.to_bits());
                let margin = if first.place == last.place {
                    loss.min(first_loss)
                } else {
                    0.0
                };
                assert_eq!(found.margin.to_bits(), margin.to_bits(), "{high} {low}");
                let top = menus.of(menu).1.iter().copied().fold(f64::MIN, f64::max);
                assert_eq!(found.top.to_bits(), top.to_bits());
            }
        }
    }
}

/// From an option of cost 4 and value 2: one as dear and one cheaper are worth more, but no step leads there; three of one
/// slope of 2 are one step to the far end, the first of the two alike there; then a slope of 1, and of 0.5.
#[test]
fn steps_of_a_hull_go_to_what_costs_and_is_worth_more() {
    let options = [
        (4, 2.0),
        (4, 5.0),
        (3, 7.0),
        (8, 10.0),
        (9, 12.0),
        (9, 12.0),
        (6, 6.0),
        (12, 15.0),
        (14, 16.0),
    ];
    let menus = menus(&[&options]);
    let first = menus.pick(0, 0);
    let ends = Ends {
        menu: 0,
        first,
        last: first,
        margin: 0.0,
        top: 16.0,
    };
    for (low, steps) in [
        (0.0, vec![(0, 4), (4, 7), (7, 8)]),
        (0.5, vec![(0, 4), (4, 7)]),
        (1.0, vec![(0, 4)]),
        (2.0, vec![]),
    ] {
        let mut found = Vec::new();
        hull_steps(&menus, &ends, low, &mut found);
        let places: Vec<(u32, u32)> = found.iter().map(|step| (step.from, step.to)).collect();
        assert_eq!(places, steps, "down to {low}");
    }
}

#[test]
fn a_window_adds_up_what_its_menus_spend_at_both_ends() {
    for seed in 0..20 {
        let menus = drawn(seed, 50, |_| 1.0);
        for (stride, high, low) in [(1, 40.5, 3.5), (7, 20.5, 9.5), (16, f64::INFINITY, 2.5)] {
            let sample: Vec<usize> = (0..50).step_by(stride).collect();
            let mut shown = Vec::new();
            let seen = window(&menus, stride, high, low, |ends| {
                shown.push(cast::usize_of_u32(ends.menu));
            });
            let costs = |price: f64| -> Vec<i64> {
                let cost = |menu: &usize| best(&menus, *menu, price).0.cost;
                let cost = |menu| if price.is_finite() { cost(menu) } else { 0 };
                sample.iter().map(cost).collect()
            };
            let sum = |price: f64| costs(price).iter().sum::<i64>();
            let squares: i64 = costs(low).iter().map(|cost| cost * cost).sum();
            assert_eq!((seen.counted, &shown), (sample.len(), &sample));
            assert_eq!(seen.spent, i128::from(sum(high)));
            assert_eq!(seen.squares.to_bits(), cast::f64_of_i64(squares).to_bits());
            let end = cast::f64_of_i64(sum(low));
            assert_eq!(
                demand_at_end(&seen).to_bits(),
                end.to_bits(),
                "{seed} {stride}"
            );
        }
    }
}

/// The first sample has about 512 menus at most, each later one sixteen times as many; few menus need none.
#[test]
fn samples_grow_sixteenfold_up_to_a_sixteenth_of_all() {
    for (count, samples) in [
        (1, vec![]),
        (512, vec![]),
        (513, vec![33]),
        (8_207, vec![513]),
        (8_208, vec![33, 513]),
        (20_000, vec![79, 1_250]),
    ] {
        let menus = drawn(1, count, |_| 1.0);
        let read = Read::new(&menus);
        bracket(&read, i128::from(count) * 10);
        assert_eq!(read.passes(), samples, "{count}");
    }
}

/// Four standard errors of a sample: the price lies between, whatever the menus; costs differ much, so that one error
/// would not do. With many menus both ends are near: what is spent there is the budget but for twice four errors.
#[test]
fn a_bracket_holds_the_price_and_is_narrow() {
    for seed in 0..60 {
        let count = 560 + 40 * (seed % 5);
        let menus = drawn(seed, count, |_| 1.0);
        for share in [3, 8, 14] {
            let budget = i128::from(count) * share;
            let (high, low, loss) = bracket(&menus, budget);
            let price = plain(&menus, budget).0;
            assert!(
                low <= price && price <= high,
                "{seed}: {price} not in {low} to {high}"
            );
            assert!(loss.is_infinite());
        }
    }
    let menus = alike(40_000, |_| 1.0);
    let budget = 40_000.0 * 20.0;
    let (high, low, loss) = bracket(&menus, 40_000 * 20);
    let squares: f64 = (0..40_000)
        .map(|menu| cast::f64_of_i64(best(&menus, menu, low).0.cost))
        .map(|cost| cost * cost)
        .sum();
    // The standard error of what a sixteenth of the menus says of all; four are left on either side.
    let error = 4.0 * libm::sqrt(squares);
    let (few, many) = (demand(&menus, high), demand(&menus, low));
    let off = [(budget - few) / error, (many - budget) / error];
    assert!(off.iter().all(|off| (2.5..8.0).contains(off)), "{off:?}");
    // About so many menus have a second option within the loss.
    let found = find_break(&menus, 40_000 * 20);
    assert_eq!(found.near.loss.to_bits(), loss.to_bits());
    assert!(loss > 0.0);
    let near = found.near.each().count();
    assert!((NEAR / 2..NEAR * 2).contains(&near), "{near}");
}

/// Where nothing in the sample stays as it is, the loss is not known: all menus are noted.
#[test]
fn without_a_sample_of_losses_all_menus_are_near() {
    let mut menus = Menus::default();
    for menu in 0..8_200 {
        menus.option(0, 0.0);
        menus.option(5 + menu % 7, 9.0);
        menus.close();
    }
    let found = find_break(&menus, 20_000);
    assert!(found.near.loss.is_infinite());
    assert_eq!(found.near.each().count(), 8_200);
}

/// The sampled menus return a tenth of the others, or tenfold: the bracket is wrong, and opens.
#[test]
fn a_sample_that_misleads_moves_no_break() {
    for (stride, count) in [(16, 1_600), (256, 10_240)] {
        for tilt in [0.1, 1.0, 10.0] {
            let menus = drawn(3, count, |menu| if menu % stride == 0 { tilt } else { 1.0 });
            for share in [2, 10, 18, 30, 100] {
                let budget = i128::from(count * share);
                let (price, spent) = plain(&menus, budget);
                let read = Read::new(&menus);
                let found = find_break(&read, budget);
                assert_eq!(
                    found.price.to_bits(),
                    price.to_bits(),
                    "{stride} {tilt} {share}"
                );
                assert_eq!(found.spent, spent);
                let costs: i64 = found.taken.cost.iter().sum();
                assert_eq!(i128::from(costs), spent);
                if stride == 256 {
                    // The second sample has a sixteenth of what misled the first.
                    let (high, low, _) = bracket(&menus, budget);
                    assert!(
                        low <= price && price <= high,
                        "{tilt} {share}: {price} {low} {high}"
                    );
                }
                if tilt.to_bits() == 1.0_f64.to_bits() && price > 0.0 {
                    let samples = if stride == 256 { 2 } else { 1 };
                    assert_eq!(read.passes().len(), samples + 1, "one pass over all");
                }
            }
        }
    }
}

/// 258 and 4,125 of so many menus are sampled, enough for an error of a few hundredths of all they can spend. Where the
/// first sample alone misleads, the second finds out and opens the end that it contradicts; where both do, all menus tell.
#[test]
fn an_end_that_a_larger_sample_contradicts_opens() {
    let count = 66_000;
    let budget = i128::from(count) * 22;
    for tilt in [0.1, 10.0] {
        for stride in [16, 256] {
            let menus = alike(count, |menu| if menu % stride == 0 { tilt } else { 1.0 });
            let (price, spent) = plain(&menus, budget);
            let (high, low, _) = bracket(&menus, budget);
            assert_eq!(
                low <= price && price <= high,
                stride == 256,
                "{tilt} {stride}: {price}, {low} to {high}"
            );
            let found = find_break(&menus, budget);
            assert_eq!(found.price.to_bits(), price.to_bits(), "{tilt} {stride}");
            assert_eq!(found.spent, spent);
        }
    }
}

/// The steps on both sides of the break in turn, the far side first, up to twelve each; a menu counts once.
#[test]
fn the_nearest_menus_lie_around_the_break() {
    let step = |menu| Step {
        slope: 1.0,
        menu,
        from: 0,
        to: 1,
        is_open: false,
        cost: 1,
        value: 1.0,
    };
    let of = |menus: &[u32], place| {
        nearest(
            &menus.iter().map(|menu| step(*menu)).collect::<Vec<_>>(),
            place,
        )
    };
    assert_eq!(of(&[0, 1, 2, 3, 4, 5], 3), [3, 2, 4, 1, 5, 0]);
    assert_eq!(of(&[7, 1, 7, 3, 1], 2), [7, 1, 3]);
    assert_eq!(of(&[4, 5], 0), [4, 5]);
    assert_eq!(of(&[4, 5], 2), [5, 4]);
    let many: Vec<u32> = (0..60).collect();
    let mut found = of(&many, 30);
    found.sort_unstable();
    assert_eq!(found, (18..42).collect::<Vec<u32>>());
}
