//! The figures of whole columns against those of single steps.

use super::super::columns::{family_of, parameters};
use super::super::step_curve::{StepCurve, Unit};
use super::*;
use crate::response::{Adbudg, Curve, Logarithmic, ModifiedExponential, Power, Response};

/// One curve of each family and of many shapes.
fn curves() -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for size in [0.3, 2.0, 9.0, 40.0, 3_000.0] {
        curves.push(ModifiedExponential::new(7.0, 1.0 / size).unwrap().into());
        curves.push(Logarithmic::new(7.0, size).unwrap().into());
        curves.push(Adbudg::new(7.0, 1.0, size).unwrap().into());
        for exponent in [0.03, 0.3, 0.7, 0.97] {
            curves.push(Adbudg::new(7.0, exponent, size).unwrap().into());
            curves.push(Power::new(size, exponent).unwrap().into());
        }
    }
    curves
}

#[test]
fn next_gains_are_right_and_last_ones_are_bounded_closely_from_below() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    let counts = [1, 2, 3, 4, 5, 7, 10, 20, 50, 200, 1_000, 30_000];
    for curve in curves() {
        let (a, b, c) = parameters(&curve, unit, 0.0);
        let columns = Columns {
            a: vec![a; counts.len()],
            b: vec![b; counts.len()],
            c: vec![c; counts.len()],
            ..Columns::default()
        };
        let mut gains = Gains::new();
        for (steps, count) in gains.steps.iter_mut().zip(counts) {
            *steps = f64_of_i64(count);
        }
        gains.compute(&columns, family_of(&curve), 0..counts.len());
        let steps = StepCurve::of(&curve, unit).unwrap();
        for (at, count) in counts.into_iter().enumerate() {
            let (value, exact) = (gains.value[at], curve.value(f64_of_i64(count)));
            assert!(
                (value - exact).abs() <= 1e-13 * exact,
                "{curve:?} at {count}: worth {value}, not {exact}"
            );
            let (next, last) = (gains.next(at), gains.last(at));
            if next.is_nan() {
                continue;
            }
            let (exact_next, exact_last) = (
                steps.exact_gain(count, unit),
                steps.exact_gain(count - 1, unit),
            );
            if exact_next < 1e-200 {
                continue;
            }
            assert!(
                (next - exact_next).abs() <= 1e-12 * exact_next,
                "{curve:?} at {count}: {next}, not {exact_next}"
            );
            assert!(
                last <= exact_last * (1.0 + 1e-12),
                "{curve:?} at {count}: {last} above {exact_last}"
            );
            // From some steps on, where gains fall slowly, the bound has most of what the last one gained more.
            let short = (exact_last - last) / (exact_last - exact_next);
            assert!(
                short <= 0.5 || count < 20 || exact_next < 0.5 * exact_last,
                "{curve:?} at {count}: {last} far below {exact_last}, next {exact_next}"
            );
        }
    }
}
