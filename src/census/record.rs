//! Records: what a customer yielded and what was spent on it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::customer::{Book, Tier};
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

/// One record of the window that a census looks at: results of a customer and resources spent on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CensusRecord {
    /// Whom it is about.
    pub customer: Id,
    /// Results, in one unit for the whole census: uses, prescriptions, units of contribution.
    pub result: Quantity,
    /// Resources spent, at least zero.
    pub spend: Money,
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not in the book.
    #[error("customer {customer} is not in the book; admit it first or leave its records out")]
    CustomerUnknown {
        /// The id.
        customer: Id,
    },
    /// Another currency than the book's.
    #[error("spend of customer {customer} is in {found}; the book is kept in {currency}")]
    Currency {
        /// The id.
        customer: Id,
        /// The book's currency.
        currency: Currency,
        /// The record's.
        found: Currency,
    },
    /// Below zero.
    #[error(
        "spend of customer {customer} is {spend}; it must be at least 0 (book refunds as their own records elsewhere)"
    )]
    SpendNegative {
        /// The id.
        customer: Id,
        /// The amount.
        spend: Money,
    },
}

/// A record that is refused, and its row.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("record {row}: {error}")]
pub struct RecordFault {
    /// Place among the records, from 0.
    pub row: usize,
    /// What is wrong.
    pub error: RecordError,
}

/// Faults shown in one message.
const FAULTS_SHOWN: usize = 20;

pub(super) fn shown(faults: &[RecordFault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .take(FAULTS_SHOWN)
        .map(RecordFault::to_string)
        .collect();
    match faults.len().saturating_sub(FAULTS_SHOWN) {
        0 => lines.join("; "),
        more => format!("{}; and {more} more faults", lines.join("; ")),
    }
}

impl CensusRecord {
    /// The tier that the record counts for; `guess` is where the customer is looked for first.
    pub(super) fn check(
        &self,
        book: &Book,
        row: usize,
        guess: &mut usize,
    ) -> Result<Tier, RecordFault> {
        let fault = |error| RecordFault { row, error };
        let place = book.place_near(&self.customer, *guess).ok_or_else(|| {
            fault(RecordError::CustomerUnknown {
                customer: self.customer.clone(),
            })
        })?;
        *guess = place + 1;
        let (currency, found) = (book.currency(), self.spend.currency());
        if found != currency {
            let customer = self.customer.clone();
            return Err(fault(RecordError::Currency {
                customer,
                currency,
                found,
            }));
        }
        if self.spend.is_negative() {
            let customer = self.customer.clone();
            return Err(fault(RecordError::SpendNegative {
                customer,
                spend: self.spend,
            }));
        }
        book.customers()
            .get(place)
            .map(crate::customer::Customer::tier)
            .ok_or_else(|| {
                fault(RecordError::CustomerUnknown {
                    customer: self.customer.clone(),
                })
            })
    }
}
