//! Everything that a price alone cannot settle: menus, S-shaped curves, least spends, unequal steps, resources.

use core::ops::ControlFlow;

use super::{AllocateError, Allocation, Options, Problem, Progress};

/// The entry for every problem that is not a market of concave activities.
pub(super) fn solve(
    _problem: &Problem,
    _options: Options,
    _progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Allocation, AllocateError> {
    Err(AllocateError::CutOff { work: 0 })
}
