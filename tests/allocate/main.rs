//! The market against brute force, against its own laws, and against the sentences of its documents.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails loudly"
)]

mod answer;
mod bounds;
mod brute;
mod effort;
mod found;
mod frontier;
mod generate;
mod greedy;
mod groups;
mod infeasible;
mod limits;
mod make;
mod oracle;
#[path = "../support/parts.rs"]
mod parts;
mod plain;
mod prices_asked;
mod refusals;
mod refused;
mod tampered;
mod told;
mod values;
