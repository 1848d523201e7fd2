//! Planting: the third direction of attack as arithmetic. How likely a prospect is to act once decisions are
//! planted with it, which decisions to plant for the money, and which prospects to admit first \[C4, C7, C8\].
//!
//! Stands on [`customer`](crate::customer) and the ground; knows no budget tree and no prices. What it finds
//! are figures that a market can weigh.

mod admission;
mod choice;
mod probability;
mod ranked;
mod sequence;

use thiserror::Error;

use crate::{fraction::Fraction, id::Id, money::MoneyError};

pub use admission::{Admission, Admitted, Candidate, Spread};
pub use choice::{Choice, EXACT_OFFERS_MOST, GREEDY_SHARE, Offer, Proof, choose};
pub use probability::Planting;
pub use sequence::{PlantingSequence, PlantingStep, sequence};

/// The most that a prospect's use may be worth: so much that no sum over prospects leaves the range of a float.
pub const VALUE_MOST: f64 = 1e200;

/// Why decisions cannot be planted, or prospects chosen.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PlantingError {
    /// An ease that leaves nothing to plant.
    #[error(
        "ease from acquaintances is {ease}; it must be below 1, since no acquaintance makes use certain"
    )]
    CertainEase {
        /// The ease.
        ease: Fraction,
    },
    /// The same scenario twice.
    #[error("scenario {scenario} is given twice; a decision is planted once")]
    ScenarioRepeated {
        /// The scenario.
        scenario: Id,
    },
    /// One situation with two chances.
    #[error(
        "situation {situation} has the chance {given} in scenario {scenario} and {known} in another; one \
             situation has one chance"
    )]
    ChanceDiffers {
        /// The situation.
        situation: Id,
        /// The scenario.
        scenario: Id,
        /// Its chance there.
        given: Fraction,
        /// Its chance elsewhere.
        known: Fraction,
    },
    /// A cost below 0.
    #[error("cost of {id} is {minor} minor units; it must not be negative")]
    NegativeCost {
        /// The scenario or prospect.
        id: Id,
        /// Its cost.
        minor: i64,
    },
    /// A budget below 0.
    #[error("budget is {minor} minor units; it must not be negative")]
    NegativeBudget {
        /// The budget.
        minor: i64,
    },
    /// A value that cannot be weighed.
    #[error("value of {id} is {value}; it must be a number from 0 to {VALUE_MOST:e}")]
    Value {
        /// The prospect.
        id: Id,
        /// Its value.
        value: f64,
    },
    /// A prospect that is nobody.
    #[error("candidate at place {place} is no customer of the graph, which has {customers}")]
    PlaceUnknown {
        /// The place.
        place: usize,
        /// Customers of the graph.
        customers: usize,
    },
    /// The same prospect twice.
    #[error("candidate {id} is given twice; each prospect is admitted once")]
    CandidateRepeated {
        /// The prospect.
        id: Id,
    },
    /// Mixed currencies.
    #[error("costs and budget: {0}")]
    Money(#[from] MoneyError),
}
