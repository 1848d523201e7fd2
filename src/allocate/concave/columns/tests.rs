//! Parts of an answer by hand: what is added up to an error, how often ADBUDG looks again, where surely nothing is taken.

use core::f64::consts::LN_2;

use super::super::step_curve::StepCurve;
use super::*;
use crate::numeric::kernels::floor;
use crate::response::{Adbudg, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

const YEN: Unit = Unit {
    minor: 1,
    per_unit: 1,
};

fn near(found: f64, right: f64, within: f64) {
    assert!(
        (found - right).abs() <= within * right.abs(),
        "{found:e}, not {right:e}"
    );
}

/// Answer, slope and error of one item: `a`, `b`, `c` are the family's.
fn one(
    family: Family,
    (a, b, c): (f64, f64, f64),
    price: Price,
    start: Option<(f64, f64)>,
) -> (f64, f64, f64, f64) {
    let columns = Columns {
        a: vec![a],
        b: vec![b],
        c: vec![c],
        ..Columns::default()
    };
    let kept = start.map(|(place, way)| ([place.to_bits().cast_signed()], way));
    let start = kept.as_ref().map(|(place, way)| (&place[..], *way));
    let mut out = Answers::new();
    columns.answer(family, 0..1, price, start, &mut out);
    (out.at[0], out.slope[0], out.error[0], out.place[0])
}

#[test]
fn each_curve_has_its_family() {
    let straight = PiecewiseLinear::new(&[(0.0, 0.0), (2.0, 3.0)]).unwrap();
    let curves: [(Curve, Family); 6] = [
        (
            ModifiedExponential::new(5.0, 0.1).unwrap().into(),
            Family::Exponential,
        ),
        (
            Logarithmic::new(5.0, 3.0).unwrap().into(),
            Family::Logarithmic,
        ),
        (Power::new(5.0, 0.5).unwrap().into(), Family::Power),
        (
            Adbudg::new(5.0, 1.0, 3.0).unwrap().into(),
            Family::Hyperbolic,
        ),
        (Adbudg::new(5.0, 0.5, 3.0).unwrap().into(), Family::Adbudg),
        (straight.into(), Family::Piecewise),
    ];
    for (curve, family) in curves {
        assert_eq!(family_of(&curve), family);
    }
}

/// A logarithm is right to 4 units in its last place, and what is added to it to 4 units of 4.
#[test]
fn a_difference_of_logarithms_is_off_by_both() {
    let price = Price::of_ln(5.0);
    near(blur(-3.0, price), 4.0 * ULP * (3.0 + 5.0 + 4.0), 0.0);
    near(blur(0.0, Price::of_ln(0.0)), 16.0 * ULP, 0.0);
}

#[test]
fn what_an_exponential_answers_by_hand() {
    // (6 + 10)/2 steps; two logarithms off by 4·(6 + 10 + 4) units, over the decay, and 4 units of 8 + 1 steps.
    let (at, slope, error, _) = one(
        Family::Exponential,
        (6.0, 2.0, 0.0),
        Price::of_ln(-10.0),
        None,
    );
    near(at, 8.0, 0.0);
    near(slope, 0.5, 0.0);
    near(error, (80.0 / 2.0 + 36.0) * ULP, 0.0);
}

#[test]
fn what_a_logarithm_answers_by_hand() {
    // At a price of ln 2 of its scale it would stop 1 step beyond nothing spent, were it not for the half of 6 steps.
    // 16 units of 1, 6 and 1 more, from which steps are counted.
    let price = Price {
        gain: 3.0 * LN_2,
        ln: libm::log(3.0 * LN_2),
    };
    let (at, slope, error, _) = one(Family::Logarithmic, (3.0, 6.0, 0.0), price, None);
    near(at, 1.0 - 6.0, 1e-15);
    near(slope, 2.0 * LN_2, 1e-14);
    near(error, 16.0 * 8.0 * ULP, 1e-14);
}

#[test]
fn what_a_hyperbola_answers_by_hand() {
    // 3·4/((4 + n)(5 + n)) = 2 at 4 + n + 1/2 = √(6 + 1/4). 16 units of 2.5, 4 and 1.
    let price = Price {
        gain: 2.0,
        ln: LN_2,
    };
    let (at, slope, error, _) = one(Family::Hyperbolic, (3.0, 4.0, 0.0), price, None);
    near(at, 2.5 - 0.5 - 4.0, 0.0);
    near(slope, 3.0 / 2.5, 0.0);
    near(error, 16.0 * 7.5 * ULP, 0.0);
}

#[test]
fn what_a_square_root_answers_by_hand() {
    // A slope of 2^5/√n meets a price of 2^−5 after 2^20 steps, of which 2 in 1 go per unit of ln(price).
    // By that, two logarithms of 5 ln 2 each and 8 units more; and 8 units of all steps.
    let (at, slope, error, _) = one(
        Family::Power,
        (5.0 * LN_2, 0.5, 1.0),
        Price::of_ln(-5.0 * LN_2),
        None,
    );
    let steps = 1_048_576.0;
    near(at, steps - 0.5, 1e-12);
    near(slope, 2.0 * steps, 1e-12);
    let logarithms = 4.0 * (10.0 * LN_2 + 4.0);
    near(error, (2.0 * (logarithms + 8.0) + 8.0) * steps * ULP, 1e-9);

    // Near the start the middle of a step leads astray: √(n + 1) − √n = g where √n = (1/g − g)/2.
    for root in [4.0, 8.0, 16.0] {
        let price = Price::of_ln(-0.5 * libm::log(root));
        let (at, _, error, _) = one(Family::Power, (0.0, 0.5, 1.0), price, None);
        let gain = 0.5 * price.gain;
        let exact = 0.5 * (1.0 / gain - gain);
        assert!((at - exact * exact).abs() <= error, "{at} ± {error}");
        // Twice what ADBUDG may be led astray by, at its worst 1/128 by the third power.
        near(error, 1.0 / 64.0 / (root * root * root), 1e-6);
    }
}

/// On a gain itself and one unit beside it, the exact count lies within the error.
#[test]
fn gains_themselves_are_in_doubt() {
    let curves: [Curve; 9] = [
        ModifiedExponential::new(7e5, 1e-6).unwrap().into(),
        ModifiedExponential::new(3e-7, 0.03).unwrap().into(),
        Logarithmic::new(5e7, 3e4).unwrap().into(),
        Logarithmic::new(3e-4, 0.3).unwrap().into(),
        Power::new(11.0, 0.5).unwrap().into(),
        Power::new(5e8, 0.93).unwrap().into(),
        Adbudg::new(6e6, 1.0, 70.0).unwrap().into(),
        Adbudg::new(6e6, 0.7, 2e4).unwrap().into(),
        Adbudg::new(0.03, 0.96, 3.0).unwrap().into(),
    ];
    for curve in curves {
        let steps = StepCurve::of(&curve, YEN).unwrap();
        let parameters = parameters(&curve, YEN, 0.0);
        for step in [0, 1, 2, 9, 77, 1_000, 54_321, 1_000_000] {
            let gain = steps.exact_gain(step, YEN);
            if gain < 1e-200 {
                continue;
            }
            for bits in [-1, 0, 1] {
                let gain = f64::from_bits(gain.to_bits().wrapping_add_signed(bits));
                let count = steps.count(gain, 1 << 48, YEN);
                assert_eq!(count > step, bits <= 0, "{curve:?}: {count} at {gain:e}");
                let price = Price {
                    gain,
                    ln: libm::log(gain),
                };
                let (at, _, error, _) = one(family_of(&curve), parameters, price, None);
                let ends = [at - error, at + error].map(|at| floor(held(at) + 1.0).max(0.0));
                let count = f64_of_i64(count);
                assert!(
                    ends[0] <= count && count <= ends[1],
                    "{curve:?}: {count} at {gain:e}, not {at} ± {error:e}"
                );
            }
        }
    }
}

/// The level above the price at which an exponent's gain meets it at a place.
fn level(b: f64, place: f64) -> f64 {
    (1.0 - b) * place + 2.0 * libm::log1p(libm::exp(b * place))
}

/// Of what is left, a round leaves less than the third power.
#[test]
fn a_round_leaves_less_than_the_third_power() {
    for b in [0.1, 0.3, 0.5, 0.7, 0.9, 0.98] {
        for place in [-6.0, -2.0, 0.0, 1.0, 5.0] {
            for away in [1e-3, -1e-3] {
                let from = place + away;
                let (found, step) = nearer((level(b, place), b), from, 100.0, 0.5);
                assert!(
                    (found - place).abs() <= 1e-9,
                    "{b} at {place}: {:e}",
                    found - place
                );
                near(step, away, 1e-2);
            }
        }
    }
    // Nor does it go beyond the furthest place there may be.
    let (found, _) = nearer((10.0, 0.99), -30.0, 10.0 / 1.99, 0.5);
    near(found, 10.0 / 1.99, 0.0);
}

/// Rounds one by one: plain ones as long as more than two are left, then such with half a weight, and
/// after that as many more as it takes, but no more than four, for a last step to be short.
fn rounds((level, b): (f64, f64), start: f64, rounds: u32) -> f64 {
    let furthest = (level / (1.0 - b)).min(level / (1.0 + b));
    let (mut place, mut step) = (start, 0.0_f64);
    for left in (0..rounds).rev() {
        let weight = if left >= 2 { 0.0 } else { 0.5 };
        (place, step) = nearer((level, b), place, furthest, weight);
    }
    let mut more = 0;
    while step.abs() > 2e-3 && more < 4 {
        (place, step) = nearer((level, b), place, furthest, 0.5);
        more += 1;
    }
    place
}

/// From where a price near by was answered one round is enough, or two or three; from afar it takes four, from where
/// the straight lines that the gain nears at both ends meet the price.
#[test]
fn the_nearer_a_price_the_fewer_rounds_it_takes() {
    let lagging = (0.999, -1.257_110_219_348_111_4);
    // Exponent and place, how far from that the start lies, how far the price, and the rounds.
    let rows = [
        ((0.5, 1.0), 1.9e-3, 0.0, 1),
        (lagging, 1.9e-3, 9e-4, 1),
        (lagging, 0.15, 1e-3, 2),
        (lagging, 0.15, 0.029, 2),
        (lagging, 0.15, 0.03, 3),
        (lagging, 0.15, 0.29, 3),
        // Here more follow.
        ((0.5, 1.0), 0.2, 0.0, 1),
        ((0.5, 1.0), -0.9, 0.0, 1),
        (lagging, 0.0, 0.3, 4),
        (lagging, 0.0, 1.0, 4),
        ((1.0 - 1e-7, -14.2), 0.0, 0.5, 4),
    ];
    for ((b, place), away, way, count) in rows {
        let level = level(b, place);
        let start = place + away;
        let furthest = (level / (1.0 - b)).min(level / (1.0 + b));
        let price = Price::of_ln(0.0);
        let (.., found) = one(Family::Adbudg, (level, b, 1.0), price, Some((start, way)));
        let from = if way < 0.3 { start } else { furthest };
        let right = rounds((level, b), from, count);
        assert_eq!(found.to_bits(), right.to_bits(), "{b} at {place}: {way}");
        if way >= 0.3 {
            let (.., cold) = one(Family::Adbudg, (level, b, 1.0), price, None);
            assert_eq!(found.to_bits(), cold.to_bits());
            // So a start that is right already would have been told.
            assert_ne!(found.to_bits(), rounds((level, b), start, 3).to_bits());
        } else if b > 0.9 && count < 3 {
            // And so would a round more.
            assert_ne!(
                found.to_bits(),
                rounds((level, b), start, count + 1).to_bits()
            );
        }
    }
}

#[test]
fn what_adbudg_answers_by_hand() {
    // With exponent 1/2, 16 times the half has odds of 4: the slope there is the steepest over √16·(1 + 4)², which is a price
    // of 50/100, and falls by the power 1/2 + 4/5.
    let place = 4.0 * LN_2;
    let a = libm::log(50.0);
    let price = Price::of_ln(-LN_2);
    let ask = |half: f64, away: f64| {
        one(
            Family::Adbudg,
            (a, 0.5, half),
            price,
            Some((place + away, 0.0)),
        )
    };
    let steps = 1_048_576.0;
    let (at, slope, error, _) = ask(steps / 16.0, 0.0);
    near(at, steps - 0.5, 1e-9);
    near(slope, steps / 1.3, 1e-12);
    // Two logarithms, and 4 units of the place, by the slope; 8 units of all steps.
    let blurred = 4.0 * (a + LN_2 + 4.0) + 4.0 * place;
    near(error, (blurred / 1.3 + 8.0) * steps * ULP, 1e-9);

    // A last round of a step that is not quite nothing leaves four times its third power at most.
    let step = 1.9e-3;
    let (_, slope, error, _) = ask(steps / 16.0, step);
    near(error, slope * 4.0 * step * step * step, 1e-2);

    // Where 8 steps are spent, the middle of a step leads astray by no more than 1/64 by the third power.
    let (_, _, error, _) = ask(0.5, 0.0);
    near(error, 1.0 / 64.0 / 512.0, 1e-6);

    // Exponents that are cut off say nothing.
    let (_, _, error, _) = one(
        Family::Adbudg,
        (25.0, 0.05, 1e-9),
        Price::of_ln(-25.0),
        None,
    );
    assert!(error > 1e300, "{error}");
}

/// Where surely even the first step gains less than the price nothing is taken and nothing is in doubt; a step that
/// does gain it is never lost.
#[test]
fn nothing_is_taken_only_where_surely_no_step_gains_the_price() {
    // Exponent, half, and where the slope meets the price, in steps: counted by hand none, or at least one.
    let rows = [
        (0.6, 1e12, 0.025, true),
        (0.7, 1e12, 0.05, true),
        (0.02, 1e-4, 0.9, false),
        (0.02, 1e-4, 0.05, false),
        (0.7, 1e-4, 0.025, false),
        (0.4, 3e14, 4.975, false),
        (0.7, 3e14, 4.975, false),
        (0.05, 3e14, 0.125, false),
    ];
    for (exponent, half, root, none) in rows {
        let curve = Adbudg::new(half / exponent, exponent, half).unwrap();
        let curve = Curve::from(curve);
        let ln = -level(exponent, libm::log(root / half));
        let price = Price::of_ln(ln);
        let parameters = parameters(&curve, YEN, 0.0);
        let (at, slope, error, _) = one(Family::Adbudg, parameters, price, None);
        let steps = StepCurve::of(&curve, YEN).unwrap();
        let count = steps.count(price.gain, 1_000, YEN);
        assert_eq!(count == 0, none, "{exponent} {half}: {count}");
        let found = (at, slope, error);
        assert_eq!(
            found == (-0.5, 0.0, 0.1),
            none,
            "{exponent} {half}: {found:?}"
        );
        let most = floor(held(at + error) + 1.0);
        assert!(f64_of_i64(count) <= most, "{exponent} {half}: {found:?}");
    }
}

/// The slope of a logarithm is q·z·(1 + z) with z = 1/(e^q − 1), where q is the price over the scale: in ln it changes by
/// q·coth(q/2) − 1, which is 1 for small prices and nearly q for large ones.
#[test]
fn a_logarithm_bends_by_the_price_over_its_scale() {
    let columns = Columns {
        a: vec![2.0],
        b: vec![5.0],
        ..Columns::default()
    };
    let mut bend = [0.0; CHUNK];
    for (q, least, most) in [(1e-6, 1.0, 1.000_01), (40.0, 39.0, 52.0)] {
        let price = Price {
            gain: 2.0 * q,
            ln: libm::log(2.0 * q),
        };
        columns.bend(Family::Logarithmic, 0..1, price, &mut bend);
        assert!((least..=most).contains(&bend[0]), "{}", bend[0]);
    }
}

/// One step more than what is held is still within what whole numbers can be told apart.
#[test]
fn what_is_held_can_be_counted() {
    for at in [WHOLE_MOST - 2.0, WHOLE_MOST - 1.0, 1e300, f64::INFINITY] {
        near(held(at), WHOLE_MOST - 2.0, 0.0);
    }
    near(held(WHOLE_MOST - 3.0), WHOLE_MOST - 3.0, 0.0);
    for at in [-1.0, -7.0, f64::NEG_INFINITY, f64::NAN] {
        near(held(at), -1.0, 0.0);
    }
}
