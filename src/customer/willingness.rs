//! Willingness: how far a prospect has come towards using, rung by rung, with the evidence for each step.
//!
//! A virtual budget exists only as far as willingness has advanced \[C5\], so a rung is never taken on
//! somebody's word: every step, up or back, carries its date and its evidence.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decision::Statement;
use crate::{
    calendar::Date,
    document::{DocumentError, Reader},
};

mod transitions;

pub use transitions::{StageCounts, TransitionError, TransitionEstimate, Transitions};

/// The rungs of the ladder. The step after the last one is behaviour: first use, another tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Does not know that the product concerns it.
    Unaware,
    /// Knows what the product is for.
    Aware,
    /// Asks of its own accord.
    Interested,
    /// Weighs benefit and harm in scenarios of its own.
    Weighing,
    /// Says in which situation it would use the product.
    Resolved,
}

impl Stage {
    /// How many rungs there are.
    pub const COUNT: usize = 5;

    /// All rungs, lowest first.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Unaware,
        Self::Aware,
        Self::Interested,
        Self::Weighing,
        Self::Resolved,
    ];

    /// The rung's place on the ladder, 0 at the bottom.
    #[must_use]
    pub const fn place(self) -> usize {
        match self {
            Self::Unaware => 0,
            Self::Aware => 1,
            Self::Interested => 2,
            Self::Weighing => 3,
            Self::Resolved => 4,
        }
    }

    /// The next rung up, or `None` at the top.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Unaware => Some(Self::Aware),
            Self::Aware => Some(Self::Interested),
            Self::Interested => Some(Self::Weighing),
            Self::Weighing => Some(Self::Resolved),
            Self::Resolved => None,
        }
    }

    /// The name used in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unaware => "unaware",
            Self::Aware => "aware",
            Self::Interested => "interested",
            Self::Weighing => "weighing",
            Self::Resolved => "resolved",
        }
    }

    /// The stage of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One step on the ladder, up or back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The day on which it was seen.
    pub on: Date,
    /// The rung reached.
    pub to: Stage,
    /// What was seen.
    pub evidence: Statement,
}

/// A prospect's way on the ladder: it starts unaware; each step up takes one rung; steps back may be of any
/// size and stay on record.
///
/// ```
/// use sortie::{calendar::Date, customer::{decision::Statement, willingness::{Stage, Willingness}}};
/// let mut willingness = Willingness::new(Date::new(2026, 1, 5)?);
/// willingness.advance(Date::new(2026, 1, 9)?, Statement::new("came to the demonstration")?)?;
/// willingness.advance(Date::new(2026, 2, 2)?, Statement::new("asked for a trial")?)?;
/// willingness.step_back(Date::new(2026, 3, 1)?, Stage::Aware, Statement::new("trial put off")?)?;
/// assert_eq!(willingness.stage(), Stage::Aware);
/// assert_eq!(willingness.highest(), Stage::Interested);
/// assert_eq!(willingness.stage_on(Date::new(2026, 2, 28)?), Some(Stage::Interested));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WillingnessFields", into = "WillingnessFields")]
pub struct Willingness {
    since: Date,
    steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WillingnessFields {
    since: Date,
    #[serde(default)]
    steps: Vec<Step>,
}

/// A step that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WillingnessError {
    /// Before the last step, or before observation began.
    #[error("step to {to} on {on} lies before {last}; record steps in the order of their dates")]
    TimeGoesBack {
        /// The rung.
        to: Stage,
        /// The date given.
        on: Date,
        /// The date it may not precede.
        last: Date,
    },
    /// More than one rung up at once.
    #[error(
        "step from {from} to {to} on {on} skips a rung; record each rung with its own evidence"
    )]
    SkipsRung {
        /// The rung held.
        from: Stage,
        /// The rung asked for.
        to: Stage,
        /// The date.
        on: Date,
    },
    /// To where the prospect is already.
    #[error("step to {to} on {on} moves nothing: the prospect is at {to} already")]
    NoMove {
        /// The rung.
        to: Stage,
        /// The date.
        on: Date,
    },
    /// Above the last rung.
    #[error(
        "no rung above resolved (on {on}); what follows is first use, which makes the prospect a \
             starting customer"
    )]
    Top {
        /// The date.
        on: Date,
    },
    /// A step back that is not lower.
    #[error("step back from {from} to {to} on {on} is not lower")]
    NotBack {
        /// The rung held.
        from: Stage,
        /// The rung asked for.
        to: Stage,
        /// The date.
        on: Date,
    },
}

impl Willingness {
    /// A prospect watched since the given day, unaware.
    #[must_use]
    pub const fn new(since: Date) -> Self {
        Self {
            since,
            steps: Vec::new(),
        }
    }

    /// Admits a whole history.
    ///
    /// # Errors
    /// [`WillingnessError`] for the first step that breaks a rule.
    pub fn from_steps(
        since: Date,
        steps: impl IntoIterator<Item = Step>,
    ) -> Result<Self, WillingnessError> {
        let mut willingness = Self::new(since);
        for step in steps {
            willingness.record(step)?;
        }
        Ok(willingness)
    }

    /// Reads a history from a document: `{since, steps: [{on, to, evidence}]}`; without `steps` the prospect
    /// is still unaware.
    ///
    /// # Errors
    /// Every fault of its fields, each with its path; then those of [`Willingness::from_steps`].
    pub fn read(reader: &Reader<'_>) -> Result<Self, DocumentError> {
        let mut fields = reader.fields()?;
        let since = fields.read("since", |at| at.date());
        let steps = fields.read_optional("steps", |at| at.each(|step| read_step(&step)));
        let parts = (|| Some((since?, steps?.unwrap_or_default())))();
        let (since, steps) = fields.finish_with(parts)?;
        reader.through(steps, |steps| Self::from_steps(since, steps))
    }

    /// The day observation began.
    #[must_use]
    pub const fn since(&self) -> Date {
        self.since
    }

    /// Every step, in order, steps back among them.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The rung held now.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.steps.last().map_or(Stage::Unaware, |step| step.to)
    }

    /// The highest rung ever held.
    #[must_use]
    pub fn highest(&self) -> Stage {
        let reached = self.steps.iter().map(|step| step.to).max();
        reached.unwrap_or(Stage::Unaware)
    }

    /// The rung held at the end of a day; `None` before observation began. O(log steps).
    #[must_use]
    pub fn stage_on(&self, day: Date) -> Option<Stage> {
        if day < self.since {
            return None;
        }
        let past = self.steps.partition_point(|step| step.on <= day);
        let last = past.checked_sub(1).and_then(|place| self.steps.get(place));
        Some(last.map_or(Stage::Unaware, |step| step.to))
    }

    /// Takes the next rung and returns it.
    ///
    /// # Errors
    /// [`WillingnessError::Top`] on the last rung, [`WillingnessError::TimeGoesBack`]; nothing is changed.
    pub fn advance(&mut self, on: Date, evidence: Statement) -> Result<Stage, WillingnessError> {
        let to = self.stage().next().ok_or(WillingnessError::Top { on })?;
        self.record(Step { on, to, evidence })?;
        Ok(to)
    }

    /// Falls back to a lower rung.
    ///
    /// # Errors
    /// [`WillingnessError::NotBack`], [`WillingnessError::TimeGoesBack`]; nothing is changed.
    pub fn step_back(
        &mut self,
        on: Date,
        to: Stage,
        evidence: Statement,
    ) -> Result<(), WillingnessError> {
        let from = self.stage();
        if to >= from {
            return Err(WillingnessError::NotBack { from, to, on });
        }
        self.record(Step { on, to, evidence })
    }

    /// Appends one step, up by one rung or back by any number.
    ///
    /// # Errors
    /// [`WillingnessError`]; nothing is changed.
    pub fn record(&mut self, step: Step) -> Result<(), WillingnessError> {
        let (to, on) = (step.to, step.on);
        let last = self.steps.last().map_or(self.since, |step| step.on);
        if on < last {
            return Err(WillingnessError::TimeGoesBack { to, on, last });
        }
        let from = self.stage();
        if to == from {
            return Err(WillingnessError::NoMove { to, on });
        }
        if to > from && from.next() != Some(to) {
            return Err(WillingnessError::SkipsRung { from, to, on });
        }
        self.steps.push(step);
        Ok(())
    }
}

fn read_step(reader: &Reader<'_>) -> Result<Step, DocumentError> {
    let mut fields = reader.fields()?;
    let on = fields.read("on", |at| at.date());
    let to = fields.read("to", |at| at.value::<Stage>());
    let evidence = fields.read("evidence", |at| at.through(at.text()?, Statement::new));
    let step = (|| {
        Some(Step {
            on: on?,
            to: to?,
            evidence: evidence?,
        })
    })();
    fields.finish_with(step)
}

impl TryFrom<WillingnessFields> for Willingness {
    type Error = WillingnessError;

    fn try_from(fields: WillingnessFields) -> Result<Self, WillingnessError> {
        Self::from_steps(fields.since, fields.steps)
    }
}

impl From<Willingness> for WillingnessFields {
    fn from(willingness: Willingness) -> Self {
        Self {
            since: willingness.since,
            steps: willingness.steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Node;

    fn day(number: i32) -> Date {
        Date::new(2026, 1, 1).unwrap().plus_days(number).unwrap()
    }

    fn seen(text: &str) -> Statement {
        Statement::new(text).unwrap()
    }

    #[test]
    fn steps_up_are_single_steps_back_are_free_and_both_stay_on_record() {
        let mut w = Willingness::new(day(0));
        assert_eq!(w.stage(), Stage::Unaware);
        for (rung, expected) in Stage::ALL.into_iter().skip(1).enumerate() {
            let on = day(i32::try_from(rung).unwrap());
            assert_eq!(w.advance(on, seen("evidence")).unwrap(), expected);
        }
        assert_eq!(
            w.advance(day(9), seen("more")),
            Err(WillingnessError::Top { on: day(9) })
        );
        w.step_back(day(9), Stage::Unaware, seen("left the project"))
            .unwrap();
        assert_eq!(
            (w.stage(), w.highest(), w.steps().len()),
            (Stage::Unaware, Stage::Resolved, 5)
        );
        let skipping = Step {
            on: day(10),
            to: Stage::Interested,
            evidence: seen("a call"),
        };
        assert_eq!(
            w.record(skipping).unwrap_err().to_string(),
            "step from unaware to interested on 2026-01-11 skips a rung; record each rung with its own \
             evidence"
        );
    }

    #[test]
    fn a_refused_step_changes_nothing() {
        let mut w = Willingness::new(day(5));
        assert!(matches!(
            w.advance(day(4), seen("x")),
            Err(WillingnessError::TimeGoesBack { .. })
        ));
        w.advance(day(6), seen("x")).unwrap();
        let before = w.clone();
        assert!(matches!(
            w.step_back(day(6), Stage::Aware, seen("x")),
            Err(WillingnessError::NotBack { .. })
        ));
        assert!(w.advance(day(5), seen("x")).is_err());
        let still = Step {
            on: day(7),
            to: Stage::Aware,
            evidence: seen("x"),
        };
        assert!(matches!(
            w.record(still),
            Err(WillingnessError::NoMove { .. })
        ));
        assert_eq!(w, before);
    }

    #[test]
    fn the_stage_of_a_day_counts_the_whole_day() {
        let mut w = Willingness::new(day(1));
        w.advance(day(3), seen("x")).unwrap();
        w.advance(day(3), seen("y")).unwrap();
        w.step_back(day(8), Stage::Aware, seen("z")).unwrap();
        let stages: Vec<_> = [0, 1, 2, 3, 7, 8, 99].map(|n| w.stage_on(day(n))).to_vec();
        assert_eq!(
            stages,
            [
                None,
                Some(Stage::Unaware),
                Some(Stage::Unaware),
                Some(Stage::Interested),
                Some(Stage::Interested),
                Some(Stage::Aware),
                Some(Stage::Aware)
            ]
        );
    }

    #[test]
    fn serde_admits_by_the_same_rules() {
        let mut w = Willingness::new(day(1));
        w.advance(day(3), seen("asked")).unwrap();
        let json = serde_json::to_string(&w).unwrap();
        assert_eq!(serde_json::from_str::<Willingness>(&json).unwrap(), w);
        let jump = json.replace("\"aware\"", "\"resolved\"");
        assert!(
            serde_json::from_str::<Willingness>(&jump)
                .unwrap_err()
                .to_string()
                .contains("skips a rung")
        );
        assert!(serde_json::from_str::<Willingness>(&json.replace("\"asked\"", "\"\"")).is_err());
        let node: Node = serde_json::from_str(&json).unwrap();
        assert_eq!(Willingness::read(&Reader::root(&node)).unwrap(), w);
        let node: Node = serde_json::from_str(&json.replace("aware", "keen")).unwrap();
        let error = Willingness::read(&Reader::root(&node))
            .unwrap_err()
            .to_string();
        assert!(error.contains("steps[0].to"), "{error}");
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
            assert_eq!(
                serde_json::to_string(&stage).unwrap(),
                format!("\"{}\"", stage.name())
            );
            assert_eq!(Stage::ALL[stage.place()], stage);
        }
        assert_eq!(Stage::from_name("keen"), None);
    }
}
