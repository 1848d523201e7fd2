//! From steps taken to an answer, with the final check.

use core::ops::Range;

use crate::money::Money;
use crate::numeric::ExactSum;
use crate::numeric::cast::{f64_of_i64, usize_of_u32};
use crate::quantity::Quantity;
use crate::response::Response;

use super::super::answer::{Columns, Limit};
use super::super::{
    AllocateError, Allocation, Certificate, GroupLine, Prices, Problem, ResourceLine, Status,
    Totals,
};
use super::columns::{CHUNK, Family, Segment, Worth};
use super::layout::{Market, NO_CAP};
use super::region::Settled;
use super::target::Reached;
use super::window::chunks;

/// How far a gain in `f64` may seem to lie on the wrong side of the price, relative to it.
const BLUR: f64 = 1e-11;

/// Gains below this are looked at exactly: they may be nothing.
const NEARLY_NOTHING: f64 = 1e-290;

/// Counts from here on are too long for whole columns. Judged by item, so that an item's figures do not depend on its
/// neighbours.
const WIDE: i64 = 1 << 50;

/// The answer for a budget.
pub(super) fn report(
    problem: &Problem,
    market: &Market<'_>,
    settled: &Settled,
) -> Result<Allocation, AllocateError> {
    let (columns, value) = lines(market, settled, settled)?;
    let spent = spent_below(market, settled);
    let (totals, prices) = totals(problem, market, settled, &spent, value)?;
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
    innermost: &[Option<u32>],
    item: usize,
    gains: &mut Gains,
    columns: &mut Columns,
) -> Result<(), AllocateError> {
    let segment = market.segment_of(item);
    let part = Part {
        market,
        segment,
        price: settled.price[segment.node],
        otherwise: innermost[segment.node].map_or(Limit::Budget, Limit::Group),
    };
    let own = settled.taken[item];
    let floor = market.layout.columns.floor[item];
    let taken = [own.max(floor)];
    gains.fill(market, item..item + 1, &taken);
    let mut line = Columns::default();
    part.append(item..item + 1, &taken, gains, &mut line)?;
    columns.spend[item] = line.spend[0];
    columns.value[item] = line.value[0];
    columns.marginal[item] = line.marginal[0];
    columns.limited_by[item] = if own < floor {
        Limit::Floor
    } else {
        line.limited_by[0]
    };
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
    reached: &Reached,
) -> Result<Allocation, AllocateError> {
    let settled = &reached.settled;
    let almost = reached.before.as_ref().unwrap_or(settled);
    let (columns, value) = lines(market, settled, almost)?;
    let spent = spent_below(market, settled);
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
    assemble(problem, market, totals, &spent, columns, prices)
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

/// What each node spends, in steps.
pub(super) fn spent_below(market: &Market<'_>, settled: &Settled) -> Vec<i128> {
    let mut spent = vec![0_i128; market.layout.nodes.len()];
    for (at, node) in market.layout.nodes.iter().enumerate().rev() {
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
    market: &Market<'_>,
    settled: &Settled,
    priced: &Settled,
) -> Result<(Columns, f64), AllocateError> {
    let layout = market.layout;
    let spent = spent_below(market, settled);
    check_nodes(market, &spent)?;
    let innermost = innermost_binding(market, settled, &spent);
    let count = layout.position.len();
    let mut columns = Columns {
        by_item: true,
        spend: Vec::with_capacity(count),
        value: Vec::with_capacity(count),
        marginal: Vec::with_capacity(count),
        limited_by: Vec::with_capacity(count),
        option: Vec::new(),
    };
    let mut sum = ExactSum::new();
    let mut scratch = Gains::new();
    for segment in &layout.columns.segments {
        let part = Part {
            market,
            segment,
            price: priced.price[segment.node],
            otherwise: innermost[segment.node].map_or(Limit::Budget, Limit::Group),
        };
        for items in chunks(segment.items.clone()) {
            let taken = &settled.taken[items.clone()];
            scratch.fill(market, items.clone(), taken);
            part.append(items, taken, &scratch, &mut columns)?;
        }
    }
    for &item in &settled.held_up {
        columns.limited_by[item] = Limit::Floor;
    }
    for &value in &columns.value {
        sum.add(value);
    }
    let value = sum.value();
    if !value.is_finite() {
        return Err(AllocateError::ValueOutOfRange);
    }
    Ok((columns, value))
}

/// What the lines of one segment have in common.
struct Part<'m> {
    market: &'m Market<'m>,
    segment: &'m Segment,
    price: f64,
    /// What limits an item that nothing of its own does.
    otherwise: Limit,
}

/// Values and gains of one chunk.
pub(super) struct Gains {
    steps: [f64; CHUNK],
    worth: Worth,
    /// The same one step earlier.
    before: Worth,
}

impl Gains {
    pub(super) const fn new() -> Self {
        Self {
            steps: [0.0; CHUNK],
            worth: Worth::new(),
            before: Worth::new(),
        }
    }

    /// About what the next step of an item of the chunk gains.
    pub(super) const fn next(&self, at: usize) -> f64 {
        self.worth.next[at]
    }

    /// About what its last step gained.
    pub(super) const fn last(&self, at: usize) -> f64 {
        self.before.next[at]
    }

    /// Looks at items of one family.
    pub(super) fn fill(&mut self, market: &Market<'_>, items: Range<usize>, taken: &[i64]) {
        let family = market.segment_of(items.start).family;
        let count = items.len();
        if matches!(family, Family::Piecewise | Family::Other) {
            for (at, (item, &taken)) in items.zip(taken).enumerate() {
                self.fill_one(market, at, item, taken);
            }
            return;
        }
        let columns = &market.layout.columns;
        for (steps, &taken) in self.steps.iter_mut().zip(taken) {
            *steps = (f64_of_i64(taken) - 1.0).max(0.0);
        }
        columns.worth(
            family,
            items.clone(),
            &self.steps[..count],
            &mut self.before,
        );
        for (steps, &taken) in self.steps.iter_mut().zip(taken) {
            *steps = f64_of_i64(taken);
        }
        columns.worth(family, items.clone(), &self.steps[..count], &mut self.worth);
        // Each item by itself, so that nothing depends on which others share its chunk.
        for (at, (item, &taken)) in items.zip(taken).enumerate() {
            if taken >= WIDE {
                self.fill_one(market, at, item, taken);
            } else if self.worth.next[at] < NEARLY_NOTHING {
                self.worth.next[at] = market.curve(item).exact_gain(taken, market.layout.unit);
            }
        }
    }

    fn fill_one(&mut self, market: &Market<'_>, at: usize, item: usize, taken: i64) {
        let unit = market.layout.unit;
        let curve = market.curve(item);
        self.worth.value[at] = value_of(market, item, taken);
        self.worth.next[at] = curve.exact_gain(taken, unit);
        self.before.next[at] = curve.gain((taken - 1).max(0), unit).0;
    }
}

impl Part<'_> {
    fn append(
        &self,
        items: Range<usize>,
        taken: &[i64],
        scratch: &Gains,
        out: &mut Columns,
    ) -> Result<(), AllocateError> {
        let layout = self.market.layout;
        let unit = layout.unit;
        let rate = per_currency_unit(self.market, 1.0);
        let count = items.len();
        let (most, least) = (self.price * (1.0 + BLUR), self.price * (1.0 - BLUR));
        let next = &scratch.worth.next[..count];
        let before = &scratch.before.next[..count];
        out.spend
            .extend(taken.iter().map(|&taken| taken * unit.minor));
        out.value.extend_from_slice(&scratch.worth.value[..count]);
        out.marginal
            .extend(next.iter().map(|&next| (next * rate).min(f64::MAX)));
        if self.segment.plain {
            for ((&next, &before), &taken) in next.iter().zip(before).zip(taken) {
                check_steps(next <= most || next <= 0.0, taken <= 0 || before >= least)?;
                out.limited_by.push(if next > 0.0 {
                    self.otherwise
                } else {
                    Limit::Saturated
                });
            }
            return Ok(());
        }
        let floors = &layout.columns.floor[items.clone()];
        let caps = &layout.columns.cap[items];
        let rows = next
            .iter()
            .zip(before)
            .zip(taken)
            .zip(floors.iter().zip(caps));
        for (((&next, &before), &taken), (&floor, &cap)) in rows {
            check_item(taken, (floor, cap))?;
            check_steps(
                next <= most || next <= 0.0 || taken == cap,
                taken <= floor || before >= least,
            )?;
            out.limited_by.push(if taken == cap {
                Limit::Cap
            } else if next > 0.0 {
                self.otherwise
            } else {
                Limit::Saturated
            });
        }
        Ok(())
    }
}

/// The value of an item's steps.
pub(super) fn value_of(market: &Market<'_>, item: usize, taken: i64) -> f64 {
    let position = usize_of_u32(market.layout.position[item]);
    let terms = market.problem.activities()[position].as_spending();
    let spend = market.layout.unit.spend(taken);
    terms.map_or(0.0, |terms| terms.curve().value(spend))
}

fn check_steps(none_left: bool, none_too_many: bool) -> Result<(), AllocateError> {
    if !none_left {
        return Err(failed("a step is left that returns more than the price"));
    }
    if !none_too_many {
        return Err(failed("a step is taken that returns less than the price"));
    }
    Ok(())
}

fn check_item(taken: i64, (floor, cap): (i64, i64)) -> Result<(), AllocateError> {
    if taken < floor || taken > cap {
        return Err(failed("an activity lies outside its floor and cap"));
    }
    Ok(())
}

fn check_nodes(market: &Market<'_>, spent: &[i128]) -> Result<(), AllocateError> {
    for (node, &sum) in market.layout.nodes.iter().zip(spent) {
        if sum < i128::from(node.floor) || (node.cap != NO_CAP && sum > i128::from(node.cap)) {
            return Err(failed("a group lies outside its floor and cap"));
        }
    }
    Ok(())
}

/// For each node the innermost group at or above it that binds.
pub(super) fn innermost_binding(
    market: &Market<'_>,
    settled: &Settled,
    spent: &[i128],
) -> Vec<Option<u32>> {
    let mut innermost: Vec<Option<u32>> = Vec::with_capacity(market.layout.nodes.len());
    for (at, node) in market.layout.nodes.iter().enumerate() {
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
