//! Reading a history on a date: the tier, the strength, the rhythm.

use super::history::{History, ReadingRules};
use super::rhythm::BookRhythm;
use super::strength::rung_of;
use crate::calendar::Date;
use crate::customer::Tier;
use crate::fraction::Fraction;
use crate::id::Id;

/// What a customer's events say of it on a date.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub(super) customer: Id,
    pub(super) as_of: Date,
    pub(super) tier: Tier,
    pub(super) strength: Fraction,
    pub(super) gap_days: f64,
    pub(super) silent_days: u32,
}

impl Reading {
    /// Reads a history; none if it goes on after the date, for the past cannot be read out of it.
    pub(super) fn of(
        customer: &Id,
        history: &History,
        as_of: Date,
        book: &BookRhythm,
        rules: &ReadingRules,
    ) -> Option<Self> {
        let rhythm = history.rhythm();
        let silent_days = u32::try_from(as_of.days_since(rhythm.last())).ok()?;
        let gap_days = book.gap_days(rhythm);
        let (strength, habit) =
            history
                .strengths()
                .read(rung_of(gap_days), silent_days, rules.strength());
        Some(Self {
            customer: customer.clone(),
            as_of,
            tier: if habit {
                Tier::Habitual
            } else {
                Tier::Starting
            },
            strength,
            gap_days,
            silent_days,
        })
    }

    /// Who.
    #[must_use]
    pub const fn customer(&self) -> &Id {
        &self.customer
    }

    /// When.
    #[must_use]
    pub const fn as_of(&self) -> Date {
        self.as_of
    }

    /// Habitual or starting: whoever has an event has begun to use. Customers without any are
    /// prospects, and no log knows them.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// The strength of the habit on that day.
    #[must_use]
    pub const fn strength(&self) -> Fraction {
        self.strength
    }

    /// The gap expected between uses, in days: the own rhythm shrunk to the book's.
    #[must_use]
    pub const fn gap_days(&self) -> f64 {
        self.gap_days
    }

    /// Days since the last use.
    #[must_use]
    pub const fn silent_days(&self) -> u32 {
        self.silent_days
    }
}

/// The plain rule: a customer is habitual if it used in so many of the last so many periods, and
/// starting if it ever used. It has no memory, so it flickers; it is the yardstick beside the
/// strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlainRule {
    periods: u32,
    at_least: u32,
}

impl PlainRule {
    /// A rule of at least so many of the last so many periods, 1 to 64.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`](super::EvidenceError::Parameter) unless
    /// 1 ≤ `at_least` ≤ `periods` ≤ 64.
    pub fn new(periods: u32, at_least: u32) -> Result<Self, super::EvidenceError> {
        let lawful = (1..=64).contains(&periods);
        super::EvidenceError::check("periods", f64::from(periods), lawful, "from 1 to 64")?;
        let lawful = (1..=periods).contains(&at_least);
        super::EvidenceError::check(
            "at_least",
            f64::from(at_least),
            lawful,
            "at least 1 and at most the periods",
        )?;
        Ok(Self { periods, at_least })
    }

    /// The tier of a history in the period of the date; none if it goes on after the date.
    #[must_use]
    pub fn tier(&self, history: &History, as_of: Date, rules: &ReadingRules) -> Option<Tier> {
        let active = history.active_periods(as_of, self.periods, rules)?;
        Some(if active >= self.at_least {
            Tier::Habitual
        } else {
            Tier::Starting
        })
    }
}
