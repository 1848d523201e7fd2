//! What prices prove without the leaves of a search.

use sortie::allocate::Allocation;

#[path = "parts.rs"]
mod parts;

use parts::Parts;

/// The same answer without the leaves of its search, so that only its prices prove.
pub(crate) fn prices_alone(answer: &Allocation) -> Allocation {
    let mut parts = Parts::of(answer);
    parts.certificate.leaves.clear();
    parts.together(answer)
}
