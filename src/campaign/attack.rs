//! The one direction of attack on each customer \[F4\], as a response curve.

use serde::{Deserialize, Serialize};

use super::CampaignError;
use super::menu::Choice;
use super::models::{CareMeans, Models, Success, units_of};
use crate::customer::habit::{Depth, Iteration, Practice};
use crate::customer::{Customer, Habitual, Prospect, Standing, Starting};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::numeric::cast;
use crate::planting::sequence;
use crate::response::{Curve, ModifiedExponential, PiecewiseLinear, ResponseError};
use crate::stance::{PaybackOver, PaybackTest, Stance, StanceError, Timing};

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
        /// By which means, where the modes of care were offered as a menu.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        means: Option<CareMeans>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// The payback limit, if there is one for each customer.
    pub(super) test: Option<PaybackTest>,
    /// What one unit of response has contributed within the limit, if there is one over the whole plan.
    pub(super) back: Option<f64>,
}

/// All kinds of attack under one set of models and one stance.
pub(super) struct Directions<'a> {
    pub(super) models: &'a Models,
    classes: Vec<Class>,
    /// By depth, the steps that are worth something.
    steps: Vec<Vec<Step>>,
    care: Option<usize>,
    plant: Option<usize>,
}

/// A step of the lattice, at any contribution.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) iteration: Iteration,
    pub(super) class: usize,
    /// Of its class.
    pub(super) worth: f64,
    pub(super) success: Success,
}

/// What a customer's acquaintances make of an attack on it.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    /// How much they ease the admission of a prospect \[C4\].
    pub(super) ease: Fraction,
    /// What is at stake among those who listen to it \[B1\].
    pub(super) chain: f64,
}

/// An attack that could be made on one customer.
pub(super) struct Aim {
    pub(super) offer: Offer,
    /// The class of the attack; of a menu that of its first choice.
    pub(super) class: usize,
}

/// What money can get.
pub(super) enum Offer {
    /// More for more.
    Curve(Curve, Detail),
    /// One of these, in the order of cost and of value; none if no choice pays back in time.
    Menu(Vec<Choice>),
}

/// What a spend changes is told from here.
pub(super) enum Detail {
    Iterate {
        habit: usize,
        to: Depth,
        success: Success,
    },
    Care {
        at_stake: f64,
    },
    Means {
        means: CareMeans,
        gain: f64,
    },
    Plant {
        ease: Fraction,
    },
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
            steps: vec![Vec::new(); 36],
            care: None,
            plant: None,
        };
        for depth in Depth::all() {
            for iteration in depth.next_steps() {
                let Some(class) = directions.class(&models.iteration_flow(iteration), stance)?
                else {
                    continue;
                };
                let step = Step {
                    iteration,
                    class,
                    worth: directions.worth(class),
                    success: models.iteration().success_of(iteration),
                };
                if let Some(steps) = directions.steps.get_mut(depth_place(depth)) {
                    steps.push(step);
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
        let (mut test, mut back) = (None, None);
        if let Some(limit) = stance.payback_limit() {
            let found = PaybackTest::new(1.0, &timing, limit.within(), stance.convention())?;
            match limit.over() {
                PaybackOver::EachCustomer => test = Some(found),
                PaybackOver::WholePlan => back = Some(found.factor()),
            }
        }
        self.classes.push(Class {
            worth,
            timing,
            test,
            back,
        });
        Ok(Some(self.classes.len() - 1))
    }

    pub(super) fn classes(&self) -> &[Class] {
        &self.classes
    }

    fn worth(&self, class: usize) -> f64 {
        self.classes.get(class).map_or(0.0, |class| class.worth)
    }

    /// The steps from a depth that are worth something, in the order of the axes.
    pub(super) fn steps_from(&self, depth: Depth) -> &[Step] {
        self.steps
            .get(depth_place(depth))
            .map_or(&[], Vec::as_slice)
    }

    /// The attack on a customer, or why there is none.
    pub(super) fn aim(
        &self,
        customer: &Customer,
        around: Surroundings,
    ) -> Result<Result<Aim, Standstill>, CampaignError> {
        let contribution = units_of(customer.contribution());
        if contribution <= 0.0 {
            return Ok(Err(Standstill::NoContribution));
        }
        let aim = match customer.standing() {
            Standing::Habitual(habitual) => self.iterate(habitual, contribution),
            Standing::Starting(starting) => self.care(starting, contribution, around.chain),
            Standing::Prospect(prospect) => self.plant(prospect, contribution, around.ease),
        };
        aim.map_err(|source| CampaignError::Response {
            customer: customer.id().clone(),
            source,
        })
    }

    fn iterate(&self, habitual: &Habitual, contribution: f64) -> Aimed {
        if let Some(menus) = self.models.menus() {
            return Ok(self.iteration_menu(habitual, contribution, menus));
        }
        let mut best: Option<(usize, &Step, f64)> = None;
        for (habit, one) in habitual.habits().iter().enumerate() {
            for step in self.steps_from(one.depth()) {
                let first = step.worth * step.success.chance(1.0);
                if best.is_none_or(|best| first > best.2) {
                    best = Some((habit, step, first));
                }
            }
        }
        let Some((habit, step, _)) = best else {
            return Ok(Err(Standstill::NoStep));
        };
        let (to, success) = (step.iteration.to(), step.success);
        self.exponential(
            contribution * step.worth * success.most().get(),
            success.efforts(),
            step.class,
            Detail::Iterate { habit, to, success },
            Standstill::NoStep,
        )
    }

    fn care(&self, starting: &Starting, contribution: f64, chain: f64) -> Aimed {
        let model = self.models.care();
        let Some(class) = self.care else {
            return Ok(Err(Standstill::NoDoubt));
        };
        let worth = contribution * self.worth(class) + chain;
        if let Some(menus) = self.models.menus() {
            return Ok(self.care_menu(starting, worth, class, menus));
        }
        let at_stake = model.chance_at_stake(starting).get();
        self.exponential(
            worth * at_stake * model.settled_most().get(),
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
            offer: Offer::Curve(curve, detail),
            class,
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
            offer: Offer::Curve(curve, Detail::Plant { ease }),
            class,
        }))
    }

    /// What an aim comes to at a spend of so many currency units.
    pub(super) fn attack(&self, customer: &Customer, aim: &Aim, spend: f64) -> Option<Attack> {
        let efforts = spend / self.models.effort_units();
        match (customer.standing(), aim.detail_at(spend)?) {
            (Standing::Habitual(habitual), Detail::Iterate { habit, to, success }) => {
                let habit = habitual.habits().get(*habit)?;
                Some(Attack::Iterate {
                    practice: habit.observed().clone(),
                    from: habit.depth(),
                    to: *to,
                    chance: success.chance(efforts),
                })
            }
            (Standing::Starting(starting), Detail::Care { at_stake }) => {
                let model = self.models.care();
                let settled = model.settled_most().get() * -libm::expm1(-efforts / model.efforts());
                Some(self.cared_for(starting, at_stake * settled, None))
            }
            (Standing::Starting(starting), Detail::Means { means, gain }) => {
                Some(self.cared_for(starting, *gain, Some(*means)))
            }
            (Standing::Prospect(prospect), Detail::Plant { ease }) => {
                let sequence = sequence(prospect.planted(), prospect.candidates(), *ease);
                let planted = cast::usize_of_f64(efforts + 0.5).unwrap_or(0);
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

    fn cared_for(&self, starting: &Starting, gain: f64, means: Option<CareMeans>) -> Attack {
        let hidden = self.models.care().hidden();
        let before = starting.adoption().get() * hidden.complement().get();
        let open = starting.behaviour().open_doubts().count();
        Attack::Care {
            open_doubts: cast::u32_of_usize(open),
            adoption_before: before,
            adoption_after: before + gain,
            means,
        }
    }
}

/// An aim or the reason why there is none; the error is one of the curve's parameters.
type Aimed = Result<Result<Aim, Standstill>, ResponseError>;
