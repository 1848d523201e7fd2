//! What limits each activity: the constraints, and what they leave.

use crate::money::Money;
use crate::numeric::cast;

use super::super::answer::Limit as Limited;
use super::super::tree::ROOT;
use super::super::{Prices, Problem};
use super::compile;

/// What the constraints leave.
pub(super) struct Slack<'a> {
    pub(super) problem: &'a Problem,
    pub(super) budget: i128,
    pub(super) groups: &'a [i128],
    pub(super) used: &'a [i128],
    pub(super) prices: &'a Prices,
}

impl Slack<'_> {
    /// The marginal return and what limits an activity.
    pub(super) fn line(&self, place: usize, spend: i64, choice: u32) -> (f64, Limited) {
        let activity = &self.problem.activities()[place];
        if let Some(menu) = activity.as_menu() {
            let at = cast::usize_of_u32(choice).checked_sub(1);
            let value = at.map_or(0.0, |at| menu.options()[at].value());
            let better = (1..)
                .zip(menu.options())
                .filter(|(_, option)| option.value() > value)
                .min_by_key(|(place, option)| (option.cost().minor(), *place));
            let Some((next, option)) = better else {
                return (0.0, Limited::Saturated);
            };
            if self.budget >= i128::from(option.cost().minor() - spend)
                && self.groups.is_empty()
                && self.used.is_empty()
            {
                return (0.0, Limited::Budget);
            }
            return (
                0.0,
                self.binding(place, spend, choice, option.cost().minor(), next),
            );
        }
        let Some(terms) = activity.as_spending() else {
            return (0.0, Limited::Saturated);
        };
        let step = terms.step().map_or(1, Money::minor).max(1);
        let minor = cast::f64_of_i64(compile::minor_units(self.problem.currency()));
        let unit = cast::f64_of_i64(step) / minor;
        let steps = (spend / step).unsigned_abs();
        let gain =
            |from: u64| crate::response::Response::gain(terms.curve(), from, from + 1, unit) / unit;
        let marginal = gain(steps);
        let floor = terms.floor().map_or(0, Money::minor);
        let least = terms.minimum_if_any().map_or(0, Money::minor);
        let at_cap = terms
            .cap()
            .is_some_and(|cap| spend.saturating_add(step) > cap.minor());
        let limit = if floor > 0
            && spend == floor
            && gain(steps.saturating_sub(1)) < self.full_price(place)
        {
            Limited::Floor
        } else if least > 0 && spend == least {
            Limited::MinimumIfAny
        } else if at_cap {
            Limited::Cap
        } else if marginal <= 0.0 {
            Limited::Saturated
        } else {
            self.binding(place, spend, choice, spend.saturating_add(step), choice)
        };
        (marginal, limit)
    }

    /// The price of a currency unit to an activity.
    fn full_price(&self, place: usize) -> f64 {
        let tree = self.problem.tree();
        let mut price = self.prices.budget;
        let mut at = tree.group_of(place);
        while at != ROOT {
            let group = cast::usize_of_u32(at);
            price += self.prices.groups[group];
            at = tree.parent[group];
        }
        if let Some(terms) = self.problem.activities()[place].as_spending() {
            for (id, amount) in terms.uses_per_unit() {
                let resource = self
                    .problem
                    .resources()
                    .iter()
                    .position(|resource| resource.id() == id);
                price += resource.map_or(0.0, |at| {
                    self.prices.resources[at] * cast::f64_of_u64(amount.micros()) / 1e6
                });
            }
        }
        price
    }

    /// The innermost group whose slack refuses the next step, then a resource, then the budget; if all have room
    /// for it alone, the budget if it has a price, or else the innermost group or resource that has one.
    fn binding(
        &self,
        place: usize,
        spend: i64,
        choice: u32,
        next_spend: i64,
        next: u32,
    ) -> Limited {
        let more = i128::from(next_spend) - i128::from(spend);
        let tree = self.problem.tree();
        let mut priced = None;
        let mut at = tree.group_of(place);
        while at != ROOT {
            let group = cast::usize_of_u32(at);
            if i128::from(tree.cap[group]) - self.groups[group] < more {
                return Limited::Group(at);
            }
            if self.prices.groups[group] > 0.0 && priced.is_none() {
                priced = Some(Limited::Group(at));
            }
            at = tree.parent[group];
        }
        if !self.used.is_empty() {
            let minor = i128::from(compile::minor_units(self.problem.currency()));
            let now = uses_at(self.problem, place, spend, choice);
            let then = uses_at(self.problem, place, next_spend, next);
            for (at, resource) in (0_u32..).zip(self.problem.resources()) {
                let index = cast::usize_of_u32(at);
                let limit = i128::from(resource.limit().micros()) * minor;
                if self.used[index] - now[index] + then[index] > limit {
                    return Limited::Resource(at);
                }
                if self.prices.resources[index] > 0.0
                    && then[index] > now[index]
                    && priced.is_none()
                {
                    priced = Some(Limited::Resource(at));
                }
            }
        }
        if self.budget < more || self.prices.budget > 0.0 {
            return Limited::Budget;
        }
        priced.unwrap_or(Limited::Budget)
    }
}

/// Use of every resource by one activity, in micro-units times the minor units of a currency unit.
pub(super) fn uses_at(problem: &Problem, activity: usize, spend: i64, choice: u32) -> Vec<i128> {
    let minor = i128::from(compile::minor_units(problem.currency()));
    let activity = &problem.activities()[activity];
    let (uses, times) = match (activity.as_menu(), activity.as_spending()) {
        (Some(menu), _) => {
            let option = cast::usize_of_u32(choice)
                .checked_sub(1)
                .and_then(|at| menu.options().get(at));
            (option.map_or(&[][..], |option| option.uses()), minor)
        }
        (_, Some(terms)) => (terms.uses_per_unit(), i128::from(spend)),
        _ => (&[][..], 0),
    };
    problem
        .resources()
        .iter()
        .map(|resource| {
            let amount = uses
                .iter()
                .find(|(id, _)| id == resource.id())
                .map_or(0, |(_, used)| used.micros());
            i128::from(amount) * times
        })
        .collect()
}

#[cfg(test)]
mod tests;
