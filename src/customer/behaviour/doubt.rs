//! One doubt and its life.

use serde::{Deserialize, Deserializer, Serialize};

use super::BehaviourError;
use crate::calendar::Date;
use crate::fraction::Fraction;
use crate::id::Id;

/// Where a doubt's life has come to \[B1\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DoubtState {
    /// Raised, and nobody has answered.
    Raised,
    /// Answered; the customer has not said that this settles it.
    Answered {
        /// When it was answered.
        on: Date,
    },
    /// Settled: the customer is satisfied. It weighs no more.
    Settled {
        /// When it was answered.
        answered: Date,
        /// When it was settled.
        on: Date,
    },
    /// Left: given up, answered or not, without being settled. Care can no longer reach it, and it
    /// keeps weighing.
    Left {
        /// When it was answered, if it ever was.
        answered: Option<Date>,
        /// When it was left.
        on: Date,
    },
}

impl DoubtState {
    /// The state in a word: raised, answered, settled or left.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Answered { .. } => "answered",
            Self::Settled { .. } => "settled",
            Self::Left { .. } => "left",
        }
    }
}

/// A doubt that early use has raised \[B1\].
///
/// Its life runs one way: *raised*, then *answered*, then *settled*; or it is *left* from either of
/// the first two. Dates never run backwards along it. Severity is the share of the chance of habit
/// that the doubt takes away while it weighs.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::behaviour::{Doubt, DoubtState};
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
///
/// let raised = Date::new(2026, 3, 9)?;
/// let doubt = Doubt::raise(Id::new("storage")?, raised, Fraction::new(0.4)?);
/// let answered = doubt.answer(Date::new(2026, 3, 11)?)?;
/// assert_eq!(answered.response_days(), Some(2));
/// assert!(answered.is_open());
/// let settled = answered.settle(Date::new(2026, 3, 20)?)?;
/// assert!(!settled.weighs());
///
/// // What was not known on a date is not told about it.
/// let then = settled.as_of(Date::new(2026, 3, 10)?);
/// assert_eq!(then.map(|doubt| doubt.state()), Some(DoubtState::Raised));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "DoubtFields", into = "DoubtFields")]
pub struct Doubt {
    id: Id,
    raised: Date,
    severity: Fraction,
    state: DoubtState,
}

impl Doubt {
    /// A doubt as it is raised.
    #[must_use]
    pub const fn raise(id: Id, raised: Date, severity: Fraction) -> Self {
        Self {
            id,
            raised,
            severity,
            state: DoubtState::Raised,
        }
    }

    /// What the doubt is called, once for each customer.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// When it was raised.
    #[must_use]
    pub const fn raised(&self) -> Date {
        self.raised
    }

    /// The share of the chance of habit that it takes away while it weighs.
    #[must_use]
    pub const fn severity(&self) -> Fraction {
        self.severity
    }

    /// Where its life has come to.
    #[must_use]
    pub const fn state(&self) -> DoubtState {
        self.state
    }

    /// Whether it can still be cared for: raised or answered.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, DoubtState::Raised | DoubtState::Answered { .. })
    }

    /// Whether it lowers the chance of habit: everything but a settled doubt does.
    #[must_use]
    pub const fn weighs(&self) -> bool {
        !matches!(self.state, DoubtState::Settled { .. })
    }

    /// When it was first answered, if it was.
    #[must_use]
    pub const fn answered(&self) -> Option<Date> {
        match self.state {
            DoubtState::Raised => None,
            DoubtState::Answered { on } => Some(on),
            DoubtState::Settled { answered, .. } => Some(answered),
            DoubtState::Left { answered, .. } => answered,
        }
    }

    /// When it stopped being open, if it did.
    #[must_use]
    pub const fn closed(&self) -> Option<Date> {
        match self.state {
            DoubtState::Raised | DoubtState::Answered { .. } => None,
            DoubtState::Settled { on, .. } | DoubtState::Left { on, .. } => Some(on),
        }
    }

    /// Days from being raised to the answer, if there was one.
    #[must_use]
    pub fn response_days(&self) -> Option<i32> {
        self.answered().map(|on| on.days_since(self.raised))
    }

    /// Days that it has been or was open, to the as-of date or to its close, whichever is first; 0 if
    /// it is raised only later.
    #[must_use]
    pub fn age_days(&self, as_of: Date) -> i32 {
        let end = self.closed().map_or(as_of, |closed| closed.min(as_of));
        end.days_since(self.raised).max(0)
    }

    /// The doubt answered.
    ///
    /// # Errors
    /// [`BehaviourError::DoubtOutOfOrder`] for a date before it was raised;
    /// [`BehaviourError::DoubtState`] unless it is raised and unanswered.
    pub fn answer(&self, on: Date) -> Result<Self, BehaviourError> {
        match self.state {
            DoubtState::Raised => {
                self.moved("answered", self.raised, on, DoubtState::Answered { on })
            }
            DoubtState::Answered { .. } => {
                Err(self.stuck("answered", "the first answer counts; settle it or leave it"))
            }
            DoubtState::Settled { .. } | DoubtState::Left { .. } => {
                Err(self.stuck("answered", "raise a new doubt"))
            }
        }
    }

    /// The doubt settled: the customer accepts the answer.
    ///
    /// # Errors
    /// [`BehaviourError::DoubtOutOfOrder`] for a date before the answer;
    /// [`BehaviourError::DoubtState`] unless it is answered.
    pub fn settle(&self, on: Date) -> Result<Self, BehaviourError> {
        match self.state {
            DoubtState::Answered { on: answered } => self.moved(
                "settled",
                answered,
                on,
                DoubtState::Settled { answered, on },
            ),
            DoubtState::Raised => Err(self.stuck("settled", "record the answer first")),
            DoubtState::Settled { .. } | DoubtState::Left { .. } => {
                Err(self.stuck("settled", "raise a new doubt"))
            }
        }
    }

    /// The doubt left, answered or not, without being settled.
    ///
    /// # Errors
    /// [`BehaviourError::DoubtOutOfOrder`] for a date before the last step;
    /// [`BehaviourError::DoubtState`] if it is settled or left already.
    pub fn leave(&self, on: Date) -> Result<Self, BehaviourError> {
        if !self.is_open() {
            return Err(self.stuck("left", "it is closed already"));
        }
        let answered = self.answered();
        let earlier = answered.unwrap_or(self.raised);
        self.moved("left", earlier, on, DoubtState::Left { answered, on })
    }

    /// The doubt as it was known on a date: later steps undone; none if it is raised only later.
    #[must_use]
    pub fn as_of(&self, date: Date) -> Option<Self> {
        if self.raised > date {
            return None;
        }
        let answered = self.answered().filter(|on| *on <= date);
        let closed_yet = self.closed().is_some_and(|on| on <= date);
        let state = match (closed_yet, answered) {
            (true, _) => self.state,
            (false, Some(on)) => DoubtState::Answered { on },
            (false, None) => DoubtState::Raised,
        };
        Some(Self {
            state,
            ..self.clone()
        })
    }

    /// The doubt in its next state, unless time would run backwards.
    fn moved(
        &self,
        event: &'static str,
        earlier: Date,
        on: Date,
        state: DoubtState,
    ) -> Result<Self, BehaviourError> {
        if on < earlier {
            return Err(BehaviourError::DoubtOutOfOrder {
                id: self.id.clone(),
                event,
                on,
                earlier,
            });
        }
        Ok(Self {
            state,
            ..self.clone()
        })
    }

    /// The refusal of a step that does not follow.
    fn stuck(&self, event: &'static str, remedy: &'static str) -> BehaviourError {
        BehaviourError::DoubtState {
            id: self.id.clone(),
            state: self.state.name(),
            event,
            remedy,
        }
    }
}

/// A doubt as it stands in a document: the dates of its life, as far as it has come.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoubtFields {
    id: Id,
    raised: Date,
    severity: Fraction,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    answered: Option<Date>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    settled: Option<Date>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    left: Option<Date>,
}

/// Reads an optional field that is a date where it stands: left out, never null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    Date::deserialize(deserializer).map(Some)
}

impl TryFrom<DoubtFields> for Doubt {
    type Error = BehaviourError;

    fn try_from(fields: DoubtFields) -> Result<Self, BehaviourError> {
        let mut doubt = Self::raise(fields.id, fields.raised, fields.severity);
        if let Some(on) = fields.answered {
            doubt = doubt.answer(on)?;
        }
        if let Some(on) = fields.settled {
            doubt = doubt.settle(on)?;
        }
        if let Some(on) = fields.left {
            doubt = doubt.leave(on)?;
        }
        Ok(doubt)
    }
}

impl From<Doubt> for DoubtFields {
    fn from(doubt: Doubt) -> Self {
        let answered = doubt.answered();
        let (settled, left) = match doubt.state {
            DoubtState::Raised | DoubtState::Answered { .. } => (None, None),
            DoubtState::Settled { on, .. } => (Some(on), None),
            DoubtState::Left { on, .. } => (None, Some(on)),
        };
        Self {
            id: doubt.id,
            raised: doubt.raised,
            severity: doubt.severity,
            answered,
            settled,
            left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    fn raised(on: i32) -> Doubt {
        let severity = Fraction::clamped(0.25);
        Doubt::raise(Id::new("doubt").unwrap(), day(on), severity)
    }

    /// A doubt anywhere in its life, with the days of its steps.
    fn any_doubt() -> impl Strategy<Value = Doubt> {
        (0..20_000, 0..30, 0..30, 0..5).prop_map(|(start, wait, rest, life)| {
            let doubt = raised(start);
            let answered = || doubt.answer(day(start + wait)).unwrap();
            let end = day(start + wait + rest);
            match life {
                0 => doubt,
                1 => answered(),
                2 => answered().settle(end).unwrap(),
                3 => answered().leave(end).unwrap(),
                _ => doubt.leave(end).unwrap(),
            }
        })
    }

    proptest! {
        #[test]
        fn documents_round_trip(doubt in any_doubt()) {
            let text = serde_json::to_string(&doubt).unwrap();
            prop_assert_eq!(serde_json::from_str::<Doubt>(&text).unwrap(), doubt);
        }

        #[test]
        fn what_comes_later_is_not_known_earlier(doubt in any_doubt(), after in 0..70) {
            let date = day(doubt.raised().day_number() + after);
            let then = doubt.as_of(date).unwrap();
            prop_assert!(then.answered().is_none_or(|on| on <= date));
            prop_assert!(then.closed().is_none_or(|on| on <= date));
            prop_assert_eq!(then.as_of(date), Some(then.clone()));
            prop_assert_eq!(then.age_days(date), doubt.age_days(date));
            // Looking later at what was known earlier changes nothing.
            prop_assert_eq!(doubt.as_of(day(100_000)), Some(doubt.clone()));
            prop_assert_eq!(doubt.as_of(day(doubt.raised().day_number() - 1)), None);
        }

        #[test]
        fn a_closed_doubt_takes_no_step(doubt in any_doubt()) {
            let later = day(100_000);
            prop_assert_eq!(doubt.is_open(), doubt.leave(later).is_ok());
            prop_assert_eq!(doubt.answer(later).is_ok(), doubt.state() == DoubtState::Raised);
            let answered = matches!(doubt.state(), DoubtState::Answered { .. });
            prop_assert_eq!(doubt.settle(later).is_ok(), answered);
        }

        #[test]
        fn time_never_runs_backwards(doubt in any_doubt()) {
            let before = day(doubt.raised().day_number() - 1);
            prop_assert!(doubt.answer(before).is_err());
            prop_assert!(doubt.settle(before).is_err());
            prop_assert!(doubt.leave(before).is_err());
        }
    }

    #[test]
    fn refusals_say_what_to_do() {
        let doubt = raised(10);
        assert_eq!(
            doubt.settle(day(11)).unwrap_err().to_string(),
            "doubt doubt is raised and cannot be settled: record the answer first"
        );
        assert_eq!(
            doubt.answer(day(9)).unwrap_err().to_string(),
            "doubt doubt is answered on 1970-01-10, before 1970-01-11: a doubt is raised, then \
             answered, then settled or left; correct the dates"
        );
    }

    #[test]
    fn ages_end_when_the_doubt_does() {
        let doubt = raised(10);
        assert_eq!(doubt.age_days(day(10)), 0);
        assert_eq!(doubt.age_days(day(15)), 5);
        assert_eq!(doubt.age_days(day(5)), 0);
        let left = doubt.leave(day(12)).unwrap();
        assert_eq!(left.age_days(day(15)), 2);
        assert!(left.weighs() && !left.is_open());
        assert_eq!(left.response_days(), None);
    }

    #[test]
    fn documents_are_strict() {
        let good = r#"{"id":"a","raised":"2026-03-01","severity":0.5,"answered":"2026-03-02"}"#;
        assert!(serde_json::from_str::<Doubt>(good).is_ok());
        for bad in [
            good.replace("2026-03-02", "2026-02-27"),
            good.replace(r#""2026-03-02""#, "null"),
            good.replace("answered", "settled"),
            good.replace("answered", "replied"),
            good.replace("0.5", "1.5"),
        ] {
            assert!(serde_json::from_str::<Doubt>(&bad).is_err(), "{bad}");
        }
    }
}
