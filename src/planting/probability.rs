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
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::customer::decision::{DecisionDraft, Situation, Statement};

    pub(in crate::planting) fn scenario(
        id: &str,
        place: &str,
        chance: f64,
        pull: f64,
    ) -> DecisionScenario {
        let fraction = |value| Fraction::new(value).unwrap();
        let text = Statement::new(format!("situation {place}")).unwrap();
        DecisionScenario::new(DecisionDraft {
            id: Id::new(id).unwrap(),
            situation: Situation::new(Id::new(place).unwrap(), text, fraction(chance)).unwrap(),
            decision: "use it".into(),
            benefit: "an hour is gained".into(),
            harm: "a day is lost".into(),
            benefit_weight: fraction(pull),
            harm_weight: fraction(pull),
        })
        .unwrap()
    }

    /// Scenarios over a few situations, each with one chance.
    pub(in crate::planting) fn scenarios(
        most: usize,
    ) -> impl Strategy<Value = Vec<DecisionScenario>> {
        let chances = proptest::collection::vec(0.05..1.0_f64, 4);
        let pulls = proptest::collection::vec((0_usize..4, 0.01..0.95_f64), 1..=most);
        (chances, pulls).prop_map(|(chances, pulls)| {
            let numbered = pulls.into_iter().enumerate();
            numbered
                .map(|(number, (place, pull))| {
                    scenario(
                        &format!("d{number:02}"),
                        &format!("s{place}"),
                        chances[place],
                        pull,
                    )
                })
                .collect()
        })
    }

    /// The formula as it is written, by plain products.
    pub(in crate::planting) fn plain_probability(ease: f64, planted: &[&DecisionScenario]) -> f64 {
        let mut situations: BTreeMap<&Id, (f64, f64)> = BTreeMap::new();
        for scenario in planted {
            let chance = scenario.situation().chance().get();
            let entry = situations
                .entry(scenario.situation().id())
                .or_insert((chance, 1.0));
            entry.1 *= 1.0 - scenario.pull().get();
        }
        let miss: f64 = situations
            .values()
            .map(|(q, miss)| 1.0 - q * (1.0 - miss))
            .product();
        1.0 - (1.0 - ease) * miss
    }

    #[test]
    fn unlawful_plantings_are_refused_and_change_nothing() {
        assert!(matches!(
            Planting::new(Fraction::ONE),
            Err(PlantingError::CertainEase { .. })
        ));
        let mut planting = Planting::new(Fraction::new(0.1).unwrap()).unwrap();
        planting.plant(&scenario("a", "s", 0.5, 0.5)).unwrap();
        let before = planting.strength();
        assert_eq!(
            planting
                .plant(&scenario("a", "t", 0.5, 0.5))
                .unwrap_err()
                .to_string(),
            "scenario a is given twice; a decision is planted once"
        );
        assert_eq!(
            planting
                .plant(&scenario("b", "s", 0.6, 0.5))
                .unwrap_err()
                .to_string(),
            "situation s has the chance 0.6 in scenario b and 0.5 in another; one situation has one chance"
        );
        assert_eq!(planting.strength().to_bits(), before.to_bits());
        assert_eq!(planting.scenarios().len(), 1);
    }

    #[test]
    fn a_hundred_plantings_are_still_told_apart() {
        // P is 1 to the last bit long before; the strength still rises by ln 2 each time.
        let mut planting = Planting::new(Fraction::ZERO).unwrap();
        for number in 0..100 {
            let place = format!("s{number}");
            let gain = planting.plant(&scenario(&place, &place, 1.0, 0.5)).unwrap();
            assert!((gain - core::f64::consts::LN_2).abs() < 1e-15);
        }
        assert!((planting.strength() - 100.0 * core::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(planting.probability(), Fraction::ONE);
    }

    proptest! {
        #[test]
        fn strength_is_that_of_the_formula_and_gains_are_its_steps(ease in 0.0..0.9_f64, list in scenarios(10)) {
            let mut planting = Planting::new(Fraction::new(ease).unwrap()).unwrap();
            let mut sum = planting.strength();
            for count in 0..list.len() {
                let gain = planting.plant(&list[count]).unwrap();
                prop_assert!(gain > 0.0);
                sum += gain;
                let planted: Vec<_> = list[..=count].iter().collect();
                let plain = plain_probability(ease, &planted);
                prop_assert!((planting.probability().get() - plain).abs() < 1e-12);
                prop_assert!((planting.strength() - sum).abs() < 1e-9 * (1.0 + sum));
            }
        }

        #[test]
        fn more_planted_is_strictly_more_and_the_gain_diminishes(list in scenarios(9), extra in 0_usize..9, split in 0_usize..9) {
            let extra = extra.min(list.len() - 1);
            let others: Vec<_> = list.iter().enumerate().filter(|(at, _)| *at != extra).map(|(_, s)| s).collect();
            let plant = |some: &[&DecisionScenario]| {
                let mut planting = Planting::new(Fraction::ZERO).unwrap();
                for s in some { planting.plant(s).unwrap(); }
                planting
            };
            let few = plant(&others[..split.min(others.len())]);
            let many = plant(&others);
            let (at_few, at_many) = (few.gain(&list[extra]).unwrap(), many.gain(&list[extra]).unwrap());
            prop_assert!(at_many > 0.0 && at_few >= at_many * (1.0 - 1e-12));
            let mut more = many.clone();
            more.plant(&list[extra]).unwrap();
            prop_assert!(more.strength() > many.strength());
        }

        #[test]
        fn order_of_planting_leaves_no_trace(list in scenarios(10), turn in 0_usize..10) {
            let straight = list.iter().fold(Planting::new(Fraction::ZERO).unwrap(), |mut p, s| { p.plant(s).unwrap(); p });
            let mut turned = list.clone();
            turned.reverse();
            turned.rotate_left(turn.min(list.len() - 1));
            let other = turned.iter().fold(Planting::new(Fraction::ZERO).unwrap(), |mut p, s| { p.plant(s).unwrap(); p });
            prop_assert_eq!(straight.strength().to_bits(), other.strength().to_bits());
        }
    }
}
