//! The figures of whole columns against those of single steps.

use super::super::super::Activity;
use super::super::columns::{family_of, parameters};
use super::super::step_curve::{StepCurve, Unit};
use super::super::tests::{id, problem};
use super::*;
use crate::response::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response,
};

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

/// A step gains e^decay times what the next one does; in a hyperbola 1/(1 − 2t) times, with t = 1/(half + n + 1); in a
/// logarithm about 1/(1 − 2s) times, with s = 1/(2(half + n) + 1). Bounds have the first terms, and lack the third order.
#[test]
fn bounds_of_last_gains_lack_the_third_order_alone() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    let mut curves: Vec<(Curve, f64)> = Vec::new();
    for decay in [0.01_f64, 0.1, 0.3, 1.0] {
        let lacking = decay * decay * decay / 6.0 * libm::exp(decay);
        let curve = ModifiedExponential::new(7.0, decay).unwrap();
        curves.push((curve.into(), lacking));
    }
    for half in [0.5_f64, 4.0, 90.0] {
        // The third power of s comes with 8 + 4/3, and no more than half of that follows.
        let s = 1.0 / (2.0 * (half + 10.0) + 1.0);
        let lacking = 16.0 * s * s * s;
        curves.push((Logarithmic::new(7.0, half).unwrap().into(), lacking));
        // And t is less than 2s.
        curves.push((Adbudg::new(7.0, 1.0, half).unwrap().into(), 8.0 * lacking));
    }
    for (curve, lacking) in curves {
        let (a, b, c) = parameters(&curve, unit, 0.0);
        let columns = Columns {
            a: vec![a],
            b: vec![b],
            c: vec![c],
            ..Columns::default()
        };
        let mut gains = Gains::new();
        gains.steps[0] = 10.0;
        gains.compute(&columns, family_of(&curve), 0..1);
        let steps = StepCurve::of(&curve, unit).unwrap();
        let short = (steps.exact_gain(9, unit) - gains.last(0)) / gains.next(0);
        assert!(
            (-1e-12..=lacking + 1e-12).contains(&short),
            "{curve:?}: {short} of {lacking}"
        );
    }
}

/// The slope of a power falls by (1 + 1/n)/(1 + growth) over a step, and what is said of it lacks the fourth order alone.
#[test]
fn how_much_steeper_a_power_was_lacks_the_fourth_order_alone() {
    for n in [3.0, 5.0, 10.0, 40.0, 1_000.0] {
        for growth in [0.0, 0.02, 0.5, 0.97].map(|b| libm::expm1(b * libm::log1p(1.0 / n))) {
            let s: f64 = 1.0 / (2.0 * n + 1.0);
            let right = (1.0 + 1.0 / n) / (1.0 + growth);
            let short = right - steeper(s, growth);
            let fourth = 3.0 * s * s * s * s + 2.0 * growth * growth * growth * growth;
            assert!(
                (-1e-15..=fourth + 1e-15).contains(&short),
                "{n} {growth}: {short} of {fourth}"
            );
        }
    }
}

/// The series for the growth of a step holds from two and a half steps on; before that, and only there, each
/// item is asked by itself.
#[test]
fn columns_answer_from_where_the_series_holds() {
    let rows = [
        (Family::Logarithmic, 0.4, 2.0, false),
        (Family::Logarithmic, 1.0, 1.0, false),
        (Family::Logarithmic, 0.5, 2.0, true),
        (Family::Logarithmic, 2.5, 0.0, true),
        (Family::Logarithmic, 10.0, 0.0, true),
        (Family::Logarithmic, 10.0, 9.0, true),
        (Family::Power, 0.5, 0.0, true),
        (Family::Power, 0.5, 1.0, false),
        (Family::Power, 0.5, 2.0, false),
        (Family::Power, 0.5, 3.0, true),
        (Family::Adbudg, 0.5, 0.0, true),
        (Family::Adbudg, 0.5, 1.0, false),
        (Family::Adbudg, 0.5, 2.0, false),
        (Family::Adbudg, 0.5, 3.0, true),
    ];
    for (family, b, steps, holds) in rows {
        let columns = Columns {
            a: vec![1.0],
            b: vec![b],
            c: vec![4.0],
            ..Columns::default()
        };
        let mut gains = Gains::new();
        gains.steps[0] = steps;
        gains.compute(&columns, family, 0..1);
        assert_eq!(gains.next(0).is_finite(), holds, "{family:?} {b} {steps}");
        assert_eq!(gains.next(0).is_nan(), !holds, "{family:?} {b} {steps}");
    }
}

/// What is found for an item by itself is what its own curve says, and only where whole columns do not hold.
#[test]
fn an_item_is_asked_by_itself_where_columns_do_not_hold() {
    let straight = PiecewiseLinear::new(&[(0.0, 0.0), (5.0, 10.0), (8.0, 13.0)]).unwrap();
    let curves: [Curve; 6] = [
        ModifiedExponential::new(7.0, 0.1).unwrap().into(),
        Logarithmic::new(7.0, 0.3).unwrap().into(),
        Power::new(3.0, 0.5).unwrap().into(),
        Adbudg::new(7.0, 1.0, 9.0).unwrap().into(),
        Adbudg::new(7.0, 0.7, 9.0).unwrap().into(),
        straight.into(),
    ];
    let names = ["a", "b", "c", "d", "e", "f"];
    let activities = names.iter().zip(curves);
    let activities = activities.map(|(name, curve)| Activity::curve(id(name), curve));
    let problem = problem("JPY", 100, activities.collect(), vec![]);
    let market = Market::of(&problem).unwrap();
    let unit = market.layout.unit;
    for item in 0..names.len() {
        let family = market.segment_of(item).family;
        let curve = market.curve(item);
        let mut gains = Gains::new();
        let mut fill = |taken: i64| {
            gains.fill(&market, family, item..item + 1, &[taken]);
            let last = curve.gain(taken - 1, unit).0;
            (gains.values(1)[0], gains.next(0), gains.last(0), last)
        };
        for taken in [WIDE, WIDE + 12_345, 1 << 53] {
            let (value, next, last, exact_last) = fill(taken);
            assert_eq!(value.to_bits(), value_of(&market, item, taken).to_bits());
            assert_eq!(next.to_bits(), curve.exact_gain(taken, unit).to_bits());
            assert_eq!(last.to_bits(), exact_last.to_bits(), "{family:?}");
        }
        if matches!(family, Family::Power | Family::Adbudg | Family::Logarithmic) {
            for taken in [1, 2] {
                let (_, next, last, exact_last) = fill(taken);
                assert_eq!(next.to_bits(), curve.gain(taken, unit).0.to_bits());
                assert_eq!(last.to_bits(), exact_last.to_bits(), "{family:?}");
            }
        }
        if family == Family::Piecewise {
            // The fifth step gains 2, the sixth 1.
            let (value, next, last, _) = fill(5);
            assert_eq!(
                [value, next, last].map(f64::to_bits),
                [10.0, 1.0, 2.0].map(f64::to_bits)
            );
        } else {
            // A bound that whole columns give, which stays below.
            let (_, _, last, exact_last) = fill(10);
            assert!(last < exact_last * (1.0 - 1e-5), "{family:?}: {last}");
        }
    }
}
