//! Behaviour: early use that is not yet a habit, and what helps or hinders it.
//!
//! A starting customer has begun to use. [`Doubt`]s rise, each lowering the chance that use becomes
//! habit until it is settled \[B1\]; [`CareMode`]s resolve doubts at different costs \[B2\];
//! [`Inducement`]s draw behaviour and cost money \[B4\], and none of them can be tied to what the
//! customer buys \[B5\]. A [`Behaviour`] holds what is known of one customer's early use, and
//! [`DoubtTally`] counts the doubts of any number of customers. [`DoubtPrices`] tell what a doubt left
//! open costs, with the [`Chain`] of customers who listen to the one that doubts; [`StructuralAudit`] finds
//! the ties to purchases that crept into past spending.

mod audit;
mod care;
mod doubt;
mod inducement;
mod price;
mod tally;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use audit::{PastSpend, StructuralAudit, TiedSpend};
pub use care::CareMode;
pub use doubt::{Doubt, DoubtState};
pub use inducement::{
    Inducement, InducementKind, InducementWorth, SALES_MULTIPLE_LEAST, SALES_MULTIPLE_MOST,
};
pub use price::{Chain, DoubtPrice, DoubtPrices, Link};
pub use tally::DoubtTally;

use crate::calendar::Date;
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money, MoneyError};

/// Why a behaviour, a doubt, a mode of care or an inducement is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BehaviourError {
    /// Something happens to a doubt before what it follows.
    #[error(
        "doubt {id} is {event} on {on}, before {earlier}: a doubt is raised, then answered, then \
         settled or left; correct the dates"
    )]
    DoubtOutOfOrder {
        /// The doubt.
        id: Id,
        /// What happens: answered, settled or left.
        event: &'static str,
        /// When it is said to happen.
        on: Date,
        /// When the step before it happened.
        earlier: Date,
    },
    /// A step of a doubt's life that does not follow from where the doubt is.
    #[error("doubt {id} is {state} and cannot be {event}: {remedy}")]
    DoubtState {
        /// The doubt.
        id: Id,
        /// Where its life has come to.
        state: &'static str,
        /// What was to happen to it.
        event: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// Two doubts of one customer with one id.
    #[error("doubt {id} occurs twice: give each doubt of a customer its own id")]
    DoubtTwice {
        /// The id.
        id: Id,
    },
    /// A doubt raised before the first use.
    #[error(
        "doubt {id} is raised on {raised}, before the first use on {first_use}: a doubt of early \
         use follows it; correct one of the dates"
    )]
    DoubtBeforeUse {
        /// The doubt.
        id: Id,
        /// When it is raised.
        raised: Date,
        /// When the customer began to use.
        first_use: Date,
    },
    /// A cost or an outlay below zero.
    #[error("{field} is {amount}: it must be zero or more")]
    Negative {
        /// Which amount.
        field: &'static str,
        /// The amount.
        amount: Money,
    },
    /// Amounts of one thing in two currencies.
    #[error("{field} is {amount}, not in the currency of {other}: use one currency for both")]
    Currency {
        /// Which amount.
        field: &'static str,
        /// The amount.
        amount: Money,
        /// The amount whose currency it does not share.
        other: Money,
    },
    /// A sales multiple out of range.
    #[error(
        "expected sales multiple is {value}: outlay to sales is between 1:1 and 1:10, so it must \
         be from 1 to 10"
    )]
    Multiple {
        /// The multiple.
        value: f64,
    },
    /// A value at stake that is none.
    #[error("{field} is {value}: it must be finite and zero or more")]
    ValueAtStake {
        /// Which value.
        field: &'static str,
        /// What was given.
        value: f64,
    },
    /// Past spend below zero, or in two currencies.
    #[error(
        "spend on {customer} is {spend}: it must be zero or more, in {currency} as the rows before"
    )]
    AuditSpend {
        /// On whom.
        customer: Id,
        /// What was given.
        spend: Money,
        /// The currency of the first row.
        currency: Currency,
    },
    /// Rows of an audit that add up to too much.
    #[error(
        "{} add up to more than can be held: choose larger units",
        .customer.as_ref().map_or("all rows".to_owned(), |customer| format!("rows of {customer}"))
    )]
    AuditSum {
        /// Whose rows; none for all of them.
        customer: Option<Id>,
    },
    /// A total that money cannot hold.
    #[error("cost of {customers} customers and {incidents} incidents: {source}")]
    Cost {
        /// How many customers are cared for.
        customers: u64,
        /// How many incidents are handled.
        incidents: u64,
        /// What was wrong with the sum.
        source: MoneyError,
    },
}

/// What is known of one customer's early use \[B1–B5\].
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::behaviour::{Behaviour, Doubt};
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
///
/// let first_use = Date::new(2026, 3, 2)?;
/// let doubt = Doubt::raise(Id::new("storage")?, Date::new(2026, 3, 9)?, Fraction::new(0.4)?);
/// let behaviour = Behaviour::new(first_use, vec![doubt], vec![])?;
///
/// // a = a₀·Π(1 − s) over the doubts that are not settled.
/// assert_eq!(behaviour.adoption(Fraction::new(0.5)?), Fraction::new(0.3)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BehaviourFields", into = "BehaviourFields")]
pub struct Behaviour {
    first_use: Date,
    doubts: Vec<Doubt>,
    inducements: Vec<Inducement>,
}

impl Behaviour {
    /// A behaviour from the date of first use, the doubts and the inducements granted so far.
    ///
    /// Doubts are kept in the order of their ids, whatever order they come in.
    ///
    /// # Errors
    /// [`BehaviourError::DoubtTwice`] for an id that occurs twice;
    /// [`BehaviourError::DoubtBeforeUse`] for a doubt raised before the first use.
    pub fn new(
        first_use: Date,
        mut doubts: Vec<Doubt>,
        inducements: Vec<Inducement>,
    ) -> Result<Self, BehaviourError> {
        doubts.sort_by(|a, b| a.id().cmp(b.id()));
        let mut seen = BTreeSet::new();
        for doubt in &doubts {
            if !seen.insert(doubt.id()) {
                let id = doubt.id().clone();
                return Err(BehaviourError::DoubtTwice { id });
            }
            if doubt.raised() < first_use {
                return Err(BehaviourError::DoubtBeforeUse {
                    id: doubt.id().clone(),
                    raised: doubt.raised(),
                    first_use,
                });
            }
        }
        Ok(Self {
            first_use,
            doubts,
            inducements,
        })
    }

    /// When the customer began to use.
    #[must_use]
    pub const fn first_use(&self) -> Date {
        self.first_use
    }

    /// The doubts, in the order of their ids.
    #[must_use]
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// The inducements granted so far.
    #[must_use]
    pub fn inducements(&self) -> &[Inducement] {
        &self.inducements
    }

    /// The doubts that can still be cared for: raised or answered, neither settled nor left.
    pub fn open_doubts(&self) -> impl Iterator<Item = &Doubt> {
        self.doubts.iter().filter(|doubt| doubt.is_open())
    }

    /// The chance that use becomes habit, `a₀·Π(1 − s)`, from the chance `a₀` of an untroubled
    /// customer and the severities `s` of the doubts that weigh on this one \[B1\].
    ///
    /// Open doubts weigh, and so do those that were left: nobody answers them any more, but the
    /// customer has not been satisfied either.
    #[must_use]
    pub fn adoption(&self, untroubled: Fraction) -> Fraction {
        let chance = self
            .doubts
            .iter()
            .filter(|doubt| doubt.weighs())
            .fold(untroubled.get(), |chance, doubt| {
                chance * doubt.severity().complement().get()
            });
        Fraction::clamped(chance)
    }
}

/// A behaviour as it stands in a document, before the laws are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BehaviourFields {
    first_use: Date,
    #[serde(default)]
    doubts: Vec<Doubt>,
    #[serde(default)]
    inducements: Vec<Inducement>,
}

impl TryFrom<BehaviourFields> for Behaviour {
    type Error = BehaviourError;

    fn try_from(fields: BehaviourFields) -> Result<Self, BehaviourError> {
        Self::new(fields.first_use, fields.doubts, fields.inducements)
    }
}

impl From<Behaviour> for BehaviourFields {
    fn from(behaviour: Behaviour) -> Self {
        Self {
            first_use: behaviour.first_use,
            doubts: behaviour.doubts,
            inducements: behaviour.inducements,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    fn doubt(name: &str, severity: f64) -> Doubt {
        let severity = Fraction::new(severity).unwrap();
        Doubt::raise(Id::new(name).unwrap(), day(10), severity)
    }

    proptest! {
        #[test]
        fn every_doubt_that_weighs_lowers_the_chance(
            severities in prop::collection::vec(0.01..0.99, 0..6),
            untroubled in 0.01..=1.0,
        ) {
            let untroubled = Fraction::new(untroubled).unwrap();
            let mut doubts = vec![];
            let mut last = untroubled;
            for (position, severity) in severities.iter().enumerate() {
                doubts.push(doubt(&position.to_string(), *severity));
                let behaviour = Behaviour::new(day(0), doubts.clone(), vec![]).unwrap();
                let now = behaviour.adoption(untroubled);
                prop_assert!(now < last);
                last = now;
            }
            // Settling them all gives the whole chance back; leaving them gives back nothing.
            let settle = |doubt: &Doubt| doubt.answer(day(11)).and_then(|at| at.settle(day(12)));
            let settled: Vec<Doubt> = doubts.iter().map(|doubt| settle(doubt).unwrap()).collect();
            let behaviour = Behaviour::new(day(0), settled, vec![]).unwrap();
            prop_assert_eq!(behaviour.adoption(untroubled), untroubled);
            let left: Vec<Doubt> = doubts.iter().map(|doubt| doubt.leave(day(12)).unwrap()).collect();
            let behaviour = Behaviour::new(day(0), left, vec![]).unwrap();
            prop_assert_eq!(behaviour.adoption(untroubled), last);
            prop_assert_eq!(behaviour.open_doubts().count(), 0);
        }

        #[test]
        fn the_order_of_the_doubts_is_immaterial(severities in prop::collection::vec(0.0..=1.0, 0..6)) {
            let doubts: Vec<Doubt> = severities
                .iter()
                .enumerate()
                .map(|(position, severity)| doubt(&position.to_string(), *severity))
                .collect();
            let turned: Vec<Doubt> = doubts.iter().rev().cloned().collect();
            let behaviour = Behaviour::new(day(0), doubts, vec![]).unwrap();
            prop_assert_eq!(&behaviour, &Behaviour::new(day(0), turned, vec![]).unwrap());
            let text = serde_json::to_string(&behaviour).unwrap();
            prop_assert_eq!(serde_json::from_str::<Behaviour>(&text).unwrap(), behaviour);
        }
    }

    #[test]
    fn repeated_and_early_doubts_are_refused() {
        let twice = Behaviour::new(day(0), vec![doubt("a", 0.1), doubt("a", 0.2)], vec![]);
        assert_eq!(
            twice.unwrap_err().to_string(),
            "doubt a occurs twice: give each doubt of a customer its own id"
        );
        let early = Behaviour::new(day(11), vec![doubt("a", 0.1)], vec![]);
        assert_eq!(
            early.unwrap_err().to_string(),
            "doubt a is raised on 1970-01-11, before the first use on 1970-01-12: a doubt of early \
             use follows it; correct one of the dates"
        );
        assert!(Behaviour::new(day(10), vec![doubt("a", 0.1)], vec![]).is_ok());
    }

    #[test]
    fn missing_lists_are_empty_and_unknown_fields_are_refused() {
        let bare = r#"{"first_use":"2026-03-02"}"#;
        let behaviour: Behaviour = serde_json::from_str(bare).unwrap();
        assert!(behaviour.doubts().is_empty() && behaviour.inducements().is_empty());
        let tied = r#"{"first_use":"2026-03-02","purchases":3}"#;
        assert!(serde_json::from_str::<Behaviour>(tied).is_err());
    }
}
