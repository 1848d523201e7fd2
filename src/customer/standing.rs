//! What is known of a customer, by the tier that it stands in \[F4\].

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::behaviour::Behaviour;
use super::decision::DecisionScenario;
use super::habit::{Depth, Habit};
use super::tier::Tier;
use super::willingness::Willingness;
use crate::fraction::Fraction;
use crate::id::Id;

/// Exactly one of habitual, starting, prospect, with the facts of that tier and no others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Has formed a usage habit.
    Habitual(Habitual),
    /// Has begun to use.
    Starting(Starting),
    /// Does not use yet.
    Prospect(Prospect),
}

impl Standing {
    /// The tier.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        match self {
            Self::Habitual(_) => Tier::Habitual,
            Self::Starting(_) => Tier::Starting,
            Self::Prospect(_) => Tier::Prospect,
        }
    }
}

/// Why the facts of a standing are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StandingError {
    /// A habitual customer without a habit.
    #[error(
        "habits are empty; a habitual customer has at least one habit, else it is starting or a prospect"
    )]
    NoHabit,
    /// Two habits of the same practice.
    #[error("habits name the practice {practice} twice; one practice is one habit")]
    HabitRepeated {
        /// The practice.
        practice: String,
    },
    /// Two scenarios with one id.
    #[error(
        "decision scenario {scenario} stands twice; each scenario of a prospect has its own id, planted or not"
    )]
    ScenarioRepeated {
        /// The scenario.
        scenario: Id,
    },
    /// One situation told twice, differently.
    #[error(
        "situation {situation} has two chances; scenarios that share a situation share its chance"
    )]
    SituationDiffers {
        /// The situation.
        situation: Id,
    },
}

/// The facts of a habitual customer: its habits, one for each practice \[H1–H3\].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "HabitualDraft", into = "HabitualDraft")]
pub struct Habitual {
    habits: Vec<Habit>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HabitualDraft {
    habits: Vec<Habit>,
}

impl Habitual {
    /// A customer with these habits, which are put in the order of their practices.
    ///
    /// # Errors
    /// [`StandingError::NoHabit`], [`StandingError::HabitRepeated`].
    pub fn new(mut habits: Vec<Habit>) -> Result<Self, StandingError> {
        if habits.is_empty() {
            return Err(StandingError::NoHabit);
        }
        habits.sort_by(|a, b| a.observed().cmp(b.observed()));
        let repeated = habits
            .iter()
            .zip(habits.iter().skip(1))
            .find(|(a, b)| a.observed() == b.observed());
        if let Some((habit, _)) = repeated {
            return Err(StandingError::HabitRepeated {
                practice: habit.observed().to_string(),
            });
        }
        Ok(Self { habits })
    }

    /// The habits, by practice; at least one.
    #[must_use]
    pub fn habits(&self) -> &[Habit] {
        &self.habits
    }

    /// What the habits have in common at the deepest: the join of their depths.
    #[must_use]
    pub fn depth(&self) -> Depth {
        let depths = self.habits.iter().map(Habit::depth);
        depths.reduce(Depth::join).unwrap_or(Depth::SHALLOWEST)
    }
}

impl TryFrom<HabitualDraft> for Habitual {
    type Error = StandingError;

    fn try_from(draft: HabitualDraft) -> Result<Self, StandingError> {
        Self::new(draft.habits)
    }
}

impl From<Habitual> for HabitualDraft {
    fn from(habitual: Habitual) -> Self {
        Self {
            habits: habitual.habits,
        }
    }
}

/// The facts of a starting customer \[B1\].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Starting {
    untroubled: Fraction,
    behaviour: Behaviour,
}

impl Starting {
    /// A customer whose use would become habit with the chance `untroubled`, were every doubt settled.
    #[must_use]
    pub const fn new(untroubled: Fraction, behaviour: Behaviour) -> Self {
        Self {
            untroubled,
            behaviour,
        }
    }

    /// Chance that use becomes habit, were every doubt settled.
    #[must_use]
    pub const fn untroubled(&self) -> Fraction {
        self.untroubled
    }

    /// Its early use: doubts and inducements.
    #[must_use]
    pub const fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Chance that use becomes habit as things stand: each doubt that weighs takes its share \[B1\].
    #[must_use]
    pub fn adoption(&self) -> Fraction {
        self.behaviour.adoption(self.untroubled)
    }
}

/// The facts of a prospect \[C5, C7, C8\].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ProspectDraft", into = "ProspectDraft")]
pub struct Prospect {
    willingness: Willingness,
    planted: Vec<DecisionScenario>,
    candidates: Vec<DecisionScenario>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProspectDraft {
    willingness: Willingness,
    #[serde(default)]
    planted: Vec<DecisionScenario>,
    #[serde(default)]
    candidates: Vec<DecisionScenario>,
}

impl Prospect {
    /// A prospect at a rung of willingness, with decisions planted already and others that could be.
    ///
    /// # Errors
    /// [`StandingError::ScenarioRepeated`] for an id that stands twice, in either list;
    /// [`StandingError::SituationDiffers`] for a situation that is given two chances.
    pub fn new(
        willingness: Willingness,
        planted: Vec<DecisionScenario>,
        candidates: Vec<DecisionScenario>,
    ) -> Result<Self, StandingError> {
        check_scenarios(&planted, &candidates)?;
        Ok(Self {
            willingness,
            planted,
            candidates,
        })
    }

    /// How far it has come towards using.
    #[must_use]
    pub const fn willingness(&self) -> &Willingness {
        &self.willingness
    }

    /// Decisions planted already.
    #[must_use]
    pub fn planted(&self) -> &[DecisionScenario] {
        &self.planted
    }

    /// Decisions that could be planted.
    #[must_use]
    pub fn candidates(&self) -> &[DecisionScenario] {
        &self.candidates
    }
}

fn check_scenarios(
    planted: &[DecisionScenario],
    candidates: &[DecisionScenario],
) -> Result<(), StandingError> {
    let mut all: Vec<&DecisionScenario> = planted.iter().chain(candidates).collect();
    if all.len() < 2 {
        return Ok(());
    }
    all.sort_by(|a, b| a.id().cmp(b.id()));
    let mut pairs = all.iter().zip(all.iter().skip(1));
    if let Some((scenario, _)) = pairs.find(|(a, b)| a.id() == b.id()) {
        return Err(StandingError::ScenarioRepeated {
            scenario: scenario.id().clone(),
        });
    }
    all.sort_by(|a, b| a.situation().id().cmp(b.situation().id()));
    let mut pairs = all
        .iter()
        .map(|scenario| scenario.situation())
        .zip(all.iter().skip(1));
    let differs = pairs.find(|(situation, next)| {
        let next = next.situation();
        situation.id() == next.id() && situation.chance() != next.chance()
    });
    match differs {
        Some((situation, _)) => Err(StandingError::SituationDiffers {
            situation: situation.id().clone(),
        }),
        None => Ok(()),
    }
}

impl TryFrom<ProspectDraft> for Prospect {
    type Error = StandingError;

    fn try_from(draft: ProspectDraft) -> Result<Self, StandingError> {
        Self::new(draft.willingness, draft.planted, draft.candidates)
    }
}

impl From<Prospect> for ProspectDraft {
    fn from(prospect: Prospect) -> Self {
        Self {
            willingness: prospect.willingness,
            planted: prospect.planted,
            candidates: prospect.candidates,
        }
    }
}
