//! The market of concave activities with equal steps and no resources.

use super::{AllocateError, Allocation, Problem};

/// A problem in the form that a price search reads.
pub(super) struct Market;

impl Market {
    /// `None` if the problem needs a search.
    pub(super) fn of(_problem: &Problem) -> Option<Self> {
        None
    }
}

/// Solves exactly.
pub(super) fn solve(_problem: &Problem, _market: &Market) -> Result<Allocation, AllocateError> {
    Err(AllocateError::CutOff { work: 0 })
}
