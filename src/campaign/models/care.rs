//! Direction 2: care for behaviour \[B1–B3\].

use super::doubts::Hearsay;
use super::{ModelError, Models, judged, positive};
use crate::customer::Starting;
use crate::customer::habit::Depth;
use crate::fraction::Fraction;

/// What care for a starting customer costs and brings.
///
/// Use becomes habit with the chance `a = a₀·Π(1 − s_d)` over the doubts that weigh. Besides those voiced, early
/// use hides doubts not voiced yet, of one joint severity. Care at spend x settles each open doubt, voiced
/// or not, with `q(x) = q̂·(1 − e^(−x/κ))`; together they weigh `S = 1 − (1 − s_hidden)·Π(1 − s_d)`, so care adds
/// `a₀·left·S·q(x)` to the chance, `left` being what the doubts that were left have taken for good. What that
/// is worth is the first habit, and with [`Hearsay`] what is at stake among those who listen to the customer; the
/// chain is taken to come back when the habit does.
///
/// With [`Menus`](super::Menus) the modes of care compete in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct CareModel {
    settled_most: Fraction,
    efforts: f64,
    lag: u32,
    hidden: Fraction,
    hearsay: Hearsay,
}

impl Default for CareModel {
    /// Judgement: eight doubts in ten can be settled, 1.5 efforts settle 63 % of those, use becomes habit
    /// after two periods, and doubts not voiced take a tenth of the chance.
    fn default() -> Self {
        Self {
            settled_most: judged(0.8).fraction(),
            efforts: 1.5,
            lag: 2,
            hidden: judged(0.1).fraction(),
            hearsay: Hearsay::default(),
        }
    }
}

impl CareModel {
    /// `settled_most` is q̂; `efforts` is κ in efforts; `lag` is how many periods use takes to become habit;
    /// `hidden` is the joint severity of doubts not voiced yet.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if `efforts` is not above 0.
    pub fn new(
        settled_most: Fraction,
        efforts: f64,
        lag: u32,
        hidden: Fraction,
    ) -> Result<Self, ModelError> {
        let efforts = positive("efforts of care", efforts)?;
        Ok(Self {
            settled_most,
            efforts,
            lag,
            hidden,
            hearsay: Hearsay::default(),
        })
    }

    /// The same, but doubts travel: what care saves is then not this customer alone but also those who listen to
    /// it \[B1\].
    #[must_use]
    pub fn with_hearsay(self, hearsay: Hearsay) -> Self {
        Self { hearsay, ..self }
    }

    /// How far doubts travel; by default nowhere.
    #[must_use]
    pub const fn hearsay(&self) -> &Hearsay {
        &self.hearsay
    }

    /// Joint severity of doubts not voiced yet.
    #[must_use]
    pub const fn hidden(&self) -> Fraction {
        self.hidden
    }

    /// κ in efforts.
    #[must_use]
    pub const fn efforts(&self) -> f64 {
        self.efforts
    }

    /// What settling every open doubt for sure would add to the chance that use becomes habit.
    #[must_use]
    pub fn chance_at_stake(&self, starting: &Starting) -> Fraction {
        let (mut open, mut left) = (self.hidden.complement().get(), starting.untroubled().get());
        for doubt in starting.behaviour().doubts() {
            let keeps = doubt.severity().complement().get();
            if doubt.is_open() {
                open *= keeps;
            } else if doubt.weighs() {
                left *= keeps;
            }
        }
        Fraction::clamped(left * (1.0 - open))
    }

    /// q̂: the share of doubts that spend can settle.
    #[must_use]
    pub const fn settled_most(&self) -> Fraction {
        self.settled_most
    }
}

impl Models {
    /// What a first habit brings period by period, per unit of contribution, once use has become habit.
    pub(crate) fn first_habit_flow(&self) -> Vec<f64> {
        self.habit_flow(Depth::SHALLOWEST, self.care().lag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::Standing;

    fn starting(doubts: &str) -> Starting {
        let json = format!(
            r#"{{"starting": {{"untroubled": 0.5, "behaviour": {{"first_use": "2026-01-05", "doubts": [{doubts}]}}}}}}"#
        );
        match serde_json::from_str(&json).unwrap() {
            Standing::Starting(starting) => starting,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn open_doubts_are_at_stake_and_lost_ones_are_not() {
        let model = CareModel::default();
        let none = model.chance_at_stake(&starting("")).get();
        assert!((none - 0.5 * 0.1).abs() < 1e-15);
        let doubt = r#"{"id": "d", "raised": "2026-02-01", "severity": 0.4}"#;
        let open = model.chance_at_stake(&starting(doubt)).get();
        assert!((open - 0.5 * (1.0 - 0.9 * 0.6)).abs() < 1e-15, "{open}");
    }

    #[test]
    fn parameters_are_checked() {
        assert!(CareModel::new(Fraction::ONE, -1.0, 0, Fraction::ZERO).is_err());
    }
}
