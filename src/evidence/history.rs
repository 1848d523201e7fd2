//! The state of one customer: everything that its events have said, in bounded space.

use serde::{Deserialize, Serialize};

use super::EvidenceError;
use super::event::{Event, EventLog};
use super::rhythm::Rhythm;
use super::sample::NameCounts;
use super::strength::{Effects, RUNGS, StrengthModel, Strengths};
use crate::calendar::Date;

/// How events are read: the model of strength, and the length of the periods in which activity is
/// marked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RulesFields", into = "RulesFields")]
pub struct ReadingRules {
    strength: StrengthModel,
    period_days: u32,
}

impl ReadingRules {
    /// Rules from a model of strength and the days in a period, at least 1. Periods are counted from
    /// 1970-01-01.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`] for a period of no days or of more than 36,525.
    pub fn new(strength: StrengthModel, period_days: u32) -> Result<Self, EvidenceError> {
        let lawful = (1..=36_525).contains(&period_days);
        EvidenceError::check(
            "period_days",
            f64::from(period_days),
            lawful,
            "from 1 to 36525",
        )?;
        Ok(Self {
            strength,
            period_days,
        })
    }

    /// How strength grows and decays.
    #[must_use]
    pub const fn strength(&self) -> &StrengthModel {
        &self.strength
    }

    /// Days in a period.
    #[must_use]
    pub const fn period_days(&self) -> u32 {
        self.period_days
    }

    /// The period of a date.
    fn period(&self, date: Date) -> i32 {
        // A period has at most 36,525 days, so that 32 bits hold it, which are the fastest to divide by.
        let days = i32::try_from(self.period_days).unwrap_or(i32::MAX);
        date.day_number().div_euclid(days)
    }
}

impl Default for ReadingRules {
    /// The default strength, and periods of 30 days.
    fn default() -> Self {
        Self {
            strength: StrengthModel::default(),
            period_days: 30,
        }
    }
}

/// What events add up to whatever came before them: sums, marks and counts, all integers.
#[derive(Debug, Clone, PartialEq)]
struct Facts {
    rhythm: Rhythm,
    events: u64,
    amount_minor: i128,
    /// Periods with use: bit 0 is the period of the last use, bit `n` the one `n` before it.
    active: u64,
    /// Present exactly if a use carried a name: the states of a large book are as small as they can be.
    names: Option<Box<Names>>,
}

/// Who used the product and how, as far as recorded.
#[derive(Debug, Clone, PartialEq, Default)]
struct Names {
    users: NameCounts,
    practices: NameCounts,
}

impl Names {
    const NONE: &'static Self = &Self {
        users: NameCounts::NONE,
        practices: NameCounts::NONE,
    };

    fn merge(&mut self, other: &Self) {
        self.users.merge(&other.users);
        self.practices.merge(&other.practices);
    }
}

impl Facts {
    fn start(event: &Event, log: &EventLog) -> Self {
        let mut facts = Self {
            rhythm: Rhythm::start(event.date),
            events: 0,
            amount_minor: 0,
            active: 1,
            names: None,
        };
        facts.count(event, log);
        facts
    }

    /// Takes in an event not before the last one; the gap in days.
    fn push(&mut self, event: &Event, log: &EventLog, rules: &ReadingRules) -> u32 {
        let last = self.rhythm.last();
        let gap = self.rhythm.push(event.date);
        if gap > 0 {
            let periods = rules.period(event.date) - rules.period(last);
            self.active = shifted(self.active, periods) | 1;
        }
        self.count(event, log);
        gap
    }

    fn count(&mut self, event: &Event, log: &EventLog) {
        self.events += 1;
        self.amount_minor += i128::from(event.amount_minor);
        if let Some((hash, user)) = log.hashed(event.user) {
            self.names.get_or_insert_default().users.push(hash, user);
        }
        if let Some((hash, practice)) = log.hashed(event.practice) {
            let names = self.names.get_or_insert_default();
            names.practices.push(hash, practice);
        }
    }

    fn names(&self) -> &Names {
        self.names.as_deref().unwrap_or(Names::NONE)
    }

    /// These, then the facts of a later stretch; with the gap between them.
    fn join(&self, later: &Self, rules: &ReadingRules) -> Option<(Self, u32)> {
        let rhythm = self.rhythm.join(&later.rhythm)?;
        let gap = later
            .rhythm
            .first()
            .days_since(self.rhythm.last())
            .unsigned_abs();
        let periods = rules.period(later.rhythm.last()) - rules.period(self.rhythm.last());
        let mut joined = Self {
            rhythm,
            events: self.events + later.events,
            amount_minor: self.amount_minor + later.amount_minor,
            active: later.active | shifted(self.active, periods),
            names: self.names.clone(),
        };
        if let Some(names) = later.names.as_deref() {
            joined.names.get_or_insert_default().merge(names);
        }
        Some((joined, gap))
    }
}

/// Marks moved back by so many periods.
fn shifted(active: u64, periods: i32) -> u64 {
    u32::try_from(periods)
        .ok()
        .and_then(|periods| active.checked_shl(periods))
        .unwrap_or(0)
}

/// A customer's history from its first event on, in bounded space: what is needed to read it on any
/// later date, and to go on with it tomorrow.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    facts: Facts,
    strengths: Strengths,
}

impl History {
    /// Reads a customer's events, in order of time; none for no events. O(1) space, one pass.
    #[must_use]
    pub(super) fn read(events: &[Event], log: &EventLog, rules: &ReadingRules) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut history = Self {
            facts: Facts::start(first, log),
            strengths: Strengths::NONE,
        };
        history.strengths.push(0, &rules.strength);
        for event in rest {
            history.push(event, log, rules);
        }
        Some(history)
    }

    /// Takes in an event on the last day or later.
    pub(super) fn push(&mut self, event: &Event, log: &EventLog, rules: &ReadingRules) {
        let gap = self.facts.push(event, log, rules);
        if gap > 0 {
            self.strengths.push(gap, &rules.strength);
        }
    }

    /// This history, then a later stretch; none unless every day of the stretch is later.
    #[must_use]
    pub(super) fn then(&self, later: &Stretch, rules: &ReadingRules) -> Option<Self> {
        let (facts, gap) = self.facts.join(&later.facts, rules)?;
        let strengths = later.effects.after(&self.strengths, gap, &rules.strength);
        Some(Self { facts, strengths })
    }

    /// The rhythm of use.
    #[must_use]
    pub const fn rhythm(&self) -> &Rhythm {
        &self.facts.rhythm
    }

    /// Events, several a day counted each.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.facts.events
    }

    /// What was paid in all, in minor units of the log's currency.
    #[must_use]
    pub const fn amount_minor(&self) -> i128 {
        self.facts.amount_minor
    }

    /// Who used the product how often, as far as recorded.
    #[must_use]
    pub fn users(&self) -> &NameCounts {
        &self.facts.names().users
    }

    /// How it was used how often, as far as recorded.
    #[must_use]
    pub fn practices(&self) -> &NameCounts {
        &self.facts.names().practices
    }

    /// How many of the last so many periods, up to and with that of the date, had use; none if the
    /// history goes on after the date. At most 64 periods are remembered.
    #[must_use]
    pub fn active_periods(&self, as_of: Date, periods: u32, rules: &ReadingRules) -> Option<u32> {
        if self.facts.rhythm.last() > as_of {
            return None;
        }
        let since = rules.period(as_of) - rules.period(self.facts.rhythm.last());
        let marks = shifted(self.facts.active, since);
        let window = u64::MAX
            .checked_shl(periods)
            .map_or(u64::MAX, |older| !older);
        Some((marks & window).count_ones())
    }

    pub(super) const fn strengths(&self) -> &Strengths {
        &self.strengths
    }

    /// The fields that a document holds.
    pub(super) fn fields(&self) -> HistoryFields {
        let (strength, habitual) = self.strengths.parts();
        let Facts {
            rhythm,
            events,
            amount_minor,
            active,
            names: _,
        } = &self.facts;
        HistoryFields {
            first: rhythm.first(),
            last: rhythm.last(),
            occasions: rhythm.occasions(),
            gap_squares: rhythm.gap_squares(),
            gap_days_most: rhythm.gap_days_most(),
            events: *events,
            amount_minor: amount_minor.to_string(),
            active: format!("{active:x}"),
            users: self.users().clone(),
            practices: self.practices().clone(),
            strength: strength.to_vec(),
            habitual,
        }
    }

    /// A history from a document, or the name of the field that contradicts the others.
    pub(super) fn from_fields(
        fields: HistoryFields,
        rules: &ReadingRules,
    ) -> Result<Self, &'static str> {
        let rhythm = Rhythm::from_sums(
            (fields.first, fields.last),
            fields.occasions,
            fields.gap_squares,
            fields.gap_days_most,
        )
        .ok_or("occasions")?;
        if fields.events < fields.occasions {
            return Err("events");
        }
        let amount_minor = fields.amount_minor.parse().map_err(|_| "amount_minor")?;
        let active = u64::from_str_radix(&fields.active, 16).map_err(|_| "active")?;
        if active & 1 == 0 {
            return Err("active");
        }
        if fields.users.uses() > fields.events {
            return Err("users");
        }
        if fields.practices.uses() > fields.events {
            return Err("practices");
        }
        let rungs: [f64; RUNGS] = fields.strength.try_into().map_err(|_| "strength")?;
        let strengths =
            Strengths::from_parts(rungs, fields.habitual, &rules.strength).ok_or("strength")?;
        let is_named = fields.users.uses() > 0 || fields.practices.uses() > 0;
        let names = is_named.then(|| {
            Box::new(Names {
                users: fields.users,
                practices: fields.practices,
            })
        });
        Ok(Self {
            facts: Facts {
                rhythm,
                events: fields.events,
                amount_minor,
                active,
                names,
            },
            strengths,
        })
    }
}

/// A stretch of a customer's time, whatever came before it: adjacent stretches join in any grouping,
/// and a [`History`] goes on with one.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    facts: Facts,
    effects: Box<Effects>,
}

impl Stretch {
    /// Reads the events of a stretch, in order of time; none for no events.
    pub(super) fn read(events: &[Event], log: &EventLog, rules: &ReadingRules) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut stretch = Self {
            facts: Facts::start(first, log),
            effects: Box::new(Effects::NONE),
        };
        stretch.effects.push(0, &rules.strength);
        for event in rest {
            let gap = stretch.facts.push(event, log, rules);
            if gap > 0 {
                stretch.effects.push(gap, &rules.strength);
            }
        }
        Some(stretch)
    }

    /// The rhythm within the stretch.
    #[must_use]
    pub const fn rhythm(&self) -> &Rhythm {
        &self.facts.rhythm
    }

    /// This stretch, then a later one; none unless every day of the other is later.
    pub(super) fn then(&self, later: &Self, rules: &ReadingRules) -> Option<Self> {
        let (facts, gap) = self.facts.join(&later.facts, rules)?;
        let effects = self.effects.then(gap, &later.effects, &rules.strength);
        Some(Self {
            facts,
            effects: Box::new(effects),
        })
    }

    /// The history of a customer that has none before this stretch.
    pub(super) fn alone(&self, rules: &ReadingRules) -> History {
        History {
            facts: self.facts.clone(),
            strengths: self.effects.after(&Strengths::NONE, 0, &rules.strength),
        }
    }
}

/// A history as it stands in a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryFields {
    first: Date,
    last: Date,
    occasions: u64,
    gap_squares: u64,
    gap_days_most: u32,
    events: u64,
    amount_minor: String,
    active: String,
    users: NameCounts,
    practices: NameCounts,
    strength: Vec<f64>,
    habitual: u32,
}

/// The rules as they stand in a document, before they are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFields {
    strength: StrengthModel,
    period_days: u32,
}

impl TryFrom<RulesFields> for ReadingRules {
    type Error = EvidenceError;

    fn try_from(fields: RulesFields) -> Result<Self, EvidenceError> {
        Self::new(fields.strength, fields.period_days)
    }
}

impl From<ReadingRules> for RulesFields {
    fn from(rules: ReadingRules) -> Self {
        Self {
            strength: rules.strength,
            period_days: rules.period_days,
        }
    }
}
