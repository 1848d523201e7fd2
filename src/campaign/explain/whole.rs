//! The reasons of the whole: why the budget is or is not exhausted, and what everything is worth at the margin.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::line::step_of;
use super::{Explainer, Limit};
use crate::allocate::{AllocateError, LimitedBy, Objective, Problem, solve};
use crate::document::DocumentError;
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;

/// Why the budget is or is not exhausted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exhaustion {
    /// Every unit is spent.
    Exhausted,
    /// What is left is less than any further step costs.
    LessThanAStep {
        /// What is left.
        unspent: Money,
        /// The cheapest step that somebody waits for.
        step: Money,
    },
    /// Nobody waits for more: each is at a cap, in a full group, or gains nothing from more.
    NobodyWaits {
        /// What is left.
        unspent: Money,
    },
    /// The problem asked for a target, not for a budget to be spent.
    NoBudget,
}

/// How many lines a constraint limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitCount {
    /// The constraint.
    pub limited_by: Limit,
    /// How many lines.
    pub lines: u64,
    /// What they spend together.
    pub spend: Money,
}

/// A group and what one more currency unit of its cap would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPrice {
    /// The group.
    pub id: Id,
    /// What it spends.
    pub spent: Money,
    /// Value per currency unit; negative where its floor binds.
    pub price: f64,
}

/// A resource and what one more unit of it would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcePrice {
    /// The resource.
    pub id: Id,
    /// How much is used.
    pub used: Quantity,
    /// How much there is.
    pub limit: Quantity,
    /// Value per unit.
    pub price: f64,
}

/// The reasons of the whole plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReasons {
    /// What is spent.
    pub spent: Money,
    /// Why the budget is or is not exhausted.
    pub exhaustion: Exhaustion,
    /// How many lines each constraint limits, in a fixed order.
    pub limits: Vec<LimitCount>,
    /// Value per further currency unit of budget.
    pub price: f64,
    /// Every group that has a price.
    pub groups: Vec<GroupPrice>,
    /// Every resource.
    pub resources: Vec<ResourcePrice>,
}

impl Explainer<'_> {
    /// The reasons of the whole. `O(n)`.
    #[must_use]
    pub fn whole(&self) -> PlanReasons {
        let (problem, allocation) = (self.problem(), self.allocation());
        let mut counts: BTreeMap<Limit, (u64, i64)> = BTreeMap::new();
        for line in allocation.lines() {
            let count = counts.entry(Limit::from(&line.limited_by)).or_default();
            count.0 += 1;
            // The total was checked when the allocation was made.
            count.1 = count.1.saturating_add(line.spend.minor());
        }
        let money = |minor| Money::from_minor(minor, problem.currency());
        PlanReasons {
            spent: allocation.spent(),
            exhaustion: self.exhaustion(),
            limits: counts
                .into_iter()
                .map(|(limited_by, (lines, spend))| LimitCount {
                    limited_by,
                    lines,
                    spend: money(spend),
                })
                .collect(),
            price: allocation.shadow_price(),
            groups: allocation
                .groups()
                .iter()
                .filter(|line| line.shadow_price != 0.0)
                .map(|line| GroupPrice {
                    id: line.id.clone(),
                    spent: line.spent,
                    price: line.shadow_price,
                })
                .collect(),
            resources: allocation
                .resources()
                .iter()
                .zip(problem.resources())
                .map(|(line, resource)| ResourcePrice {
                    id: line.id.clone(),
                    used: line.used,
                    limit: resource.limit(),
                    price: line.shadow_price,
                })
                .collect(),
        }
    }

    fn exhaustion(&self) -> Exhaustion {
        let Some(unspent) = self.allocation().unspent() else {
            return Exhaustion::NoBudget;
        };
        if unspent.is_zero() {
            return Exhaustion::Exhausted;
        }
        let waits = self
            .allocation()
            .lines()
            .filter(|line| line.limited_by == LimitedBy::Budget);
        let steps = waits.filter_map(|line| {
            let at = self.problem().position(line.id)?;
            let spending = self.problem().activities().get(at)?.as_spending()?;
            i64::try_from(step_of(spending)).ok()
        });
        match steps.min() {
            Some(step) => {
                let step = Money::from_minor(step, unspent.currency());
                Exhaustion::LessThanAStep { unspent, step }
            }
            None => Exhaustion::NobodyWaits { unspent },
        }
    }
}

/// Why a question about one more unit has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OneMoreError {
    /// The problem has no budget to raise.
    #[error("problem has a target and no budget; one more unit of money has no meaning in it")]
    NoBudget,
    /// The changed problem is not lawful.
    #[error(transparent)]
    Problem(#[from] DocumentError),
    /// The changed problem has no answer.
    #[error(transparent)]
    Allocate(#[from] AllocateError),
}

/// What a further amount of budget would bring, exactly: the best value with it, less the best without.
///
/// # Errors
/// [`OneMoreError::NoBudget`] for a problem with a target; otherwise those of the changed problem.
pub fn worth_of_money(problem: &Problem, value: f64, more: Money) -> Result<f64, OneMoreError> {
    let Objective::Budget(budget) = problem.objective() else {
        return Err(OneMoreError::NoBudget);
    };
    let raised = Money::from_minor(
        budget.minor().saturating_add(more.minor()),
        budget.currency(),
    );
    let changed = problem.with_objective(Objective::Budget(raised))?;
    Ok(solve(&changed)?.value() - value)
}
