//! What a window settles is the same at both its ends, and what it leaves open is counted exactly.

use proptest::prelude::*;

use super::super::layout::Market;
use super::super::region::Region;
use super::super::sweep::{Rows, Sweeper};
use super::super::tests::{Case, case};
use super::Span;

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
