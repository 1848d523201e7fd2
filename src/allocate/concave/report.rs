//! From steps taken to an answer, with the final check.

use crate::money::Money;
use crate::numeric::cast::{f64_of_i64, usize_of_u32};
use crate::quantity::Quantity;
use crate::response::Response;

use super::super::answer::{Columns, Limit};
use super::super::{
    AllocateError, Allocation, Certificate, GroupLine, Prices, Problem, ResourceLine, Status,
    Totals,
};
use super::layout::{Market, NO_CAP};
use super::region::Settled;
use super::target::{Reached, total_value};

/// How far a gain in `f64` may seem to lie on the wrong side of the price, relative to it.
const BLUR: f64 = 1e-11;

/// The answer for a budget.
pub(super) fn report(
    problem: &Problem,
    market: &Market<'_>,
    settled: &Settled,
) -> Result<Allocation, AllocateError> {
    let (columns, value) = lines(problem, market, settled, settled)?;
    let spent = spent_below(market, settled);
    let budget = market.budget.unwrap_or(i64::MAX);
    if spent[0] > i128::from(budget) {
        return Err(failed("more is spent than the budget"));
    }
    let total = minor_of(market, spent[0])?;
    let currency = problem.currency();
    let whole_budget = match problem.objective() {
        super::super::Objective::Budget(budget) => budget.minor(),
        super::super::Objective::Target(_) => total,
    };
    let prices = prices(problem, market, settled);
    let totals = Totals {
        status: Status::Optimal,
        value,
        bound: value,
        gap: 0.0,
        spent: Money::from_minor(total, currency),
        unspent: Some(Money::from_minor(whole_budget - total, currency)),
        shadow_price: prices.budget,
    };
    assemble(problem, market, totals, &spent, columns, prices)
}

/// The answer for a target.
pub(super) fn report_target(
    problem: &Problem,
    market: &Market<'_>,
    reached: &Reached,
) -> Result<Allocation, AllocateError> {
    let settled = &reached.settled;
    let almost = reached.before.as_ref().unwrap_or(settled);
    let (columns, value) = lines(problem, market, settled, almost)?;
    let spent = spent_below(market, settled);
    let total = minor_of(market, spent[0])?;
    let prices = prices(problem, market, almost);
    let in_units = f64_of_i64(total) / f64_of_i64(market.unit.per_unit);
    let shadow_price = match reached.before {
        Some(_) if prices.budget > 0.0 => 1.0 / prices.budget,
        _ => 0.0,
    };
    let totals = Totals {
        status: Status::Optimal,
        value,
        bound: in_units,
        gap: 0.0,
        spent: Money::from_minor(total, problem.currency()),
        unspent: None,
        shadow_price,
    };
    assemble(problem, market, totals, &spent, columns, prices)
}

fn failed(what: &str) -> AllocateError {
    AllocateError::FailedCheck {
        what: what.to_owned(),
    }
}

/// Steps as minor units.
fn minor_of(market: &Market<'_>, steps: i128) -> Result<i64, AllocateError> {
    i64::try_from(steps.saturating_mul(i128::from(market.unit.minor)))
        .map_err(|_| failed("the total spend is beyond any amount"))
}

/// A gain per step as one per currency unit.
fn per_currency_unit(market: &Market<'_>, gain: f64) -> f64 {
    let scaled = gain * f64_of_i64(market.unit.per_unit) / f64_of_i64(market.unit.minor);
    scaled.min(f64::MAX)
}

/// What each node spends, in steps.
fn spent_below(market: &Market<'_>, settled: &Settled) -> Vec<i128> {
    let mut spent = vec![0_i128; market.nodes.len()];
    for (at, node) in market.nodes.iter().enumerate().rev() {
        let own = &settled.taken[node.members.clone()];
        spent[at] += own.iter().map(|&taken| i128::from(taken)).sum::<i128>();
        if at > 0 {
            spent[node.parent] += spent[at];
        }
    }
    spent
}

/// Every activity's line, checked: within its bounds, no step taken that returns less than the price, none left
/// that returns more.
fn lines(
    problem: &Problem,
    market: &Market<'_>,
    settled: &Settled,
    priced: &Settled,
) -> Result<(Columns, f64), AllocateError> {
    let count = market.position.len();
    let mut columns = Columns {
        spend: vec![0; count],
        value: vec![0.0; count],
        marginal: vec![0.0; count],
        limited_by: vec![Limit::Budget; count],
        option: Vec::new(),
    };
    let spent = spent_below(market, settled);
    check_nodes(market, &spent)?;
    let innermost = innermost_binding(market, settled, &spent);
    for (at, node) in market.nodes.iter().enumerate() {
        let price = priced.price[at];
        for item in node.members.clone() {
            let position = usize_of_u32(market.position[item]);
            let taken = settled.taken[item];
            let (floor, cap) = (market.floor[item], market.cap[item]);
            let curve = &market.curves[item];
            let (next, _) = curve.gain(taken, market.unit);
            let next = if next < f64::MIN_POSITIVE { 0.0 } else { next };
            check_item(taken, (floor, cap))?;
            if taken < cap && next > price * (1.0 + BLUR) && next > f64::MIN_POSITIVE {
                return Err(failed("a step is left that returns more than the price"));
            }
            if taken > floor && curve.gain(taken - 1, market.unit).0 < price * (1.0 - BLUR) {
                return Err(failed("a step is taken that returns less than the price"));
            }
            columns.spend[position] = taken.saturating_mul(market.unit.minor);
            columns.value[position] = value_of(problem, market, item, taken);
            columns.marginal[position] = per_currency_unit(market, next);
            columns.limited_by[position] = if settled.held_up[item] {
                Limit::Floor
            } else if taken == cap {
                Limit::Cap
            } else if next <= 0.0 {
                Limit::Saturated
            } else {
                innermost[at].map_or(Limit::Budget, Limit::Group)
            };
        }
    }
    let value = total_value(market, settled, |item, _| {
        columns.value[usize_of_u32(market.position[item])]
    });
    if !value.is_finite() {
        return Err(AllocateError::ValueOutOfRange);
    }
    Ok((columns, value))
}

/// The value of an item's steps.
pub(super) fn value_of(problem: &Problem, market: &Market<'_>, item: usize, taken: i64) -> f64 {
    let position = usize_of_u32(market.position[item]);
    let terms = problem.activities()[position].as_spending();
    terms.map_or(0.0, |terms| terms.curve().value(market.unit.spend(taken)))
}

fn check_item(taken: i64, (floor, cap): (i64, i64)) -> Result<(), AllocateError> {
    if taken < floor || taken > cap {
        return Err(failed("an activity lies outside its floor and cap"));
    }
    Ok(())
}

fn check_nodes(market: &Market<'_>, spent: &[i128]) -> Result<(), AllocateError> {
    for (node, &sum) in market.nodes.iter().zip(spent) {
        if sum < i128::from(node.floor) || (node.cap != NO_CAP && sum > i128::from(node.cap)) {
            return Err(failed("a group lies outside its floor and cap"));
        }
    }
    Ok(())
}

/// For each node the innermost group at or above it that binds.
fn innermost_binding(market: &Market<'_>, settled: &Settled, spent: &[i128]) -> Vec<Option<u32>> {
    let mut innermost: Vec<Option<u32>> = Vec::with_capacity(market.nodes.len());
    for (at, node) in market.nodes.iter().enumerate() {
        let binds = at > 0
            && (settled.binds[at] || (node.cap != NO_CAP && spent[at] == i128::from(node.cap)));
        let above = if at == 0 {
            None
        } else {
            innermost[node.parent]
        };
        innermost.push(if binds { Some(node.group) } else { above });
    }
    innermost
}

/// The canonical prices: of the budget the gain of the first step that it refuses; of a group what its own
/// bound adds to that.
fn prices(problem: &Problem, market: &Market<'_>, settled: &Settled) -> Prices {
    let full: Vec<f64> = settled
        .price
        .iter()
        .map(|&gain| per_currency_unit(market, gain))
        .collect();
    let mut groups = vec![0.0; problem.groups().len()];
    for (at, node) in market.nodes.iter().enumerate().skip(1) {
        if settled.binds[at] {
            groups[usize_of_u32(node.group)] = full[at] - full[node.parent];
        }
    }
    Prices {
        budget: full[0],
        resources: vec![0.0; problem.resources().len()],
        groups,
    }
}

fn assemble(
    problem: &Problem,
    market: &Market<'_>,
    totals: Totals,
    spent: &[i128],
    columns: Columns,
    prices: Prices,
) -> Result<Allocation, AllocateError> {
    let mut group_spent = vec![0_i64; problem.groups().len()];
    for (node, &steps) in market.nodes.iter().zip(spent).skip(1) {
        group_spent[usize_of_u32(node.group)] = minor_of(market, steps)?;
    }
    let groups = problem.groups().iter().zip(group_spent).zip(&prices.groups);
    let groups = groups
        .map(|((group, minor), &shadow_price)| GroupLine {
            id: group.id().clone(),
            spent: Money::from_minor(minor, problem.currency()),
            shadow_price,
        })
        .collect();
    let resources = problem.resources().iter();
    let resources = resources
        .map(|resource| ResourceLine {
            id: resource.id().clone(),
            used: Quantity::ZERO,
            shadow_price: 0.0,
        })
        .collect();
    let certificate = Certificate {
        prices,
        leaves: Vec::new(),
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
