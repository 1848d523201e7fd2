//! The power curve: constant elasticity.

use crate::numeric::cast::f64_of_u64;

use super::parameter::{EXPONENT_LEAST, positive, within};
use super::{Concave, Response, ResponseError, Shape};

/// `scale·x^exponent` with an exponent (the elasticity) strictly between 0 and 1.
///
/// ```
/// use sortie::response::{Power, Response};
/// assert!(Power::new(5.0, 1.0).is_err());
/// assert!((Power::new(5.0, 0.5)?.value(9.0) - 15.0).abs() < 1e-12);
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    scale: f64,
    exponent: f64,
}

impl Power {
    /// The name of the family in documents and messages.
    pub const FAMILY: &'static str = "power";

    /// Admits the parameters.
    ///
    /// # Errors
    /// [`ResponseError`] unless the scale is positive and the exponent lies strictly between 0 and 1 (from 1e-6).
    pub fn new(scale: f64, exponent: f64) -> Result<Self, ResponseError> {
        let below_one = 1.0 - f64::EPSILON / 2.0;
        Ok(Self {
            scale: positive(Self::FAMILY, "scale", scale)?,
            exponent: within(
                Self::FAMILY,
                "exponent",
                exponent,
                (EXPONENT_LEAST, below_one),
                "above 0 and below 1, at least 1e-6",
            )?,
        })
    }

    /// The value of the first currency unit.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The elasticity.
    #[must_use]
    pub const fn exponent(&self) -> f64 {
        self.exponent
    }
}

impl Response for Power {
    fn value(&self, spend: f64) -> f64 {
        self.scale * libm::pow(spend, self.exponent)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        if from == 0 {
            return self.value(f64_of_u64(to) * unit);
        }
        let start = f64_of_u64(from);
        let ratio = f64_of_u64(to.saturating_sub(from)) / start;
        self.value(start * unit) * libm::expm1(self.exponent * libm::log1p(ratio))
    }

    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for Power {
    fn marginal(&self, spend: f64) -> f64 {
        self.scale * self.exponent * libm::pow(spend, self.exponent - 1.0)
    }

    fn spend_at(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return f64::INFINITY;
        }
        let gap = libm::log(self.scale) + libm::log(self.exponent) - libm::log(price);
        libm::exp(gap / (1.0 - self.exponent))
    }
}
