//! The market of concave activities with equal steps and no resources.
//!
//! 1. [`layout`]: the problem in steps, every group's activities side by side; contradictions are found here.
//! 2. [`region`]: one price for the budget, and one for each group that binds, each the exact gain of the first
//!    step refused; ties by id.
//! 3. [`report`]: prices, what limits each activity, values; and the final check of the whole.
//!
//! [`approach`] nears the price by [`sweep`]s over whole columns, [`window`] settles what is the same around it, [`search`]
//! ends with single steps; [`jobs`] lets threads share the work.
//!
//! [`exchange`] shares the search among partitions, and [`warm`] follows small changes of an answer in place, by
//! moving the [`cut`] between steps taken and left. [`target`] asks for the least spend instead. [`step_curve`] knows the gain of each step of each family exactly.

mod approach;
mod bounds;
mod columns;
mod cut;
mod exchange;
mod jobs;
#[cfg(test)]
mod laws;
mod layout;
mod region;
mod report;
mod runs;
mod search;
mod step_curve;
mod sweep;
mod target;
#[cfg(test)]
mod tests;
mod warm;
mod window;
mod worth;

use super::{AllocateError, Allocation, Objective, Problem};

pub use exchange::{Ask, Close, Demand, Partition, PriceSearch, Ties};
pub(super) use layout::{Layout, Market};
pub(super) use warm::{Kept, Revision};

/// Solves exactly.
pub(super) fn solve(problem: &Problem, market: &Market<'_>) -> Result<Allocation, AllocateError> {
    let forced = market.check_feasible()?;
    match problem.objective() {
        Objective::Budget(_) => {
            let budget = market.budget.unwrap_or(forced);
            let settled = region::settle(market, budget, None);
            report::report(problem, market, settled)
        }
        Objective::Target(target) => {
            let values = |item, taken| report::value_of(market, item, taken);
            let reached = target::reach(market, target, forced, values)?;
            report::report_target(problem, market, reached)
        }
    }
}

/// Solves exactly for a budget, and keeps what a later small change needs.
pub(super) fn solve_kept(
    problem: &Problem,
    market: &Market<'_>,
) -> Result<(Allocation, Option<Kept>), AllocateError> {
    let forced = market.check_feasible()?;
    let Objective::Budget(_) = problem.objective() else {
        return Ok((solve(problem, market)?, None));
    };
    let settled = region::settle(market, market.budget.unwrap_or(forced), None);
    let allocation = report::report(problem, market, settled.clone())?;
    let kept = allocation
        .columns()
        .map(|columns| Kept::of(market, settled, columns));
    Ok((allocation, kept))
}
