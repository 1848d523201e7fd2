//! The census: who the customers are, what they yield, and where resources really go \[C1–C3, T1\].
//!
//! It is computed from records of results and of resources spent, never from claims. All counts and sums
//! are integers, so a census depends on neither the order of the records nor their partition.

mod document;
mod record;

use thiserror::Error;

pub use record::{CensusRecord, RecordError, RecordFault};

use crate::customer::{Book, ByTier, Tier};
use crate::fraction::Fraction;
use crate::money::{Currency, Money, MoneyError};
use crate::numeric::cast;
use crate::quantity::Quantity;

/// What a tier comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierCount {
    /// Customers of the tier.
    pub customers: u64,
    /// Their results in the window, in the book's unit of results.
    pub results: Quantity,
    /// Resources spent on them in the window.
    pub spend: Money,
}

/// Counts, shares and tilt of a customer base over one window of records \[C1\].
///
/// ```
/// use sortie::census::{Census, CensusRecord};
/// use sortie::customer::{Book, Tier};
/// use sortie::money::Currency;
///
/// let book = Book::empty(Currency::USD);
/// let census = Census::take(&book, &[])?;
/// assert_eq!(census.customers(), 0);
/// assert_eq!(census.offensiveness(), None, "no resources, no tilt");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    currency: Currency,
    tiers: ByTier<TierCount>,
}

/// Why no census can be taken.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CensusError {
    /// Records that do not fit the book; nothing was counted.
    #[error("{}", record::shown(.0))]
    Records(Vec<RecordFault>),
    /// A tier's resources are out of range.
    #[error("resources spent on the {tier} tier are out of range: {source}")]
    Spend {
        /// The tier.
        tier: Tier,
        /// By how much.
        source: MoneyError,
    },
    /// A tier's results are out of range.
    #[error("results of the {tier} tier are out of range; choose a larger unit of results")]
    Results {
        /// The tier.
        tier: Tier,
    },
    /// Parts of a census that do not belong together.
    #[error("census has amounts in {found} and in {currency}; one currency is needed")]
    Currency {
        /// The census's.
        currency: Currency,
        /// The other.
        found: Currency,
    },
}

impl Census {
    /// Counts a book and its records. Customers without a record count with nothing; several records of one
    /// customer add up.
    ///
    /// # Errors
    /// [`CensusError::Records`] with every record that names an unknown customer, another currency or a
    /// negative amount; sums out of range.
    ///
    /// `O((n + m) log n)` for n customers and m records, `O(n + m)` where the records are sorted by customer.
    pub fn take(book: &Book, records: &[CensusRecord]) -> Result<Self, CensusError> {
        let mut counts = ByTier::<(u64, u128, i128)>::default();
        for customer in book.customers() {
            counts.get_mut(customer.tier()).0 += 1;
        }
        let mut faults = Vec::new();
        // Records usually come sorted as the book is; the place of the last one is then a good guess.
        let mut guess = 0;
        for (row, record) in records.iter().enumerate() {
            match record.check(book, row, &mut guess) {
                Ok(tier) => {
                    let count = counts.get_mut(tier);
                    count.1 += u128::from(record.result.micros());
                    count.2 += i128::from(record.spend.minor());
                }
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(CensusError::Records(faults));
        }
        let currency = book.currency();
        let tier_count = |tier: Tier| {
            let (customers, results, spend) = *counts.get(tier);
            let micros = u64::try_from(results).map_err(|_| CensusError::Results { tier })?;
            Ok(TierCount {
                customers,
                results: Quantity::from_micros(micros),
                spend: crate::money::from_wide(spend, currency)
                    .map_err(|source| CensusError::Spend { tier, source })?,
            })
        };
        let tiers = ByTier {
            habitual: tier_count(Tier::Habitual)?,
            starting: tier_count(Tier::Starting)?,
            prospect: tier_count(Tier::Prospect)?,
        };
        Ok(Self { currency, tiers })
    }

    /// A census from counts made elsewhere, such as the parts of a plan.
    ///
    /// # Errors
    /// [`CensusError::Currency`] if the amounts are not all of one currency.
    pub fn from_counts(currency: Currency, tiers: ByTier<TierCount>) -> Result<Self, CensusError> {
        for (_, count) in tiers.iter() {
            if count.spend.currency() != currency {
                return Err(CensusError::Currency {
                    currency,
                    found: count.spend.currency(),
                });
            }
        }
        Ok(Self { currency, tiers })
    }

    /// The same customers and results with other resources: the census after a plan \[T1\].
    ///
    /// # Errors
    /// [`CensusError::Currency`].
    pub fn with_spend(&self, spend: ByTier<Money>) -> Result<Self, CensusError> {
        let tiers = ByTier::from_fn(|tier| TierCount {
            spend: *spend.get(tier),
            ..*self.tiers.get(tier)
        });
        Self::from_counts(self.currency, tiers)
    }

    /// The currency of the resources.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// What one tier comes to.
    #[must_use]
    pub const fn tier(&self, tier: Tier) -> &TierCount {
        self.tiers.get(tier)
    }

    /// All customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.tiers.iter().map(|(_, count)| count.customers).sum()
    }

    /// Share of all customers; `None` for an empty book.
    #[must_use]
    pub fn share_of_customers(&self, tier: Tier) -> Option<Fraction> {
        self.share(tier, |count| u128::from(count.customers))
    }

    /// Share of all results: is what the first two tiers yield really 100 %? \[C1\] `None` without results.
    #[must_use]
    pub fn share_of_results(&self, tier: Tier) -> Option<Fraction> {
        self.share(tier, |count| u128::from(count.results.micros()))
    }

    /// Share of all resources; `None` if nothing was spent.
    #[must_use]
    pub fn share_of_spend(&self, tier: Tier) -> Option<Fraction> {
        self.share(tier, |count| u128::from(count.spend.minor().unsigned_abs()))
    }

    /// How strongly resources tilt to a tier: its share of resources over its share of customers \[T1\].
    /// Above 1 it gets more than its number; `None` if it has no customers or nothing was spent.
    #[must_use]
    pub fn tilt(&self, tier: Tier) -> Option<f64> {
        let customers = self.share_of_customers(tier)?.get();
        let spend = self.share_of_spend(tier)?.get();
        (customers > 0.0).then(|| spend / customers)
    }

    /// The tier that takes the largest share of resources \[T1\]; of equal ones the first in the chain.
    #[must_use]
    pub fn tilts_to(&self) -> Option<Tier> {
        self.share_of_spend(Tier::Habitual)?;
        let minor = |tier: &Tier| self.tier(*tier).spend.minor();
        // `max_by_key` keeps the last of equals, so the order is turned around.
        Tier::ALL.into_iter().rev().max_by_key(minor)
    }

    /// Strength of the attack: the share of resources that the first two tiers do *not* take \[C2\].
    #[must_use]
    pub fn offensiveness(&self) -> Option<Fraction> {
        self.share_of_spend(Tier::Prospect)
    }

    /// What is left over for moving the boundary of the business: resources beyond the first two tiers
    /// \[C3\]. Zero means that the boundary is fixed.
    #[must_use]
    pub const fn headroom(&self) -> Money {
        self.tier(Tier::Prospect).spend
    }

    fn share(&self, tier: Tier, part: impl Fn(&TierCount) -> u128) -> Option<Fraction> {
        let total: u128 = self.tiers.iter().map(|(_, count)| part(count)).sum();
        (total > 0).then(|| ratio(part(self.tiers.get(tier)), total))
    }
}

/// The nearest fraction to an exact ratio of integers, up to the rounding of both to floats.
fn ratio(part: u128, total: u128) -> Fraction {
    let float = |n: u128| i128::try_from(n).map_or(f64::MAX, cast::f64_of_i128);
    Fraction::clamped(float(part) / float(total))
}

#[cfg(test)]
mod tests;
