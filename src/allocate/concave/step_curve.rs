//! The gain of each step of one activity, exactly.
//!
//! The order of steps is that of their exact gains rounded once to `f64` (see the module's page). A gain is first
//! computed in `f64` with a bound on its error; only where that cannot tell on which side of a price it
//! lies is it computed again with 31 digits. Gains so rounded never rise from step to step.

use std::borrow::Cow;

use crate::numeric::cast::{f64_of_i64, i64_clamped};
use crate::numeric::double_double::DoubleDouble;
use crate::response::{Concave, Curve};

use super::runs::{Run, count_of, gain_of, runs_of};

/// Half an ulp of 1, doubled for safety.
const ULP: f64 = f64::EPSILON;

/// So many steps are halved without a guess.
const HALVED_MOST: i64 = 64;

/// A step in currency units.
#[derive(Clone, Copy, Debug)]
pub(in crate::allocate) struct Unit {
    /// In minor units.
    pub(in crate::allocate) minor: i64,
    /// Minor units in a currency unit.
    pub(in crate::allocate) per_unit: i64,
}

impl Unit {
    /// In currency units, rounded once.
    pub(in crate::allocate) fn size(self) -> f64 {
        f64_of_i64(self.minor) / f64_of_i64(self.per_unit)
    }

    /// A number of steps in currency units, rounded once.
    pub(in crate::allocate) fn spend(self, steps: i64) -> f64 {
        f64_of_i64(steps.saturating_mul(self.minor)) / f64_of_i64(self.per_unit)
    }

    pub(super) fn exact(self) -> DoubleDouble {
        self.exact_spend(1)
    }

    pub(super) fn exact_spend(self, steps: i64) -> DoubleDouble {
        self.exact_minor(steps.saturating_mul(self.minor))
    }

    pub(super) fn exact_minor(self, minor: i64) -> DoubleDouble {
        // Whole currency units, the usual steps, need no division to be exact.
        if minor % self.per_unit == 0 {
            return DoubleDouble::of_integer(minor / self.per_unit);
        }
        DoubleDouble::of_integer(minor) / DoubleDouble::of_integer(self.per_unit)
    }
}

/// The gains of the steps of one concave curve.
#[derive(Clone, Debug)]
pub(in crate::allocate) enum StepCurve<'a> {
    /// `first·e^(−decay·n)`.
    Exponential {
        first: f64,
        decay: f64,
        scale: f64,
        rate: f64,
    },
    /// `scale·ln(1+1/(half+n))`, `half` in steps.
    Logarithmic { scale: f64, half: f64, spend: f64 },
    /// `first·((n+1)^b−n^b)`.
    Power { first: f64, b: f64, scale: f64 },
    /// `scale·(A(n+1)−A(n))/…` with `A(n) = (n/half)^c`, `half` in steps.
    Adbudg {
        scale: f64,
        c: f64,
        half: f64,
        spend: f64,
    },
    /// Runs of steps with one gain.
    Piecewise(Cow<'a, [Run]>),
    /// Someone else's: its own word is taken.
    Custom(&'a dyn Concave),
}

impl<'a> StepCurve<'a> {
    /// The steps of a curve; `None` if it is not concave.
    pub(in crate::allocate) fn of(curve: &'a Curve, unit: Unit) -> Option<Self> {
        let size = unit.size();
        let steps = match curve {
            Curve::ModifiedExponential(curve) => {
                let decay = curve.rate() * size;
                Self::Exponential {
                    first: -curve.scale() * libm::expm1(-decay),
                    decay,
                    scale: curve.scale(),
                    rate: curve.rate(),
                }
            }
            Curve::Power(curve) => Self::Power {
                first: curve.scale() * libm::pow(size, curve.exponent()),
                b: curve.exponent(),
                scale: curve.scale(),
            },
            Curve::Logarithmic(curve) => Self::Logarithmic {
                scale: curve.scale(),
                half: curve.half() / size,
                spend: curve.half(),
            },
            Curve::Adbudg(curve) if curve.exponent() <= 1.0 => Self::Adbudg {
                scale: curve.scale(),
                c: curve.exponent(),
                half: curve.half() / size,
                spend: curve.half(),
            },
            Curve::PiecewiseLinear(curve) if curve.is_concave() => {
                Self::Piecewise(Cow::Owned(runs_of(curve, unit)))
            }
            Curve::CustomConcave(curve) => Self::Custom(curve.as_ref()),
            _ => return None,
        };
        Some(steps)
    }

    /// The gain of step `n` (from `n` to `n+1` steps) to within a relative error, and that error.
    pub(in crate::allocate) fn gain(&self, n: i64, unit: Unit) -> (f64, f64) {
        let at = f64_of_i64(n);
        match *self {
            Self::Exponential { first, decay, .. } => {
                let exponent = decay * at;
                let error = ULP * (8.0 + 4.0 * exponent);
                (first * libm::exp(-exponent), error)
            }
            Self::Logarithmic { scale, half, .. } => {
                (scale * libm::log1p(1.0 / (half + at)), 8.0 * ULP)
            }
            Self::Power { first, .. } if n == 0 => (first, 8.0 * ULP),
            Self::Power { first, b, .. } => {
                let growth = libm::expm1(b * libm::log1p(1.0 / at));
                (first * libm::pow(at, b) * growth, 16.0 * ULP)
            }
            Self::Adbudg { scale, c, half, .. } => (adbudg_gain(scale, c, half, at), 32.0 * ULP),
            Self::Piecewise(_) => (self.exact_gain(n, unit), 0.0),
            Self::Custom(curve) => (custom_gain(curve, n, unit), 0.0),
        }
    }

    /// The exact gain of step `n`, rounded once; a gain that underflows is nothing.
    pub(in crate::allocate) fn exact_gain(&self, n: i64, unit: Unit) -> f64 {
        let gain = self.wide_gain(n, unit);
        if gain.is_nan() || gain < f64::MIN_POSITIVE {
            0.0
        } else {
            gain
        }
    }

    fn wide_gain(&self, n: i64, unit: Unit) -> f64 {
        let of = DoubleDouble::of;
        let one = DoubleDouble::ONE;
        let at = DoubleDouble::of_integer(n);
        match *self {
            Self::Exponential { scale, rate, .. } => {
                let decay = of(rate) * unit.exact();
                if decay.rounded() * at.rounded() > 1500.0 {
                    return 0.0;
                }
                // A decay beyond any f64 leaves nothing after the first step.
                let fall = if decay.rounded() > 1500.0 {
                    -one
                } else {
                    (-decay).expm1()
                };
                let gain = -(of(scale) * (-(decay * at)).exp() * fall);
                gain.rounded()
            }
            Self::Logarithmic { scale, spend, .. } => {
                let half = of(spend) / unit.exact();
                (of(scale) * (one / (half + at)).ln_1p()).rounded()
            }
            Self::Power { b, scale, .. } => {
                let first = of(scale) * (of(b) * unit.exact().ln()).exp();
                if n == 0 {
                    return first.rounded();
                }
                let growth = (of(b) * (one / at).ln_1p()).expm1();
                (first * (of(b) * at.ln()).exp() * growth).rounded()
            }
            Self::Adbudg {
                scale, c, spend, ..
            } => {
                let half = of(spend) / unit.exact();
                if n == 0 {
                    let odds = (-(of(c) * half.ln())).exp();
                    return (of(scale) * odds / (one + odds)).rounded();
                }
                // In the odds against, which stay finite.
                let against = (of(c) * (half / at).ln()).exp();
                let shrink = -(of(c) * (one / at).ln_1p());
                let after = against * shrink.exp();
                let gain = of(scale) * against * -shrink.expm1();
                (gain / (one + against) / (one + after)).rounded()
            }
            Self::Piecewise(ref runs) => gain_of(runs, n),
            Self::Custom(curve) => custom_gain(curve, n, unit),
        }
    }

    /// Whether the exact gain of step `n` is at least `price > 0`.
    pub(in crate::allocate) fn reaches(&self, n: i64, price: f64, unit: Unit) -> bool {
        let (gain, error) = self.gain(n, unit);
        let band = error * gain + f64::MIN_POSITIVE;
        if gain - band > price {
            true
        } else if gain + band < price {
            false
        } else {
            self.exact_gain(n, unit) >= price
        }
    }

    /// How many of the first `most` steps have an exact gain of at least `price`.
    ///
    /// At most 128 gains are computed: a guess by formula, strides that double, then halves.
    pub(in crate::allocate) fn count(&self, price: f64, most: i64, unit: Unit) -> i64 {
        if price <= 0.0 {
            return most;
        }
        if let Self::Piecewise(runs) = self {
            return count_of(runs, price).min(most);
        }
        let guess = i64_clamped(self.guess(price, unit), 0, most);
        // Invariant: all steps below `low` reach the price, none from `high` on does.
        let (mut low, mut high) = (0, most);
        let mut stride = 1_i64;
        let mut at = guess;
        if at < high && self.reaches(at, price, unit) {
            low = at + 1;
            while low < high {
                at = low.saturating_add(stride - 1).min(high - 1);
                if !self.reaches(at, price, unit) {
                    high = at;
                    break;
                }
                low = at + 1;
                stride = stride.saturating_mul(2);
            }
        } else {
            high = at;
            while low < high {
                at = high.saturating_sub(stride).max(low);
                if self.reaches(at, price, unit) {
                    low = at + 1;
                    break;
                }
                high = at;
                stride = stride.saturating_mul(2);
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.reaches(middle, price, unit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// How many steps reach `price > 0`, if it is known that the first `low` do and those from `high` on do not.
    pub(super) fn count_between(&self, price: f64, low: i64, high: i64, unit: Unit) -> i64 {
        if high - low > HALVED_MOST {
            return self.count(price, high, unit).max(low);
        }
        let (mut low, mut high) = (low, high);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.reaches(middle, price, unit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// About how many steps reach the price.
    fn guess(&self, price: f64, unit: Unit) -> f64 {
        match *self {
            Self::Exponential { first, decay, .. } => {
                (libm::log(first) - libm::log(price)) / decay + 1.0
            }
            Self::Logarithmic { scale, half, .. } => 1.0 / libm::expm1(price / scale) - half + 1.0,
            Self::Power { first, b, .. } => {
                let root = (libm::log(first) + libm::log(b) - libm::log(price)) / (1.0 - b);
                libm::exp(root) + 0.5
            }
            Self::Adbudg {
                scale, c, spend, ..
            } => {
                let size = unit.size();
                let curve = crate::response::Adbudg::new(scale, c, spend);
                curve.map_or(0.0, |curve| curve.demand(price / size) / size + 0.5)
            }
            Self::Piecewise(ref runs) => f64_of_i64(count_of(runs, price)),
            Self::Custom(curve) => {
                let size = unit.size();
                curve.spend_at(price / size) / size
            }
        }
    }
}

fn adbudg_gain(scale: f64, c: f64, half: f64, at: f64) -> f64 {
    if at <= 0.0 {
        let odds = libm::pow(1.0 / half, c);
        return if odds <= 1.0 {
            scale * (odds / (1.0 + odds))
        } else {
            scale / (1.0 + 1.0 / odds)
        };
    }
    let growth = c * libm::log1p(1.0 / at);
    let odds = libm::pow(at / half, c);
    if odds <= 1.0 {
        let more = odds * libm::expm1(growth);
        scale * (more / (1.0 + odds)) / (1.0 + odds + more)
    } else {
        let against = 1.0 / odds;
        let after = against * libm::exp(-growth);
        scale * against * -libm::expm1(-growth) / (1.0 + against) / (1.0 + after)
    }
}

/// A user's gain as a lawful number.
fn custom_gain(curve: &dyn Concave, n: i64, unit: Unit) -> f64 {
    let from = u64::try_from(n).unwrap_or(0);
    let gain = curve.unit_gain(from, unit.size());
    if gain.is_nan() {
        0.0
    } else {
        gain.clamp(0.0, f64::MAX)
    }
}

#[cfg(test)]
mod tests;
