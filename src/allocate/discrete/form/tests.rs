//! The best place of a choice at a price, against every place.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::response::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response, Shape,
};

/// A curve of which nothing is known but that it never falls: stairs of two sizes.
#[derive(Debug)]
struct Stairs(f64, f64);

impl Response for Stairs {
    fn value(&self, spend: f64) -> f64 {
        (spend / self.0).floor() + 3.0 * (spend / self.1).floor()
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.value(cast::f64_of_u64(to) * unit) - self.value(cast::f64_of_u64(from) * unit)
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
            let mut points = vec![(0.0, -2.0)];
            for (dx, slope) in pieces {
                let &(x, y) = points.last().unwrap();
                points.push((x + dx, y + dx * f64::from(slope)));
            }
            PiecewiseLinear::new(&points).unwrap().into()
        }),
        1 => (0.3..5.0, 0.3..9.0).prop_map(|(a, b)| Curve::Custom(Arc::new(Stairs(a, b)))),
    ]
}

proptest! {
    #[test]
    fn the_best_place_is_the_best_of_all(
        curve in curve(), step in 1..400_i64, low in 0..60_i64, room in prop_oneof![0..70_i64, 70..400_i64], zero: bool,
        budget in 0.0..0.1, hours in prop_oneof![Just(0.0), 0.0..0.01], used in 1..9_i128, here in 0.0..1.0, part in 0.05..2.0,
    ) {
        let steps = Steps::new(&curve, step, 100, vec![used]);
        let known = steps.bends != Bends::Unknown || matches!(curve, Curve::PiecewiseLinear(_)) || room <= 64;
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
