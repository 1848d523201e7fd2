//! Who the customers are: pure domain types and their laws. No optimiser, no input or output.

pub mod acquaintance;
pub mod behaviour;
mod book;
pub mod decision;
pub mod habit;
mod standing;
mod tier;
pub mod willingness;

pub use book::{
    Book, BookError, Customer, CustomerError, CustomerRow, IdsAlike, RowError, RowFault,
};
pub use standing::{Habitual, Prospect, Standing, StandingError, Starting};
pub use tier::{ByTier, Tier};

#[cfg(test)]
pub(crate) mod strategies;
