//! Aims at menus: every step of every habit with every number of efforts; every way to care for a customer.

use super::attack::{Aim, Detail, Directions, Offer, Standstill};
use super::models::{Menus, units_of};
use super::offer::Offered;
use crate::allocate::MenuOption;
use crate::customer::habit::Axis;
use crate::customer::{Habitual, Starting};
use crate::id::Id;
use crate::money::Money;

/// One thing that a customer can be offered.
pub(super) struct Choice {
    id: Id,
    cost: Money,
    /// The cost in currency units.
    pub(super) units: f64,
    pub(super) value: f64,
    pub(super) class: usize,
    /// How often somebody goes there for it.
    pub(super) efforts: u32,
    pub(super) detail: Detail,
}

impl Choice {
    pub(super) fn option(&self, offered: &Offered<'_>) -> MenuOption {
        let value = self.value * offered.times(self.class);
        let option = MenuOption::new(self.id.clone(), self.cost, value);
        let uses = (offered.uses_of_choice)(i64::from(self.efforts), self.cost);
        uses.into_iter().fold(option, |option, (resource, amount)| {
            option.with_use(resource, amount)
        })
    }
}

impl Directions<'_> {
    /// The steps open to a habitual customer, each with 1 to the most efforts; one of all is taken \[H3\].
    pub(super) fn iteration_menu(
        &self,
        habitual: &Habitual,
        contribution: f64,
        menus: &Menus,
    ) -> Result<Aim, Standstill> {
        let effort = self.models.effort();
        let mut choices = vec![];
        for (habit, one) in habitual.habits().iter().enumerate() {
            for step in self.steps_from(one.depth()) {
                for efforts in 1..=menus.efforts_most() {
                    let Ok(cost) = effort.checked_mul(i64::from(efforts)) else {
                        continue;
                    };
                    let value = contribution * step.worth * step.success.chance(f64::from(efforts));
                    let name = || format!("habit-{habit}-{}-{efforts}", axis_of(step.iteration));
                    let (to, success) = (step.iteration.to(), step.success);
                    let detail = Detail::Iterate { habit, to, success };
                    let told = (step.class, efforts, detail);
                    choices.extend(choice(name, cost, value, told));
                }
            }
        }
        self.menu(choices, Standstill::NoStep)
    }

    /// What can be done for a starting customer \[B2\].
    pub(super) fn care_menu(
        &self,
        starting: &Starting,
        worth: f64,
        class: usize,
        menus: &Menus,
    ) -> Result<Aim, Standstill> {
        let options = menus.care().options(starting, self.models.care().hidden());
        let choices = options.into_iter().filter_map(|option| {
            let means = option.means;
            let name = || {
                let warned = if means.early_warning { "-warned" } else { "" };
                format!("visits-{}{warned}", means.visits)
            };
            let gain = option.gain;
            let detail = Detail::Means { means, gain };
            choice(
                name,
                option.cost,
                worth * gain,
                (class, means.visits, detail),
            )
        });
        self.menu(choices.collect(), Standstill::NoDoubt)
    }

    /// What pays back in time, the cheapest first, each worth more than all that cost no more.
    fn menu(&self, mut choices: Vec<Choice>, nothing: Standstill) -> Result<Aim, Standstill> {
        let class = choices.first().map(|choice| choice.class).ok_or(nothing)?;
        choices.retain(|choice| {
            let test = self
                .classes()
                .get(choice.class)
                .and_then(|class| class.test);
            test.is_none_or(|test| test.passes(choice.units, choice.value))
        });
        choices.sort_by(|a, b| {
            let dearer = a.cost.minor().cmp(&b.cost.minor());
            dearer.then_with(|| b.value.total_cmp(&a.value))
        });
        let mut most = 0.0;
        choices.retain(|choice| {
            let better = choice.value > most;
            most = if better { choice.value } else { most };
            better
        });
        Ok(Aim {
            offer: Offer::Menu(choices),
            class,
        })
    }
}

/// A choice that brings something.
fn choice(
    name: impl Fn() -> String,
    cost: Money,
    value: f64,
    (class, efforts, detail): (usize, u32, Detail),
) -> Option<Choice> {
    if !(value > 0.0 && value.is_finite()) {
        return None;
    }
    Some(Choice {
        id: Id::new(name()).ok()?,
        cost,
        units: units_of(cost),
        value,
        class,
        efforts,
        detail,
    })
}

/// The first axis that an iteration raises, in a word.
fn axis_of(iteration: crate::customer::habit::Iteration) -> &'static str {
    let raised = Axis::ALL.into_iter().find(|axis| iteration.raises(*axis));
    raised.map_or("none", Axis::name)
}

#[cfg(test)]
mod tests;
