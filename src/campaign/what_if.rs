//! What if: change the budget, the terms or a customer, plan again, and see who gains, who loses, and why.

mod difference;
mod held;

use std::collections::BTreeMap;

use super::{CampaignError, Market, Plan, Terms};
use crate::census::Census;
use crate::customer::{Book, Customer};
use crate::money::Money;
use crate::stance::Stance;

pub use difference::{Difference, LineChange, Side, Totals};
pub use held::{Held, Replanned};

/// One change to what a plan was made of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Another budget.
    Budget(Money),
    /// Another ceiling on promises \[C6\].
    Ceiling(Money),
    /// Another stance: payback limit, offensiveness, headroom.
    Stance(Stance),
    /// Other facts about one customer of the book.
    Customer(Box<Customer>),
}

/// A book and terms with changes made to them.
#[derive(Clone, Debug)]
pub struct WhatIf {
    book: Book,
    terms: Terms,
}

impl WhatIf {
    /// Applies changes, the later ones over the earlier ones.
    ///
    /// # Errors
    /// [`CampaignError::Unknown`] for a customer that is not in the book; [`CampaignError::Problem`] for a customer
    /// that the book refuses, such as one with a contribution in another currency.
    pub fn new(
        book: &Book,
        terms: &Terms,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Self, CampaignError> {
        let mut terms = terms.clone();
        let mut customers = BTreeMap::new();
        for change in changes {
            match change {
                Change::Budget(budget) => terms.budget = budget,
                Change::Ceiling(ceiling) => terms.ceiling = ceiling,
                Change::Stance(stance) => terms.stance = stance,
                Change::Customer(customer) => {
                    if book.get(customer.id()).is_none() {
                        let customer = customer.id().clone();
                        return Err(CampaignError::Unknown { customer });
                    }
                    customers.insert(customer.id().clone(), *customer);
                }
            }
        }
        let book = book.revised(customers.into_values()).map_err(|error| {
            CampaignError::Problem(crate::document::Fault::new("customers", error).into())
        })?;
        Ok(Self { book, terms })
    }

    /// The changed book.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// The changed terms.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The market of the changed book and terms, solved.
    ///
    /// # Errors
    /// As [`Market::open`].
    pub fn market(&self) -> Result<Market<'_>, CampaignError> {
        Market::open(&self.book, &self.terms)
    }

    /// The plan after the changes, and how it differs from the one before.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn plan(
        &self,
        before: &Plan,
        census: &Census,
    ) -> Result<(Plan, Difference), CampaignError> {
        let after = self.market()?.plan(census)?;
        let difference = Difference::between(before, &after)?;
        Ok((after, difference))
    }
}

#[cfg(test)]
mod tests;
