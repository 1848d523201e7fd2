//! Curves of every kind, for the tests of the rooms that price them.

use std::sync::Arc;

use proptest::prelude::*;

use super::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response, Shape,
};
use crate::numeric::cast::f64_of_u64;

/// A curve of which nothing is known but that it never falls: stairs of two sizes.
#[derive(Debug)]
pub(crate) struct Stairs(pub(crate) f64, pub(crate) f64);

impl Response for Stairs {
    fn value(&self, spend: f64) -> f64 {
        (spend / self.0).floor() + 3.0 * (spend / self.1).floor()
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.value(f64_of_u64(to) * unit) - self.value(f64_of_u64(from) * unit)
    }

    fn shape(&self) -> Shape {
        Shape::Monotone
    }
}

/// Any family, concave or not; straight pieces begin at `start`.
pub(crate) fn any_curve(start: f64) -> impl Strategy<Value = Curve> {
    prop_oneof![
        1 => (1.0..50.0, 0.01..0.5).prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into()),
        1 => (1.0..20.0, 0.1..0.9).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
        1 => (1.0..50.0, 0.5..30.0).prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into()),
        3 => (1.0..50.0, 0.3..6.0, 0.5..60.0).prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into()),
        2 => prop::collection::vec((0.1..8.0, 0..4_i32), 1..5).prop_map(move |pieces| {
            let mut points = vec![(0.0, start)];
            for (dx, slope) in pieces {
                let &(x, y) = points.last().unwrap();
                points.push((x + dx, y + dx * f64::from(slope)));
            }
            PiecewiseLinear::new(&points).unwrap().into()
        }),
        1 => (0.3..5.0, 0.3..9.0).prop_map(|(a, b)| Curve::Custom(Arc::new(Stairs(a, b)))),
    ]
}
