//! The market against an independent solver over cones, on curves.
//!
//! The same concave problem is written twice: for the market, in whole steps, and as exponential, power and
//! second-order cones, where money has no smallest unit. Nothing is taken on trust from the other solver: its point,
//! led back into the constraints, bounds the continuous optimum from below, and its prices bound it from above by the
//! Lagrangian (Everett 1963), both by curves written anew here. What the market may differ by follows from the step:
//! a chord between two neighbouring steps lies so far below its curve and no farther.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod asked;
mod cone;
mod curve;
mod generate;
mod optimum;
mod plain;
mod prices;
#[path = "../support/prices_alone.rs"]
mod prices_alone;
mod targets;
mod tests;
