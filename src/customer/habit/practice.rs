//! What is done with the product, what was promoted, and the habit that holds both.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Depth, HabitError, Iteration};
use crate::fraction::Fraction;
use crate::id::{Id, IdError};

/// The name of one way to use the product: `night shift, by phone`, `indication 3`.
///
/// Practices are compared byte by byte, so the caller settles on one name for one thing. The rules
/// of an [`Id`] apply: 1 to 128 bytes, no padding, nothing invisible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Practice(Id);

impl Practice {
    /// Admits the name of a practice.
    ///
    /// # Errors
    /// [`IdError`], as for any id.
    pub fn new(name: impl AsRef<str>) -> Result<Self, IdError> {
        Id::new(name).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<Id> for Practice {
    fn from(id: Id) -> Self {
        Self(id)
    }
}

impl From<Practice> for Id {
    fn from(practice: Practice) -> Self {
        practice.0
    }
}

impl fmt::Display for Practice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A practice observed that is not the one promoted: where growth is found \[H1\].
///
/// It exists only between two different practices; [`Habit::divergence`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Divergence {
    observed: Practice,
    promoted: Practice,
}

impl Divergence {
    /// The divergence between two practices; none if they are the same.
    #[must_use]
    pub fn between(observed: &Practice, promoted: &Practice) -> Option<Self> {
        (observed != promoted).then(|| Self {
            observed: observed.clone(),
            promoted: promoted.clone(),
        })
    }

    /// How the product is really used.
    #[must_use]
    pub const fn observed(&self) -> &Practice {
        &self.observed
    }

    /// How it is promoted.
    #[must_use]
    pub const fn promoted(&self) -> &Practice {
        &self.promoted
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} instead of {}", self.observed, self.promoted)
    }
}

/// A usage habit of one customer: the practice observed, the practice promoted, the depth and the
/// strength \[H1, H2\].
///
/// Depth says what kind of habit it is and is a judgement; strength, between 0 and 1, says how far
/// repetition has carried it and is read from events.
///
/// ```
/// use sortie::customer::habit::{Depth, Habit, Practice};
/// use sortie::fraction::Fraction;
///
/// let habit = Habit::new(
///     Practice::new("reordered by the night nurse")?,
///     Practice::new("reordered by the pharmacy")?,
///     Depth::SHALLOWEST,
///     Fraction::new(0.96)?,
/// );
/// let divergence = habit.divergence().map(|found| found.to_string());
/// assert_eq!(
///     divergence.as_deref(),
///     Some("reordered by the night nurse instead of reordered by the pharmacy")
/// );
///
/// // Iteration moves the depth and leaves the practice and its strength.
/// let step = habit.depth().next_steps()[0];
/// let wider = habit.iterate(step)?;
/// assert!(wider.depth() > habit.depth());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habit {
    observed: Practice,
    promoted: Practice,
    depth: Depth,
    strength: Fraction,
}

impl Habit {
    /// A habit from its parts, each already lawful.
    #[must_use]
    pub const fn new(
        observed: Practice,
        promoted: Practice,
        depth: Depth,
        strength: Fraction,
    ) -> Self {
        Self {
            observed,
            promoted,
            depth,
            strength,
        }
    }

    /// How the customer really uses the product.
    #[must_use]
    pub const fn observed(&self) -> &Practice {
        &self.observed
    }

    /// How the product is promoted to the customer.
    #[must_use]
    pub const fn promoted(&self) -> &Practice {
        &self.promoted
    }

    /// Who has the habit, why, and how it is held.
    #[must_use]
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// How automatic the use has become, from 0 to 1.
    #[must_use]
    pub const fn strength(&self) -> Fraction {
        self.strength
    }

    /// Where the use departs from what is promoted, if it does \[H1\].
    #[must_use]
    pub fn divergence(&self) -> Option<Divergence> {
        Divergence::between(&self.observed, &self.promoted)
    }

    /// The habit after an iteration \[H3\].
    ///
    /// # Errors
    /// [`HabitError::IterationElsewhere`] if the iteration starts at another depth than the habit's.
    pub fn iterate(&self, iteration: Iteration) -> Result<Self, HabitError> {
        if iteration.from() != self.depth {
            return Err(HabitError::IterationElsewhere {
                at: self.depth,
                from: iteration.from(),
            });
        }
        Ok(Self {
            depth: iteration.to(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn practice(name: &str) -> Practice {
        Practice::new(name).unwrap()
    }

    fn any_habit() -> impl Strategy<Value = Habit> {
        let depth = (0..Depth::all().len()).prop_map(|index| Depth::all()[index]);
        ("[a-c]{1,2}", "[a-c]{1,2}", depth, 0.0..=1.0).prop_map(|(seen, told, depth, strength)| {
            let strength = Fraction::new(strength).unwrap();
            Habit::new(practice(&seen), practice(&told), depth, strength)
        })
    }

    proptest! {
        #[test]
        fn a_divergence_exists_exactly_between_different_practices(habit in any_habit()) {
            let differs = habit.observed() != habit.promoted();
            prop_assert_eq!(habit.divergence().is_some(), differs);
        }

        #[test]
        fn documents_round_trip(habit in any_habit()) {
            let text = serde_json::to_string(&habit).unwrap();
            prop_assert_eq!(serde_json::from_str::<Habit>(&text).unwrap(), habit);
        }

        #[test]
        fn iterating_lands_where_it_says_and_keeps_the_rest(habit in any_habit()) {
            for step in habit.depth().next_steps() {
                let next = habit.iterate(step).unwrap();
                prop_assert_eq!(next.depth(), step.to());
                prop_assert!(next.depth() > habit.depth());
                prop_assert_eq!(next.observed(), habit.observed());
                prop_assert_eq!(next.promoted(), habit.promoted());
                prop_assert_eq!(next.strength(), habit.strength());
                // The same step does not apply twice.
                prop_assert!(next.iterate(step).is_err());
            }
        }
    }

    #[test]
    fn documents_are_strict() {
        let good = r#"{"observed":"a","promoted":"b",
            "depth":{"scope":"group","ground":"benefit","anchoring":"custom"},"strength":0.5}"#;
        assert!(serde_json::from_str::<Habit>(good).is_ok());
        for (from, to, why) in [
            (r#""a""#, r#"" a""#, "starts or ends with white space"),
            ("0.5", "1.5", "fraction is 1.5"),
            ("0.5", "null", "invalid type"),
            ("group", "ward", "unknown variant `ward`"),
            ("strength", "power", "unknown field `power`"),
            (
                r#""promoted":"b","#,
                r#""promoted":"b","promoted":"b","#,
                "duplicate field",
            ),
            (r#""promoted":"b","#, "", "missing field `promoted`"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            let refused = serde_json::from_str::<Habit>(&bad).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
