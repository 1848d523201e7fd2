//! Direction 1: iterating a habit \[H1–H5\].

use super::{ModelError, Models, judged, positive, units_of};
use crate::customer::habit::{Axis, Depth, Erosion, Habit, Iteration};
use crate::fraction::Fraction;
use crate::money::Money;

/// What deepening a habit costs and brings.
///
/// A habit h is worth `V(h) = c·μ(h)·Σ_{t=1..H} (δ·ρ(h))^t`: contribution c, usage multiple μ that grows with
/// scope, retention ρ that grows with depth and falls under a rival's attack. An iteration to h′ at spend x succeeds
/// with `p̂·(1 − e^(−x/κ))`, and brings `(δ·ρ(h))^L·(V_{H−L}(h′) − V_{H−L}(h))` after a lag of L periods.
///
/// The steps open to a customer are those of the lattice, one up on one axis. At most one is taken a period: by
/// default the one that brings most for the first effort is offered; with [`Menus`](super::Menus) all of them
/// compete for the customer's money.
#[derive(Clone, Debug, PartialEq)]
pub struct IterationModel {
    /// By axis.
    success: [Success; 3],
    lag: u32,
    usage: [f64; 3],
    erosion: Erosion,
    rival: Fraction,
}

/// How a step along one axis succeeds with what is spent on it: p̂·(1 − e^(−x/κ)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Success {
    /// p̂: the chance that spend approaches.
    most: Fraction,
    /// κ in efforts.
    efforts: f64,
}

impl Success {
    /// Success from p̂, the chance that spend approaches, and κ, the efforts that get 63 % of it.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if `efforts` is not finite and above 0.
    pub fn new(most: Fraction, efforts: f64) -> Result<Self, ModelError> {
        let efforts = positive("efforts of an iteration", efforts)?;
        Ok(Self { most, efforts })
    }

    /// p̂.
    #[must_use]
    pub const fn most(self) -> Fraction {
        self.most
    }

    /// κ in efforts.
    #[must_use]
    pub const fn efforts(self) -> f64 {
        self.efforts
    }

    /// The chance of success with so many efforts.
    #[must_use]
    pub fn chance(self, efforts: f64) -> f64 {
        self.most.get() * -libm::expm1(-efforts / self.efforts)
    }
}

impl Default for IterationModel {
    /// Judgement: three in ten iterations succeed at most, two efforts get 63 % of that, the habit is deeper
    /// after three periods; a group uses 1.5 times as much as one person, an organisation 2.5 times; no rival.
    fn default() -> Self {
        let success = Success {
            most: judged(0.3).fraction(),
            efforts: 2.0,
        };
        Self {
            success: [success; 3],
            lag: 3,
            usage: [1.0, 1.5, 2.5],
            erosion: Erosion::default(),
            rival: Fraction::ZERO,
        }
    }
}

impl IterationModel {
    /// `success_most` is p̂, reached as spend grows; `efforts` is κ in efforts; `lag` is L in periods.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if `efforts` is not above 0.
    pub fn new(success_most: Fraction, efforts: f64, lag: u32) -> Result<Self, ModelError> {
        Ok(Self {
            success: [Success::new(success_most, efforts)?; 3],
            lag,
            ..Self::default()
        })
    }

    /// The same, but steps along one axis succeed in another way: a rule of management may take more to get than
    /// a colleague.
    #[must_use]
    pub fn with_success(mut self, axis: Axis, success: Success) -> Self {
        let [scope, ground, anchoring] = &mut self.success;
        match axis {
            Axis::Scope => *scope = success,
            Axis::Ground => *ground = success,
            Axis::Anchoring => *anchoring = success,
        }
        self
    }

    /// The same with other usage multiples of individual, group and organisation.
    ///
    /// # Errors
    /// [`ModelError::Parameter`] if one is not above 0, or if they fall from one scope to the next wider.
    pub fn with_usage(self, usage: [f64; 3]) -> Result<Self, ModelError> {
        let mut last = 0.0;
        for multiple in usage {
            positive("usage multiple", multiple)?;
            if multiple < last {
                let rule = "at least that of the narrower scope";
                return Err(ModelError::Parameter {
                    parameter: "usage multiple",
                    value: multiple,
                    rule,
                });
            }
            last = multiple;
        }
        Ok(Self { usage, ..self })
    }

    /// The same with another erosion, and a rival who attacks with this force \[H4\].
    #[must_use]
    pub fn with_erosion(self, erosion: Erosion, rival: Fraction) -> Self {
        Self {
            erosion,
            rival,
            ..self
        }
    }

    /// μ: how much a habit of this depth is used, against one of one person.
    #[must_use]
    pub fn usage(&self, depth: Depth) -> f64 {
        let [individual, group, organisation] = self.usage;
        match depth.scope() {
            crate::customer::habit::Scope::Individual => individual,
            crate::customer::habit::Scope::Group => group,
            crate::customer::habit::Scope::Organisation => organisation,
        }
    }

    /// ρ: the chance that a habit of this depth lasts a period.
    #[must_use]
    pub fn retention(&self, depth: Depth) -> Fraction {
        self.erosion.retention(depth, self.rival)
    }

    /// How a step along an axis succeeds.
    #[must_use]
    pub const fn success(&self, axis: Axis) -> Success {
        let [scope, ground, anchoring] = self.success;
        match axis {
            Axis::Scope => scope,
            Axis::Ground => ground,
            Axis::Anchoring => anchoring,
        }
    }

    /// How an iteration succeeds: one that raises several axes as the hardest of them, that of the least chance
    /// for the first effort.
    #[must_use]
    pub fn success_of(&self, iteration: Iteration) -> Success {
        let raised = Axis::ALL.into_iter().filter(|axis| iteration.raises(*axis));
        let hardest = raised
            .map(|axis| self.success(axis))
            .min_by(|a, b| a.chance(1.0).total_cmp(&b.chance(1.0)));
        let [scope, ..] = self.success;
        hardest.unwrap_or(scope)
    }
}

/// A step that could be taken, and what it would bring were it sure to succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct IterationChance {
    /// Which of the customer's habits, by its place among them.
    pub habit: usize,
    /// The step.
    pub iteration: Iteration,
    /// What it brings over the horizon for each unit of contribution, if it succeeds.
    pub gain: f64,
    /// How it succeeds with what is spent.
    pub success: Success,
}

impl IterationChance {
    /// What so many efforts are expected to bring for each unit of contribution.
    #[must_use]
    pub fn value(&self, efforts: f64) -> f64 {
        self.gain * self.success.chance(efforts)
    }
}

impl Models {
    /// V(h): what a habit of this depth is worth over the horizon, in currency units.
    ///
    /// ```
    /// # use sortie::campaign::models::{Economy, Models};
    /// # use sortie::calendar::{DiscountRate, Horizon};
    /// # use sortie::customer::habit::Depth;
    /// # use sortie::money::{Currency, Money};
    /// let economy = Economy { horizon: Horizon::new(2)?, discount: DiscountRate::NONE };
    /// let models = Models::judged(economy, Money::parse("150.00", Currency::USD)?)?;
    /// let contribution = Money::parse("100.00", Currency::USD)?;
    /// // The shallowest habit lasts nine periods in ten: 100·(.9 + .81).
    /// assert!((models.habit_value(contribution, Depth::SHALLOWEST) - 171.0).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn habit_value(&self, contribution: Money, depth: Depth) -> f64 {
        units_of(contribution) * self.present_value(&self.habit_flow(depth, 0))
    }

    /// What doing nothing costs over the horizon: the part of the habit's worth that erosion and rivals take
    /// \[H4\], in currency units.
    #[must_use]
    pub fn price_of_doing_nothing(&self, contribution: Money, depth: Depth) -> f64 {
        let usage = self.iteration.usage(depth);
        let lasting = vec![usage; self.habit_flow(depth, 0).len()];
        units_of(contribution) * self.present_value(&lasting)
            - self.habit_value(contribution, depth)
    }

    /// What a step brings period by period, per unit of contribution, if it succeeds: undiscounted.
    pub(crate) fn iteration_flow(&self, iteration: Iteration) -> Vec<f64> {
        let model = self.iteration();
        let (from, to) = (iteration.from(), iteration.to());
        let lag = model.lag;
        let kept = {
            let retention = model.retention(from).get();
            (0..lag).fold(1.0, |kept, _| kept * retention)
        };
        let deeper = self.habit_flow(to, lag);
        let as_before = self.habit_flow(from, lag);
        deeper
            .iter()
            .zip(as_before)
            .map(|(new, old)| kept * (new - old))
            .collect()
    }

    /// Every step open to a customer, with what it brings and how it succeeds: those that bring most for the first
    /// effort first; of equal ones the first habit and axis. Steps that bring nothing within the horizon are left
    /// out.
    #[must_use]
    pub fn iterations(&self, habits: &[Habit]) -> Vec<IterationChance> {
        let mut chances: Vec<IterationChance> = habits
            .iter()
            .enumerate()
            .flat_map(|(habit, one)| {
                let steps = one.depth().next_steps().into_iter();
                steps.map(move |iteration| IterationChance {
                    habit,
                    iteration,
                    gain: self.present_value(&self.iteration_flow(iteration)),
                    success: self.iteration().success_of(iteration),
                })
            })
            .filter(|chance| chance.gain > 0.0)
            .collect();
        chances.sort_by(|a, b| b.value(1.0).total_cmp(&a.value(1.0)));
        chances
    }

    /// The step that brings most for the first effort among all habits of a customer; of equal ones the first habit
    /// and axis.
    #[must_use]
    pub fn best_iteration(&self, habits: &[Habit]) -> Option<IterationChance> {
        self.iterations(habits).into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{DiscountRate, Horizon};
    use crate::campaign::models::Economy;
    use crate::customer::strategies::any_depth;
    use crate::money::Currency;

    fn models(periods: u32, rate: f64) -> Models {
        let economy = Economy {
            horizon: Horizon::new(periods).unwrap(),
            discount: DiscountRate::new(rate).unwrap(),
        };
        Models::judged(economy, Money::from_minor(15_000, Currency::USD)).unwrap()
    }

    #[test]
    fn a_lag_past_the_horizon_brings_nothing() {
        let late = IterationModel::new(Fraction::ONE, 1.0, 12).unwrap();
        let models = models(12, 0.0).with_iteration(late);
        let iteration = Depth::SHALLOWEST.next_steps().remove(0);
        assert!(
            models
                .iteration_flow(iteration)
                .iter()
                .all(|part| *part == 0.0)
        );
        let habit: Habit = serde_json::from_str(
            r#"{"observed": "a", "promoted": "a", "depth": {"scope": "individual", "ground": "benefit", "anchoring": "custom"}, "strength": 0.5}"#,
        )
        .unwrap();
        assert_eq!(models.best_iteration(&[habit]), None);
    }

    #[test]
    fn the_gain_is_the_formula_of_the_model() {
        let models = models(12, 0.01);
        let (model, delta) = (models.iteration(), 1.0 / 1.01);
        for iteration in Depth::SHALLOWEST.next_steps() {
            let value = |depth: Depth, periods: i32| -> f64 {
                let ratio = delta * model.retention(depth).get();
                (1..=periods)
                    .map(|t| model.usage(depth) * libm::pow(ratio, f64::from(t)))
                    .sum()
            };
            let (from, to) = (iteration.from(), iteration.to());
            let lagged = libm::pow(delta * model.retention(from).get(), 3.0);
            let expected = lagged * (value(to, 9) - value(from, 9));
            let gain = models.present_value(&models.iteration_flow(iteration));
            assert!((gain - expected).abs() < 1e-12, "{gain} against {expected}");
        }
    }

    #[test]
    fn parameters_are_checked() {
        assert!(IterationModel::new(Fraction::ONE, 0.0, 1).is_err());
        assert!(IterationModel::new(Fraction::ONE, f64::NAN, 1).is_err());
        let error = IterationModel::default()
            .with_usage([1.0, 2.0, 1.5])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "usage multiple is 1.5; it must be at least that of the narrower scope"
        );
    }

    proptest! {
        /// Deeper is never worth less, and doing nothing always costs.
        #[test]
        fn value_rises_with_depth(depth in any_depth(), rate in 0.0..0.2) {
            let models = models(12, rate);
            let contribution = Money::from_minor(10_000, Currency::USD);
            let value = models.habit_value(contribution, depth);
            for step in depth.next_steps() {
                prop_assert!(models.habit_value(contribution, step.to()) >= value);
                prop_assert!(models.iteration_flow(step).iter().all(|part| *part >= 0.0));
            }
            prop_assert!(models.price_of_doing_nothing(contribution, depth) > 0.0);
        }
    }
}
