//! Amounts of a resource other than money: hours, calls, samples.

#![deny(clippy::float_arithmetic)]

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Decimal places that are kept.
const PLACES: usize = 6;
/// Micro-units in one unit.
const MICROS_PER_UNIT: u64 = 1_000_000;

/// An exact amount of a resource, at least zero, to a millionth of its unit.
///
/// ```
/// use sortie::quantity::Quantity;
/// let visit: Quantity = "6.5".parse()?;
/// assert_eq!(visit.micros(), 6_500_000);
/// assert_eq!(visit.to_string(), "6.5");
/// # Ok::<(), sortie::quantity::QuantityError>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(u64);

/// An amount that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// Not a plain decimal of at least zero.
    #[error(
        "amount {text:?} is no plain decimal of at least 0; write digits with one point between them, such as \"6.5\""
    )]
    Malformed {
        /// What was given.
        text: String,
    },
    /// More than six decimals.
    #[error("amount {text:?} has more than 6 decimals; round it or choose a smaller unit")]
    TooPrecise {
        /// What was given.
        text: String,
    },
    /// Beyond the range.
    #[error("amount {text:?} is out of range; at most 18446744073709.551615 is kept")]
    OutOfRange {
        /// What was given.
        text: String,
    },
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of millionths.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The amount in millionths.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Reads a plain decimal with at most six decimals.
    ///
    /// # Errors
    /// [`QuantityError`], naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let shown = || text.chars().take(40).collect();
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(QuantityError::Malformed { text: shown() }),
            None => (text, ""),
        };
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(decimals) {
            return Err(QuantityError::Malformed { text: shown() });
        }
        if decimals.len() > PLACES {
            return Err(QuantityError::TooPrecise { text: shown() });
        }
        let padding = core::iter::repeat_n(b'0', PLACES - decimals.len());
        whole
            .bytes()
            .chain(decimals.bytes())
            .chain(padding)
            .try_fold(0_u64, |sum, digit| {
                sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
            })
            .map(Self)
            .ok_or_else(|| QuantityError::OutOfRange { text: shown() })
    }

    /// The sum, if it stays in range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, if it is not negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl fmt::Display for Quantity {
    /// The shortest decimal: no trailing zeros after the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / MICROS_PER_UNIT, self.0 % MICROS_PER_UNIT);
        if rest == 0 {
            return f.pad(&whole.to_string());
        }
        let decimals = format!("{rest:06}");
        f.pad(&format!("{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Quantity {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, QuantityError> {
        Self::parse(&text)
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_amount_is_refused() {
        for bad in [
            "", ".", "5.", ".5", "-1", "+1", "1e3", "1_0", "1,5", " 1", "NaN", "1.2.3",
        ] {
            assert!(
                matches!(Quantity::parse(bad), Err(QuantityError::Malformed { .. })),
                "{bad:?}"
            );
        }
        assert!(matches!(
            Quantity::parse("0.0000001"),
            Err(QuantityError::TooPrecise { .. })
        ));
        assert!(matches!(
            Quantity::parse("18446744073709.551616"),
            Err(QuantityError::OutOfRange { .. })
        ));
        assert_eq!(
            Quantity::parse("18446744073709.551615").unwrap().micros(),
            u64::MAX
        );
    }

    proptest! {
        #[test]
        fn text_round_trips(micros in any::<u64>()) {
            let quantity = Quantity::from_micros(micros);
            prop_assert_eq!(Quantity::parse(&quantity.to_string()).unwrap(), quantity);
            let json = serde_json::to_string(&quantity).unwrap();
            prop_assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
        }
    }
}
