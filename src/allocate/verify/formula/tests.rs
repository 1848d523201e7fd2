//! The lead of a range of counts, against every count.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::numeric::cast::f64_of_u64;
use crate::response::{Adbudg, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

/// A curve of which nothing is known but that it never falls.
#[derive(Debug)]
struct Stairs(f64);

impl Response for Stairs {
    fn value(&self, spend: f64) -> f64 {
        (spend / self.0).floor().sqrt()
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.value(f64_of_u64(to) * unit) - self.value(f64_of_u64(from) * unit)
    }

    fn shape(&self) -> Shape {
        Shape::Monotone
    }
}

fn curve() -> impl Strategy<Value = Curve> {
    prop_oneof![
        1 => (1.0..50.0, 0.01..0.5).prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into()),
        1 => (1.0..20.0, 0.1..0.9).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
        1 => (1.0..50.0, 0.5..30.0).prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into()),
        3 => (1.0..50.0, 0.3..6.0, 0.5..60.0).prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into()),
        2 => proptest::collection::vec((0.1..8.0, 0..4_i32), 1..5).prop_map(|pieces| {
            let mut points = vec![(0.0, 0.0)];
            for (dx, slope) in pieces {
                let &(x, y) = points.last().unwrap();
                points.push((x + dx, y + dx * f64::from(slope)));
            }
            PiecewiseLinear::new(&points).unwrap().into()
        }),
        1 => (0.3..5.0).prop_map(|a| Curve::Custom(Arc::new(Stairs(a)))),
    ]
}

proptest! {
    #[test]
    fn a_lead_is_that_of_the_best_count(
        curve in curve(), step in 1..400_i64, low in 0..60_i64, room in 0..300_i64, from in 0.0..1.0, part in 0.05..2.0,
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
        let curve = Curve::Custom(Arc::new(Stairs(size)));
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
