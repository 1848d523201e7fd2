//! What this room refuses.

use thiserror::Error;

use super::PERIODS_MOST;
use crate::money::{Money, MoneyError};

/// Input that this room refuses, with its value and its rule.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StanceError {
    /// A length of time that is none.
    #[error("length of time is {value} periods; it must be a finite number of at least 0")]
    Periods {
        /// What was given.
        value: f64,
    },
    /// A timing or a cash flow without periods, or with too many.
    #[error("timing has {periods} periods; it must have 1 to {PERIODS_MOST}")]
    TimingLength {
        /// How many were given.
        periods: usize,
    },
    /// A part of a response that is no part.
    #[error(
        "timing weight of period {period} is {value}; it must be a finite number of at least 0"
    )]
    TimingWeight {
        /// Its period, from 1.
        period: usize,
        /// What was given.
        value: f64,
    },
    /// An outlay that is none.
    #[error("outlay is {value}; it must be a finite number of currency units of at least 0")]
    Outlay {
        /// What was given.
        value: f64,
    },
    /// A contribution that is no number.
    #[error(
        "contribution of period {period} is {value}; it must be a finite number of currency units"
    )]
    Contribution {
        /// Its period, from 1.
        period: usize,
        /// What was given.
        value: f64,
    },
    /// A margin that is none.
    #[error("margin is {value}; it must be a finite number of at least 0 (0.75 keeps 75 of 100)")]
    Margin {
        /// What was given.
        value: f64,
    },
    /// A payback limit of no time at all, which no outlay can meet.
    #[error("payback limit is 0 periods; it must be longer, or left out")]
    LimitZero,
    /// A curve whose payback nothing bounds.
    #[error(
        "response of one's own has no stated shape; a payback is bounded only for concave, S-shaped and piecewise linear ones"
    )]
    ShapeUnknown,
    /// An amount of a plan that is negative.
    #[error("{subject} is {amount}; it must not be negative")]
    Negative {
        /// Which amount.
        subject: &'static str,
        /// What was given.
        amount: Money,
    },
    /// A plan that spends more than it has.
    #[error("plan invests {invested}, but its budget is {budget}; spend at most the budget")]
    OverBudget {
        /// What it invests.
        invested: Money,
        /// What it may invest.
        budget: Money,
    },
    /// An amount that money refuses.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
