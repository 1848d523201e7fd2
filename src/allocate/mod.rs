//! The market: money given where it returns most, to the last minor unit, with a proof.
//!
//! The optimiser knows activities, integer money and prices; it knows no customers. A [`Problem`] is what to
//! allocate, [`solve`] answers with an [`Allocation`]: spends, values, marginal returns, shadow prices, what limits
//! each activity, and a certificate.
//!
//! # What is solved
//! Maximise `Σ fᵢ(xᵢ)` subject to `Σ xᵢ ≤ budget`, each spend a whole number of steps between its floor and its
//! cap, and every group of a forest between *its* floor and cap. Or, with [`Objective::Target`], the least spend
//! whose value reaches the target. Besides concave curves: menus, S-shaped curves, zero-or-at-least-minimum,
//! unequal steps, and resources other than money.
//!
//! # The order of steps
//! For concave curves with equal steps the optimum is unique once ties are settled, so the answer does not depend
//! on how it was found: steps are taken in the order of their gains, the larger first; equal gains go to the
//! smaller id, then to the earlier step. A gain is the *exact* gain rounded once to the nearest f64, so that
//! gains that f64 cannot tell apart count as equal. A step that adds exactly nothing is not taken unless a floor
//! forces it.
//!
//! # Where what lives
//! [`activity`](Activity), [`problem`](Problem), [`answer`](Allocation) and [`error`](AllocateError) are the vocabulary;
//! `concave` is the market of concave activities, with equal steps and no resources; `discrete` is the rest; [`verify`] judges an answer and shares no
//! code with either; `wire` reads and writes the documents.

mod activity;
mod admission;
mod answer;
mod concave;
mod discrete;
mod error;
mod frontier;
mod halving;
mod options;
mod problem;
mod solved;
mod tree;
mod verify;
mod wire;

use core::ops::ControlFlow;

pub use activity::{Activity, Kind, Menu, MenuOption, Spending};
pub use answer::{
    Allocation, Certificate, GroupLine, Leaf, LimitedBy, Line, LineParts, Prices, ResourceLine,
    Restriction, Status, Totals, Unclosed,
};
pub use concave::{Ask, Close, Demand, Partition, PriceSearch, Ties};
pub use error::{AllocateError, Infeasible};
pub use frontier::{FrontierPoint, MenuPath, MenuPathPoint, frontier};
pub use options::{Options, Progress};
pub use problem::{Group, Objective, Problem, Resource};
pub use solved::{ChangeError, Moved, Resolved, Solved};
pub use verify::{Refusal, Verdict, verify};
pub use wire::AllocationDocument;

/// Solves a problem with the default limits.
///
/// # Errors
/// See [`solve_with`].
pub fn solve(problem: &Problem) -> Result<Allocation, AllocateError> {
    solve_with(problem, Options::default(), |_| ControlFlow::Continue(()))
}

/// Solves a problem within limits of work, telling `progress` how far it is; a solve that `progress` breaks off
/// returns the best allocation found so far, with its gap.
///
/// # Errors
/// [`AllocateError::Infeasible`] with the constraints that contradict each other and by how much;
/// [`AllocateError::CutOff`] if the search ended before any feasible allocation was found.
pub fn solve_with(
    problem: &Problem,
    options: Options,
    mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Allocation, AllocateError> {
    match concave::Market::of(problem) {
        Some(market) => concave::solve(problem, &market),
        None => discrete::solve(problem, options, &mut progress),
    }
}
