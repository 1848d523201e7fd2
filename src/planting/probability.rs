//! The probability that a prospect acts, and how each planted decision raises it.

use std::collections::{BTreeMap, BTreeSet};

use super::PlantingError;
use crate::{customer::decision::DecisionScenario, fraction::Fraction, id::Id, numeric::ExactSum};

/// The decisions planted with one prospect, and the chance that it acts on one of them within the horizon.
///
/// With q the chance of a situation, p the pull of each decision planted in it, and e the ease gained from
/// acquaintances:
///
/// P = 1 − Π over situations (1 − q·(1 − Π(1 − p))) · (1 − e)
///
/// A situation arises once for all decisions planted in it, so its chance counts once. What is kept and
/// compared is the strength −ln(1 − P), in which situations add up: near P = 1 the probability itself
/// cannot tell two plantings apart. Each decision adds strictly, and the less the more is planted
/// (submodular) \[C8\]. The strength does not depend on the order of planting, to the last bit.
///
/// ```
/// # use sortie::{customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement}, id::Id};
/// use sortie::{fraction::Fraction, planting::Planting};
/// # let scenario = |id: &str, place: &str, chance: f64, pull: f64| {
/// #     let text = Statement::new(format!("situation {place}")).unwrap();
/// #     DecisionScenario::new(DecisionDraft {
/// #         id: Id::new(id).unwrap(),
/// #         situation: Situation::new(Id::new(place).unwrap(), text, Fraction::new(chance).unwrap()).unwrap(),
/// #         decision: "use it".into(), benefit: "gain".into(), harm: "loss".into(),
/// #         benefit_weight: Fraction::new(pull).unwrap(), harm_weight: Fraction::new(pull).unwrap(),
/// #     }).unwrap()
/// # };
/// let mut planting = Planting::new(Fraction::ZERO)?;
/// planting.plant(&scenario("a", "audit", 0.5, 0.4))?; // .2
/// planting.plant(&scenario("b", "audit", 0.5, 0.5))?; // .5·(1 − .6·.5) = .35: the situation counts once
/// assert!((planting.probability().get() - 0.35).abs() < 1e-15);
/// planting.plant(&scenario("c", "closing", 0.2, 0.5))?; // 1 − .65·.9
/// assert!((planting.probability().get() - 0.415).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Planting {
    /// −ln(1 − ease).
    base: f64,
    situations: BTreeMap<Id, Planted>,
    scenarios: BTreeSet<Id>,
}

/// A situation in which decisions are planted.
#[derive(Clone, Debug)]
struct Planted {
    chance: Fraction,
    /// Σ ln(1 − p), exact, so that the order of planting leaves no trace.
    log_miss: ExactSum,
}

impl Planting {
    /// Nothing planted yet: the prospect acts only through its acquaintances, with chance `ease`.
    ///
    /// # Errors
    /// [`PlantingError::CertainEase`] for an ease of 1.
    pub fn new(ease: Fraction) -> Result<Self, PlantingError> {
        if ease == Fraction::ONE {
            return Err(PlantingError::CertainEase { ease });
        }
        Ok(Self {
            base: -libm::log1p(-ease.get()),
            situations: BTreeMap::new(),
            scenarios: BTreeSet::new(),
        })
    }

    /// What a scenario would add to the strength, above 0. O(log situations).
    ///
    /// # Errors
    /// [`PlantingError::ScenarioRepeated`], [`PlantingError::ChanceDiffers`].
    pub fn gain(&self, scenario: &DecisionScenario) -> Result<f64, PlantingError> {
        self.admit(scenario)?;
        let planted = self.situations.get(scenario.situation().id());
        let log_miss = planted.map_or(0.0, |planted| planted.log_miss.value());
        Ok(gain_in(
            scenario.situation().chance(),
            log_miss,
            scenario.pull(),
        ))
    }

    /// Plants a scenario and returns what it added to the strength.
    ///
    /// # Errors
    /// As [`Planting::gain`]; nothing is changed.
    pub fn plant(&mut self, scenario: &DecisionScenario) -> Result<f64, PlantingError> {
        let gain = self.gain(scenario)?;
        let situation = scenario.situation();
        let planted = self
            .situations
            .entry(situation.id().clone())
            .or_insert_with(|| Planted {
                chance: situation.chance(),
                log_miss: ExactSum::new(),
            });
        planted.log_miss.add(libm::log1p(-scenario.pull().get()));
        self.scenarios.insert(scenario.id().clone());
        Ok(gain)
    }

    /// Scenarios planted, in the order of their ids.
    #[must_use]
    pub fn scenarios(&self) -> impl ExactSizeIterator<Item = &Id> {
        self.scenarios.iter()
    }

    /// −ln(1 − P), the strength of what is planted. O(situations).
    #[must_use]
    pub fn strength(&self) -> f64 {
        let parts = self.situations.values().map(Planted::strength);
        let sum: ExactSum = parts.chain([self.base]).collect();
        sum.value()
    }

    /// P: the chance that the prospect acts within the horizon.
    #[must_use]
    pub fn probability(&self) -> Fraction {
        probability_of(self.strength())
    }

    fn admit(&self, scenario: &DecisionScenario) -> Result<(), PlantingError> {
        if self.scenarios.contains(scenario.id()) {
            return Err(PlantingError::ScenarioRepeated {
                scenario: scenario.id().clone(),
            });
        }
        let situation = scenario.situation();
        match self.situations.get(situation.id()) {
            Some(planted) if planted.chance != situation.chance() => {
                Err(PlantingError::ChanceDiffers {
                    situation: situation.id().clone(),
                    scenario: scenario.id().clone(),
                    given: situation.chance(),
                    known: planted.chance,
                })
            }
            _ => Ok(()),
        }
    }
}

impl Planted {
    /// −ln(1 − q·(1 − M)) with M = Π(1 − p).
    fn strength(&self) -> f64 {
        let log_miss = self.log_miss.value();
        if self.chance == Fraction::ONE {
            // The logarithm of M itself, which a sum far from 0 would otherwise lose.
            return -log_miss;
        }
        -libm::log1p(self.chance.get() * libm::expm1(log_miss))
    }
}

/// The probability of a strength: 1 − e^(−strength).
pub(super) fn probability_of(strength: f64) -> Fraction {
    Fraction::clamped(-libm::expm1(-strength))
}

/// What a decision of pull p adds in a situation of chance q where Σ ln(1 − p) is `log_miss`:
/// −ln(1 − q·M·p / (1 − q + q·M)). In closed form, because the difference of two strengths would lose a
/// small gain altogether.
pub(super) fn gain_in(chance: Fraction, log_miss: f64, pull: Fraction) -> f64 {
    let (q, p) = (chance.get(), pull.get());
    if chance == Fraction::ONE {
        return -libm::log1p(-p);
    }
    let open = q * libm::exp(log_miss);
    -libm::log1p(-p * (open / ((1.0 - q) + open)))
}

#[cfg(test)]
pub(super) mod tests;
