//! What is put out per head and per hour \[F3\]: when people are short, that is what is measured.

use thiserror::Error;

use super::Plan;
use crate::numeric::cast;
use crate::quantity::Quantity;

/// The people who carry a plan out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// How many there are.
    pub heads: u64,
    /// Hours that each has for customers in the period.
    pub hours_each: Quantity,
    /// Hours that one effort takes, the way included.
    pub hours_per_effort: Quantity,
}

/// Why there are no figures per head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProductivityError {
    /// Nobody, or nobody with time.
    #[error("people are {heads} with {hours_each} hours each; give at least one with some time")]
    Nobody {
        /// How many.
        heads: u64,
        /// Hours of each.
        hours_each: Quantity,
    },
}

/// Figures per head and per hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Productivity {
    /// Hours that the plan takes.
    pub hours: f64,
    /// Hours needed over hours there; above 1 the plan needs more people than there are.
    pub utilisation: f64,
    /// Value of the plan per head, in currency units.
    pub value_per_head: f64,
    /// Value per hour that the plan takes; `None` if it takes none.
    pub value_per_hour: Option<f64>,
    /// Value less money spent, per head.
    pub surplus_per_head: f64,
}

impl Plan {
    /// What the plan puts out per head and per hour \[F3\].
    ///
    /// # Errors
    /// [`ProductivityError::Nobody`] without people or without time.
    pub fn productivity(&self, people: People) -> Result<Productivity, ProductivityError> {
        let heads = cast::f64_of_u64(people.heads);
        let hours_there = heads * hours_of(people.hours_each);
        if hours_there <= 0.0 {
            let (heads, hours_each) = (people.heads, people.hours_each);
            return Err(ProductivityError::Nobody { heads, hours_each });
        }
        let efforts: i64 = self.lines().iter().map(|line| self.efforts(line)).sum();
        let hours = cast::f64_of_i64(efforts) * hours_of(people.hours_per_effort);
        let (value, spent) = (self.totals().value, super::models::units_of(self.spent()));
        Ok(Productivity {
            hours,
            utilisation: hours / hours_there,
            value_per_head: value / heads,
            value_per_hour: (hours > 0.0).then(|| value / hours),
            surplus_per_head: (value - spent) / heads,
        })
    }
}

fn hours_of(quantity: Quantity) -> f64 {
    cast::f64_of_u64(quantity.micros()) * 1e-6
}
