//! What a window settles is the same at both its ends, and what it leaves open is counted exactly.

mod ends;

use proptest::prelude::*;

use super::super::super::{Activity, Problem};
use super::super::bounds::NO_CAP;
use super::super::layout::Market;
use super::super::region::Region;
use super::super::sweep::{Rows, Sweeper};
use super::super::tests::spy::group_at;
use super::super::tests::{Case, case, id, money, problem};
use super::*;
use crate::response::{Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

/// A window around any price: each item is settled at its exact count at the window's high end, which then is that at the
/// low end, or is open with its exact counts at both.
fn settles_what_is_the_same(
    case: &Case,
    total: i64,
    at: f64,
    half: f64,
    bottom: bool,
) -> Result<(), TestCaseError> {
    let problem = case.problem();
    let market = Market::of(&problem).unwrap();
    let layout = market.layout;
    let region = Region {
        node: 0,
        total,
        exact: false,
    };
    let sweeper = Sweeper::new(&market, region);
    let rows = Rows {
        columns: &layout.columns,
        segments: layout.segments_below(0),
    };
    let (at, half) = if bottom {
        (libm::log(f64::MIN_POSITIVE), 0.0)
    } else {
        (at, half)
    };
    let ends = |by: f64| {
        if bottom {
            f64::MIN_POSITIVE
        } else {
            libm::exp(at + by)
        }
    };
    let span = Span {
        at,
        half,
        low: ends(-half),
        high: ends(half),
        bottom,
        warm: false,
    };
    let mut taken = vec![0; layout.position.len()];
    let window = sweeper.window(rows, &mut taken, span);
    let exact = |item: usize, price: f64| {
        market.curve(item).count(
            price,
            region.most(layout.columns.bound_of(item)),
            layout.unit,
        )
    };
    for (at, node) in layout.nodes.iter().enumerate() {
        for item in node.members.clone() {
            let (above, reach) = (exact(item, span.high), exact(item, span.low));
            let floor = layout.columns.bound_of(item).floor;
            if let Some(open) = window.open.iter().find(|open| open.item == item) {
                prop_assert_eq!((open.above, open.reach), (above, reach));
                prop_assert_eq!(open.node, at);
                continue;
            }
            // Settled; unless a group that is surely beyond its bound waits for a price of its own.
            if at == 0 && above.max(floor) == reach.max(floor) {
                prop_assert_eq!(
                    taken[item].max(floor),
                    above.max(floor),
                    "{} of {:?}",
                    item,
                    case
                );
            }
        }
    }
    // Demand at both ends, through all floors and caps, is what is exact there.
    for (price, high) in [(span.high, true), (span.low, false)] {
        let found = region.sums(&market, &window.settled, &window.open, |open| {
            if high { open.above } else { open.reach }
        });
        let mut exactly = vec![0_i128; layout.nodes.len()];
        for at in (0..layout.nodes.len()).rev() {
            let node = &layout.nodes[at];
            for item in node.members.clone() {
                exactly[at] +=
                    i128::from(exact(item, price).max(layout.columns.bound_of(item).floor));
            }
            if at > 0 {
                let passed = exactly[at]
                    .max(i128::from(node.floor))
                    .min(i128::from(node.cap));
                exactly[node.parent] += passed;
            }
        }
        prop_assert_eq!(found[0], exactly[0], "at {} of {:?}", price, case);
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_window_settles_what_is_the_same_at_both_ends(
        case in case(), total in prop_oneof![1..80_i64, 80..300_000_i64], at in -12.0..6.0,
        half in prop_oneof![Just(1e-12), 1e-6..1e-3, 1e-3..0.3, 0.3..3.0], bottom in prop::bool::weighted(0.1),
    ) {
        settles_what_is_the_same(&case, total, at, half, bottom)?;
    }
}

/// A problem of one activity in each group and one in none, the latter first, in yen. A group is its parent, its floor
/// and its cap; its node is the next after its position.
fn grouped(curve: &Curve, groups: &[(Option<usize>, i64, Option<i64>)]) -> Problem {
    let activities =
        (0..=groups.len()).map(|at| Activity::curve(id(&format!("a{at}")), curve.clone()));
    let groups = groups
        .iter()
        .enumerate()
        .map(|(at, group)| group_at(at, *group).with_members(vec![id(&format!("a{}", at + 1))]));
    problem("JPY", 1_000, activities.collect(), groups.collect())
}

fn lone(curves: Vec<Curve>) -> Problem {
    let activities = curves.into_iter().enumerate();
    let activities = activities.map(|(at, curve)| Activity::curve(id(&format!("a{at}")), curve));
    problem("JPY", 1_000, activities.collect(), vec![])
}

/// The columns of a region with a total, and room for its counts.
fn swept<'m, 'a>(
    market: &'m Market<'a>,
    node: usize,
    total: i64,
) -> (Sweeper<'m, 'a>, Rows<'m>, Vec<i64>) {
    let region = Region {
        node,
        total,
        exact: false,
    };
    let rows = Rows {
        columns: &market.layout.columns,
        segments: market.layout.segments_below(node),
    };
    let taken = vec![0; market.layout.items_below(node).len()];
    (Sweeper::new(market, region), rows, taken)
}

fn span(at: f64, half: f64) -> Span {
    Span {
        at,
        half,
        low: libm::exp(at - half),
        high: libm::exp(at + half),
        bottom: false,
        warm: false,
    }
}

/// Ten steps that gain 4 and ten that gain 2.
fn kinked() -> Curve {
    PiecewiseLinear::new(&[(0.0, 0.0), (10.0, 40.0), (20.0, 60.0)])
        .unwrap()
        .into()
}

/// Whole numbers can be told apart up to 2^51, and a total up to half of that is looked for.
#[test]
fn totals_that_columns_cannot_count_are_left_to_the_slow_way() {
    let roots = [3.0, 2.0].map(|scale| Power::new(scale, 0.5).unwrap().into());
    let problem = lone(roots.to_vec());
    let market = Market::of(&problem).unwrap();
    for (total, counted) in [
        (1_i64, true),
        (1_000, true),
        ((1 << 50) - 1, true),
        (1 << 50, false),
    ] {
        let (sweeper, _, mut taken) = swept(&market, 0, total);
        assert_eq!(
            find(&sweeper, None, &mut taken).is_some(),
            counted,
            "{total}"
        );
        let bottom = find_bottom(&sweeper, &mut taken);
        assert_eq!(bottom.is_some(), counted, "{total}");
    }
    let (sweeper, _, mut taken) = swept(&market, 0, 0);
    assert!(find(&sweeper, None, &mut taken).is_none());
}

/// At the least price of all an exponential with a decay of 1 and a first gain of 1 takes a step for each of
/// −ln(2^−1022) = 708.4, the first one included; whatever falls like a power takes all that matters. Nothing is open.
#[test]
fn the_least_price_settles_what_is_not_straight() {
    let first = ModifiedExponential::new(1.0 / -libm::expm1(-1.0), 1.0).unwrap();
    let problem = lone(vec![
        first.into(),
        Logarithmic::new(3.0, 5.0).unwrap().into(),
        Power::new(3.0, 0.5).unwrap().into(),
    ]);
    let market = Market::of(&problem).unwrap();
    let (sweeper, _, mut taken) = swept(&market, 0, 100_000);
    let window = find_bottom(&sweeper, &mut taken).unwrap();
    assert!(window.open.is_empty(), "{:?}", window.open);
    assert_eq!(taken, [709, 100_001, 100_001]);
    assert_eq!(window.settled, [709 + 2 * 100_001]);
    assert_eq!(
        [window.low, window.high].map(f64::to_bits),
        [f64::MIN_POSITIVE.to_bits(); 2]
    );
}

/// Ten activities whose gains take turns to be the next: in all, demand falls by a step for each 1/100 of ln(price). It is asked
/// beside the middle of the price at which just the total of 1,000 steps is taken.
#[test]
fn the_next_window_lies_where_the_slope_says() {
    let turns =
        (0..10).map(|at| ModifiedExponential::new(100.0 * libm::exp(-0.01 * f64::from(at)), 0.1));
    let problem = lone(turns.map(|curve| curve.unwrap().into()).collect());
    let market = Market::of(&problem).unwrap();
    let middle = market.layout.columns.a[0] - 9.995;
    let rows = [
        // Around the middle itself.
        (0.0, 0.02, -0.02, 0.02),
        // A hundred steps too dear, and at the low end 98: at least 99 are wanting, 0.99 below the low end, and twice
        // that around it.
        (
            1.0,
            0.02,
            1.0 - 0.02 - 0.99 - 1.98,
            1.0 - 0.02 - 0.99 + 1.98,
        ),
        // A hundred too many, and 98 at the high end: 0.98 above it.
        (
            -1.0,
            0.02,
            -1.0 + 0.02 + 0.98 - 1.96,
            -1.0 + 0.02 + 0.98 + 1.96,
        ),
        // The very total at both ends: one more is wanting, below.
        (0.0, 0.002, -0.002 - 0.01 - 0.02, -0.002 - 0.01 + 0.02),
    ];
    for (away, width, low, high) in rows {
        let (sweeper, rows, mut taken) = swept(&market, 0, 1_000);
        let near = Near {
            at: middle + away,
            width,
            slope: 100.0,
            swept: (0.0, vec![]),
        };
        let window = sweeper.close_in(rows, &mut taken, near).unwrap();
        let ends = [window.low, window.high].map(|end| libm::log(end) - middle);
        assert!((ends[0] - low).abs() < 1e-9, "{away} ± {width}: {ends:?}");
        assert!((ends[1] - high).abs() < 1e-9, "{away} ± {width}: {ends:?}");
    }
}

/// Prices beyond e^±690 are no window's: they would over- and underflow.
#[test]
fn no_window_reaches_beyond_the_prices_there_are() {
    let first = ModifiedExponential::new(1.0 / -libm::expm1(-1.0), 1.0).unwrap();
    let problem = lone(vec![first.into()]);
    let market = Market::of(&problem).unwrap();
    for (width, within) in [(1.5, true), (10.0, true), (10.5, false), (11.0, false)] {
        let (sweeper, rows, mut taken) = swept(&market, 0, 680);
        let near = Near {
            at: -680.0,
            width,
            slope: 1.0,
            swept: (0.0, vec![]),
        };
        let window = sweeper.close_in(rows, &mut taken, near);
        assert_eq!(window.is_some(), within, "{width}");
    }
}

/// What a node's members take at least and at most, without what lies below it, and whether that is held: a floor or cap
/// that they are beyond, whatever is open, and with them all below.
#[test]
fn nodes_surely_beyond_their_bounds_are_held_with_all_below() {
    type Groups = [(Option<usize>, i64, Option<i64>)];
    type Row<'r> = (&'r Groups, &'r [(i128, i128)], &'r [Option<i128>]);
    // Groups; least and most by node from the first group on; what is held, and what it is said to have settled.
    let rows: [Row<'_>; 9] = [
        (&[(None, 0, Some(10))], &[(11, 20)], &[Some(11)]),
        (&[(None, 0, Some(10))], &[(10, 20)], &[None]),
        (&[(None, 10, None)], &[(3, 9)], &[Some(9)]),
        (&[(None, 10, None)], &[(3, 10)], &[None]),
        // Beside one that is held.
        (
            &[(None, 0, Some(10)), (None, 0, None)],
            &[(11, 12), (5, 6)],
            &[Some(11), None],
        ),
        // What passes a child counts in its parent, and with the parent the child is held.
        (
            &[(None, 0, Some(10)), (Some(0), 0, None)],
            &[(0, 0), (50, 60)],
            &[Some(0), Some(50)],
        ),
        // The child's own cap lets no more than 3 pass; its own floor 15.
        (
            &[(None, 0, Some(10)), (Some(0), 0, Some(3))],
            &[(0, 0), (50, 60)],
            &[None, Some(50)],
        ),
        (
            &[(None, 20, None), (Some(0), 15, None)],
            &[(0, 6), (0, 2)],
            &[None, Some(2)],
        ),
        (
            &[(None, 0, Some(10)), (Some(0), 0, None), (None, 0, Some(1))],
            &[(6, 6), (3, 9), (2, 2)],
            &[None, None, Some(2)],
        ),
    ];
    for (groups, bounds, right) in rows {
        let problem = grouped(&kinked(), groups);
        let market = Market::of(&problem).unwrap();
        let (sweeper, ..) = swept(&market, 0, 100);
        let own = |&(least, most)| Known {
            settled: -1,
            least,
            most,
        };
        let known: Vec<Known> = [(0, 0)].iter().chain(bounds).map(own).collect();
        let mut settled = vec![-1; known.len()];
        let held = sweeper.held_nodes(&known, &mut settled);
        let right = [None].iter().chain(right).copied();
        let (expected, sums): (Vec<bool>, Vec<i128>) =
            right.map(|own| (own.is_some(), own.unwrap_or(-1))).unzip();
        assert_eq!((held, settled), (expected, sums), "{groups:?} {bounds:?}");
    }
}

/// Around a price of 2 each activity takes from 10 to 20 steps: those of the capped group wait, the others are open. So it is
/// for a region inside the tree.
#[test]
fn what_is_held_is_not_open() {
    let groups = [(None, 0, None), (Some(0), 0, Some(9)), (Some(0), 0, None)];
    let problem = grouped(&kinked(), &groups);
    let market = Market::of(&problem).unwrap();
    for (node, settled, open) in [
        (0, vec![0, 0, 10, 0], vec![0, 1, 3]),
        (1, vec![0, 10, 0], vec![1, 3]),
    ] {
        let (sweeper, rows, mut taken) = swept(&market, node, 100);
        let window = sweeper.window(rows, &mut taken, span(libm::log(2.0), 0.05));
        assert_eq!(window.settled, settled);
        let nodes: Vec<usize> = window.open.iter().map(|open| open.node).collect();
        assert_eq!(nodes, open);
        assert!(
            window
                .open
                .iter()
                .all(|open| (open.above, open.reach) == (10, 20))
        );
    }
}

/// Around a price of 2: what is the same at both ends or is below the floor at both is settled; with what is open, at its
/// least and at its most and not below its floor, that is what the members take.
#[test]
fn what_is_settled_and_what_is_open_make_up_a_node() {
    let flat: Curve = PiecewiseLinear::new(&[(0.0, 0.0), (8.0, 24.0)])
        .unwrap()
        .into();
    // The last has a count of 10 or 20, which matters at a floor of 20, but not at 21.
    let curves = [
        (flat, 0),
        (kinked(), 0),
        (kinked(), 13),
        (kinked(), 20),
        (kinked(), 21),
    ];
    let activities = curves.into_iter().enumerate().map(|(at, (curve, floor))| {
        Activity::curve(id(&format!("a{at}")), curve).with_floor(money(floor, "JPY"))
    });
    let problem = problem("JPY", 1_000, activities.collect(), vec![]);
    let market = Market::of(&problem).unwrap();
    let (sweeper, rows, mut taken) = swept(&market, 0, 100);
    let job = jobs(rows.segments).next().unwrap();
    let (first, known, left) = sweeper.settle_job(&job, &mut taken, span(libm::log(2.0), 0.05));
    assert_eq!((first, known.len()), (0, 1));
    let Known {
        settled,
        least,
        most,
    } = known[0];
    assert_eq!(settled, 8 + 21);
    assert_eq!(least, settled + 10 + 13 + 20);
    assert_eq!(most, settled + 20 + 20 + 20);
    let mut floors: Vec<(i64, i64, i64)> = left
        .iter()
        .map(|one| (one.floor, one.least, one.most))
        .collect();
    floors.sort_unstable();
    assert_eq!(floors, [(0, 10, 20), (13, 10, 20), (20, 10, 20)]);
}
