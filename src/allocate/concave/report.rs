//! From steps taken to an answer, with the final check.

use core::ops::Range;

use crate::money::Money;
use crate::numeric::ExactSum;
use crate::numeric::cast::{f64_of_i64, usize_of_u32};
use crate::quantity::Quantity;
use crate::response::Response;

use super::super::answer::{Columns, Limit, Limits, Own};
use super::super::{
    AllocateError, Allocation, Certificate, GroupLine, Prices, Problem, ResourceLine, Status,
    Totals,
};
use super::bounds::{Bound, NO_CAP, bound_at};
use super::columns::{CHUNK, Segment};
use super::jobs::{JOB, Job, chunks, each, jobs};
use super::layout::Market;
use super::region::Settled;
use super::target::Reached;
use super::worth::Gains;

/// How far a gain in `f64` may seem to lie on the wrong side of the price, relative to it.
const BLUR: f64 = 1e-11;

/// The answer for a budget.
pub(super) fn report(
    problem: &Problem,
    market: &Market<'_>,
    mut settled: Settled,
) -> Result<Allocation, AllocateError> {
    let taken = core::mem::take(&mut settled.taken);
    let (columns, value) = lines(market, &settled, taken, &settled.price)?;
    let spent = core::mem::take(&mut settled.spent);
    let (totals, prices) = totals(problem, market, &settled, &spent, value)?;
    assemble(problem, market, totals, &spent, columns, prices)
}

/// The totals of an answer for a budget, and its prices.
pub(super) fn totals(
    problem: &Problem,
    market: &Market<'_>,
    settled: &Settled,
    spent: &[i128],
    value: f64,
) -> Result<(Totals, Prices), AllocateError> {
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
    Ok((totals, prices))
}

/// Writes the line of one item anew, with the checks that every line undergoes. `settled` counts the steps above
/// the price; fewer than the floor are held up by it.
pub(super) fn reline(
    market: &Market<'_>,
    settled: &Settled,
    item: usize,
    gains: &mut Gains,
    columns: &mut Columns,
) -> Result<(), AllocateError> {
    let Limits::Shared { own: limited, .. } = &mut columns.limits else {
        return Err(failed("the answer before was no market's"));
    };
    let segment = market.segment_of(item);
    let part = Part {
        market,
        segment,
        price: settled.price[segment.node],
    };
    let mut own = [settled.taken[item]];
    let mut line = Slices {
        spend: &mut own,
        value: &mut columns.value[item..=item],
        marginal: &mut columns.marginal[item..=item],
        limited_by: &mut limited[item..=item],
    };
    part.write(item..item + 1, gains, &mut line)?;
    columns.spend[item] = own[0];
    Ok(())
}

/// What each of the problem's groups spends, in minor units.
pub(super) fn group_spent(
    problem: &Problem,
    market: &Market<'_>,
    spent: &[i128],
) -> Result<Vec<i64>, AllocateError> {
    let mut group_spent = vec![0_i64; problem.groups().len()];
    for (node, &steps) in market.layout.nodes.iter().zip(spent).skip(1) {
        group_spent[usize_of_u32(node.group)] = minor_of(market, steps)?;
    }
    Ok(group_spent)
}

/// The answer for a target.
pub(super) fn report_target(
    problem: &Problem,
    market: &Market<'_>,
    reached: Reached,
) -> Result<Allocation, AllocateError> {
    let mut settled = reached.settled;
    let taken = core::mem::take(&mut settled.taken);
    let almost = reached.before.as_ref().unwrap_or(&settled);
    let (columns, value) = lines(market, &settled, taken, &almost.price)?;
    let spent = &settled.spent;
    let total = minor_of(market, spent[0])?;
    let prices = prices(problem, market, almost);
    let in_units = f64_of_i64(total) / f64_of_i64(market.layout.unit.per_unit);
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
    assemble(problem, market, totals, spent, columns, prices)
}

fn failed(what: &str) -> AllocateError {
    AllocateError::FailedCheck {
        what: what.to_owned(),
    }
}

/// Steps as minor units.
fn minor_of(market: &Market<'_>, steps: i128) -> Result<i64, AllocateError> {
    i64::try_from(steps.saturating_mul(i128::from(market.layout.unit.minor)))
        .map_err(|_| failed("the total spend is beyond any amount"))
}

/// A gain per step as one per currency unit.
pub(super) fn per_currency_unit(market: &Market<'_>, gain: f64) -> f64 {
    let scaled =
        gain * f64_of_i64(market.layout.unit.per_unit) / f64_of_i64(market.layout.unit.minor);
    scaled.min(f64::MAX)
}

/// Every activity's line, checked: within its bounds, no step taken that returns less than the price, none left
/// that returns more; and every node, that it spends what the search says, within its bounds. `taken` becomes the
/// column of spends.
fn lines(
    market: &Market<'_>,
    settled: &Settled,
    mut taken: Vec<i64>,
    price: &[f64],
) -> Result<(Columns, f64), AllocateError> {
    let layout = market.layout;
    check_nodes(market, &settled.spent)?;
    let count = layout.position.len();
    let (mut value, mut marginal) = (vec![0.0; count], vec![0.0; count]);
    let mut limited_by = vec![Own::Nothing; count];
    let jobs = jobs(&layout.columns.segments).zip(taken.chunks_mut(JOB));
    let columns = value.chunks_mut(JOB).zip(marginal.chunks_mut(JOB));
    let columns = columns.zip(limited_by.chunks_mut(JOB));
    let mut sum = ExactSum::new();
    let mut spent = vec![0_i128; layout.nodes.len()];
    let mut outcome = Ok(());
    each(
        jobs.zip(columns),
        |((job, spend), ((value, marginal), limited_by))| {
            let slices = Slices {
                spend,
                value,
                marginal,
                limited_by,
            };
            write_job(market, price, &job, slices)
        },
        |written| match written {
            Ok((first, part, values)) => {
                for (spent, part) in spent[first..].iter_mut().zip(part) {
                    *spent += part;
                }
                sum.merge(&values);
            }
            Err(error) if outcome.is_ok() => outcome = Err(error),
            Err(_) => {}
        },
    );
    outcome?;
    for at in (1..spent.len()).rev() {
        let own = spent[at];
        spent[layout.nodes[at].parent] += own;
    }
    if spent != settled.spent {
        return Err(failed("a group does not spend what its members do"));
    }
    let total = sum.value();
    if !total.is_finite() {
        return Err(AllocateError::ValueOutOfRange);
    }
    let columns = Columns {
        spend: taken,
        value,
        marginal,
        limits: Limits::Shared {
            own: limited_by,
            constraints: constraints(market, settled, &settled.spent),
        },
        option: Vec::new(),
    };
    Ok((columns, total))
}

/// The columns of a run of items.
struct Slices<'t> {
    /// Steps on the way in, minor units on the way out.
    spend: &'t mut [i64],
    value: &'t mut [f64],
    marginal: &'t mut [f64],
    limited_by: &'t mut [Own],
}

impl Slices<'_> {
    fn part(&mut self, range: Range<usize>) -> Slices<'_> {
        Slices {
            spend: &mut self.spend[range.clone()],
            value: &mut self.value[range.clone()],
            marginal: &mut self.marginal[range.clone()],
            limited_by: &mut self.limited_by[range],
        }
    }
}

/// The first node of a job, what the members of that and the next ones spend, and the sum of the values.
type Written = (usize, Vec<i128>, ExactSum);

fn write_job(
    market: &Market<'_>,
    price: &[f64],
    job: &Job<'_>,
    mut slices: Slices<'_>,
) -> Result<Written, AllocateError> {
    let nodes = job.nodes();
    let mut spent = vec![0_i128; nodes.len()];
    let mut gains = Gains::new();
    for (segment, items) in job.parts() {
        let part = Part {
            market,
            segment,
            price: price[segment.node],
        };
        for items in chunks(items) {
            let own = items.start - job.items.start..items.end - job.items.start;
            let steps = part.write(items, &mut gains, &mut slices.part(own))?;
            spent[segment.node - nodes.start] += steps;
        }
    }
    let sum = slices.value.iter().copied().collect();
    Ok((nodes.start, spent, sum))
}

/// What the lines of one segment have in common.
struct Part<'m> {
    market: &'m Market<'m>,
    segment: &'m Segment,
    price: f64,
}

impl Part<'_> {
    /// Writes and checks the lines of at most [`CHUNK`](super::columns::CHUNK) items; the steps that they take.
    fn write(
        &self,
        items: Range<usize>,
        gains: &mut Gains,
        out: &mut Slices<'_>,
    ) -> Result<i128, AllocateError> {
        let layout = self.market.layout;
        let minor = layout.unit.minor;
        let rate = per_currency_unit(self.market, 1.0);
        let count = items.len();
        let mut own = [0_i64; CHUNK];
        own[..count].copy_from_slice(out.spend);
        let bounds = layout.columns.bounds(self.segment, items.clone());
        if let Some(bounds) = bounds {
            for (held, &floor) in out.spend.iter_mut().zip(bounds.floors) {
                *held = (*held).max(floor);
            }
        }
        gains.fill(self.market, self.segment.family, items.clone(), out.spend);
        out.value.copy_from_slice(gains.values(count));
        let mut steps = 0_i128;
        let (most, least) = (self.price * (1.0 + BLUR), self.price * (1.0 - BLUR));
        for (at, item) in items.enumerate() {
            let (next, taken) = (gains.next(at), out.spend[at]);
            let Bound { floor, cap } = bound_at(bounds, at);
            if taken < floor || taken > cap {
                return Err(failed("an activity lies outside its floor and cap"));
            }
            if next > most && next > 0.0 && taken != cap {
                return Err(failed("a step is left that returns more than the price"));
            }
            if taken > floor && gains.last(at) < least {
                // A lower bound that does not reach: the gain itself.
                let curve = self.market.curve(item);
                if curve.gain(taken - 1, layout.unit).0 < least {
                    return Err(failed("a step is taken that returns less than the price"));
                }
            }
            out.limited_by[at] = if own[at] < floor {
                Own::Floor
            } else if taken == 1 && self.segment.minimums && self.has_minimum(item) {
                Own::MinimumIfAny
            } else if taken == cap {
                Own::Cap
            } else if next > 0.0 {
                Own::Nothing
            } else {
                Own::Saturated
            };
            out.marginal[at] = (next * rate).min(f64::MAX);
            out.spend[at] = taken * minor;
            steps += i128::from(taken);
        }
        Ok(steps)
    }
}

impl Part<'_> {
    /// Whether an item may not take less than the step that it takes.
    fn has_minimum(&self, item: usize) -> bool {
        let activities = self.market.problem.activities();
        self.market.layout.has_minimum(item, activities)
    }
}

/// The value of an item's steps.
pub(super) fn value_of(market: &Market<'_>, item: usize, taken: i64) -> f64 {
    let position = usize_of_u32(market.layout.position[item]);
    let terms = market.problem.activities()[position].as_spending();
    let spend = market.layout.unit.spend(taken);
    terms.map_or(0.0, |terms| terms.curve().value(spend))
}

fn check_nodes(market: &Market<'_>, spent: &[i128]) -> Result<(), AllocateError> {
    for (node, &sum) in market.layout.nodes.iter().zip(spent) {
        if sum < i128::from(node.floor) || (node.cap != NO_CAP && sum > i128::from(node.cap)) {
            return Err(failed("a group lies outside its floor and cap"));
        }
    }
    Ok(())
}

/// What limits the members of each group that nothing of their own does: the innermost group at or above theirs that
/// binds, or the budget. By position of the group; the budget's own members come last.
pub(super) fn constraints(market: &Market<'_>, settled: &Settled, spent: &[i128]) -> Vec<Limit> {
    let nodes = &market.layout.nodes;
    let mut innermost: Vec<Limit> = Vec::with_capacity(nodes.len());
    let mut constraints = vec![Limit::Budget; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let binds = at > 0
            && (settled.binds[at] || (node.cap != NO_CAP && spent[at] == i128::from(node.cap)));
        let above = innermost.get(node.parent).copied();
        let own = if binds {
            Limit::Group(node.group)
        } else {
            above.unwrap_or(Limit::Budget)
        };
        innermost.push(own);
        if at > 0 {
            constraints[usize_of_u32(node.group)] = own;
        }
    }
    constraints
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
    for (at, node) in market.layout.nodes.iter().enumerate().skip(1) {
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
    let group_spent = group_spent(problem, market, spent)?;
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

#[cfg(test)]
mod tests;
