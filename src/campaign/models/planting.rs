//! Direction 3: planting decisions \[C4–C8\].

use super::{ModelError, Models, judged};
use crate::customer::Prospect;
use crate::customer::decision::DecisionScenario;
use crate::customer::willingness::Stage;
use crate::fraction::Fraction;

/// What planting decisions with a prospect costs and brings.
///
/// One effort plants one decision. The chance that the prospect acts within the horizon is
/// `P = 1 − Π_situations(1 − q·(1 − Π(1 − p)))`: q the chance of the situation, p the pull of each decision planted in
/// it. It rises with every decision, by less each time; the next one planted is always the one that adds most.
/// Who acts forms a habit with the chance `adoption`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantingModel {
    adoption: Fraction,
    advance: Fraction,
}

impl Default for PlantingModel {
    /// Judgement: four in ten who act form a habit, and willingness passes each gate with even chance.
    fn default() -> Self {
        Self {
            adoption: judged(0.4).fraction(),
            advance: judged(0.5).fraction(),
        }
    }
}

/// A decision that could be planted next, and the chance of action once it is.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantingStep<'a> {
    /// The decision.
    pub scenario: &'a DecisionScenario,
    /// Chance of action within the horizon with this and all earlier ones planted.
    pub chance: f64,
}

impl PlantingModel {
    /// `adoption` is the chance that who acts forms a habit; `advance` the chance that willingness passes one
    /// gate within the horizon.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] for an adoption of 0, with which nothing is ever planted.
    pub fn new(adoption: Fraction, advance: Fraction) -> Result<Self, ModelError> {
        if adoption == Fraction::ZERO {
            let (parameter, value) = ("adoption after acting", adoption.get());
            return Err(ModelError::Parameter {
                parameter,
                value,
                rule: "above 0",
            });
        }
        Ok(Self { adoption, advance })
    }

    /// Chance that who acts forms a habit.
    #[must_use]
    pub const fn adoption(&self) -> Fraction {
        self.adoption
    }

    /// Chance that willingness passes one gate.
    #[must_use]
    pub const fn advance(&self) -> Fraction {
        self.advance
    }

    /// Chance that willingness, now at this stage, reaches another one within the horizon.
    #[must_use]
    pub fn reaches(&self, now: Stage, then: Stage) -> Fraction {
        let gates = then.place().saturating_sub(now.place());
        Fraction::clamped((0..gates).fold(1.0, |chance, _| chance * self.advance.get()))
    }

    /// The chance of action with what is planted, then with each candidate in turn, the one that adds most
    /// first (of equal ones the smaller id). `O(k²)` for k candidates.
    #[must_use]
    pub fn sequence<'a>(&self, prospect: &'a Prospect) -> (f64, Vec<PlantingStep<'a>>) {
        let mut ground = Situations::default();
        for scenario in prospect.planted() {
            ground.plant(scenario);
        }
        let before = ground.chance();
        let mut left: Vec<&DecisionScenario> = prospect.candidates().iter().collect();
        left.sort_by(|a, b| a.id().cmp(b.id()));
        let mut steps = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let mut best = (0, f64::NEG_INFINITY);
            for (place, scenario) in left.iter().enumerate() {
                let gain = ground.log_gain(scenario);
                if gain > best.1 {
                    best = (place, gain);
                }
            }
            let scenario = left.remove(best.0);
            ground.plant(scenario);
            steps.push(PlantingStep {
                scenario,
                chance: ground.chance(),
            });
        }
        (before, steps)
    }
}

/// Situations met so far, each with its chance and the pull that is *not* exerted in it.
#[derive(Default)]
struct Situations<'a> {
    rows: Vec<(&'a crate::id::Id, f64, f64)>,
}

impl<'a> Situations<'a> {
    /// −ln(1 − P): what adds up over situations.
    fn log_miss(&self) -> f64 {
        let misses = self
            .rows
            .iter()
            .map(|(_, chance, unpulled)| -chance * (1.0 - unpulled));
        -misses.map(libm::log1p).sum::<f64>()
    }

    fn chance(&self) -> f64 {
        -libm::expm1(-self.log_miss())
    }

    fn log_gain(&self, scenario: &DecisionScenario) -> f64 {
        let situation = scenario.situation();
        let (chance, pull) = (situation.chance().get(), scenario.pull().get());
        let row = self.rows.iter().find(|(id, ..)| *id == situation.id());
        let unpulled = row.map_or(1.0, |row| row.2);
        let miss = |unpulled: f64| -libm::log1p(-chance * (1.0 - unpulled));
        miss(unpulled * (1.0 - pull)) - miss(unpulled)
    }

    fn plant(&mut self, scenario: &'a DecisionScenario) {
        let situation = scenario.situation();
        let keeps = scenario.pull().complement().get();
        match self.rows.iter_mut().find(|(id, ..)| *id == situation.id()) {
            Some(row) => row.2 *= keeps,
            None => self
                .rows
                .push((situation.id(), situation.chance().get(), keeps)),
        }
    }
}

impl Models {
    /// What a prospect that acts brings period by period, per unit of contribution.
    pub(crate) fn prospect_flow(&self) -> Vec<f64> {
        let adoption = self.planting().adoption.get();
        self.first_habit_flow()
            .into_iter()
            .map(|part| part * adoption)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Date;
    use crate::customer::strategies::scenario;
    use crate::customer::willingness::Willingness;

    fn prospect(planted: Vec<DecisionScenario>, candidates: Vec<DecisionScenario>) -> Prospect {
        let willingness = Willingness::new(Date::new(2026, 1, 5).unwrap());
        Prospect::new(willingness, planted, candidates).unwrap()
    }

    #[test]
    fn a_shared_situation_counts_once() {
        let together = prospect(
            vec![],
            vec![
                scenario("a", "night", 0.5, 0.4),
                scenario("b", "night", 0.5, 0.4),
            ],
        );
        let (before, steps) = PlantingModel::default().sequence(&together);
        assert!(before.abs() < 1e-15);
        assert!((steps[0].chance - 0.5 * 0.4).abs() < 1e-12);
        assert!((steps[1].chance - 0.5 * (1.0 - 0.36)).abs() < 1e-12);
        let apart = prospect(
            vec![],
            vec![
                scenario("a", "night", 0.5, 0.4),
                scenario("b", "day", 0.5, 0.4),
            ],
        );
        let (_, steps) = PlantingModel::default().sequence(&apart);
        assert!((steps[1].chance - (1.0 - 0.8 * 0.8)).abs() < 1e-12);
    }

    #[test]
    fn gates_are_passed_one_by_one() {
        let model = PlantingModel::new(Fraction::ONE, judged(0.5).fraction()).unwrap();
        let reaches = model.reaches(Stage::Unaware, Stage::Weighing).get();
        assert!((reaches - 0.125).abs() < 1e-15);
        assert_eq!(model.reaches(Stage::Resolved, Stage::Aware), Fraction::ONE);
    }

    proptest! {
        /// Law 9: every decision adds, and by less each time (in −ln(1 − P)).
        #[test]
        fn more_decisions_more_behaviour(
            rows in prop::collection::vec((0_u8..3, 0.05..0.95, any::<bool>()), 1..8),
        ) {
            let (mut planted, mut candidates) = (vec![], vec![]);
            for (place, (situation, pull, is_planted)) in rows.iter().enumerate() {
                let one = scenario(&format!("s{place}"), &format!("n{situation}"), 0.3 + 0.2 * f64::from(*situation), *pull);
                if *is_planted { planted.push(one) } else { candidates.push(one) }
            }
            let prospect = prospect(planted, candidates);
            let (before, steps) = PlantingModel::default().sequence(&prospect);
            let mut last = (before, f64::INFINITY);
            for step in steps {
                let gain = libm::log1p(-last.0) - libm::log1p(-step.chance);
                prop_assert!(step.chance > last.0 && step.chance < 1.0);
                prop_assert!(gain <= last.1 * (1.0 + 1e-9), "{gain} after {}", last.1);
                last = (step.chance, gain);
            }
        }
    }
}
