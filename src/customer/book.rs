//! The book: the validated customer base.

mod acquaintances;
mod document;

use std::sync::Arc;

use rust_decimal::Decimal;
use thiserror::Error;

use super::acquaintance::{AcquaintanceError, AcquaintanceGraph};
use super::standing::Standing;
use super::tier::Tier;
use crate::id::{Id, IdError};
use crate::money::{Currency, Money, MoneyError};

/// One customer: who it is, what it contributes, and where it stands on the chain \[F4\].
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    id: Id,
    contribution: Money,
    territory: Option<Id>,
    standing: Standing,
}

/// Why a customer is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CustomerError {
    /// Below zero.
    #[error(
        "contribution is {contribution}; it must be at least 0 (it is what the customer yields a period while it uses)"
    )]
    ContributionNegative {
        /// What was given.
        contribution: Money,
    },
}

impl Customer {
    /// A customer.
    ///
    /// `contribution` is the contribution margin of one period while the customer uses the product, before
    /// any resources spent on it: measured for those who use, expected for prospects. `territory` names a
    /// node of the tree of budgets, if there is one.
    ///
    /// # Errors
    /// [`CustomerError::ContributionNegative`].
    pub fn new(
        id: Id,
        contribution: Money,
        territory: Option<Id>,
        standing: Standing,
    ) -> Result<Self, CustomerError> {
        if contribution.is_negative() {
            return Err(CustomerError::ContributionNegative { contribution });
        }
        Ok(Self {
            id,
            contribution,
            territory,
            standing,
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// Contribution margin of one period while it uses.
    #[must_use]
    pub const fn contribution(&self) -> Money {
        self.contribution
    }

    /// The territory it belongs to.
    #[must_use]
    pub const fn territory(&self) -> Option<&Id> {
        self.territory.as_ref()
    }

    /// Its standing, with the facts of its tier.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Its tier.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.standing.tier()
    }
}

/// A row of a customer list as a host has it, not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRow {
    /// The id.
    pub id: String,
    /// Contribution margin a period, in units of the book's currency.
    pub contribution: Decimal,
    /// The territory, if there is one.
    pub territory: Option<String>,
    /// The standing.
    pub standing: Standing,
}

/// What is wrong with a field of a row.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum RowError {
    /// The id or the territory is no id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The contribution is no amount of the book's currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The customer is refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// The id stands in an earlier row.
    #[error(
        "id {id} stands in row {first} already; a customer is admitted once, so merge the two rows"
    )]
    IdRepeated {
        /// The id.
        id: Id,
        /// The earlier row, from 0.
        first: usize,
    },
    /// The amount is in another currency than the book's.
    #[error("contribution is in {found}; the book is kept in {currency}")]
    Currency {
        /// The book's.
        currency: Currency,
        /// The row's.
        found: Currency,
    },
    /// A tie is refused.
    #[error(transparent)]
    Acquaintance(#[from] AcquaintanceError),
}

/// A fault of a batch: its row, its field, what was found and what to do.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("row {row}, {field}: {error}")]
pub struct RowFault {
    /// The row, from 0.
    pub row: usize,
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub error: RowError,
}

/// A batch that is refused whole, with all its faults; nothing of it was admitted.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}", shown(.faults))]
pub struct BookError {
    faults: Vec<RowFault>,
}

/// Faults shown in one message.
const FAULTS_SHOWN: usize = 20;

fn shown(faults: &[RowFault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .take(FAULTS_SHOWN)
        .map(RowFault::to_string)
        .collect();
    match faults.len().saturating_sub(FAULTS_SHOWN) {
        0 => lines.join("; "),
        more => format!("{}; and {more} more faults", lines.join("; ")),
    }
}

impl BookError {
    /// Every fault, by row.
    #[must_use]
    pub fn faults(&self) -> &[RowFault] {
        &self.faults
    }
}

/// Two ids that differ only in case: lawful, and perhaps not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdsAlike {
    /// The first in order.
    pub first: Id,
    /// The other.
    pub second: Id,
}

/// The validated customer base, in the order of ids.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::behaviour::Behaviour;
/// use sortie::customer::{Book, CustomerRow, Standing, Starting};
/// use sortie::fraction::Fraction;
/// use sortie::money::Currency;
///
/// let behaviour = Behaviour::new(Date::new(2026, 3, 2)?, vec![], vec![])?;
/// let standing = Standing::Starting(Starting::new(Fraction::new(0.4)?, behaviour));
/// let row = |id: &str, contribution| CustomerRow {
///     id: id.to_owned(),
///     contribution,
///     territory: None,
///     standing: standing.clone(),
/// };
/// let book = Book::admit(Currency::USD, vec![row("b", 300.into()), row("a", 120.into())])?;
/// assert_eq!(book.customers()[0].id().as_str(), "a");
///
/// let refused = Book::admit(Currency::USD, vec![row("", (-1).into()), row("b", 1.into()), row("b", 1.into())]);
/// assert_eq!(refused.unwrap_err().faults().len(), 3, "all faults at once");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    currency: Currency,
    customers: Vec<Customer>,
    /// Over all customers, at their places; `None` without any tie.
    acquaintances: Option<Arc<AcquaintanceGraph>>,
}

impl Book {
    /// A book of nobody, which is lawful.
    #[must_use]
    pub const fn empty(currency: Currency) -> Self {
        Self {
            currency,
            customers: Vec::new(),
            acquaintances: None,
        }
    }

    /// Admits a batch of rows, whole or not at all.
    ///
    /// # Errors
    /// [`BookError`] with every fault of every row. `O(n log n)`, `O(n)` for sorted rows.
    pub fn admit(
        currency: Currency,
        rows: impl IntoIterator<Item = CustomerRow>,
    ) -> Result<Self, BookError> {
        let mut admission = Admission::new(currency);
        for row in rows {
            admission.row(row);
        }
        admission.close()
    }

    /// Admits customers that exist already, whole or not at all.
    ///
    /// # Errors
    /// [`BookError`]: ids that repeat, amounts in another currency.
    pub fn of(
        currency: Currency,
        customers: impl IntoIterator<Item = Customer>,
    ) -> Result<Self, BookError> {
        let mut admission = Admission::new(currency);
        for customer in customers {
            admission.customer(customer);
        }
        admission.close()
    }

    /// The book of the next period: the customers given replace those of the same id, or join \[T2\]. Who
    /// knows whom stays as it is.
    ///
    /// # Errors
    /// [`BookError`], as in [`Book::of`]; this book is unchanged.
    pub fn revised(
        &self,
        customers: impl IntoIterator<Item = Customer>,
    ) -> Result<Self, BookError> {
        let news = Self::of(self.currency, customers)?;
        let kept = self
            .customers
            .iter()
            .filter(|old| news.get(old.id()).is_none())
            .cloned();
        let mut merged: Vec<Customer> = kept.chain(news.customers.iter().cloned()).collect();
        merged.sort_by(|a, b| a.id.cmp(&b.id));
        let acquaintances = self.acquaintances_among(&merged)?;
        Ok(Self {
            currency: self.currency,
            customers: merged,
            acquaintances,
        })
    }

    /// The currency of all its amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The customers, in the order of their ids.
    #[must_use]
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// Whether it holds nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The customer with an id. `O(log n)`.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&Customer> {
        self.place(id).and_then(|place| self.customers.get(place))
    }

    /// The place of a customer in [`Book::customers`]. `O(log n)`.
    #[must_use]
    pub fn place(&self, id: &Id) -> Option<usize> {
        self.customers
            .binary_search_by(|customer| customer.id.cmp(id))
            .ok()
    }

    /// As [`Book::place`], looking first at a guess: `O(1)` if it is right.
    #[must_use]
    pub fn place_near(&self, id: &Id, guess: usize) -> Option<usize> {
        match self.customers.get(guess) {
            Some(customer) if customer.id == *id => Some(guess),
            _ => self.place(id),
        }
    }

    /// Ids that differ from another one only in case. `O(n log n)`.
    #[must_use]
    pub fn ids_alike(&self) -> Vec<IdsAlike> {
        let mut folded: Vec<(String, &Id)> = self
            .customers
            .iter()
            .map(|c| (c.id.as_str().to_lowercase(), &c.id))
            .collect();
        folded.sort_unstable();
        let pairs = folded.iter().zip(folded.iter().skip(1));
        pairs
            .filter(|(a, b)| a.0 == b.0)
            .map(|(a, b)| IdsAlike {
                first: a.1.clone(),
                second: b.1.clone(),
            })
            .collect()
    }
}

/// A batch on its way in: rows are checked one by one, repeats at the end.
struct Admission {
    currency: Currency,
    rows: usize,
    /// Those lawful so far, with their rows.
    customers: Vec<(Customer, usize)>,
    faults: Vec<RowFault>,
}

impl Admission {
    const fn new(currency: Currency) -> Self {
        Self {
            currency,
            rows: 0,
            customers: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, row: usize, field: &'static str, error: impl Into<RowError>) {
        self.faults.push(RowFault {
            row,
            field,
            error: error.into(),
        });
    }

    fn row(&mut self, row: CustomerRow) {
        let place = self.rows;
        let id = Id::new(&row.id)
            .map_err(|error| self.fault(place, "id", error))
            .ok();
        let territory = match row.territory.map(Id::new).transpose() {
            Ok(territory) => Some(territory),
            Err(error) => {
                self.fault(place, "territory", error);
                None
            }
        };
        let contribution = Money::from_decimal(row.contribution, self.currency)
            .map_err(RowError::from)
            .and_then(|money| {
                if money.is_negative() {
                    Err(CustomerError::ContributionNegative {
                        contribution: money,
                    }
                    .into())
                } else {
                    Ok(money)
                }
            })
            .map_err(|error| self.fault(place, "contribution", error))
            .ok();
        match (id, contribution, territory) {
            (Some(id), Some(contribution), Some(territory)) => {
                self.customer(Customer {
                    id,
                    contribution,
                    territory,
                    standing: row.standing,
                });
            }
            _ => self.rows += 1,
        }
    }

    fn customer(&mut self, customer: Customer) {
        let row = self.rows;
        self.rows += 1;
        let found = customer.contribution.currency();
        if found == self.currency {
            self.customers.push((customer, row));
        } else {
            let currency = self.currency;
            self.fault(row, "contribution", RowError::Currency { currency, found });
        }
    }

    fn close(mut self) -> Result<Book, BookError> {
        let in_order = self
            .customers
            .iter()
            .zip(self.customers.iter().skip(1))
            .all(|(a, b)| a.0.id < b.0.id);
        if !in_order {
            self.customers
                .sort_by(|a, b| a.0.id.cmp(&b.0.id).then(a.1.cmp(&b.1)));
            self.refuse_repeats();
        }
        if self.faults.is_empty() {
            let customers = self
                .customers
                .into_iter()
                .map(|(customer, _)| customer)
                .collect();
            Ok(Book {
                currency: self.currency,
                customers,
                acquaintances: None,
            })
        } else {
            self.faults.sort_by_key(|fault| fault.row);
            Err(BookError {
                faults: self.faults,
            })
        }
    }

    fn refuse_repeats(&mut self) {
        let mut repeats = Vec::new();
        let mut first: Option<&(Customer, usize)> = None;
        for entry in &self.customers {
            match first {
                Some((customer, row)) if customer.id == entry.0.id => {
                    let error = RowError::IdRepeated {
                        id: entry.0.id.clone(),
                        first: *row,
                    };
                    repeats.push(RowFault {
                        row: entry.1,
                        field: "id",
                        error,
                    });
                }
                _ => first = Some(entry),
            }
        }
        self.faults.extend(repeats);
    }
}

#[cfg(test)]
mod tests;
