//! Where they meet: a book and a stance become activities, an allocation, and a plan with reasons.
//!
//! ```text
//! Book ──► attacks: one direction for each tier [F4], a curve and a timing for each customer
//! Stance ─► payback caps, the most that existing customers may have [C2, C3], the ceiling on promises [C6]
//!            └──► allocate ──► Plan: money and tactic per customer, virtual budgets, census after [T1]
//! ```
//!
//! This is the only room that knows both the customers and the optimiser.

mod aims;
mod answering;
mod asking;
mod assembly;
mod attack;
pub mod baselines;
pub mod explain;
mod menu;
pub mod models;
mod offer;
mod plan;
mod planning;
mod productivity;
mod reasons;
mod rooms;
mod terms;
mod virtual_budgets;
pub mod what_if;
mod whole_payback;

use thiserror::Error;

pub use attack::{Attack, Standstill};
pub use plan::{
    HoursUsed, Plan, PlanError, PlanLimit, PlanLine, PlanResources, PlanTotals, TerritoryLine,
};
pub use planning::{Market, plan};
pub use productivity::{People, Productivity, ProductivityError};
pub use reasons::{FrontierPoint, frontier};
pub use terms::{Hours, Terms, Territory};
pub use virtual_budgets::{Gate, VirtualBudgetTerms};

use crate::allocate::AllocateError;
use crate::census::CensusError;
use crate::document::DocumentError;
use crate::money::{Currency, MoneyError};
use crate::response::ResponseError;
use crate::stance::StanceError;

/// Why no plan can be made.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CampaignError {
    /// Book, census and terms in different currencies.
    #[error("{subject} is in {found}; the book is kept in {currency}")]
    Currency {
        /// What.
        subject: &'static str,
        /// The book's currency.
        currency: Currency,
        /// The other one.
        found: Currency,
    },
    /// An amount of the terms below zero.
    #[error("{subject} is {amount}; it must be at least 0")]
    Negative {
        /// What.
        subject: &'static str,
        /// What was given.
        amount: crate::money::Money,
    },
    /// More is promised already than there is.
    #[error(
        "{committed} is committed on virtual budgets, more than the {subject} of {limit}; what is promised must \
             stay payable, so raise the {subject} or release promises"
    )]
    Committed {
        /// What the promises exceed.
        subject: &'static str,
        /// How much of it there is.
        limit: crate::money::Money,
        /// What is promised and not yet resolved.
        committed: crate::money::Money,
    },
    /// The census counts another book.
    #[error(
        "census counts {counted} customers and the book holds {held}; take the census of this book"
    )]
    CensusElsewhere {
        /// Customers of the census.
        counted: u64,
        /// Customers of the book.
        held: u64,
    },
    /// A territory that does not fit the others.
    #[error("territory {territory} {rule}")]
    Territory {
        /// Which.
        territory: crate::id::Id,
        /// What is wrong, and what would do.
        rule: String,
    },
    /// Hours of a territory, and nothing said about how long an effort takes.
    #[error(
        "territory {territory} has hours of its own and the terms have none; say how long an effort takes"
    )]
    HoursUnknown {
        /// The territory.
        territory: crate::id::Id,
    },
    /// Floors of territories and what binds them from above.
    #[error("infeasible: {}", .0.sentence())]
    Conflict(Box<explain::Conflict>),
    /// Not even the quickest returns pay back what floors demand.
    #[error(
        "no plan pays back as a whole within {limit} periods, since floors of territories demand a spend that comes back \
         later; lower a floor or accept a longer payback"
    )]
    PaybackOutOfReach {
        /// The limit.
        limit: f64,
    },
    /// A change to a customer that the book does not hold.
    #[error("customer {:?} is not in the book; admit it first", .customer.as_str())]
    Unknown {
        /// The customer.
        customer: crate::id::Id,
    },
    /// A customer's response cannot be told.
    #[error("response of customer {customer}: {source}")]
    Response {
        /// The customer.
        customer: crate::id::Id,
        /// Why.
        source: ResponseError,
    },
    /// The stance cannot be applied.
    #[error(transparent)]
    Stance(#[from] StanceError),
    /// The activities form no problem.
    #[error(transparent)]
    Problem(#[from] DocumentError),
    /// The market has no answer.
    #[error(transparent)]
    Allocate(#[from] AllocateError),
    /// A sum is out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The census after cannot be taken.
    #[error(transparent)]
    Census(#[from] CensusError),
}

impl CampaignError {
    /// Whether it says that no plan keeps all the terms.
    pub(crate) const fn is_infeasible(&self) -> bool {
        matches!(
            self,
            Self::Conflict(_)
                | Self::PaybackOutOfReach { .. }
                | Self::Allocate(AllocateError::Infeasible(_))
        )
    }
}

impl From<crate::allocate::ChangeError> for CampaignError {
    fn from(error: crate::allocate::ChangeError) -> Self {
        match error {
            crate::allocate::ChangeError::Document(error) => Self::Problem(error),
            crate::allocate::ChangeError::Allocate(error) => Self::Allocate(error),
        }
    }
}

#[cfg(test)]
mod tests;
