//! Money that is never a float: whole minor units inside, strict decimal text at the border.
//!
//! Amounts are `i64` minor units with their [`Currency`]; sums over customers are `i128`. Nothing here
//! rounds: an amount that cannot be told exactly is refused.

#![deny(clippy::float_arithmetic)]

mod apportion;
mod currency;

use core::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use apportion::apportion;
pub use currency::Currency;

/// An exact amount of money: whole minor units of one currency, positive, negative or zero.
///
/// On its own it is written `"12.30 USD"`. Documents that state their currency once write the bare amount,
/// `"12.30"` ([`Money::amount_text`], [`Money::parse`]).
///
/// ```
/// use sortie::money::{Currency, Money};
/// let price = Money::parse("12.30", Currency::USD)?;
/// let double = price.checked_add(price)?;
/// assert_eq!(double.to_string(), "24.60 USD");
/// assert!(Money::parse("10.005", Currency::USD).is_err());
/// # Ok::<(), sortie::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not a code of the table.
    #[error("currency {code:?} is unknown; use an active ISO 4217 code of three capital letters")]
    CurrencyUnknown {
        /// The code, its first characters.
        code: String,
    },
    /// A currency of the past.
    #[error("currency {code} was withdrawn; convert the amount to its successor first")]
    CurrencyWithdrawn {
        /// The code.
        code: String,
    },
    /// Two currencies where one is needed.
    #[error(
        "amounts are in {left} and {right}; convert one of them first, nothing is converted silently"
    )]
    CurrencyMixed {
        /// Of the first amount.
        left: Currency,
        /// Of the second.
        right: Currency,
    },
    /// Not a plain decimal.
    #[error(
        "amount {text:?} is no plain decimal; write digits with one point between them, such as \"1234.50\""
    )]
    Malformed {
        /// What was given, its first characters.
        text: String,
    },
    /// More decimals than the currency has.
    #[error(
        "amount {text:?} has more than the {decimals} decimals of {currency}; round it where its meaning is known"
    )]
    TooPrecise {
        /// What was given.
        text: String,
        /// The currency.
        currency: Currency,
        /// The decimals it has.
        decimals: u32,
    },
    /// Outside `i64` minor units.
    #[error(
        "amount {text} {currency} is out of range; at most 9223372036854775807 minor units either side of zero are kept"
    )]
    OutOfRange {
        /// The amount, or the sum that would have been.
        text: String,
        /// The currency.
        currency: Currency,
    },
    /// Nothing to divide by.
    #[error("weights sum to zero; at least one recipient needs a positive weight")]
    NoWeight,
    /// The same recipient twice.
    #[error("recipient {position} repeats an earlier one; add up its weights first")]
    RecipientRepeated {
        /// Its place in the input, from 0.
        position: usize,
    },
}

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// No money.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a bare decimal: an optional `-`, digits, and optionally a point followed by at most as many
    /// digits as the currency has decimals.
    ///
    /// # Errors
    /// [`MoneyError::Malformed`] (`1_000`, `1,000.00`, `€5`, `(5)`, `.5`, `5.`, `1e3`, padding, other digits),
    /// [`MoneyError::TooPrecise`], [`MoneyError::OutOfRange`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let malformed = || MoneyError::Malformed {
            text: text.chars().take(40).collect(),
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(decimals) {
            return Err(malformed());
        }
        let decimals = if digits.contains('.') { decimals } else { "" };
        let places = usize::try_from(currency.decimals()).unwrap_or(0);
        if decimals.len() > places {
            return Err(MoneyError::TooPrecise {
                text: text.chars().take(40).collect(),
                currency,
                decimals: currency.decimals(),
            });
        }
        let padding = core::iter::repeat_n(b'0', places - decimals.len());
        let minor = whole
            .bytes()
            .chain(decimals.bytes())
            .chain(padding)
            // Downwards, since the range reaches one further below zero than above.
            .try_fold(0_i64, |sum, digit| {
                sum.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))
            })
            .and_then(|minor| {
                if negative {
                    Some(minor)
                } else {
                    minor.checked_neg()
                }
            })
            .ok_or_else(|| MoneyError::OutOfRange {
                text: text.chars().take(40).collect(),
                currency,
            })?;
        Ok(Self { minor, currency })
    }

    /// The exact amount of a decimal; trailing zeros beyond the currency's decimals are lawful.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`], [`MoneyError::OutOfRange`]: nothing is rounded.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        Self::parse(&amount.normalize().to_string(), currency)
    }

    /// The amount as a decimal with the currency's decimals; always exact.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Whether it is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMixed`], [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        from_wide(
            i128::from(self.minor) + i128::from(other.minor),
            self.currency,
        )
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMixed`], [`MoneyError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        from_wide(
            i128::from(self.minor) - i128::from(other.minor),
            self.currency,
        )
    }

    /// The amount times a whole number.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`].
    pub fn checked_mul(self, times: i64) -> Result<Self, MoneyError> {
        from_wide(i128::from(self.minor) * i128::from(times), self.currency)
    }

    /// The exact total of many amounts of one currency; zero for none.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMixed`], [`MoneyError::OutOfRange`] if the total, not some part of it, is out of range.
    pub fn total(
        amounts: impl IntoIterator<Item = Self>,
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        let mut sum = 0_i128;
        for amount in amounts {
            Self::zero(currency).same_currency(amount)?;
            // 2⁶³ amounts of 2⁶³ stay below 2¹²⁷.
            sum += i128::from(amount.minor);
        }
        from_wide(sum, currency)
    }

    /// The bare amount with all decimals of the currency, `"12.30"`, for documents that name it once.
    #[must_use]
    pub fn amount_text(self) -> String {
        amount_text(i128::from(self.minor), self.currency)
    }

    /// Compares amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMixed`].
    pub fn compare(self, other: Self) -> Result<core::cmp::Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMixed {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

/// An amount of minor units from a wide total.
///
/// # Errors
/// [`MoneyError::OutOfRange`] beyond `i64`.
pub fn from_wide(minor: i128, currency: Currency) -> Result<Money, MoneyError> {
    i64::try_from(minor)
        .map(|minor| Money { minor, currency })
        .map_err(|_| MoneyError::OutOfRange {
            text: amount_text(minor, currency),
            currency,
        })
}

/// The bare decimal text of a total of minor units.
fn amount_text(minor: i128, currency: Currency) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let size = minor.unsigned_abs();
    let unit = u128::from(currency.minor_per_unit().unsigned_abs());
    let places = usize::try_from(currency.decimals()).unwrap_or(0);
    if places == 0 {
        format!("{sign}{size}")
    } else {
        format!("{sign}{}.{:0places$}", size / unit, size % unit)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.amount_text(), self.currency))
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `"12.30 USD"`: a bare decimal, one space, a code.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (amount, code) = text.split_once(' ').ok_or_else(|| MoneyError::Malformed {
            text: text.chars().take(40).collect(),
        })?;
        Self::parse(amount, Currency::from_code(code)?)
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).unwrap()
    }

    fn any_money() -> impl Strategy<Value = Money> {
        let code = prop::sample::select(vec!["USD", "JPY", "BHD", "EUR"]);
        (any::<i64>(), code).prop_map(|(minor, code)| Money::from_minor(minor, currency(code)))
    }

    #[test]
    fn amounts_that_are_no_plain_decimal_are_refused() {
        for bad in [
            "", "-", ".", "1_000", "1,000.00", "€5", "(5)", " 5", "5 ", "5.", ".5", "1e3", "+5",
            "--5", "٣", "0x10", "NaN", "inf", "1.2.3", "5\n", "1 000",
        ] {
            let error = Money::parse(bad, Currency::USD).unwrap_err();
            assert!(
                matches!(error, MoneyError::Malformed { .. }),
                "{bad:?} gave {error}"
            );
        }
    }

    #[test]
    fn more_decimals_than_the_currency_has_are_refused() {
        let error = Money::parse("10.005", Currency::USD).unwrap_err();
        assert_eq!(
            error.to_string(),
            "amount \"10.005\" has more than the 2 decimals of USD; round it where its meaning is known"
        );
        assert!(matches!(
            Money::parse("10.5", currency("JPY")),
            Err(MoneyError::TooPrecise { decimals: 0, .. })
        ));
        assert!(matches!(
            Money::parse("10.0", currency("JPY")),
            Err(MoneyError::TooPrecise { .. })
        ));
        assert_eq!(Money::parse("0.001", currency("BHD")).unwrap().minor(), 1);
        assert!(Money::parse("0.0000000000000000000000000000000001", Currency::USD).is_err());
    }

    #[test]
    fn the_range_is_that_of_i64() {
        let usd = Currency::USD;
        assert_eq!(
            Money::parse("92233720368547758.07", usd).unwrap().minor(),
            i64::MAX
        );
        assert_eq!(
            Money::parse("-92233720368547758.08", usd).unwrap().minor(),
            i64::MIN
        );
        for bad in [
            "92233720368547758.08",
            "-92233720368547758.09",
            &"9".repeat(60),
        ] {
            assert!(
                matches!(Money::parse(bad, usd), Err(MoneyError::OutOfRange { .. })),
                "{bad}"
            );
        }
        let most = Money::from_minor(i64::MAX, usd);
        let cent = Money::from_minor(1, usd);
        assert_eq!(
            most.checked_add(cent).unwrap_err().to_string(),
            "amount 92233720368547758.08 USD is out of range; at most 9223372036854775807 minor units either side of zero are kept"
        );
    }

    #[test]
    fn a_total_may_pass_through_what_a_part_could_not() {
        let usd = Currency::USD;
        let parts = [i64::MAX, 5, -5, -1].map(|minor| Money::from_minor(minor, usd));
        assert_eq!(Money::total(parts, usd).unwrap().minor(), i64::MAX - 1);
        assert!(Money::total(parts[..2].iter().copied(), usd).is_err());
    }

    #[test]
    fn currencies_never_mix() {
        let (usd, eur) = (Money::zero(Currency::USD), Money::zero(currency("EUR")));
        assert!(matches!(
            usd.checked_add(eur),
            Err(MoneyError::CurrencyMixed { .. })
        ));
        assert!(matches!(
            usd.compare(eur),
            Err(MoneyError::CurrencyMixed { .. })
        ));
        assert!(Money::total([usd, eur], Currency::USD).is_err());
    }

    #[test]
    fn a_json_float_is_no_money() {
        assert!(serde_json::from_str::<Money>("12.3").is_err());
        assert!(serde_json::from_str::<Money>("12").is_err());
        assert!(serde_json::from_str::<Money>("null").is_err());
        assert!(serde_json::from_str::<Money>("\"12.3\"").is_err());
        assert_eq!(
            serde_json::from_str::<Money>("\"12.3 USD\"")
                .unwrap()
                .minor(),
            1230
        );
    }

    proptest! {
        #[test]
        fn text_round_trips(money in any_money()) {
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            prop_assert_eq!(Money::parse(&money.amount_text(), money.currency()).unwrap(), money);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn decimals_round_trip(money in any_money()) {
            let decimal = money.to_decimal();
            prop_assert_eq!(Money::from_decimal(decimal, money.currency()).unwrap(), money);
        }

        #[test]
        fn addition_is_that_of_integers(a in any::<i64>(), b in any::<i64>()) {
            let (left, right) = (Money::from_minor(a, Currency::USD), Money::from_minor(b, Currency::USD));
            prop_assert_eq!(left.checked_add(right).ok().map(Money::minor), a.checked_add(b));
            prop_assert_eq!(left.checked_sub(right).ok().map(Money::minor), a.checked_sub(b));
            prop_assert_eq!(left.checked_mul(b).ok().map(Money::minor), a.checked_mul(b));
        }

        #[test]
        fn any_text_is_an_amount_or_an_error(text in "[-0-9.,_ e+]{0,24}") {
            if let Ok(money) = Money::parse(&text, Currency::USD) {
                let digits = |t: &str| t.trim_start_matches('-').trim_start_matches('0').replace('.', "");
                let mut shown = money.amount_text();
                let given = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                shown.truncate(shown.len() - (2 - given) - usize::from(given == 0));
                prop_assert_eq!(digits(&shown), digits(&text));
            }
        }
    }
}
