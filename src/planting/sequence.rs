//! In which order decisions are best planted with one prospect.

use super::probability::{gain_in, probability_of};
use crate::{customer::decision::DecisionScenario, fraction::Fraction, id::Id};

/// A decision planted next, and the chance of action once it and all before it are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantingStep<'a> {
    /// The decision.
    pub scenario: &'a DecisionScenario,
    /// P after it.
    pub chance: Fraction,
}

/// Candidates in the order in which they add most, each after those before it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PlantingSequence<'a> {
    /// P as things stand, acquaintances included.
    pub before: Fraction,
    /// One step for each candidate.
    pub steps: Vec<PlantingStep<'a>>,
}

/// Situations met so far, each with its chance and Σ ln(1 − p).
#[derive(Default)]
struct Situations<'a> {
    rows: Vec<(&'a Id, Fraction, f64)>,
}

impl<'a> Situations<'a> {
    fn gain(&self, scenario: &DecisionScenario) -> f64 {
        let situation = scenario.situation();
        // Few situations: a walk beats a map.
        let row = self.rows.iter().find(|(id, ..)| *id == situation.id());
        let (chance, log_miss) = row.map_or((situation.chance(), 0.0), |row| (row.1, row.2));
        gain_in(chance, log_miss, scenario.pull())
    }

    fn plant(&mut self, scenario: &'a DecisionScenario) {
        let situation = scenario.situation();
        let log_miss = libm::log1p(-scenario.pull().get());
        match self.rows.iter_mut().find(|(id, ..)| *id == situation.id()) {
            Some(row) => row.2 += log_miss,
            None => self
                .rows
                .push((situation.id(), situation.chance(), log_miss)),
        }
    }
}

/// The best order of planting: what adds most comes first, of equal ones the smaller id. For decisions that
/// cost the same this is greedy, and each beginning of it has at least 1 − 1/e of the gain in −ln(1 − P) that
/// any as many decisions could have (Nemhauser, Wolsey & Fisher 1978); in situations of their own, all of it.
///
/// The arithmetic is that of [`Planting`](super::Planting), in the order of ids, for the many prospects of a
/// book. `O(k²)` for k candidates.
///
/// ```
/// use sortie::{fraction::Fraction, planting::sequence};
/// let nothing = sequence(&[], &[], Fraction::new(0.25)?);
/// assert!((nothing.before.get() - 0.25).abs() < 1e-15); // acquaintances alone
/// assert!(nothing.steps.is_empty());
/// # Ok::<(), sortie::fraction::FractionError>(())
/// ```
#[must_use]
pub fn sequence<'a>(
    planted: &'a [DecisionScenario],
    candidates: &'a [DecisionScenario],
    ease: Fraction,
) -> PlantingSequence<'a> {
    let mut ground = Situations::default();
    let mut strength = -libm::log1p(-ease.get());
    for scenario in by_id(planted) {
        strength += ground.gain(scenario);
        ground.plant(scenario);
    }
    let before = probability_of(strength);
    let mut left = by_id(candidates);
    let mut steps = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let mut best = (0, f64::NEG_INFINITY);
        for (place, scenario) in left.iter().enumerate() {
            let gain = ground.gain(scenario);
            if gain > best.1 {
                best = (place, gain);
            }
        }
        let scenario = left.remove(best.0);
        ground.plant(scenario);
        strength += best.1;
        steps.push(PlantingStep {
            scenario,
            chance: probability_of(strength),
        });
    }
    PlantingSequence { before, steps }
}

fn by_id(scenarios: &[DecisionScenario]) -> Vec<&DecisionScenario> {
    let mut sorted: Vec<&DecisionScenario> = scenarios.iter().collect();
    sorted.sort_by(|a, b| a.id().cmp(b.id()));
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::planting::{Planting, probability::tests::scenarios};

    proptest! {
        #[test]
        fn a_sequence_is_a_planting_whose_next_step_is_the_largest(
            list in scenarios(9), split in 0_usize..9, ease in 0.0..0.9_f64, turn in 0_usize..9,
        ) {
            let ease = Fraction::new(ease).unwrap();
            let (planted, candidates) = list.split_at(split.min(list.len()));
            let found = sequence(planted, candidates, ease);
            let mut planting = Planting::new(ease).unwrap();
            for scenario in planted { planting.plant(scenario).unwrap(); }
            prop_assert!((found.before.get() - planting.probability().get()).abs() < 1e-12);
            prop_assert_eq!(found.steps.len(), candidates.len());
            for (place, step) in found.steps.iter().enumerate() {
                let gain = planting.gain(step.scenario).unwrap();
                for later in &found.steps[place..] {
                    prop_assert!(planting.gain(later.scenario).unwrap() <= gain * (1.0 + 1e-12));
                }
                planting.plant(step.scenario).unwrap();
                prop_assert!((step.chance.get() - planting.probability().get()).abs() < 1e-12);
            }
            // The order of the input leaves no trace.
            let (mut planted, mut candidates) = (planted.to_vec(), candidates.to_vec());
            planted.reverse();
            let turn = turn.min(candidates.len());
            candidates.rotate_left(turn);
            prop_assert_eq!(sequence(&planted, &candidates, ease), found);
        }
    }
}
