//! Who the customers are: pure domain types and their laws. No optimiser, no input or output.

pub mod behaviour;
pub mod decision;
pub mod habit;
pub mod willingness;
