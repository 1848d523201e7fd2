//! Why evidence is refused.

use thiserror::Error;

use super::admission::RowFault;
use super::standings::CustomerFault;
use crate::calendar::Date;
use crate::id::Id;

/// Why evidence, or a parameter of how it is read, is refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A parameter out of its range.
    #[error("parameter {name} is {value}: it must be {rule}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
    /// A rhythm of nothing.
    #[error("no dates: a rhythm starts with one occasion")]
    NoOccasion,
    /// Dates that run backwards.
    #[error("date {date} comes after {last} in the list but before it in time: sort the dates")]
    DatesOutOfOrder {
        /// The date.
        date: Date,
        /// The one before it in the list.
        last: Date,
    },
    /// An event dated before the history that it would continue ends.
    #[error(
        "customer {customer}: an event on {date} comes after the history has reached {last}; read \
         the history again with it, or set late events aside"
    )]
    Late {
        /// The customer.
        customer: Id,
        /// The event's date.
        date: Date,
        /// The last day of the history.
        last: Date,
    },
    /// Rows of events that are refused: all of them.
    #[error("{}", shown(.0))]
    Rows(Vec<RowFault>),
    /// Stretches of time that do not follow one another.
    #[error(
        "customer {customer}: the later stretch starts on {first}, not after {last}, the end of the \
         earlier one; cut the events between two days"
    )]
    NotAdjacent {
        /// The customer.
        customer: Id,
        /// The last day of the earlier stretch.
        last: Date,
        /// The first day of the later one.
        first: Date,
    },
    /// Histories of the same customer in two sets that should share none.
    #[error("customer {customer} is in both sets: split the customers, or join the sets in time")]
    CustomerTwice {
        /// The customer.
        customer: Id,
    },
    /// Histories read by different rules, or in different currencies.
    #[error("{what} differs between the two sets of histories: read both with the same")]
    Unlike {
        /// What differs.
        what: &'static str,
    },
    /// A history whose fields contradict each other.
    #[error("history is inconsistent in {field}: read it again from the events")]
    History {
        /// The field.
        field: &'static str,
    },
    /// A reading on a date before the history ends.
    #[error(
        "customer {customer} has an event on {last}, after the as-of date {as_of}: read the events \
         up to that date only"
    )]
    AfterAsOf {
        /// The customer.
        customer: Id,
        /// Its last event.
        last: Date,
        /// The as-of date.
        as_of: Date,
    },
    /// Customers whose evidence and notes do not fit together: all of them.
    #[error("{}", shown(.0))]
    Customers(Vec<CustomerFault>),
    /// Columns of different lengths.
    #[error("{left_name} has {left} entries and {right_name} {right}: give one of each a customer")]
    Lengths {
        /// The first column.
        left_name: &'static str,
        /// Its length.
        left: usize,
        /// The second column.
        right_name: &'static str,
        /// Its length.
        right: usize,
    },
}

/// Faults shown in one message; the rest are counted.
const FAULTS_SHOWN: usize = 20;

fn shown(faults: &[impl ToString]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .take(FAULTS_SHOWN)
        .map(ToString::to_string)
        .collect();
    let more = faults.len().saturating_sub(FAULTS_SHOWN);
    let tail = if more > 0 {
        format!("; and {more} more faults")
    } else {
        String::new()
    };
    format!("{}{tail}", lines.join("; "))
}

impl EvidenceError {
    /// Refuses a parameter that is not finite or not lawful.
    pub(super) fn check(
        name: &'static str,
        value: f64,
        lawful: bool,
        rule: &'static str,
    ) -> Result<(), Self> {
        if lawful && value.is_finite() {
            Ok(())
        } else {
            Err(Self::Parameter { name, value, rule })
        }
    }
}
