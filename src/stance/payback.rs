//! When an outlay comes back: the payback period, and the convention by which it is reckoned.

use core::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

use super::{StanceError, cash_flow::is_weight};
use crate::calendar::DiscountRate;

/// A length of time in periods, whole or not: finite, not negative.
///
/// ```
/// use sortie::stance::Periods;
/// assert_eq!(Periods::new(12.0)?.get(), 12.0);
/// assert!(Periods::new(f64::NAN).is_err());
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Periods(f64);

impl Periods {
    /// No time at all.
    pub const ZERO: Self = Self(0.0);

    /// Admits a length of time in periods.
    ///
    /// # Errors
    /// [`StanceError::Periods`] for NaN, infinities and negative numbers.
    pub fn new(value: f64) -> Result<Self, StanceError> {
        if (0.0..f64::INFINITY).contains(&value) {
            // Adding 0 turns −0 into 0, so equal lengths print alike.
            Ok(Self(value + 0.0))
        } else {
            Err(StanceError::Periods { value })
        }
    }

    /// The number of periods.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// For results of our own arithmetic, which are finite and not negative by construction.
    pub(super) const fn known(value: f64) -> Self {
        Self(value)
    }
}

impl TryFrom<f64> for Periods {
    type Error = StanceError;

    fn try_from(value: f64) -> Result<Self, StanceError> {
        Self::new(value)
    }
}

impl From<Periods> for f64 {
    fn from(periods: Periods) -> Self {
        periods.0
    }
}

impl fmt::Display for Periods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When an outlay has come back. `Never` is an answer, not an error, and is longer than any other.
///
/// ```
/// use sortie::stance::{Payback, Periods};
/// let three = Payback::After(Periods::new(3.0)?);
/// assert!(three < Payback::Never);
/// assert!(three.is_shorter_than(Payback::Never));
/// assert_eq!(three.to_string(), "3.00 periods");
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payback {
    /// Back after this many periods from the outlay.
    After(Periods),
    /// Not within the time that the flow covers.
    Never,
}

impl Payback {
    /// Paid back at once: what an outlay of nothing does.
    pub const AT_ONCE: Self = Self::After(Periods::ZERO);

    /// Its length, if it ends.
    #[must_use]
    pub const fn periods(self) -> Option<Periods> {
        match self {
            Self::After(periods) => Some(periods),
            Self::Never => None,
        }
    }

    /// Whether it ends strictly earlier than `other`.
    #[must_use]
    pub fn is_shorter_than(self, other: Self) -> bool {
        self.order(other) == Ordering::Less
    }

    /// Whether it ends no later than `limit`.
    #[must_use]
    pub fn is_within(self, limit: Periods) -> bool {
        self.order(Self::After(limit)) != Ordering::Greater
    }

    /// The total order: by length, `Never` last. (Lengths are never NaN, nor −0.)
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::After(mine), Self::After(theirs)) => mine.0.total_cmp(&theirs.0),
            (Self::After(_), Self::Never) => Ordering::Less,
            (Self::Never, Self::After(_)) => Ordering::Greater,
            (Self::Never, Self::Never) => Ordering::Equal,
        }
    }
}

impl PartialOrd for Payback {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.order(*other))
    }
}

impl fmt::Display for Payback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(periods) => write!(f, "{:.2} periods", periods.0),
            Self::Never => f.write_str("never"),
        }
    }
}

/// How a contribution arrives inside its period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Evenly over the period, so payback may fall inside it: linear within a period.
    #[default]
    Evenly,
    /// All at the end of the period, so payback falls on whole periods.
    AtEnd,
}

/// The convention by which a payback is reckoned, so that two paybacks are comparable.
///
/// Contributions of period t (t = 1, 2, …) are discounted by δᵗ, δ = 1/(1+r): as if received at the
/// period's end, whichever [`Arrival`] is chosen. At a rate of 0 the payback is simple.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Convention {
    /// The rate a period at which contributions are discounted.
    pub discount: DiscountRate,
    /// How contributions arrive inside a period.
    pub arrival: Arrival,
}

impl Convention {
    /// Undiscounted, evenly inside a period.
    #[must_use]
    pub const fn simple() -> Self {
        Self {
            discount: DiscountRate::NONE,
            arrival: Arrival::Evenly,
        }
    }

    /// Discounted at a rate a period, evenly inside a period.
    #[must_use]
    pub const fn discounted(rate: DiscountRate) -> Self {
        Self {
            discount: rate,
            arrival: Arrival::Evenly,
        }
    }

    /// δ: what one unit a period from now is worth today, 1 without a rate.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.discount.factor()
    }
}

impl Default for Convention {
    fn default() -> Self {
        Self::simple()
    }
}

/// The payback of an outlay that brings the same contribution in every period, without end.
///
/// Simple: outlay ÷ contribution. Discounted: the whole periods of the annuity in closed form, then linear.
///
/// # Errors
/// [`StanceError::Outlay`] or [`StanceError::Contribution`] for a number that is not finite, or a negative outlay.
///
/// ```
/// use sortie::stance::{Convention, level_payback};
/// let months = level_payback(1200.0, 180.0 * 0.75, Convention::simple())?;
/// assert_eq!(months.to_string(), "8.89 periods");
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
pub fn level_payback(
    outlay: f64,
    contribution: f64,
    convention: Convention,
) -> Result<Payback, StanceError> {
    if !is_weight(outlay) {
        return Err(StanceError::Outlay { value: outlay });
    }
    if !contribution.is_finite() {
        return Err(StanceError::Contribution {
            period: 1,
            value: contribution,
        });
    }
    if outlay == 0.0 {
        return Ok(Payback::AT_ONCE);
    }
    let delta = convention.factor();
    // In units of one discounted contribution, so that the annuity is 1 + δ + … .
    let due = outlay / (contribution * delta);
    if contribution <= 0.0 || !due.is_finite() {
        return Ok(Payback::Never);
    }
    let length = if delta < 1.0 {
        annuity_length(due, delta)
    } else {
        Some(due)
    };
    let length = match convention.arrival {
        Arrival::Evenly => length,
        Arrival::AtEnd => length.map(libm::ceil),
    };
    Ok(length.map_or(Payback::Never, |periods| {
        Payback::After(Periods::known(periods))
    }))
}

/// The time at which 1 + δ + δ² + … reaches `due`, linear inside a period; `None` if it never does.
fn annuity_length(due: f64, delta: f64) -> Option<f64> {
    let rest = 1.0 - due * (1.0 - delta);
    if rest <= 0.0 {
        return None;
    }
    let whole = libm::floor(libm::log(rest) / libm::log(delta));
    let sum = |periods: f64| (1.0 - libm::pow(delta, periods)) / (1.0 - delta);
    // The logarithm may be off by one unit in the last place, hence the step back.
    let whole = if whole >= 1.0 && sum(whole) > due {
        whole - 1.0
    } else {
        whole
    };
    let part = (due - sum(whole)) / libm::pow(delta, whole);
    Some(whole + part.clamp(0.0, 1.0))
}
