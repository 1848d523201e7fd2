//! ADBUDG, also known as the Hill curve (Little 1970).

use crate::numeric::cast::f64_of_u64;

use super::parameter::{EXPONENT_LEAST, EXPONENT_MOST, positive, within};
use super::{Response, ResponseError, Shape};

/// `scale·x^exponent/(half^exponent + x^exponent)`.
///
/// `scale` is the contribution approached, `half` the spend that reaches half of it. Concave for an exponent of
/// at most 1, S-shaped above: then small spends return less than their share, and only a search may allocate it.
///
/// ```
/// use sortie::response::{Adbudg, Curve, Response};
/// let curve = Adbudg::new(100.0, 3.0, 40.0)?;
/// assert!((curve.value(40.0) - 50.0).abs() < 1e-12);
/// assert!(Curve::from(curve).as_concave().is_none());
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adbudg {
    scale: f64,
    exponent: f64,
    half: f64,
}

impl Adbudg {
    /// The name of the family in documents and messages.
    pub const FAMILY: &'static str = "adbudg";

    /// Admits the parameters.
    ///
    /// # Errors
    /// [`ResponseError`] if one is not a positive finite number, or the exponent is outside 1e-6 to 1000.
    pub fn new(scale: f64, exponent: f64, half: f64) -> Result<Self, ResponseError> {
        Ok(Self {
            scale: positive(Self::FAMILY, "scale", scale)?,
            exponent: within(
                Self::FAMILY,
                "exponent",
                exponent,
                (EXPONENT_LEAST, EXPONENT_MOST),
                "above 0, from 1e-6 to 1000",
            )?,
            half: positive(Self::FAMILY, "half", half)?,
        })
    }

    /// The contribution approached.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The steepness; above 1 the curve is S-shaped.
    #[must_use]
    pub const fn exponent(&self) -> f64 {
        self.exponent
    }

    /// The spend that reaches half of the scale.
    #[must_use]
    pub const fn half(&self) -> f64 {
        self.half
    }

    /// The slope at a spend; infinite at 0 for an exponent below 1.
    #[must_use]
    pub fn marginal(&self, spend: f64) -> f64 {
        let odds = libm::pow(spend / self.half, self.exponent);
        if spend <= 0.0 || odds <= 0.0 {
            return self.marginal_near_zero(spend);
        }
        if odds.is_infinite() {
            return 0.0;
        }
        // odds/(1+odds)² without overflow on either side.
        let share = odds / (1.0 + odds);
        self.scale * self.exponent / spend * share / (1.0 + odds)
    }

    /// The slope where `(x/half)^exponent` is nothing against 1.
    fn marginal_near_zero(&self, spend: f64) -> f64 {
        let steepest = self.scale * self.exponent / self.half;
        steepest * libm::pow(spend / self.half, self.exponent - 1.0)
    }

    /// Where the marginal return is highest: 0 for a concave curve.
    #[must_use]
    pub fn inflection(&self) -> f64 {
        let c = self.exponent;
        if c <= 1.0 {
            return 0.0;
        }
        self.half * libm::pow((c - 1.0) / (c + 1.0), 1.0 / c)
    }

    /// The spend whose marginal is `price`, on the falling side of the curve.
    pub(crate) fn demand(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return f64::INFINITY;
        }
        if self.exponent <= 1.0 && price >= self.marginal(0.0) {
            return 0.0;
        }
        // ln marginal falls in ln x and bends downwards: Newton from the right of the root closes in on it
        // from one side. The smaller of the two straight asymptotes' roots starts it.
        let c = self.exponent;
        let level = libm::log(self.scale) + libm::log(c) - libm::log(self.half) - libm::log(price);
        let mut at = if c < 1.0 {
            (level / (1.0 - c)).min(level / (1.0 + c))
        } else {
            level / (1.0 + c)
        };
        for _ in 0..100 {
            let odds = libm::exp(c * at);
            let share = if odds.is_infinite() {
                1.0
            } else {
                odds / (1.0 + odds)
            };
            let log_one_plus = if odds > 1e16 {
                c * at
            } else {
                libm::log1p(odds)
            };
            let excess = level + (c - 1.0) * at - 2.0 * log_one_plus;
            let slope = (c - 1.0) - 2.0 * c * share;
            if slope >= 0.0 {
                return 0.0;
            }
            let step = excess / slope;
            at -= step;
            if step.abs() <= 1e-15 * at.abs().max(1.0) {
                break;
            }
        }
        self.half * libm::exp(at)
    }
}

impl Response for Adbudg {
    fn value(&self, spend: f64) -> f64 {
        let odds = libm::pow(spend / self.half, self.exponent);
        if odds <= 1.0 {
            self.scale * (odds / (1.0 + odds))
        } else {
            self.scale / (1.0 + 1.0 / odds)
        }
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        if from == 0 {
            return self.value(f64_of_u64(to) * unit);
        }
        let start = f64_of_u64(from);
        let growth = self.exponent * libm::log1p(f64_of_u64(to.saturating_sub(from)) / start);
        let odds = libm::pow(start * unit / self.half, self.exponent);
        if odds <= 1.0 {
            let more = odds * libm::expm1(growth);
            if more.is_infinite() {
                return self.scale / (1.0 + odds);
            }
            self.scale * (more / (1.0 + odds)) / (1.0 + odds + more)
        } else {
            // The same in the odds against, which cannot overflow.
            let against = 1.0 / odds;
            let after = against * libm::exp(-growth);
            self.scale * against * -libm::expm1(-growth) / (1.0 + against) / (1.0 + after)
        }
    }

    fn shape(&self) -> Shape {
        if self.exponent <= 1.0 {
            Shape::Concave
        } else {
            Shape::SShaped {
                inflection: self.inflection(),
            }
        }
    }
}
