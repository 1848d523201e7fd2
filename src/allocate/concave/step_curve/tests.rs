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
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(asked < 200, "asked again and again");
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
            let wide = (count - 32).max(0);
            for (low, high) in [
                (0, most),
                (count, count),
                (count - count % 50, count + 13),
                (wide, wide + 64),
            ] {
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

/// Where the guess is the count, it and the step before it tell; where it is a step less, it and the next do.
#[test]
fn a_guess_that_is_right_takes_two_gains() {
    let unit = Unit {
        minor: 1,
        per_unit: 1,
    };
    for guess in [99.0, 100.0] {
        let asked = Arc::new(AtomicU32::new(0));
        let curve = Misled {
            guess,
            asked: Arc::clone(&asked),
        };
        let count = StepCurve::Custom(&curve).count(1.0 / 100.5, 1_000_000, unit);
        assert_eq!((count, asked.load(Ordering::Relaxed)), (100, 2), "{guess}");
    }
}

/// Large gains, so that a unit in their last place is more than any small number that a band may have besides.
#[test]
fn large_gains_are_told_apart_to_the_last_place() {
    for curve in large() {
        let own = StepCurve::of(&curve, CENT).unwrap();
        for n in 0..60 {
            let gain = own.exact_gain(n, CENT);
            assert!(gain > 1e3, "{curve:?} at {n}");
            assert!(own.reaches(n, gain, CENT), "{curve:?} at {n}");
            assert!(!own.reaches(n, gain.next_up(), CENT), "{curve:?} at {n}");
        }
    }
}

/// One of each family, whose steps gain much.
fn large() -> [Curve; 4] {
    [
        ModifiedExponential::new(1e12, 0.3).unwrap().into(),
        Logarithmic::new(1e12, 30.0).unwrap().into(),
        Power::new(1e12, 0.7).unwrap().into(),
        Adbudg::new(1e12, 0.8, 30.0).unwrap().into(),
    ]
}

/// Wherever between the gains of two steps the price lies.
#[test]
fn guesses_are_near_from_end_to_end_of_a_step() {
    let curves = large();
    let own = curves
        .iter()
        .map(|curve| StepCurve::of(curve, CENT).unwrap());
    for own in own.chain([StepCurve::Custom(&Told)]) {
        for n in [100, 1_000, 3_000] {
            let (here, next) = (own.gain(n, CENT).0, own.gain(n + 1, CENT).0);
            for between in [0.05, 0.5, 0.95] {
                let guess = own.guess(next + between * (here - next), CENT);
                let count = f64_of_i64(n + 1);
                assert!((guess - count).abs() <= 1.5, "{own:?}: {guess} for {count}");
            }
        }
    }
}

/// A custom curve that is the logarithm ln(1 + x/20), and knows where it slopes how much.
#[derive(Debug)]
struct Told;

impl Response for Told {
    fn value(&self, spend: f64) -> f64 {
        libm::log1p(spend / 20.0)
    }
    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        let (from, to) = (f64_of_u64(from) * unit, f64_of_u64(to) * unit);
        libm::log1p((to - from) / (20.0 + from))
    }
    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for Told {
    fn marginal(&self, spend: f64) -> f64 {
        1.0 / (20.0 + spend)
    }
    fn spend_at(&self, price: f64) -> f64 {
        1.0 / price - 20.0
    }
}

/// Eight roundings at least. An exponent of 200 comes of a step, a rate and a number of steps, each rounded by half an epsilon, and its
/// exponential is off by as much of it. The first step of a power has a formula of its own.
#[test]
fn errors_are_counted_from_the_first_step_to_far_down() {
    let exponential = ModifiedExponential::new(1e100, 0.3).unwrap().into();
    let power = Power::new(3.0, 0.4).unwrap().into();
    let adbudg = Adbudg::new(3.0, 0.4, 7.0).unwrap().into();
    for (curve, n, least) in [
        (&exponential, 0, 8.0),
        (&exponential, 66_667, 1.5 * 200.0),
        (&power, 0, 8.0),
        (&adbudg, 0, 8.0),
    ] {
        let own = StepCurve::of(curve, CENT).unwrap();
        let (gain, error) = own.gain(n, CENT);
        let roundings = error / f64::EPSILON;
        assert!(
            roundings >= least && roundings <= 8.0 * least,
            "{roundings}"
        );
        assert!((gain - own.exact_gain(n, CENT)).abs() <= error * gain);
    }
}

/// Straight pieces of one yen each, which gain the least normal number and less.
#[test]
fn gains_that_underflow_are_nothing() {
    let yen = Unit {
        minor: 1,
        per_unit: 1,
    };
    let least = f64::MIN_POSITIVE;
    let points = [(0.0, 0.0), (1.0, least), (2.0, 1.5 * least)];
    let curve: Curve = PiecewiseLinear::new(&points).unwrap().into();
    let own = StepCurve::of(&curve, yen).unwrap();
    assert_eq!(own.exact_gain(0, yen).to_bits(), least.to_bits());
    assert_eq!(own.exact_gain(1, yen).to_bits(), 0);
    // Nothing hides beneath the band of a gain that is known exactly.
    assert!(own.reaches(0, least, yen));
    assert!(!own.reaches(0, 1.5 * least, yen));
}

/// Half of the scale is reached long before the first step, or not for longer than anyone spends.
#[test]
fn gains_far_from_the_half_point_are_as_exact() {
    for half in [1e-100, 1e-9, 1e9, 1e100] {
        for (scale, exponent) in [(1e100, 1.0), (1.0, 0.3)] {
            let curve = Adbudg::new(scale, exponent, half).unwrap().into();
            let own = StepCurve::of(&curve, CENT).unwrap();
            for n in [0, 1, 1_000_000_000] {
                let (gain, error) = own.gain(n, CENT);
                let exact = own.exact_gain(n, CENT);
                assert!((gain - exact).abs() <= error * gain, "{curve:?} at {n}");
            }
        }
    }
}

/// Far enough down an exponential leaves nothing, however far.
#[test]
fn gains_far_down_an_exponential_are_nothing() {
    let yen = Unit {
        minor: 1,
        per_unit: 1,
    };
    for rate in [1.0, 1e3, 1e50] {
        let curve = ModifiedExponential::new(1e100, rate).unwrap().into();
        let own = StepCurve::of(&curve, yen).unwrap();
        for n in [1_501, 2_700, 5_000, 40_000, 1 << 40] {
            assert_eq!(own.exact_gain(n, yen).to_bits(), 0, "{rate} at {n}");
            assert!(!own.reaches(n, f64::MIN_POSITIVE, yen));
        }
    }
}
