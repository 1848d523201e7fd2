//! A price narrowed down to one step, and steps of one gain shared out.

use std::borrow::Cow;

use proptest::prelude::*;

use super::super::region::settle;
use super::super::runs::Run;
use super::super::tests::spy::{Spy, grouped};
use super::super::tests::{Case, case};
use super::*;
use crate::numeric::cast::{f64_of_usize, i64_of_usize};
use crate::response::{Curve, ModifiedExponential, Power};

/// Wide enough for any group.
const WIDE: (i64, i64) = (0, 1_000);

fn region(node: usize, total: i64) -> Region {
    Region {
        node,
        total,
        exact: false,
    }
}

/// What a search writes to.
struct Room {
    taken: Vec<i64>,
    price: Vec<f64>,
    binds: Vec<bool>,
    spent: Vec<i128>,
}

impl Room {
    fn new(items: usize, nodes: usize) -> Self {
        Self {
            taken: vec![-1; items],
            price: vec![-1.0; nodes],
            binds: vec![false; nodes],
            spent: vec![-1; nodes],
        }
    }

    /// A search with these items open.
    fn search<'m, 'a>(
        &mut self,
        market: &'m Market<'a>,
        region: Region,
        open: Vec<Open<'a>>,
    ) -> Search<'m, 'a, '_> {
        let place = Place {
            region,
            guess: None,
            taken: &mut self.taken,
            price: &mut self.price,
            binds: &mut self.binds,
            spent: &mut self.spent,
        };
        let nodes = &market.layout.nodes;
        Search {
            market,
            region,
            first: market.layout.items_below(region.node).start,
            place,
            settled: vec![0; nodes[region.node].end - region.node],
            open,
            swept: None,
        }
    }
}

fn open(item: usize, node: usize, (above, reach): (i64, i64), curve: StepCurve<'_>) -> Open<'_> {
    Open {
        item,
        node,
        floor: 0,
        above,
        reach,
        curve,
        only: Only::Unasked,
        tried: 0,
    }
}

/// One whose gains do not matter.
fn blank<'a>(item: usize, node: usize, range: (i64, i64)) -> Open<'a> {
    open(item, node, range, StepCurve::Piecewise(Cow::Borrowed(&[])))
}

fn straight<'a>(steps: i64, gain: f64) -> StepCurve<'a> {
    StepCurve::Piecewise(Cow::Owned(vec![Run { end: steps, gain }]))
}

const CENT: Unit = Unit {
    minor: 1,
    per_unit: 100,
};

fn smooth() -> [Curve; 2] {
    [
        ModifiedExponential::new(3e6, 0.7).unwrap().into(),
        Power::new(0.02, 0.3).unwrap().into(),
    ]
}

/// A last step in question reaches its own gain, and not the next larger number, however a quick gain is rounded.
#[test]
fn a_single_step_reaches_its_exact_gain_and_no_more() {
    for curve in &smooth() {
        for n in 0..300 {
            let curve = StepCurve::of(curve, CENT).unwrap();
            let exact = curve.exact_gain(n, CENT);
            for (price, reaches) in [
                (exact.next_down(), true),
                (exact, true),
                (exact.next_up(), false),
            ] {
                let mut single = open(0, 0, (n, n + 1), curve.clone());
                assert_eq!(single.count(price, CENT), n + i64::from(reaches));
                // Again, now that its gain is known.
                assert_eq!(single.count(price, CENT), n + i64::from(reaches));
                assert_eq!(single.count(exact, CENT), n + 1);
            }
        }
    }
}

/// Gains that are known without error, down to the least there are.
#[test]
fn a_gain_without_error_reaches_a_price_just_as_high() {
    for gain in [3e-308, 1.0, 7e9] {
        for (price, reaches) in [(0.9 * gain, 1), (gain, 1), (1.1 * gain, 0), (2.0 * gain, 0)] {
            let mut single = open(0, 0, (0, 1), straight(1, gain));
            assert_eq!(single.count(price, CENT), reaches, "{gain} at {price}");
        }
    }
}

/// The exact gain is dear: a price that is not within rounding of it does without.
#[test]
fn an_exact_gain_is_not_asked_for_where_a_quick_one_will_do() {
    for curve in &smooth() {
        let curve = StepCurve::of(curve, CENT).unwrap();
        let gain = curve.exact_gain(40, CENT);
        for (by, reaches) in [(0.7, 41), (1.0 - 1e-13, 41), (1.0 + 1e-13, 40), (1.4, 40)] {
            let mut single = open(0, 0, (40, 41), curve.clone());
            assert_eq!(single.count(by * gain, CENT), reaches);
            assert!(matches!(single.only, Only::Between(..)), "{by}");
        }
        let mut single = open(0, 0, (40, 41), curve);
        single.count(gain, CENT);
        assert!(matches!(single.only, Only::Exactly(_)));
    }
}

/// Of ten steps in question a price just below the gain of the sixth is reached by six. Of one it is just below its own, and
/// what is known of its gain is used.
#[test]
fn the_parting_price_halves_what_is_open() {
    for curve in &smooth() {
        let curve = StepCurve::of(curve, CENT).unwrap();
        for (range, reaching) in [((10, 20), 16), ((7, 9), 9), ((7, 8), 8), ((0, 101), 51)] {
            let mut part = open(0, 0, range, curve.clone());
            let price = part.parting_price(CENT);
            assert_eq!(part.count(price, CENT), reaching, "{range:?}");
            assert!(!matches!(part.only, Only::Exactly(_)));
        }
        let mut part = open(0, 0, (7, 8), curve);
        for only in [Only::Exactly(5.0), Only::Between(5.0, 6.0)] {
            part.only = only;
            assert!((part.parting_price(CENT) - 5.0).abs() < 1e-12);
            assert!(part.parting_price(CENT) < 5.0);
        }
    }
}

/// Narrows between the ends of all floats, with items open besides the spy's; the price, and what was asked of the spy.
fn narrow<'a>(spy: &'a Spy, steps: i64, total: i64, others: Vec<Open<'a>>) -> f64 {
    let ground = Spy::new(vec![]).problem();
    let market = Market::of(&ground).unwrap();
    let mut room = Room::new(others.len() + 1, 1);
    let mut all = vec![open(0, 0, (0, steps), StepCurve::Custom(spy))];
    all.extend(others);
    let mut search = room.search(&market, region(0, total), all);
    search.narrow(f64::MIN_POSITIVE, f64::INFINITY)
}

/// 16,384 steps within a millionth of each other, of which one is wanted: each price parts what is open in half but for every
/// third, the middle of all floats, so thirteen rounds leave less than 64. Halving all floats would take 31 to come so close.
#[test]
fn prices_part_what_is_open() {
    let count = 16_384;
    let gains = (0..count).map(|at| 1.5 * (1.0 - 1e-6 * f64_of_usize(at) / f64_of_usize(count)));
    let spy = Spy::new(gains.collect());
    let price = narrow(&spy, i64_of_usize(count), 1, vec![]);
    // The first step refused.
    let second = 1.5 * (1.0 - 1e-6 / f64_of_usize(count));
    assert_eq!(price.to_bits(), second.to_bits());
    assert!(spy.prices().len() <= 14, "{}", spy.prices().len());
}

/// A thousand steps of one gain cannot be parted: all floats are halved, of which there are less than 2⁶³, and the price
/// is that gain itself.
#[test]
fn steps_of_one_gain_leave_that_gain() {
    let spy = Spy::new(vec![1.5; 1_000]);
    let price = narrow(&spy, 1_000, 10, vec![]);
    assert_eq!(price.to_bits(), 1.5_f64.to_bits());
    assert!(spy.prices().len() <= 66, "{}", spy.prices().len());
}

/// 600 items of two equal steps each, of which the last gains most and the first is the one to be cut: prices that part one
/// item at a time would have to settle 599. With every third price in the middle of all floats it is at most 3 · 64
/// rounds, each of them a look at two steps of the first item or one.
#[test]
fn a_search_ends_however_badly_prices_part() {
    let spy = Spy::new(vec![1.0; 2]);
    let others = (1..600_u16).map(|at| {
        let gain = 1.0 + f64::from(at) / 600.0;
        open(usize::from(at), 0, (0, 2), straight(2, gain))
    });
    let price = narrow(&spy, 2, 2 * 599, others.collect());
    assert_eq!(price.to_bits(), 1.0_f64.to_bits());
    assert!(spy.looks() <= 2 * 3 * 64 + 4, "{}", spy.looks());
}

/// Items on which both ends agree leave the open ones: their steps, or their floor if that is more, are their node's from
/// then on. What is taken above the price is written down for all.
#[test]
fn what_both_ends_agree_on_is_settled() {
    let problem = grouped(WIDE, WIDE, &[]);
    let market = Market::of(&problem).unwrap();
    let mut room = Room::new(4, 3);
    let mut all = vec![
        blank(0, 0, (3, 3)),
        blank(1, 1, (2, 4)),
        blank(2, 2, (1, 1)),
        blank(3, 2, (6, 6)),
    ];
    all[2].floor = 5;
    let mut search = room.search(&market, region(0, 99), all);
    search.settle_agreed();
    assert_eq!(search.settled, [3, 0, 11]);
    let left: Vec<usize> = search.open.iter().map(|open| open.item).collect();
    assert_eq!(left, [1]);
    assert_eq!(room.taken, [3, 2, 1, 6]);
}

/// `h` may spend 5 of the 7 that its member may, `g` 9 of these and its own 6, and the budget's own member 4: 13 in all.
#[test]
fn the_most_goes_through_the_caps_of_groups() {
    let members = [("a", "", 4), ("b", "g", 6), ("c", "h", 7)];
    for (g, h, most) in [(9, 5, 13), (99, 5, 15), (99, 99, 17), (2, 5, 6)] {
        let problem = grouped((0, g), (0, h), &members);
        let market = Market::of(&problem).unwrap();
        let mut room = Room::new(3, 3);
        let search = room.search(&market, region(0, 99), vec![]);
        assert_eq!(search.most(), most, "{g} {h}");
        // The same within `g`, which is a region of its own.
        let mut room = Room::new(2, 2);
        let search = room.search(&market, region(1, 99), vec![]);
        assert_eq!(search.most(), 6 + i128::from(h.min(7)), "{h}");
    }
}

/// `g` has a floor of 12 and a cap of 30, `h` in it 3 and 20; an item of `h` has ten steps in question, or eight.
#[test]
fn floors_swallow_steps_and_caps_stop_them() {
    let problem = grouped((12, 30), (3, 20), &[]);
    let market = Market::of(&problem).unwrap();
    let mut room = Room::new(1, 3);
    let search = room.search(&market, region(0, 99), vec![]);
    for (floor, range, sums, room, fits) in [
        // Its own floor of 5 swallows 3 beyond the 2 it takes; with a room of 2 that is 5.
        (5, (2, 10), [40, 12, 5], 2, 5),
        (5, (2, 10), [40, 12, 5], 5, 8),
        // The floors of both groups lack 2 and 3.
        (0, (0, 10), [40, 9, 1], 1, 6),
        (0, (0, 10), [40, 9, 1], 0, 5),
        (0, (0, 10), [40, 9, 1], 5, 10),
        // The caps leave 2 and 10: no more than 2 arrive, whatever is taken.
        (0, (0, 10), [40, 20, 18], 5, 10),
        (0, (0, 10), [40, 20, 18], 1, 1),
        // No group is in the way.
        (0, (0, 10), [40, 15, 5], 4, 4),
    ] {
        let mut one = blank(0, 2, range);
        one.floor = floor;
        let found = search.part_that_fits(&one, room, &sums);
        assert_eq!(found, fits, "{floor} {range:?} {sums:?} {room}");
    }
}

/// A tie that fits only in part is the last: the four steps with which `z` would only fill a floor are not for this price.
#[test]
fn a_tie_in_part_is_the_last() {
    let members = [("a", "", 99), ("z", "g", 99)];
    let problem = grouped((4, 99), WIDE, &members);
    let market = Market::of(&problem).unwrap();
    let mut room = Room::new(2, 3);
    let all = vec![blank(1, 1, (0, 4)), blank(0, 0, (0, 5))];
    let mut search = room.search(&market, region(0, 7), all);
    let sums = search.share_ties();
    let found: Vec<_> = search.open.iter().map(|o| (o.item, o.above)).collect();
    assert_eq!(found, [(0, 3), (1, 0)]);
    assert_eq!(sums, [7, 0, 0]);
}

/// Nine steps of `h`, which may spend 5, in `g`, which must spend 4: one more than the floor arrives.
#[test]
fn ties_count_for_every_group_above() {
    let problem = grouped((4, 99), (0, 5), &[("c", "h", 99)]);
    let market = Market::of(&problem).unwrap();
    let mut room = Room::new(1, 3);
    let mut search = room.search(&market, region(0, 7), vec![blank(0, 2, (0, 9))]);
    assert_eq!(search.share_ties(), [5, 5, 9]);
    assert_eq!(search.open[0].above, 9);
}

/// Ties one step at a time: the smaller ids first, up to the first step with which the region would pass its total.
fn share_one_by_one(case: &Case, ranges: &[(i64, i64)], room: i64) -> Result<(), TestCaseError> {
    let problem = case.problem();
    let market = Market::of(&problem).unwrap();
    let layout = market.layout;
    let mut all = Vec::new();
    for (node, of) in layout.nodes.iter().enumerate() {
        for item in of.members.clone() {
            let (above, tie) = ranges[item % ranges.len()];
            let mut one = blank(item, node, (above, above + tie));
            one.floor = layout.columns.bound_of(item).floor;
            all.push(one);
        }
    }
    let settled = vec![0; layout.nodes.len()];
    let sums = |open: &[Open<'_>]| region(0, 0).sums(&market, &settled, open, |open| open.above);
    let total = sums(&all)[0] + i128::from(room);
    let mut plain = all.clone();
    plain.sort_by_key(|open| layout.position[open.item]);
    'shared: for at in 0..plain.len() {
        while plain[at].above < plain[at].reach {
            plain[at].above += 1;
            if sums(&plain)[0] > total {
                plain[at].above -= 1;
                break 'shared;
            }
        }
    }
    let mut place = Room::new(all.len(), layout.nodes.len());
    let total = i64::try_from(total).unwrap();
    let mut search = place.search(&market, region(0, total), all);
    let found = search.share_ties();
    let above = |open: &[Open<'_>]| -> Vec<(usize, i64)> {
        open.iter().map(|open| (open.item, open.above)).collect()
    };
    prop_assert_eq!(above(&search.open), above(&plain));
    // What each node then spends, before its own floor and cap.
    prop_assert_eq!(found, sums(&plain));
    Ok(())
}

proptest! {
    #[test]
    fn ties_are_shared_one_step_at_a_time(
        case in case(), ranges in prop::collection::vec((0..8_i64, 1..7_i64), 1..7), room in 0..25_i64,
    ) {
        share_one_by_one(&case, &ranges, room)?;
    }
}

/// `h` within the region of `g` is over its cap of 100: it becomes a region, which is searched from where its own demand,
/// 200 steps at an elasticity of 2, would be 100.
#[test]
fn a_group_over_its_cap_is_searched_from_its_own_demand() {
    let members = [("b", "g", 6), ("c", "h", 700)];
    let problem = grouped(WIDE, (0, 100), &members);
    let market = Market::of(&problem).unwrap();
    let mut room = Room::new(2, 2);
    let mut search = room.search(&market, region(1, 300), vec![blank(1, 2, (150, 170))]);
    let demand = |steps, slope| Demand { steps, slope };
    search.swept = Some((0.5, vec![demand(210.0, 30.0), demand(200.0, 400.0)]));
    let below = search.hand_out(&[106, 150], 1.25);
    let [(of, Some(guess))] = below[..] else {
        panic!("{below:?}");
    };
    assert_eq!((of.node, of.total, of.exact), (2, 100, false));
    let wanted = 0.5 + 0.5 * core::f64::consts::LN_2;
    assert!((guess - wanted).abs() < 1e-12, "{guess} not {wanted}");
    assert_eq!(room.binds, [false, true]);
    assert_eq!(room.spent, [106, -1]);
    assert_eq!(room.price[0].to_bits(), 1.25_f64.to_bits());
    assert_eq!(room.taken, [-1, 150]);
}

/// `g` must spend 10 though nothing gains, and its `h` may have 4 of it: the smaller id fills `h`, the other takes the rest.
/// Without the floor nobody spends.
#[test]
fn a_floor_fills_a_cap_below_it_with_steps_that_gain_nothing() {
    let members = [("a", "h", 99), ("b", "g", 99)];
    for (floor, a, b) in [(10, 4, 6), (3, 3, 0), (0, 0, 0)] {
        let problem = grouped((floor, 99), (0, 4), &members);
        let market = Market::of(&problem).unwrap();
        let settled = settle(&market, 20, None);
        // The items of `g` come before those of `h`.
        assert_eq!(settled.taken, [b, a], "{floor}");
        assert_eq!(settled.spent[1..], [floor, a].map(i128::from), "{floor}");
    }
}
