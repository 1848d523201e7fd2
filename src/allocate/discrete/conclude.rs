//! From what the search found to the answer: lines, prices, and what limits each activity.

use crate::money::Money;
use crate::numeric::cast;
use crate::quantity::Quantity;

use super::super::answer::{Columns, Limit as Limited, Limits};
use super::super::{
    AllocateError, Allocation, Certificate, GroupLine, Leaf, Objective, Prices, Problem,
    ResourceLine, Status, Totals, Unclosed,
};
use super::compile;
use super::form::{Form, Kind, Limit};
use super::slack::{Slack, uses_at};
use super::target::Reached;

/// The end of a search in the problem's own terms.
pub(super) struct Found {
    /// Minor units per activity.
    pub(super) spend: Vec<i64>,
    pub(super) value: Vec<f64>,
    /// 0 for none, `k` for the `k`-th option by id.
    pub(super) option: Vec<u32>,
    pub(super) total: f64,
    pub(super) bound: f64,
    pub(super) complete: bool,
    pub(super) stopped: bool,
    pub(super) prices: Prices,
    pub(super) leaves: Vec<Leaf>,
}

/// Relative gap up to which an answer is proved: the accuracy of evaluation.
const PROVED: f64 = 1e-12;

/// Prices in value per currency unit and per unit of a resource.
pub(super) fn prices(problem: &Problem, form: &Form<'_>, rows: &[f64]) -> Prices {
    let minor = cast::f64_of_i64(compile::minor_units(problem.currency()));
    let mut prices = Prices {
        budget: 0.0,
        resources: vec![0.0; problem.resources().len()],
        groups: vec![0.0; problem.groups().len()],
    };
    for (row, price) in form.rows.iter().zip(rows) {
        match row.limit {
            Limit::Budget => prices.budget = price * minor,
            Limit::Cap(at) => prices.groups[at] += price * minor,
            Limit::Floor(at) => prices.groups[at] -= price * minor,
            Limit::Resource(at) => prices.resources[at] = price * minor * 1e6,
        }
    }
    prices
}

/// Prices of the rows, from those of the constraints; a constraint that cannot bind has no row.
pub(super) fn row_prices(problem: &Problem, form: &Form<'_>, prices: &Prices) -> Vec<f64> {
    let minor = cast::f64_of_i64(compile::minor_units(problem.currency()));
    (form.rows.iter())
        .map(|row| match row.limit {
            Limit::Budget => prices.budget / minor,
            Limit::Cap(at) => prices.groups[at].max(0.0) / minor,
            Limit::Floor(at) => (-prices.groups[at]).max(0.0) / minor,
            Limit::Resource(at) => prices.resources[at] / minor / 1e6,
        })
        .collect()
}

/// The answer for a target: spends where a budget has values.
pub(super) fn reached(
    problem: &Problem,
    reached: Reached,
    stopped: bool,
) -> Result<Allocation, AllocateError> {
    let found = Found {
        spend: reached.spend,
        value: reached.value,
        option: reached.option,
        total: reached.total,
        bound: reached.total,
        complete: reached.complete,
        stopped,
        prices: reached.prices,
        leaves: reached.leaves,
    };
    let minor = cast::f64_of_i64(compile::minor_units(problem.currency()));
    let spent: i64 = found.spend.iter().sum();
    let totals = Totals {
        status: status(&found, spent == reached.least),
        value: found.total,
        bound: cast::f64_of_i64(reached.least) / minor,
        gap: cast::f64_of_i64(spent - reached.least) / minor,
        spent: Money::from_minor(spent, problem.currency()),
        unspent: None,
        shadow_price: if found.prices.budget > 0.0 {
            1.0 / found.prices.budget
        } else {
            0.0
        },
    };
    assemble(problem, found, totals)
}

fn status(found: &Found, closed: bool) -> Status {
    if found.complete && closed {
        return Status::Optimal;
    }
    let because = if found.stopped {
        Unclosed::Stopped
    } else {
        Unclosed::Nodes
    };
    Status::Bounded { because }
}

/// Puts the answer together.
pub(super) fn allocation(problem: &Problem, found: Found) -> Result<Allocation, AllocateError> {
    let (found, totals) = judged(problem, found)?;
    assemble(problem, found, totals)
}

/// The same for menus under a budget alone: an activity is limited by it unless no option is worth more.
pub(super) fn menus(
    problem: &Problem,
    found: Found,
    is_open: &[bool],
) -> Result<Allocation, AllocateError> {
    let (found, totals) = judged(problem, found)?;
    let limit = |open: &bool| {
        if *open {
            Limited::Budget
        } else {
            Limited::Saturated
        }
    };
    let columns = Columns {
        marginal: vec![0.0; found.spend.len()],
        limits: Limits::Each(is_open.iter().map(limit).collect()),
        spend: found.spend,
        value: found.value,
        option: found.option,
    };
    let certificate = Certificate {
        prices: found.prices,
        leaves: found.leaves,
    };
    let none = (Vec::new(), Vec::new());
    Ok(Allocation::from_columns(
        problem,
        totals,
        none.0,
        none.1,
        columns,
        certificate,
    ))
}

/// What was found, and how near the best it is.
fn judged(problem: &Problem, found: Found) -> Result<(Found, Totals), AllocateError> {
    if !found.total.is_finite() {
        return Err(AllocateError::ValueOutOfRange);
    }
    let currency = problem.currency();
    let spent: i128 = found.spend.iter().map(|spend| i128::from(*spend)).sum();
    let budget = compile::budget_of(problem);
    let mut bound = found.bound.max(found.total);
    if found.complete && bound - found.total <= 32.0 * f64::EPSILON * size(problem, &found.value) {
        // Where values cancel, less than their evaluation can tell.
        bound = found.total;
    }
    let gap = bound - found.total;
    let closed = gap <= PROVED * found.total.abs();
    // A bound is proved wherever the search ended.
    let found = Found {
        complete: found.complete || closed,
        ..found
    };
    let status = status(&found, closed);
    let spent = i64::try_from(spent).unwrap_or(i64::MAX);
    let totals = Totals {
        status,
        value: found.total,
        bound,
        gap,
        spent: Money::from_minor(spent, currency),
        unspent: Some(Money::from_minor(budget - spent, currency)),
        shadow_price: found.prices.budget,
    };
    Ok((found, totals))
}

/// How large the terms are that values are made of: a curve's value is that of nothing and what it rises by.
fn size(problem: &Problem, values: &[f64]) -> f64 {
    let rows = problem.activities().iter().zip(values);
    let sizes = rows.map(|(activity, value)| {
        let start = activity.as_spending().map_or(0.0, |terms| {
            crate::response::Response::value(terms.curve(), 0.0)
        });
        start.abs() + (value - start).abs()
    });
    sizes.sum()
}

fn assemble(
    problem: &Problem,
    mut found: Found,
    totals: Totals,
) -> Result<Allocation, AllocateError> {
    if !found.total.is_finite() {
        return Err(AllocateError::ValueOutOfRange);
    }
    let currency = problem.currency();
    let groups_spent = groups_spent(problem, &found.spend);
    let used = used(problem, &found);
    let resources = problem
        .resources()
        .iter()
        .zip(&used)
        .zip(&found.prices.resources)
        .map(|((resource, used), price)| {
            let minor = i128::from(compile::minor_units(currency));
            let micros = u64::try_from((used + minor - 1) / minor).unwrap_or(u64::MAX);
            ResourceLine {
                id: resource.id().clone(),
                used: Quantity::from_micros(micros),
                shadow_price: *price,
            }
        })
        .collect();
    let groups = problem
        .groups()
        .iter()
        .zip(&groups_spent)
        .zip(&found.prices.groups)
        .map(|((group, spent), price)| GroupLine {
            id: group.id().clone(),
            spent: Money::from_minor(i64::try_from(*spent).unwrap_or(i64::MAX), currency),
            shadow_price: *price,
        })
        .collect();
    let columns = columns(problem, &mut found, &groups_spent, &used);
    let certificate = Certificate {
        prices: found.prices,
        leaves: found.leaves,
    };
    Ok(Allocation::from_columns(
        problem,
        totals,
        resources,
        groups,
        columns,
        certificate,
    ))
}

fn groups_spent(problem: &Problem, spend: &[i64]) -> Vec<i128> {
    let tree = problem.tree();
    let mut sums = vec![0_i128; tree.len()];
    if sums.is_empty() {
        return sums;
    }
    for (place, each) in spend.iter().enumerate() {
        if let Some(sum) = sums.get_mut(cast::usize_of_u32(tree.group_of(place))) {
            *sum += i128::from(*each);
        }
    }
    for at in tree
        .downwards
        .iter()
        .rev()
        .map(|at| cast::usize_of_u32(*at))
    {
        let above = cast::usize_of_u32(tree.parent[at]);
        if above < sums.len() {
            sums[above] += sums[at];
        }
    }
    sums
}

/// Use of every resource, in micro-units times the minor units of a currency unit.
fn used(problem: &Problem, found: &Found) -> Vec<i128> {
    let mut used = vec![0_i128; problem.resources().len()];
    if used.is_empty() {
        return used;
    }
    for (place, spend) in found.spend.iter().enumerate() {
        for (sum, more) in used
            .iter_mut()
            .zip(uses_at(problem, place, *spend, found.option[place]))
        {
            *sum += more;
        }
    }
    used
}

fn columns(problem: &Problem, found: &mut Found, groups_spent: &[i128], used: &[i128]) -> Columns {
    let spent: i128 = found.spend.iter().map(|spend| i128::from(*spend)).sum();
    let left = match problem.objective() {
        Objective::Budget(budget) => i128::from(budget.minor()) - spent,
        Objective::Target(_) => 0,
    };
    let slack = Slack {
        problem,
        budget: left,
        groups: groups_spent,
        used,
        prices: &found.prices,
    };
    let count = found.spend.len();
    let mut marginal = Vec::with_capacity(count);
    let mut limited_by = Vec::with_capacity(count);
    for place in 0..count {
        let (gain, limit) = slack.line(place, found.spend[place], found.option[place]);
        marginal.push(gain);
        limited_by.push(limit);
    }
    let has_menus = problem
        .activities()
        .iter()
        .any(|activity| activity.as_menu().is_some());
    Columns {
        spend: core::mem::take(&mut found.spend),
        value: core::mem::take(&mut found.value),
        marginal,
        limits: Limits::Each(limited_by),
        option: if has_menus {
            core::mem::take(&mut found.option)
        } else {
            Vec::new()
        },
    }
}

/// The places of a form as spends, values and options.
pub(super) fn lines(form: &Form<'_>, taken: &[i64]) -> (Vec<i64>, Vec<f64>, Vec<u32>) {
    let mut lines = (Vec::new(), Vec::new(), Vec::new());
    for (choice, at) in form.choices.iter().zip(taken) {
        lines.0.push(choice.spend(*at));
        lines.1.push(choice.value(*at));
        lines.2.push(match &choice.kind {
            Kind::Menu { options, .. } => usize::try_from(*at)
                .ok()
                .and_then(|at| options.get(at))
                .map_or(0, |option| option.choice),
            Kind::Curve(_) => 0,
        });
    }
    lines
}

#[cfg(test)]
mod tests;
