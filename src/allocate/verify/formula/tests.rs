//! The lead of a range of counts, against every count.

use proptest::prelude::*;

use super::*;
use crate::response::strategies::{Stairs, any_curve};

proptest! {
    #[test]
    fn a_lead_is_that_of_the_best_count(
        curve in any_curve(0.0), step in 1..400_i64, low in 0..60_i64, room in 0..300_i64, from in 0.0..1.0, part in 0.05..2.0,
    ) {
        let formula = Formula { curve: &curve, step, scale: 100 };
        let range = Range { low, high: low + room };
        let from = low + i64_clamped(from * f64_of_i64(room), 0, room);
        let price = part * formula.rise(0, range.high.max(1)) / formula.units(range.high.max(1));
        let over = |to: i64| formula.value(to) - formula.value(from) - price * formula.units(to - from);
        let most = (range.low..=range.high).map(over).fold(f64::NEG_INFINITY, f64::max);
        let lead = formula.lead(range, from, price);
        let accuracy = 1e-12 * (formula.value(range.high) + price * formula.units(range.high));
        prop_assert!((lead - most).abs() <= accuracy, "{}, not {}", lead, most);
    }

    /// Too many counts to try each: never less than the best, and not far above it.
    #[test]
    fn a_lead_of_an_unknown_curve_holds(size in 3.0..500.0, low in 0..5_000_i64, part in 0.05..2.0, from in 0..9_000_i64) {
        let curve = Curve::Custom(std::sync::Arc::new(Stairs(size, 2.0 * size)));
        let formula = Formula { curve: &curve, step: 7, scale: 100 };
        let range = Range { low, high: low + 9_000 };
        let price = part * formula.rise(0, range.high) / formula.units(range.high);
        let over = |to: i64| formula.rise(from, to) - price * formula.units(to - from);
        let most = (range.low..=range.high).map(over).fold(f64::NEG_INFINITY, f64::max);
        let lead = formula.lead(range, from, price);
        prop_assert!(lead >= most - 1e-12 * formula.value(range.high), "{}, not {}", lead, most);
        prop_assert!(lead <= most + price * formula.units(40), "{}, not {}", lead, most);
    }
}
