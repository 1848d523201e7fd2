//! The logarithmic curve: each doubling returns the same again.

use crate::numeric::cast::f64_of_u64;

use super::parameter::positive;
use super::{Concave, Response, ResponseError, Shape};

/// `scale·ln(1+x/half)`, where `half` is the curve's scale of spend: there the marginal return is half of the first.
///
/// ```
/// use sortie::response::{Concave, Logarithmic};
/// let curve = Logarithmic::new(10.0, 50.0)?;
/// assert!((curve.marginal(50.0) - curve.marginal(0.0) / 2.0).abs() < 1e-15);
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logarithmic {
    scale: f64,
    half: f64,
}

impl Logarithmic {
    /// The name of the family in documents and messages.
    pub const FAMILY: &'static str = "logarithmic";

    /// Admits the parameters.
    ///
    /// # Errors
    /// [`ResponseError`] if either is not a positive finite number.
    pub fn new(scale: f64, half: f64) -> Result<Self, ResponseError> {
        Ok(Self {
            scale: positive(Self::FAMILY, "scale", scale)?,
            half: positive(Self::FAMILY, "half", half)?,
        })
    }

    /// The factor before the logarithm.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The spend at which the marginal return has halved.
    #[must_use]
    pub const fn half(&self) -> f64 {
        self.half
    }
}

impl Response for Logarithmic {
    fn value(&self, spend: f64) -> f64 {
        self.scale * libm::log1p(spend / self.half)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        let start = self.half + f64_of_u64(from) * unit;
        let width = f64_of_u64(to.saturating_sub(from)) * unit;
        self.scale * libm::log1p(width / start)
    }

    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for Logarithmic {
    fn marginal(&self, spend: f64) -> f64 {
        self.scale / (self.half + spend)
    }

    fn spend_at(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return f64::INFINITY;
        }
        (self.scale / price - self.half).max(0.0)
    }
}
