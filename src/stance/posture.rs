//! The stance: posture, payback limit, smallest acceptable offensiveness, headroom. It knows no budget.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Convention, Periods, StanceError, share};
use crate::{
    document::{Document, DocumentError, Fields, schema_name},
    fraction::Fraction,
    money::Money,
};

/// Which way the plan faces. There is no third: a sales team only attacks \[F2\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Posture {
    /// Take the best attack that the limits allow.
    #[default]
    Offence,
    /// Hold the line the only way there is: by a shorter payback, or where that provably cannot be had, by a
    /// smaller investment \[F1\].
    AggressiveMaintenance {
        /// The least share of the previous investment by which it falls where it must; one minor unit at least.
        #[serde(default = "no_share")]
        cut_by: Fraction,
    },
}

const fn no_share() -> Fraction {
    Fraction::ZERO
}

/// What a payback limit holds for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaybackOver {
    /// What is spent on each customer pays back within the limit; so, then, does the whole.
    #[default]
    EachCustomer,
    /// The plan as a whole pays back within the limit; one customer's quick return may carry another's.
    WholePlan,
}

/// The longest payback that is acceptable: a time above 0, and what it holds for.
///
/// ```
/// use sortie::stance::{PaybackLimit, PaybackOver, Periods};
/// let limit = PaybackLimit::new(Periods::new(12.0)?, PaybackOver::WholePlan)?;
/// assert_eq!(limit.within().get(), 12.0);
/// assert!(PaybackLimit::new(Periods::ZERO, PaybackOver::WholePlan).is_err());
/// # Ok::<(), sortie::stance::StanceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "LimitWritten")]
pub struct PaybackLimit {
    within: Periods,
    over: PaybackOver,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitWritten {
    within: Periods,
    #[serde(default)]
    over: PaybackOver,
}

impl PaybackLimit {
    /// Admits a limit.
    ///
    /// # Errors
    /// [`StanceError::LimitZero`] for no time at all, which no outlay can meet.
    pub fn new(within: Periods, over: PaybackOver) -> Result<Self, StanceError> {
        if within == Periods::ZERO {
            return Err(StanceError::LimitZero);
        }
        Ok(Self { within, over })
    }

    /// The longest time, above 0.
    #[must_use]
    pub const fn within(&self) -> Periods {
        self.within
    }

    /// What it holds for.
    #[must_use]
    pub const fn over(&self) -> PaybackOver {
        self.over
    }
}

impl TryFrom<LimitWritten> for PaybackLimit {
    type Error = StanceError;

    fn try_from(written: LimitWritten) -> Result<Self, StanceError> {
        Self::new(written.within, written.over)
    }
}

/// How a plan must face its period, whatever its budget.
///
/// Default: offence, simple payback without a limit, no smallest offensiveness, no headroom kept.
///
/// ```
/// use sortie::fraction::Fraction;
/// use sortie::money::{Currency, Money};
/// use sortie::stance::{PaybackOver, Periods, Stance};
/// let stance = Stance::offence()
///     .with_payback_limit(Periods::new(12.0)?, PaybackOver::EachCustomer)?
///     .with_offensiveness_smallest(Fraction::new(0.2)?);
/// let budget = Money::from_minor(1000_00, Currency::USD);
/// assert_eq!(stance.existing_most(budget)?.minor(), 800_00);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stance {
    posture: Posture,
    convention: Convention,
    payback_limit: Option<PaybackLimit>,
    offensiveness_smallest: Fraction,
    headroom_smallest: Option<Money>,
}

impl Stance {
    /// Offence without limits.
    #[must_use]
    pub fn offence() -> Self {
        Self {
            posture: Posture::Offence,
            convention: Convention::simple(),
            payback_limit: None,
            offensiveness_smallest: Fraction::ZERO,
            headroom_smallest: None,
        }
    }

    /// Aggressive maintenance \[F1\]: where the payback provably cannot shorten, the investment falls by at
    /// least the share `cut_by`, and by one minor unit at least.
    #[must_use]
    pub fn aggressive_maintenance(cut_by: Fraction) -> Self {
        Self {
            posture: Posture::AggressiveMaintenance { cut_by },
            ..Self::offence()
        }
    }

    /// The same stance with paybacks reckoned by another convention.
    #[must_use]
    pub fn with_convention(self, convention: Convention) -> Self {
        Self { convention, ..self }
    }

    /// The same stance with a longest acceptable payback.
    ///
    /// # Errors
    /// As [`PaybackLimit::new`].
    pub fn with_payback_limit(
        self,
        within: Periods,
        over: PaybackOver,
    ) -> Result<Self, StanceError> {
        let limit = PaybackLimit::new(within, over)?;
        Ok(Self {
            payback_limit: Some(limit),
            ..self
        })
    }

    /// The same stance without a payback limit.
    #[must_use]
    pub fn without_payback_limit(self) -> Self {
        Self {
            payback_limit: None,
            ..self
        }
    }

    /// The same stance with a least share of the money for prospects \[C2\], read to nine decimals.
    #[must_use]
    pub fn with_offensiveness_smallest(self, smallest: Fraction) -> Self {
        Self {
            offensiveness_smallest: smallest,
            ..self
        }
    }

    /// The same stance with an amount that the first two tiers must leave over \[C3\].
    ///
    /// # Errors
    /// [`StanceError::Negative`] for a negative amount.
    pub fn with_headroom_smallest(self, smallest: Money) -> Result<Self, StanceError> {
        if smallest.is_negative() {
            return Err(StanceError::Negative {
                subject: "smallest headroom",
                amount: smallest,
            });
        }
        Ok(Self {
            headroom_smallest: Some(smallest),
            ..self
        })
    }

    /// Which way it faces.
    #[must_use]
    pub const fn posture(&self) -> Posture {
        self.posture
    }

    /// How paybacks are reckoned.
    #[must_use]
    pub const fn convention(&self) -> Convention {
        self.convention
    }

    /// The longest acceptable payback, if there is one.
    #[must_use]
    pub const fn payback_limit(&self) -> Option<PaybackLimit> {
        self.payback_limit
    }

    /// The least share of the money for prospects \[C2\].
    #[must_use]
    pub const fn offensiveness_smallest(&self) -> Fraction {
        self.offensiveness_smallest
    }

    /// What the first two tiers must leave over \[C3\], if anything.
    #[must_use]
    pub const fn headroom_smallest(&self) -> Option<Money> {
        self.headroom_smallest
    }

    /// The most that existing customers (habitual and starting together) may have of a budget: what the
    /// smallest offensiveness and the headroom leave, and not below 0.
    ///
    /// # Errors
    /// [`StanceError::Negative`] for a negative budget; [`StanceError::Money`] if budget and headroom differ in currency.
    pub fn existing_most(&self, budget: Money) -> Result<Money, StanceError> {
        if budget.is_negative() {
            return Err(StanceError::Negative {
                subject: "budget",
                amount: budget,
            });
        }
        let kept = share::part_rounded_up(budget, self.offensiveness_smallest);
        let by_share = budget.checked_sub(kept)?;
        let Some(headroom) = self.headroom_smallest else {
            return Ok(by_share);
        };
        let by_headroom = budget.checked_sub(headroom)?.minor().max(0);
        Ok(Money::from_minor(
            by_share.minor().min(by_headroom),
            budget.currency(),
        ))
    }

    /// The most that existing customers may have beside what prospects really get, so that the plan reaches
    /// its smallest offensiveness even where part of the budget is left over: prospects·(1−o)/o, rounded
    /// down. Without a smallest offensiveness, the largest amount there is.
    ///
    /// # Errors
    /// [`StanceError::Negative`] for a negative amount.
    ///
    /// ```
    /// use sortie::fraction::Fraction;
    /// use sortie::money::{Currency, Money};
    /// use sortie::stance::Stance;
    /// let stance = Stance::offence().with_offensiveness_smallest(Fraction::new(0.25)?);
    /// let prospects = Money::from_minor(100_00, Currency::USD);
    /// assert_eq!(stance.existing_most_beside(prospects)?.minor(), 300_00);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn existing_most_beside(&self, prospects: Money) -> Result<Money, StanceError> {
        if prospects.is_negative() {
            return Err(StanceError::Negative {
                subject: "spend on prospects",
                amount: prospects,
            });
        }
        share::existing_beside(self.offensiveness_smallest, prospects)
    }
}

impl Default for Stance {
    fn default() -> Self {
        Self::offence()
    }
}

/// The stance as its document has it.
#[derive(Serialize)]
struct StanceWritten {
    schema: String,
    posture: Posture,
    convention: Convention,
    #[serde(skip_serializing_if = "Option::is_none")]
    payback_limit: Option<PaybackLimit>,
    offensiveness_smallest: Fraction,
    #[serde(skip_serializing_if = "Option::is_none")]
    headroom_smallest: Option<Money>,
}

impl Serialize for Stance {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StanceWritten {
            schema: schema_name::<Self>(),
            posture: self.posture,
            convention: self.convention,
            payback_limit: self.payback_limit,
            offensiveness_smallest: self.offensiveness_smallest,
            headroom_smallest: self.headroom_smallest,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

impl Document for Stance {
    const KIND: &'static str = "stance";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let posture = fields.read_optional("posture", |reader| reader.value());
        let convention = fields.read_optional("convention", |reader| reader.value());
        let limit = fields.read_optional("payback_limit", |reader| reader.value());
        let smallest = fields.read_optional("offensiveness_smallest", |reader| reader.fraction());
        let headroom = fields.read_optional("headroom_smallest", |reader| {
            let amount: Money = reader.value()?;
            reader.through(amount, |amount| {
                Self::offence().with_headroom_smallest(amount)
            })
        });
        let value = (|| {
            Some(Self {
                posture: posture?.unwrap_or_default(),
                convention: convention?.unwrap_or_default(),
                payback_limit: limit?,
                offensiveness_smallest: smallest?.unwrap_or(Fraction::ZERO),
                headroom_smallest: headroom?.and_then(|stance| stance.headroom_smallest),
            })
        })();
        fields.finish_with(value)
    }
}
