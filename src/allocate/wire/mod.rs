//! The market's documents: `sortie/problem/1` in and out, `sortie/allocation/1` out and in.
//!
//! A problem is read strictly: every fault is reported with its path, unknown and repeated keys are refused,
//! money and resource amounts are decimal texts. What is written is byte-stable: keys in a fixed order, lists
//! in the order of ids, floats in their shortest form that reads back as the same number.
//!
//! An allocation document names no currency, because it answers a problem that does; it is read into an
//! [`AllocationDocument`], and becomes an [`Allocation`](super::Allocation) beside its problem.

mod allocation;
mod problem;
mod problem_text;
mod response;

pub use allocation::AllocationDocument;
