//! The best place of a choice at a price, against every place.

use proptest::prelude::*;

use super::*;
use crate::response::strategies::any_curve;

proptest! {
    #[test]
    fn the_best_place_is_the_best_of_all(
        curve in any_curve(-2.0), step in 1..400_i64, low in 0..60_i64, room in prop_oneof![0..70_i64, 70..400_i64], zero: bool,
        budget in 0.0..0.1, hours in prop_oneof![Just(0.0), 0.0..0.01], used in 1..9_i128, here in 0.0..1.0, part in 0.05..2.0,
    ) {
        let steps = Steps::new(&curve, step, 100, vec![used]);
        let known = steps.bends != Bends::Unknown || matches!(curve, crate::response::Curve::PiecewiseLinear(_)) || room <= 64;
        let span = Span { low: if zero { low.max(1) } else { low }, high: low.max(1) + room, zero };
        let row = |limit| Row { limit, most: 1_000_000 };
        let form = Form {
            rows: vec![row(Limit::Budget), row(Limit::Cap(0)), row(Limit::Resource(0))],
            first_resource: 2,
            choices: vec![Choice { kind: Kind::Curve(steps), money: vec![(0, 1), (1, 1)], span }],
        };
        let slope = form.choices[0].value(span.high).max(0.0) / cast::f64_of_i64(span.high);
        let prices = [budget * slope * part / cast::f64_of_i64(step), part * slope / cast::f64_of_i64(step), hours * slope];
        let price = (prices[0] + prices[1]) * cast::f64_of_i64(step) + prices[2] * cast::f64_of_i128(used);
        let scored = |at: i64| form.choices[0].value(at) - price * cast::f64_of_i64(at);
        let places = (span.low..=span.high).chain(zero.then_some(0));
        let most = places.map(scored).fold(f64::NEG_INFINITY, f64::max);
        let size = form.choices[0].value(span.high).abs() + price * cast::f64_of_i64(span.high) + 2.0;
        let (at, score) = form.best(0, span, &prices);
        prop_assert!(span.contains(at));
        prop_assert!(score >= most - 1e-12 * size, "{} at {}, {} is possible", score, at, most);
        if known {
            prop_assert!((score - most).abs() <= 1e-12 * size, "{} at {}, not {}", score, at, most);
            prop_assert!((scored(at) - score).abs() <= 1e-12 * size);
        }
        // What is gained on any other place.
        let here = span.low + cast::i64_clamped(here * cast::f64_of_i64(span.high - span.low), 0, span.high - span.low);
        let lead = form.lead(0, span, &prices, here);
        let more = most - scored(here);
        prop_assert!(lead >= more - 1e-12 * size, "{} more than at {}, not {}", lead, here, more);
        if known {
            prop_assert!((lead - more).abs() <= 1e-12 * size, "{} more than at {}, not {}", lead, here, more);
        }
        prop_assert!((form.score(0, here, &prices) - scored(here)).abs() <= 1e-12 * size);
    }
}

/// A curve weighs 24, a menu 1 and an eighth for each row of each option. The terms of a value are where a curve starts and
/// how far it is from there; a menu's are its values.
#[test]
fn a_form_weighs_its_looks_and_sizes_its_terms() {
    let points = [(0.0, -7.0), (0.02, -4.0), (0.04, 5.0)];
    let curve = crate::response::PiecewiseLinear::new(&points)
        .unwrap()
        .into();
    let money = [(0, 1), (1, 1), (2, 1)];
    let options = [(1, -3.0), (2, 6.0), (3, 1.0), (4, 1.0), (5, 1.0), (6, 1.0)];
    let menu = super::super::made::plain(&options, &money);
    let curve = super::super::made::curve(&curve, 1, Vec::new(), Span::new(0, 4), &money);
    let rows = [(Limit::Budget, 9), (Limit::Cap(0), 9), (Limit::Cap(1), 9)];
    let form = super::super::made::form(&rows, vec![menu, curve]);
    // Six options in three rows are 18 eighths.
    assert_eq!(form.weight(), 1 + 2 + 24);
    for (taken, size) in [
        ([0, 0], 3.0 + 7.0),
        ([1, 2], 6.0 + 7.0 + 3.0),
        ([0, 4], 3.0 + 7.0 + 12.0),
    ] {
        assert!((form.size(&taken) - size).abs() < 1e-9, "{taken:?}");
    }
}
