//! Fractions between 0 and 1: probabilities and shares.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A finite number from 0 to 1: a probability or a share. 75 where .75 is meant is refused.
///
/// ```
/// use sortie::fraction::Fraction;
/// let chance = Fraction::new(0.25)?;
/// assert_eq!(chance.complement().get(), 0.75);
/// assert!(Fraction::new(75.0).unwrap_err().to_string().contains("75"));
/// # Ok::<(), sortie::fraction::FractionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Fraction(f64);

/// A number that is no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("fraction is {value}; it must be a finite number from 0 to 1 (write 0.75 for 75 %)")]
pub struct FractionError {
    /// What was given.
    pub value: f64,
}

impl Fraction {
    /// Nothing, never.
    pub const ZERO: Self = Self(0.0);
    /// Everything, always.
    pub const ONE: Self = Self(1.0);

    /// Admits a number from 0 to 1; −0 becomes 0.
    ///
    /// # Errors
    /// [`FractionError`] for NaN, infinities and numbers outside [0, 1].
    pub fn new(value: f64) -> Result<Self, FractionError> {
        if (0.0..=1.0).contains(&value) {
            // Adding 0 turns −0 into 0, so equal fractions print alike.
            Ok(Self(value + 0.0))
        } else {
            Err(FractionError { value })
        }
    }

    /// The nearest fraction: for results of arithmetic that may leave [0, 1] by rounding; NaN becomes 0.
    #[must_use]
    pub fn clamped(value: f64) -> Self {
        if value >= 1.0 {
            Self::ONE
        } else if value > 0.0 {
            Self(value)
        } else {
            Self::ZERO
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// One minus it.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }
}

impl TryFrom<f64> for Fraction {
    type Error = FractionError;

    fn try_from(value: f64) -> Result<Self, FractionError> {
        Self::new(value)
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> Self {
        fraction.0
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zero_to_one_is_admitted() {
        for bad in [
            f64::NAN,
            f64::INFINITY,
            -f64::INFINITY,
            -1e-300,
            1.0 + f64::EPSILON,
            75.0,
        ] {
            assert!(Fraction::new(bad).is_err(), "{bad}");
        }
        assert!(Fraction::new(-0.0).unwrap().get().is_sign_positive());
        assert_eq!(Fraction::clamped(f64::NAN), Fraction::ZERO);
        assert_eq!(Fraction::clamped(1.5), Fraction::ONE);
    }

    #[test]
    fn serde_goes_through_the_constructor() {
        assert!(serde_json::from_str::<Fraction>("1.01").is_err());
        let half: Fraction = serde_json::from_str("0.5").unwrap();
        assert_eq!(serde_json::to_string(&half).unwrap(), "0.5");
    }
}
