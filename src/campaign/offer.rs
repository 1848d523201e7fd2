//! What money can get with one customer, and how that is put to the optimiser.

use super::attack::{Aim, Detail, Offer};
use super::menu::Choice;
use super::models::units_of;
use crate::allocate::Activity;
use crate::id::Id;
use crate::money::Money;
use crate::numeric::cast;
use crate::quantity::Quantity;
use crate::response::{Curve, ModifiedExponential, PiecewiseLinear, Response as _, ResponseError};
use crate::stance::{PaybackTest, StanceError};

impl Aim {
    /// The largest whole number of steps of `step` minor units that pays back in time; of a menu none, and 0 if no
    /// choice does.
    pub(super) fn cap(
        &self,
        test: PaybackTest,
        unit: f64,
        step: u64,
    ) -> Result<Option<i64>, StanceError> {
        match &self.offer {
            Offer::Menu(choices) => Ok(choices.is_empty().then_some(0)),
            Offer::Curve(curve, _) => {
                // No spend above all that comes back in time can pay back: a bound that knows no budget.
                let back = test.factor() * curve.value(f64::MAX);
                let most = cast::u64_of_f64(back / unit).unwrap_or(0).saturating_add(1);
                let cap = test.window(curve, unit, most)?.in_steps(step).cap();
                Ok(Some(i64::try_from(cap).unwrap_or(i64::MAX)))
            }
        }
    }

    /// The activity that the optimiser is asked about.
    pub(super) fn activity(
        &self,
        customer: Id,
        offered: &Offered<'_>,
    ) -> Result<Activity, ResponseError> {
        let times = offered.times(self.class);
        match &self.offer {
            Offer::Curve(curve, _) => {
                let curve = if offered.is_plain() {
                    curve.clone()
                } else {
                    scaled(curve, times)?
                };
                let mut activity = Activity::curve(customer, curve).with_step(offered.step);
                if let Some(cap) = offered.cap {
                    activity = activity.with_cap(cap);
                }
                for (resource, per_unit) in offered.uses {
                    activity = activity.with_use_per_unit(resource.clone(), *per_unit);
                }
                Ok(activity)
            }
            Offer::Menu(choices) => {
                let option = |choice: &Choice| choice.option(offered);
                Ok(Activity::menu(
                    customer,
                    choices.iter().map(option).collect(),
                ))
            }
        }
    }

    /// Efforts that a spend buys: whole ones of a curve, those of the choice of a menu.
    pub(super) fn efforts(&self, spend: Money, effort: Money) -> i64 {
        match &self.offer {
            Offer::Curve(..) => spend.minor().checked_div(effort.minor()).unwrap_or(0),
            Offer::Menu(choices) => {
                bought(choices, units_of(spend)).map_or(0, |choice| i64::from(choice.efforts))
            }
        }
    }

    /// The curve; none for a menu.
    pub(super) const fn curve(&self) -> Option<&Curve> {
        match &self.offer {
            Offer::Curve(curve, _) => Some(curve),
            Offer::Menu(_) => None,
        }
    }

    /// What is got at a spend in currency units.
    pub(super) fn value(&self, spend: f64) -> f64 {
        match &self.offer {
            Offer::Curve(curve, _) => curve.value(spend),
            Offer::Menu(choices) => bought(choices, spend).map_or(0.0, |choice| choice.value),
        }
    }

    /// The class of what is got at a spend.
    pub(super) fn class_at(&self, spend: f64) -> usize {
        match &self.offer {
            Offer::Curve(..) => self.class,
            Offer::Menu(choices) => {
                bought(choices, spend).map_or(self.class, |choice| choice.class)
            }
        }
    }

    pub(super) fn detail_at(&self, spend: f64) -> Option<&Detail> {
        match &self.offer {
            Offer::Curve(_, detail) => Some(detail),
            Offer::Menu(choices) => bought(choices, spend).map(|choice| &choice.detail),
        }
    }
}

/// How an aim is put to the optimiser.
pub(super) struct Offered<'a> {
    /// One effort.
    pub(super) step: Money,
    pub(super) cap: Option<Money>,
    /// What each currency unit of a curve uses of resources.
    pub(super) uses: &'a [(Id, Quantity)],
    /// What each effort of a menu's choice uses of resources in units of theirs, and money by the currency unit.
    pub(super) uses_of_choice: &'a dyn Fn(i64, Money) -> Vec<(Id, Quantity)>,
    /// By class, what a value counts for; empty where it counts once.
    pub(super) worth: &'a [f64],
}

impl Offered<'_> {
    pub(super) const fn is_plain(&self) -> bool {
        self.worth.is_empty()
    }

    pub(super) fn times(&self, class: usize) -> f64 {
        self.worth.get(class).copied().unwrap_or(1.0)
    }
}

/// The same curve with every value so many times as large.
fn scaled(curve: &Curve, times: f64) -> Result<Curve, ResponseError> {
    match curve {
        Curve::PiecewiseLinear(straight) => {
            let points = straight.points().iter();
            let points: Vec<(f64, f64)> = points.map(|(x, value)| (*x, value * times)).collect();
            Ok(PiecewiseLinear::new(&points)?.into())
        }
        Curve::ModifiedExponential(one) => {
            Ok(ModifiedExponential::new(one.scale() * times, one.rate())?.into())
        }
        // No direction of attack has another family.
        other => Ok(other.clone()),
    }
}

/// The best choice that a spend buys.
fn bought(choices: &[Choice], spend: f64) -> Option<&Choice> {
    choices.iter().rev().find(|choice| choice.units <= spend)
}
