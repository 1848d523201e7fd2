//! The one direction of attack on each customer \[F4\], as a response curve.

use serde::{Deserialize, Serialize};

use super::CampaignError;
use super::models::{Models, units_of};
use crate::customer::habit::{Depth, Practice};
use crate::customer::{Customer, Habitual, Prospect, Standing, Starting};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::numeric::cast;
use crate::planting::sequence;
use crate::response::{Curve, ModifiedExponential, PiecewiseLinear, Response as _};
use crate::stance::{PaybackTest, Stance, StanceError, Timing};

/// What is done with a customer, and what it should change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Attack {
    /// Deepen a habit by one step \[H3\].
    Iterate {
        /// The practice observed.
        practice: Practice,
        /// Where the habit stands.
        from: Depth,
        /// Where the step leads.
        to: Depth,
        /// Chance that the step succeeds at this spend.
        chance: f64,
    },
    /// Care for the behaviour, so that use becomes habit \[B1, B2\].
    Care {
        /// Doubts that are open; with none, care comes before they are voiced.
        open_doubts: u32,
        /// Chance that use becomes habit, without care.
        adoption_before: f64,
        /// The same at this spend.
        adoption_after: f64,
    },
    /// Plant decisions \[C7, C8\].
    Plant {
        /// The scenarios, in the order in which they are planted.
        scenarios: Vec<Id>,
        /// Chance that the prospect acts, as things stand.
        chance_before: f64,
        /// The same once they are planted.
        chance_after: f64,
    },
}

/// Why a customer cannot be attacked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standstill {
    /// It contributes nothing, so deeper use brings nothing.
    NoContribution,
    /// No step deeper pays within the horizon, or none is left.
    NoStep,
    /// No doubt to settle, voiced or hidden.
    NoDoubt,
    /// No decision scenario is left to plant.
    NoScenario,
    /// What planting would bring does not outweigh the claims to be expected on its virtual budget \[C5\].
    ClaimsOutweigh,
}

/// What the flows of one kind of attack have in common: the same step, at any contribution.
pub(super) struct Class {
    /// Worth today of one unit of contribution, if the attack is sure to succeed.
    worth: f64,
    /// When it comes back, for each unit of response.
    pub(super) timing: Timing,
    /// The payback limit, if there is one.
    pub(super) test: Option<PaybackTest>,
}

/// All kinds of attack under one set of models and one stance.
pub(super) struct Directions<'a> {
    pub(super) models: &'a Models,
    classes: Vec<Class>,
    /// By depth and axis, the class of the step.
    steps: Vec<[Option<usize>; 3]>,
    care: Option<usize>,
    plant: Option<usize>,
}

/// An attack that could be made on one customer.
pub(super) struct Aim {
    pub(super) curve: Curve,
    pub(super) class: usize,
    /// What one unit of spend changes is told from here.
    detail: Detail,
}

enum Detail {
    Iterate { habit: usize, to: Depth },
    Care { at_stake: f64 },
    Plant { ease: Fraction },
}

/// Depths have 3 × 3 × 4 places, some of them unlawful.
fn depth_place(depth: Depth) -> usize {
    let (scope, ground) = (depth.scope().level(), depth.ground().level());
    cast::usize_of_u32((scope * 3 + ground) * 4 + depth.anchoring().level())
}

impl<'a> Directions<'a> {
    pub(super) fn new(models: &'a Models, stance: &Stance) -> Result<Self, StanceError> {
        let mut directions = Self {
            models,
            classes: Vec::new(),
            steps: vec![[None; 3]; 36],
            care: None,
            plant: None,
        };
        for depth in Depth::all() {
            for (axis, iteration) in depth.next_steps().into_iter().enumerate() {
                let class = directions.class(&models.iteration_flow(iteration), stance)?;
                let row = directions.steps.get_mut(depth_place(depth));
                if let Some(place) = row.and_then(|row| row.get_mut(axis)) {
                    *place = class;
                }
            }
        }
        directions.care = directions.class(&models.first_habit_flow(), stance)?;
        directions.plant = directions.class(&models.prospect_flow(), stance)?;
        Ok(directions)
    }

    /// The class of a flow; `None` if it is worth nothing.
    fn class(&mut self, flow: &[f64], stance: &Stance) -> Result<Option<usize>, StanceError> {
        let worth = self.models.present_value(flow);
        if worth <= 0.0 {
            return Ok(None);
        }
        // A curve's value is today's worth, so its timing is the flow for one unit of that.
        let timing = Timing::new(flow.iter().map(|part| part / worth).collect())?;
        let test = match stance.payback_limit() {
            Some(limit) => Some(PaybackTest::new(
                1.0,
                &timing,
                limit.within(),
                stance.convention(),
            )?),
            None => None,
        };
        self.classes.push(Class {
            worth,
            timing,
            test,
        });
        Ok(Some(self.classes.len() - 1))
    }

    pub(super) fn classes(&self) -> &[Class] {
        &self.classes
    }

    fn worth(&self, class: usize) -> f64 {
        self.classes.get(class).map_or(0.0, |class| class.worth)
    }

    /// The attack on a customer, or why there is none. `ease` is what its acquaintances do for a prospect.
    pub(super) fn aim(
        &self,
        customer: &Customer,
        ease: Fraction,
    ) -> Result<Result<Aim, Standstill>, CampaignError> {
        let contribution = units_of(customer.contribution());
        if contribution <= 0.0 {
            return Ok(Err(Standstill::NoContribution));
        }
        let aim = match customer.standing() {
            Standing::Habitual(habitual) => self.iterate(habitual, contribution),
            Standing::Starting(starting) => self.care(starting, contribution),
            Standing::Prospect(prospect) => self.plant(prospect, contribution, ease),
        };
        aim.map_err(|source| CampaignError::Response {
            customer: customer.id().clone(),
            source,
        })
    }

    fn iterate(&self, habitual: &Habitual, contribution: f64) -> Aimed {
        let mut best: Option<(usize, usize, Depth, f64)> = None;
        for (habit, one) in habitual.habits().iter().enumerate() {
            let depth = one.depth();
            let row = self
                .steps
                .get(depth_place(depth))
                .copied()
                .unwrap_or_default();
            for (iteration, class) in depth.next_steps().iter().zip(row) {
                let Some(class) = class else { continue };
                let worth = self.worth(class);
                if best.is_none_or(|best| worth > best.3) {
                    best = Some((habit, class, iteration.to(), worth));
                }
            }
        }
        let Some((habit, class, to, worth)) = best else {
            return Ok(Err(Standstill::NoStep));
        };
        let model = self.models.iteration();
        let scale = contribution * worth * model.success_most().get();
        self.exponential(
            scale,
            model.efforts(),
            class,
            Detail::Iterate { habit, to },
            Standstill::NoStep,
        )
    }

    fn care(&self, starting: &Starting, contribution: f64) -> Aimed {
        let model = self.models.care();
        let at_stake = model.chance_at_stake(starting).get();
        let Some(class) = self.care else {
            return Ok(Err(Standstill::NoDoubt));
        };
        let scale = contribution * self.worth(class) * at_stake * model.settled_most().get();
        self.exponential(
            scale,
            model.efforts(),
            class,
            Detail::Care { at_stake },
            Standstill::NoDoubt,
        )
    }

    fn exponential(
        &self,
        scale: f64,
        efforts: f64,
        class: usize,
        detail: Detail,
        nothing: Standstill,
    ) -> Aimed {
        if scale <= 0.0 {
            return Ok(Err(nothing));
        }
        let rate = 1.0 / (efforts * self.models.effort_units());
        let curve = ModifiedExponential::new(scale, rate)?.into();
        Ok(Ok(Aim {
            curve,
            class,
            detail,
        }))
    }

    /// One effort plants one decision, the one that adds most first: straight pieces with falling slopes. The
    /// claims to be expected are taken off, and no further decision is planted that would not outweigh its own.
    fn plant(&self, prospect: &Prospect, contribution: f64, ease: Fraction) -> Aimed {
        let Some(class) = self.plant else {
            return Ok(Err(Standstill::NoScenario));
        };
        let model = self.models.planting();
        let sequence = sequence(prospect.planted(), prospect.candidates(), ease);
        if sequence.steps.is_empty() {
            return Ok(Err(Standstill::NoScenario));
        }
        let (worth, effort) = (contribution * self.worth(class), self.models.effort_units());
        let claims = effort * model.claimed_part(prospect.willingness().stage()).get();
        let before = sequence.before.get();
        let mut points = vec![(0.0, 0.0)];
        let mut reached = 0.0;
        for (count, step) in (1_u32..).zip(&sequence.steps) {
            let count = f64::from(count);
            let value = worth * (step.chance.get() - before) - claims * count;
            if value <= reached {
                break;
            }
            points.push((count * effort, value));
            reached = value;
        }
        if points.len() == 1 {
            return Ok(Err(Standstill::ClaimsOutweigh));
        }
        let curve = PiecewiseLinear::new(&points)?.into();
        Ok(Ok(Aim {
            curve,
            class,
            detail: Detail::Plant { ease },
        }))
    }

    /// What an aim comes to at a spend of so many currency units.
    pub(super) fn attack(&self, customer: &Customer, aim: &Aim, spend: f64) -> Option<Attack> {
        let part = |most: f64, efforts: f64| {
            most * -libm::expm1(-spend / (efforts * self.models.effort_units()))
        };
        match (customer.standing(), &aim.detail) {
            (Standing::Habitual(habitual), Detail::Iterate { habit, to }) => {
                let habit = habitual.habits().get(*habit)?;
                let model = self.models.iteration();
                Some(Attack::Iterate {
                    practice: habit.observed().clone(),
                    from: habit.depth(),
                    to: *to,
                    chance: part(model.success_most().get(), model.efforts()),
                })
            }
            (Standing::Starting(starting), Detail::Care { at_stake }) => {
                let model = self.models.care();
                let untroubled = starting.adoption().get() * model.hidden().complement().get();
                let open = starting.behaviour().open_doubts().count();
                Some(Attack::Care {
                    open_doubts: cast::u32_of_usize(open),
                    adoption_before: untroubled,
                    adoption_after: untroubled
                        + at_stake * part(model.settled_most().get(), model.efforts()),
                })
            }
            (Standing::Prospect(prospect), Detail::Plant { ease }) => {
                let sequence = sequence(prospect.planted(), prospect.candidates(), *ease);
                let planted =
                    cast::usize_of_f64(spend / self.models.effort_units() + 0.5).unwrap_or(0);
                let steps: Vec<_> = sequence.steps.iter().take(planted).collect();
                let before = sequence.before.get();
                Some(Attack::Plant {
                    scenarios: steps.iter().map(|s| s.scenario.id().clone()).collect(),
                    chance_before: before,
                    chance_after: steps.last().map_or(before, |s| s.chance.get()),
                })
            }
            _ => None,
        }
    }
}

/// An aim or the reason why there is none; the error is one of the curve's parameters.
type Aimed = Result<Result<Aim, Standstill>, crate::response::ResponseError>;

impl Aim {
    /// The largest whole number of steps of `step` minor units, up to `most`, that pays back in time.
    pub(super) fn cap(
        &self,
        test: Option<PaybackTest>,
        unit: f64,
        step: u64,
        most: u64,
    ) -> Result<u64, StanceError> {
        let Some(test) = test else {
            return Ok(most - most % step.max(1));
        };
        Ok(test.window(&self.curve, unit, most)?.in_steps(step).cap())
    }

    /// The curve's value at a spend in currency units.
    pub(super) fn value(&self, spend: f64) -> f64 {
        self.curve.value(spend)
    }
}
