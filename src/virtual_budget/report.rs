//! Reports: what is promised, what it may cost, and when it falls due.

use std::collections::BTreeMap;

use super::{Ledger, LedgerError, VirtualBudget};
use crate::{
    calendar::Date,
    money::{self, Money},
    numeric::{ExactSum, cast},
};

/// The ledger at the end of a day.
///
/// ```
/// use sortie::{calendar::Date, money::Currency, virtual_budget::Ledger};
/// let report = Ledger::new(Currency::USD).report(Date::new(2026, 12, 31)?)?;
/// assert_eq!(report.budgets, 0); // an empty ledger has a lawful, empty report
/// assert!(report.exposure.is_zero() && report.falling_due.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The day.
    pub as_of: Date,
    /// Budgets planted by then.
    pub budgets: usize,
    /// Budgets under which something may still be claimed or promised: uncommitted or outstanding above 0.
    pub budgets_open: usize,
    /// The ceiling over all promises.
    pub ceiling: Money,
    /// All that was accrued; the sum of the five figures that follow.
    pub accrued: Money,
    /// Accrued and not promised.
    pub uncommitted: Money,
    /// Promised and not resolved.
    pub outstanding: Money,
    /// Claimed and not returned.
    pub claimed: Money,
    /// Promised and expired.
    pub expired: Money,
    /// Released, returns included.
    pub released: Money,
    /// The worst case that real money must cover: Σ outstanding.
    pub exposure: Money,
    /// That part of the exposure whose due day is past and whose expiry has not been posted: it can no
    /// longer be claimed.
    pub lapsed: Money,
    /// Σ likelihood × outstanding over promises not lapsed, in currency units.
    pub expected_claims: f64,
    /// Promises outstanding and not lapsed, by due day.
    pub falling_due: Vec<FallingDue>,
}

/// What may be claimed at the latest on one day.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FallingDue {
    /// The last day for the claim.
    pub due: Date,
    /// How many promises.
    pub promises: usize,
    /// Their sum.
    pub amount: Money,
    /// Σ likelihood × outstanding, in currency units.
    pub expected: f64,
}

#[derive(Default)]
struct Day {
    promises: usize,
    amount: i128,
    expected: ExactSum,
}

impl VirtualBudget {
    /// Σ likelihood × outstanding over its promises that have not lapsed by the given day, in currency
    /// units: this budget's expected claims.
    #[must_use]
    pub fn expected_claims(&self, by: Date) -> f64 {
        let open = self
            .promises()
            .iter()
            .filter(|promise| !promise.has_lapsed(by));
        let sum: ExactSum = open
            .map(|promise| {
                promise.likelihood().get() * cast::f64_of_i64(promise.outstanding().minor())
            })
            .collect();
        sum.value() / cast::f64_of_i64(self.currency.minor_per_unit())
    }
}

impl Ledger {
    /// The report at the end of any day: of the state, or for a day before the last entry of the journal up
    /// to that day. O(budgets + promises), plus the replay for a day in the past.
    ///
    /// # Errors
    /// [`LedgerError::Total`] if a total over all budgets is out of the range of an amount.
    pub fn report(&self, as_of: Date) -> Result<Report, LedgerError> {
        if self.last_date().is_some_and(|last| as_of < last) {
            let past = self.records.partition_point(|entry| entry.on <= as_of);
            let entries = self.journal().iter().take(past);
            // A prefix of a lawful journal is lawful.
            let ledger = Self::replay(self.currency(), entries).map_err(|(_, error)| error)?;
            return ledger.report_state(as_of);
        }
        self.report_state(as_of)
    }

    fn report_state(&self, as_of: Date) -> Result<Report, LedgerError> {
        let total = |part: fn(&VirtualBudget) -> Money| {
            Money::total(self.budgets().iter().map(part), self.currency())
        };
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        let mut lapsed = 0_i128;
        for promise in self.budgets().iter().flat_map(VirtualBudget::promises) {
            let outstanding = promise.outstanding().minor();
            if promise.has_lapsed(as_of) {
                lapsed += i128::from(outstanding);
            } else if outstanding > 0 {
                let day = days.entry(promise.due()).or_default();
                day.promises += 1;
                day.amount += i128::from(outstanding);
                day.expected
                    .add(promise.likelihood().get() * cast::f64_of_i64(outstanding));
            }
        }
        let unit = cast::f64_of_i64(self.currency().minor_per_unit());
        let mut expected = ExactSum::new();
        let mut falling_due = Vec::with_capacity(days.len());
        for (due, day) in days {
            expected.merge(&day.expected);
            falling_due.push(FallingDue {
                due,
                promises: day.promises,
                amount: money::from_wide(day.amount, self.currency())?,
                expected: day.expected.value() / unit,
            });
        }
        let is_open = |budget: &&VirtualBudget| budget.uncommitted > 0 || budget.outstanding > 0;
        Ok(Report {
            as_of,
            budgets: self.budgets().len(),
            budgets_open: self.budgets().iter().filter(is_open).count(),
            ceiling: self.ceiling(),
            accrued: total(VirtualBudget::accrued)?,
            uncommitted: total(VirtualBudget::uncommitted)?,
            outstanding: total(VirtualBudget::outstanding)?,
            claimed: total(VirtualBudget::claimed)?,
            expired: total(VirtualBudget::expired)?,
            released: total(VirtualBudget::released)?,
            exposure: self.outstanding(),
            lapsed: money::from_wide(lapsed, self.currency())?,
            expected_claims: expected.value() / unit,
            falling_due,
        })
    }
}
