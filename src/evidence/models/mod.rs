//! Models of when a customer comes back and when it has left, fitted from the log itself.
//!
//! An event is a *customer-day*: several uses on one day are one. Each model reads a customer as a [`Record`] (counts
//! and days, constant in size) or, in the model's own unit of time, as a [`Summary`]. The published models stand here
//! as baselines, each with its published fit as a test; the default of the crate is [`lapse::LapseModel`].
//!
//! | model | customer while alive | leaves | source |
//! |---|---|---|---|
//! | [`rules::FixedHiatus`] | – | gap alone | practice |
//! | [`rules::OwnMultiple`] | – | gap in own mean intervals | practice |
//! | [`BetaGeometric`] BG/NBD | Poisson, gamma rates | after a repeat | Fader, Hardie & Lee 2005 |
//! | [`BetaGeometric`] MBG/NBD | Poisson, gamma rates | after any event | Batislam, Denizel & Filiztekin 2007 |
//! | [`BetaGeometric`] MBG/CNBD-k | Erlang-k gaps | after any event | Platzer & Reutterer 2016 |
//! | [`ParetoNbd`] | Poisson, gamma rates | at any time | Schmittlein, Morrison & Colombo 1987 |
//! | [`GammaGamma`] | value per event | – | Fader, Hardie & Lee 2005b |

mod beta_geometric;
mod gamma_gamma;
pub mod lapse;
mod pareto_nbd;
mod record;
pub mod rules;
mod sample;

pub use beta_geometric::{BetaGeometric, Dropout, REGULARITY_MOST};
pub use gamma_gamma::{GammaGamma, Spend};
pub use pareto_nbd::ParetoNbd;
pub use record::Record;
pub use sample::{Sample, Summary};

use thiserror::Error;

use crate::numeric::minimise::MinimiseError;

/// Why a model or what it is asked is refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No customers to fit from.
    #[error("sample is empty; a fit needs at least {needed} customers")]
    TooFew {
        /// How many are needed.
        needed: u32,
    },
    /// A parameter that is not a positive, finite number.
    #[error("parameter {name} is {value}; it must be finite and above 0")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A number of Erlang stages outside its range.
    #[error("regularity is {value}; it must be from 1 to {REGULARITY_MOST}")]
    Regularity {
        /// What was given.
        value: u32,
    },
    /// Times of a summary that contradict each other.
    #[error(
        "summary of {repeats} repeats with recency {recency} and age {age} is impossible; 0 <= recency <= age, recency above 0 exactly if there are repeats"
    )]
    Summary {
        /// Repeat events.
        repeats: u32,
        /// Time of the last event since the first.
        recency: f64,
        /// Time since the first event.
        age: f64,
    },
    /// Days of a customer that are not strictly increasing, or too few of them.
    #[error(
        "days of use of a customer must be strictly increasing and at least one; position {position} breaks it"
    )]
    Days {
        /// Where, from 0.
        position: usize,
    },
    /// A use dated before one already recorded.
    #[error(
        "use on day {day} comes before the last recorded one on day {last}; record uses in order of date"
    )]
    OutOfOrder {
        /// The late-coming day, since 1970-01-01.
        day: i32,
        /// The last day recorded.
        last: i32,
    },
    /// A horizon outside its range.
    #[error("horizon is {days} days; it must be from 1 to 36500")]
    Horizon {
        /// What was given.
        days: i32,
    },
    /// The search for parameters could not start.
    #[error("parameters cannot be fitted")]
    Search(#[from] MinimiseError),
}

/// `value`, if it is a positive, finite number.
fn positive(name: &'static str, value: f64) -> Result<f64, ModelError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(ModelError::Parameter { name, value })
    }
}

#[cfg(test)]
mod tests;
