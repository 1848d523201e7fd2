//! Decision scenarios: what is planted with a prospect is a decision, never a feature list.
//!
//! *In this situation, we would use the product*: the statement names the situation, what using brings and
//! what not using costs. One without the other is refused \[C7\].

mod statement;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    document::{DocumentError, Reader},
    fraction::Fraction,
    id::Id,
};

pub use statement::{STATEMENT_BYTES_MOST, Statement, StatementError};

/// A situation that a prospect may meet, and its chance of arising at least once within the horizon.
///
/// Scenarios planted in one situation share its id: the situation arises for all of them or for none, so
/// its chance is counted once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    try_from = "SituationFields",
    into = "SituationFields"
)]
pub struct Situation {
    id: Id,
    text: Statement,
    chance: Fraction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SituationFields {
    id: Id,
    text: Statement,
    chance: Fraction,
}

impl Situation {
    /// A situation with its chance within the horizon, above 0.
    ///
    /// # Errors
    /// [`DecisionError::Impossible`] for a chance of 0: nobody decides for what never happens.
    pub fn new(id: Id, text: Statement, chance: Fraction) -> Result<Self, DecisionError> {
        if chance == Fraction::ZERO {
            return Err(DecisionError::Impossible { situation: id });
        }
        Ok(Self { id, text, chance })
    }

    /// What scenarios of this situation have in common.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// The situation in words.
    #[must_use]
    pub const fn text(&self) -> &Statement {
        &self.text
    }

    /// Chance that it arises within the horizon, above 0.
    #[must_use]
    pub const fn chance(&self) -> Fraction {
        self.chance
    }
}

impl Situation {
    /// Reads a situation from a document: `{id, text, chance}`, all required.
    ///
    /// # Errors
    /// Every fault of its fields, each with its path; then those of [`Situation::new`].
    pub fn read(reader: &Reader<'_>) -> Result<Self, DocumentError> {
        let mut fields = reader.fields()?;
        let id = fields.read("id", |at| at.id());
        let text = fields.read("text", |at| at.through(at.text()?, Statement::new));
        let chance = fields.read("chance", |at| at.fraction());
        let parts = (|| Some((id?, text?, chance?)))();
        let parts = fields.finish_with(parts)?;
        reader.through(parts, |(id, text, chance)| Self::new(id, text, chance))
    }
}

impl TryFrom<SituationFields> for Situation {
    type Error = DecisionError;

    fn try_from(fields: SituationFields) -> Result<Self, DecisionError> {
        Self::new(fields.id, fields.text, fields.chance)
    }
}

impl From<Situation> for SituationFields {
    fn from(situation: Situation) -> Self {
        Self {
            id: situation.id,
            text: situation.text,
            chance: situation.chance,
        }
    }
}

/// What a scenario is made from, each part by its name; a text left empty is a part left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionDraft {
    /// Names the scenario among those of its prospect.
    pub id: Id,
    /// When the decision would be taken.
    pub situation: Situation,
    /// The decision planted, as the prospect would say it.
    pub decision: String,
    /// What using brings in that situation.
    pub benefit: String,
    /// How much the benefit weighs with this prospect: the chance that it would decide the matter, were the
    /// harm as heavy.
    pub benefit_weight: Fraction,
    /// What not using costs in that situation.
    pub harm: String,
    /// How much the harm weighs, as for the benefit.
    pub harm_weight: Fraction,
}

/// A decision to be planted: a situation, what would be done, the benefit of using and the harm of not
/// using \[C7\].
///
/// Its pull p is the chance that the prospect uses the product when the situation arises and this scenario
/// alone has been planted: √(benefit weight × harm weight). The geometric mean carries the rule: it rises
/// with each side, equals them when they agree, and is 0 when one is missing. It is a judgement; as a prior,
/// plans of the form "if this, then that" raise goal attainment by d = .65 over 94 tests (Gollwitzer &
/// Sheeran 2006) and by .27 to .66 over 642 (2024): see [`pull_of_effect`].
///
/// ```
/// use sortie::{customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement}, fraction::Fraction, id::Id};
/// let night = Situation::new(
///     Id::new("night")?,
///     Statement::new("a patient arrives after the laboratory has closed")?,
///     Fraction::new(0.6)?,
/// )?;
/// let draft = DecisionDraft {
///     id: Id::new("night-test")?,
///     situation: night,
///     decision: "use the bedside test".into(),
///     benefit: "a result in twelve minutes".into(),
///     benefit_weight: Fraction::new(0.4)?,
///     harm: "treatment waits until eight in the morning".into(),
///     harm_weight: Fraction::new(0.1)?,
/// };
/// let scenario = DecisionScenario::new(draft.clone())?;
/// assert!((scenario.pull().get() - 0.2).abs() < 1e-15);
///
/// let refused = DecisionScenario::new(DecisionDraft { harm: String::new(), ..draft }).unwrap_err();
/// assert!(refused.to_string().contains("harm of not using"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "DecisionDraft", into = "DecisionDraft")]
pub struct DecisionScenario {
    id: Id,
    situation: Situation,
    decision: Statement,
    benefit: Statement,
    benefit_weight: Fraction,
    harm: Statement,
    harm_weight: Fraction,
}

/// A scenario, or a set of them, that is refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// Parts are missing; all are named.
    #[error("scenario {scenario}: missing {}; state both the benefit of using and the harm of not using, \
             each in words and with a weight above 0", parts.join(" and "))]
    Missing {
        /// The scenario.
        scenario: Id,
        /// The parts that are missing, in words.
        parts: Vec<&'static str>,
    },
    /// Two parts say the same.
    #[error(
        "scenario {scenario}: the {part} merely repeats the {of} ({text:?}), so the {part} is missing; \
             say what is different when the product is not used"
    )]
    Repeated {
        /// The scenario.
        scenario: Id,
        /// The part that adds nothing.
        part: &'static str,
        /// The part that it repeats.
        of: &'static str,
        /// What both say.
        text: String,
    },
    /// A part that is no statement.
    #[error("scenario {scenario}, {part}: {source}")]
    Statement {
        /// The scenario.
        scenario: Id,
        /// The part.
        part: &'static str,
        /// What is wrong with it.
        source: StatementError,
    },
    /// A situation that never arises.
    #[error(
        "situation {situation} has the chance 0; it must be above 0, or its scenarios be left out"
    )]
    Impossible {
        /// The situation.
        situation: Id,
    },
    /// Pull or chance × pull is 1 (no further decision could add anything), or the product vanishes.
    #[error(
        "scenario {scenario}: pull {pull} × situation chance {chance} is {product}; both the pull and the \
         product must lie strictly between 0 and 1, since no behaviour is certain or impossible"
    )]
    Certain {
        /// The scenario.
        scenario: Id,
        /// Chance of its situation.
        chance: Fraction,
        /// Its pull.
        pull: Fraction,
        /// Their product.
        product: f64,
    },
}

impl DecisionScenario {
    /// Admits a scenario.
    ///
    /// # Errors
    /// [`DecisionError`]: a part missing, merely repeated (but for case, spacing and punctuation) or no
    /// statement; or pull or chance × pull outside (0, 1).
    pub fn new(draft: DecisionDraft) -> Result<Self, DecisionError> {
        let missing = missing_parts(&draft);
        if !missing.is_empty() {
            return Err(DecisionError::Missing {
                scenario: draft.id,
                parts: missing,
            });
        }
        let admit = |part, text: &str| {
            Statement::new(text).map_err(|source| DecisionError::Statement {
                scenario: draft.id.clone(),
                part,
                source,
            })
        };
        let scenario = Self {
            decision: admit("decision", &draft.decision)?,
            benefit: admit("benefit of using", &draft.benefit)?,
            harm: admit("harm of not using", &draft.harm)?,
            id: draft.id.clone(),
            situation: draft.situation,
            benefit_weight: draft.benefit_weight,
            harm_weight: draft.harm_weight,
        };
        scenario.refuse_repeats()?;
        scenario.refuse_certainty()?;
        Ok(scenario)
    }

    /// Names the scenario among those of its prospect.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// When the decision would be taken.
    #[must_use]
    pub const fn situation(&self) -> &Situation {
        &self.situation
    }

    /// The decision planted.
    #[must_use]
    pub const fn decision(&self) -> &Statement {
        &self.decision
    }

    /// What using brings.
    #[must_use]
    pub const fn benefit(&self) -> &Statement {
        &self.benefit
    }

    /// How much the benefit weighs, above 0.
    #[must_use]
    pub const fn benefit_weight(&self) -> Fraction {
        self.benefit_weight
    }

    /// What not using costs.
    #[must_use]
    pub const fn harm(&self) -> &Statement {
        &self.harm
    }

    /// How much the harm weighs, above 0.
    #[must_use]
    pub const fn harm_weight(&self) -> Fraction {
        self.harm_weight
    }

    /// p: the chance of use when the situation arises, from benefit and harm together.
    #[must_use]
    pub fn pull(&self) -> Fraction {
        // Two roots, so that the product of two small weights cannot underflow.
        Fraction::clamped(self.benefit_weight.get().sqrt() * self.harm_weight.get().sqrt())
    }

    /// Reads a scenario from a document: `{id, situation: {id, text, chance}, decision, benefit,
    /// benefit_weight, harm, harm_weight}`; all are required.
    ///
    /// # Errors
    /// Every fault of its fields, each with its path; then those of [`DecisionScenario::new`].
    pub fn read(reader: &Reader<'_>) -> Result<Self, DocumentError> {
        let mut fields = reader.fields()?;
        let id = fields.read("id", |at| at.id());
        let situation = fields.read("situation", |at| Situation::read(&at));
        let decision = fields.read("decision", |at| at.text());
        let benefit = fields.read("benefit", |at| at.text());
        let benefit_weight = fields.read("benefit_weight", |at| at.fraction());
        let harm = fields.read("harm", |at| at.text());
        let harm_weight = fields.read("harm_weight", |at| at.fraction());
        let draft = (|| {
            Some(DecisionDraft {
                id: id?,
                situation: situation?,
                decision: decision?.to_owned(),
                benefit: benefit?.to_owned(),
                benefit_weight: benefit_weight?,
                harm: harm?.to_owned(),
                harm_weight: harm_weight?,
            })
        })();
        let draft = fields.finish_with(draft)?;
        reader.through(draft, Self::new)
    }

    fn refuse_repeats(&self) -> Result<(), DecisionError> {
        let parts = [
            ("situation", self.situation.text()),
            ("decision", &self.decision),
            ("benefit of using", &self.benefit),
            ("harm of not using", &self.harm),
        ];
        for (place, (part, text)) in parts.iter().enumerate() {
            for (of, earlier) in parts.iter().take(place) {
                if text.repeats(earlier) {
                    return Err(DecisionError::Repeated {
                        scenario: self.id.clone(),
                        part,
                        of,
                        text: text.as_str().to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    fn refuse_certainty(&self) -> Result<(), DecisionError> {
        let (chance, pull) = (self.situation.chance(), self.pull());
        let product = chance.get() * pull.get();
        if product > 0.0 && product < 1.0 && pull < Fraction::ONE {
            Ok(())
        } else {
            Err(DecisionError::Certain {
                scenario: self.id.clone(),
                chance,
                pull,
                product,
            })
        }
    }
}

/// The parts that a draft leaves out, in the order in which they are read.
fn missing_parts(draft: &DecisionDraft) -> Vec<&'static str> {
    let says_nothing = |text: &str| !text.chars().any(char::is_alphanumeric);
    let mut parts = Vec::new();
    if says_nothing(&draft.decision) {
        parts.push("the decision");
    }
    if says_nothing(&draft.benefit) || draft.benefit_weight == Fraction::ZERO {
        parts.push("the benefit of using");
    }
    if says_nothing(&draft.harm) || draft.harm_weight == Fraction::ZERO {
        parts.push("the harm of not using");
    }
    parts
}

impl TryFrom<DecisionDraft> for DecisionScenario {
    type Error = DecisionError;

    fn try_from(draft: DecisionDraft) -> Result<Self, DecisionError> {
        Self::new(draft)
    }
}

impl From<DecisionScenario> for DecisionDraft {
    fn from(scenario: DecisionScenario) -> Self {
        Self {
            id: scenario.id,
            situation: scenario.situation,
            decision: scenario.decision.into(),
            benefit: scenario.benefit.into(),
            benefit_weight: scenario.benefit_weight,
            harm: scenario.harm.into(),
            harm_weight: scenario.harm_weight,
        }
    }
}

/// The pull that a standardised effect d of a planted decision implies, given the chance of use without it.
///
/// d is turned into a shift of the log odds by π/√3 (the logistic's standard deviation, Hasselblad & Hedges
/// 1995): P₁ = logit⁻¹(logit P₀ + d·π/√3); the pull is what must be added to P₀ as an independent cause,
/// 1 − (1−P₁)/(1−P₀). At d = .65 and P₀ = .1 it is .184. A `base` of 1 leaves nothing to add: 0. An effect
/// that is negative or not finite gives 0.
#[must_use]
pub fn pull_of_effect(effect: f64, base: Fraction) -> Fraction {
    let p0 = base.get();
    if !effect.is_finite() || effect <= 0.0 || p0 >= 1.0 || p0 <= 0.0 {
        return Fraction::ZERO;
    }
    let shift = effect * core::f64::consts::PI / libm::sqrt(3.0);
    // P₁ = P₀ / (P₀ + (1−P₀)·e^(−shift)); 1 − (1−P₁)/(1−P₀) then simplifies to P₀·(1−e)/(P₀+(1−P₀)e).
    let shrunk = libm::exp(-shift);
    Fraction::clamped(p0 * -libm::expm1(-shift) / (p0 + (1.0 - p0) * shrunk))
}

#[cfg(test)]
mod tests;
