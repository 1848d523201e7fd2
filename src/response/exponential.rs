//! The modified exponential: a constant share of the untouched potential for each further unit.

use crate::numeric::cast::f64_of_u64;

use super::parameter::positive;
use super::{Concave, Response, ResponseError, Shape};

/// `scale·(1−e^(−rate·x))`.
///
/// `scale` is the contribution that spend can approach, in currency units; `rate` the share of what is left
/// that a further currency unit gains. Both positive.
///
/// ```
/// use sortie::response::{ModifiedExponential, Response};
/// assert!(ModifiedExponential::new(100.0, 0.0).is_err());
/// let curve = ModifiedExponential::new(100.0, 0.02)?;
/// // The gain of one cent on top of 10,000.00 is far below the rounding of the value itself.
/// assert!(curve.gain(1_000_000, 1_000_001, 0.01) > 0.0);
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModifiedExponential {
    scale: f64,
    rate: f64,
}

impl ModifiedExponential {
    /// The name of the family in documents and messages.
    pub const FAMILY: &'static str = "modified_exponential";

    /// Admits the parameters.
    ///
    /// # Errors
    /// [`ResponseError`] if either is not a positive finite number.
    pub fn new(scale: f64, rate: f64) -> Result<Self, ResponseError> {
        Ok(Self {
            scale: positive(Self::FAMILY, "scale", scale)?,
            rate: positive(Self::FAMILY, "rate", rate)?,
        })
    }

    /// The contribution approached.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The share of the rest gained per currency unit.
    #[must_use]
    pub const fn rate(&self) -> f64 {
        self.rate
    }
}

impl Response for ModifiedExponential {
    fn value(&self, spend: f64) -> f64 {
        -self.scale * libm::expm1(-self.rate * spend)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        let left = libm::exp(-self.rate * (f64_of_u64(from) * unit));
        let width = f64_of_u64(to.saturating_sub(from)) * unit;
        -self.scale * left * libm::expm1(-self.rate * width)
    }

    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for ModifiedExponential {
    fn marginal(&self, spend: f64) -> f64 {
        self.scale * self.rate * libm::exp(-self.rate * spend)
    }

    fn spend_at(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return f64::INFINITY;
        }
        let steepest = self.scale * self.rate;
        // A quotient would overflow for extreme parameters; logarithms do not.
        ((libm::log(steepest) - libm::log(price)) / self.rate).max(0.0)
    }
}
