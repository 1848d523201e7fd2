//! Direction 3: planting decisions \[C4–C8\].

use super::{ModelError, Models, judged};
use crate::customer::acquaintance::Listening;
use crate::customer::willingness::Stage;
use crate::fraction::Fraction;

/// What planting decisions with a prospect costs and brings.
///
/// One effort plants one decision. The chance that the prospect acts within the horizon is
/// `P = 1 − (1 − ease)·Π_situations(1 − q·(1 − Π(1 − p)))`: q the chance of the situation, p the pull of each
/// decision planted in it, and the ease that of its acquaintances (see [`planting`](crate::planting)). It rises
/// with every decision, by less each time; the next one planted is always the one that adds most. Who acts forms
/// a habit with the chance `adoption`.
///
/// Each effort promises as much again, contingent on willingness \[C5\]. What of that is expected to be claimed,
/// [`PlantingModel::claimed_part`], is taken off what planting brings; the worst case is held under the ceiling.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantingModel {
    adoption: Fraction,
    advance: Fraction,
    listening: Listening,
}

impl Default for PlantingModel {
    /// Judgement: four in ten who act form a habit, and willingness passes each gate with even chance. Nobody
    /// listens to acquaintances, since the data at hand deny it (see
    /// [`acquaintance`](crate::customer::acquaintance)).
    fn default() -> Self {
        Self {
            adoption: judged(0.4).fraction(),
            advance: judged(0.5).fraction(),
            listening: Listening::default(),
        }
    }
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
        Ok(Self {
            adoption,
            advance,
            listening: Listening::default(),
        })
    }

    /// The same, with prospects who listen to those they know \[C4\]: the deeper the habits of those, the
    /// likelier that the prospect acts. They are causes beside what is planted, so a prospect that its
    /// acquaintances win anyway gains less from planting. Works on a book that says who knows whom.
    #[must_use]
    pub const fn with_listening(self, listening: Listening) -> Self {
        Self { listening, ..self }
    }

    /// How much prospects listen to those they know.
    #[must_use]
    pub const fn listening(&self) -> &Listening {
        &self.listening
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

    /// What a virtual budget for a prospect at this stage is expected to be claimed, as a part of its cap: the
    /// mean chance, over the gates before it, of passing them. 1 for a prospect that has passed them all.
    #[must_use]
    pub fn claimed_part(&self, now: Stage) -> Fraction {
        let gates = Stage::ALL.into_iter().filter(|stage| *stage > now);
        let (sum, count) = gates.fold((0.0, 0.0), |(sum, count), gate| {
            (sum + self.reaches(now, gate).get(), count + 1.0)
        });
        if count > 0.0 {
            Fraction::clamped(sum / count)
        } else {
            Fraction::ONE
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
    use super::*;

    #[test]
    fn gates_are_passed_one_by_one() {
        let model = PlantingModel::new(Fraction::ONE, judged(0.5).fraction()).unwrap();
        let reaches = model.reaches(Stage::Unaware, Stage::Weighing).get();
        assert!((reaches - 0.125).abs() < 1e-15);
        assert_eq!(model.reaches(Stage::Resolved, Stage::Aware), Fraction::ONE);
    }

    #[test]
    fn the_claimed_part_is_that_of_equal_gates() {
        let model = PlantingModel::new(Fraction::ONE, judged(0.5).fraction()).unwrap();
        let part = |now| model.claimed_part(now).get();
        assert!((part(Stage::Unaware) - (0.5 + 0.25 + 0.125 + 0.0625) / 4.0).abs() < 1e-15);
        assert!((part(Stage::Weighing) - 0.5).abs() < 1e-15);
        assert!((part(Stage::Resolved) - 1.0).abs() < 1e-15);
    }
}
