use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::{StepCurve, Unit};
use crate::numeric::cast::{f64_of_i64, f64_of_u64, i64_clamped};
use crate::response::{
    Adbudg, Concave, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response,
    Shape,
};

const CENT: Unit = Unit {
    minor: 1,
    per_unit: 100,
};

/// Numbers of many sizes, between powers of ten.
fn size(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from..to).prop_map(libm::exp10)
}

/// Curves of all families with a formula, whose first step gains more than nothing.
fn curve() -> impl Strategy<Value = Curve> {
    let value = || size(-3.0, 9.0);
    prop_oneof![
        (value(), size(-5.0, 1.0))
            .prop_map(|(m, k)| ModifiedExponential::new(m, k).unwrap().into()),
        (value(), size(-1.0, 5.0)).prop_map(|(a, s)| Logarithmic::new(a, s).unwrap().into()),
        (value(), 0.05..0.95).prop_map(|(a, b)| Power::new(a, b).unwrap().into()),
        (value(), 0.2..=1.0, size(-1.0, 5.0))
            .prop_map(|(m, c, s)| Adbudg::new(m, c, s).unwrap().into()),
    ]
}

/// A number of steps of any size.
fn steps() -> impl Strategy<Value = i64> {
    size(0.0, 9.0).prop_map(|size| i64_clamped(size, 1, i64::MAX) - 1)
}

proptest! {
    /// So few roundings that hardly a price asks for the exact gain, and no fewer than there are.
    #[test]
    fn the_error_of_a_gain_is_that_of_a_few_roundings(curve in curve(), n in steps()) {
        let own = StepCurve::of(&curve, CENT).unwrap();
        let (gain, error) = own.gain(n, CENT);
        let exponent = match own {
            StepCurve::Exponential { decay, .. } => decay * f64_of_i64(n),
            _ => 0.0,
        };
        prop_assume!(gain > 1e-290);
        prop_assert!((8.0..=64.0).contains(&(error / f64::EPSILON / (1.0 + exponent / 2.0))), "{error}");
        prop_assert!((gain - own.exact_gain(n, CENT)).abs() <= error * gain);
    }

    /// Also where it takes all digits to tell.
    #[test]
    fn a_step_reaches_its_own_gain_and_no_more(curve in curve(), n in steps()) {
        let own = StepCurve::of(&curve, CENT).unwrap();
        let gain = own.exact_gain(n, CENT);
        prop_assume!(gain > 1e-290);
        prop_assert!(own.reaches(n, gain, CENT));
        prop_assert!(own.reaches(n, gain.next_down(), CENT));
        prop_assert!(!own.reaches(n, gain.next_up(), CENT));
        prop_assert!(own.reaches(n, gain * 0.999, CENT) && !own.reaches(n, gain * 1.001, CENT));
    }

    /// A formula is off by hardly more than the step that it is to tell, so that counting takes few gains.
    #[test]
    fn a_guess_is_the_count_to_a_step_or_two(curve in curve(), n in steps(), between in 0.01..0.99) {
        let own = StepCurve::of(&curve, CENT).unwrap();
        let (here, next) = (own.exact_gain(n, CENT), own.exact_gain(n + 1, CENT));
        // Where steps gain the same to many digits, so does a price between them.
        prop_assume!(next > 1e-280 && (here - next) / here > 1e-8);
        let price = next + between * (here - next);
        let guess = own.guess(price, CENT);
        let count = f64_of_i64(n + 1);
        prop_assert!((guess - count).abs() <= 1.5, "{guess} for {count}");
    }
}

/// Gains 1/(1 + n) at step `n`, says that it counts so many, and counts how often it is asked.
#[derive(Debug)]
struct Misled {
    guess: f64,
    asked: Arc<AtomicU32>,
}

impl Response for Misled {
    fn value(&self, spend: f64) -> f64 {
        libm::log1p(spend)
    }
    fn gain(&self, from: u64, _to: u64, _unit: f64) -> f64 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        1.0 / (1.0 + f64_of_u64(from))
    }
    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for Misled {
    fn marginal(&self, spend: f64) -> f64 {
        1.0 / (1.0 + spend)
    }
    fn spend_at(&self, _price: f64) -> f64 {
        self.guess
    }
}

/// Strides that double reach what lies `away` in about log₂(away) gains, and halves tell it in as many.
#[test]
fn a_count_takes_as_many_gains_as_the_guess_is_off_in_bits() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    let most = 1_000_000_i64;
    for count in [0, 1, 2, 3, 7, 100, 4_321, 65_536, 999_999, most] {
        for guess in [
            0,
            1,
            2,
            5,
            99,
            100,
            101,
            4_300,
            70_000,
            most - 1,
            most,
            2 * most,
        ] {
            let asked = Arc::new(AtomicU32::new(0));
            let curve = Misled {
                guess: f64_of_i64(guess),
                asked: Arc::clone(&asked),
            };
            let own = StepCurve::Custom(&curve);
            // Steps up to `count` gain at least 1/(count + 1/2).
            let price = 1.0 / (f64_of_i64(count) + 0.5);
            assert_eq!(own.count(price, most, unit), count, "{count} from {guess}");
            let away = (guess.min(most) - count).unsigned_abs();
            let bits = u64::BITS - away.leading_zeros();
            let gains = asked.swap(0, Ordering::Relaxed);
            assert!(gains <= 2 * bits + 2, "{count} from {guess}: {gains}");
            for (low, high) in [(0, most), (count, count), (count - count % 50, count + 13)] {
                let high = high.min(most);
                assert_eq!(own.count_between(price, low, high, unit), count);
                let gains = asked.swap(0, Ordering::Relaxed);
                // A short range is halved; a long one is searched from the guess.
                let span = u64::BITS - (high - low).unsigned_abs().leading_zeros();
                let from_guess = if high - low > 64 { bits + 3 } else { 0 };
                assert!(gains <= span + 2 * from_guess, "{low}..{high}: {gains}");
            }
        }
    }
}

#[test]
fn only_concave_curves_have_steps() {
    let bent: Curve = Adbudg::new(9.0, 1.2, 30.0).unwrap().into();
    let straight: Curve = Adbudg::new(9.0, 1.0, 30.0).unwrap().into();
    let rising = PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 1.0), (2.0, 3.0)]).unwrap();
    let falling = PiecewiseLinear::new(&[(0.0, 0.0), (1.0, 2.0), (2.0, 3.0)]).unwrap();
    for (curve, concave) in [
        (bent, false),
        (straight, true),
        (rising.into(), false),
        (falling.into(), true),
    ] {
        assert_eq!(StepCurve::of(&curve, CENT).is_some(), concave, "{curve:?}");
    }
}

/// 2.50 and 7.00 of 100 cents; 7 of 1: a currency without cents.
#[test]
fn an_exact_amount_is_the_quotient() {
    for (minor, per_unit, expected) in [
        (250, 100, 2.5),
        (700, 100, 7.0),
        (7, 1, 7.0),
        (-700, 100, -7.0),
        (1, 1_000, 0.001),
        (99, 100, 0.99),
    ] {
        let unit = Unit { minor, per_unit };
        assert_eq!(
            unit.exact_minor(minor).rounded().to_bits(),
            f64::to_bits(expected)
        );
        assert_eq!(
            unit.exact_spend(3).rounded().to_bits(),
            (f64_of_i64(3 * minor) / f64_of_i64(per_unit)).to_bits()
        );
    }
}
