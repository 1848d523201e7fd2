//! Why an entry is refused.

use thiserror::Error;

use super::{EntryId, PromiseId, VirtualBudgetId};
use crate::{
    calendar::Date,
    customer::willingness::Stage,
    money::{Currency, Money, MoneyError},
};

/// An entry that is refused. The ledger is as it was before, and the entry's id is still free.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// An id posted before, with other content.
    #[error(
        "entry {entry} was posted before with other content; a retry repeats the entry exactly, a new \
             entry takes a new id"
    )]
    EntryDiffers {
        /// The entry.
        entry: EntryId,
    },
    /// Time going back.
    #[error(
        "entry {entry} is dated {on}, before {last}, the date of the last entry; post entries in the \
             order of their dates"
    )]
    TimeGoesBack {
        /// The entry.
        entry: EntryId,
        /// Its date.
        on: Date,
        /// The date that it may not precede.
        last: Date,
    },
    /// Another currency than the ledger's.
    #[error("entry {entry} is in {given}; this ledger is kept in {kept}")]
    Currency {
        /// The entry.
        entry: EntryId,
        /// The entry's currency.
        given: Currency,
        /// The ledger's.
        kept: Currency,
    },
    /// Nothing, or less than nothing.
    #[error("entry {entry} states {amount}; the amount must be above 0 (a ceiling may be 0)")]
    NotPositive {
        /// The entry.
        entry: EntryId,
        /// The amount.
        amount: Money,
    },
    /// A ceiling below what is already promised.
    #[error(
        "ceiling {ceiling} is below the {outstanding} outstanding; what is promised must stay payable"
    )]
    CeilingBelowOutstanding {
        /// The ceiling asked for.
        ceiling: Money,
        /// What is outstanding.
        outstanding: Money,
    },
    /// Planted twice.
    #[error("virtual budget {budget} is planted already; give the new one an id of its own")]
    BudgetExists {
        /// The budget.
        budget: VirtualBudgetId,
    },
    /// Never planted.
    #[error("virtual budget {budget} is unknown; plant it first")]
    BudgetUnknown {
        /// The budget.
        budget: VirtualBudgetId,
    },
    /// Accrual without progress.
    #[error(
        "virtual budget {budget} stands at {held} and cannot accrue for {gate}; a gate above the rung \
             held must have been passed"
    )]
    NoProgress {
        /// The budget.
        budget: VirtualBudgetId,
        /// The rung held.
        held: Stage,
        /// The gate named.
        gate: Stage,
    },
    /// Over the budget's own cap.
    #[error(
        "virtual budget {budget} has accrued {accrued} of its cap {cap}; {amount} more would pass it"
    )]
    CapPassed {
        /// The budget.
        budget: VirtualBudgetId,
        /// Its own cap.
        cap: Money,
        /// Accrued so far.
        accrued: Money,
        /// Asked for.
        amount: Money,
    },
    /// A step back that is not one.
    #[error("virtual budget {budget} stands at {held}; {to} is no step back")]
    NotBack {
        /// The budget.
        budget: VirtualBudgetId,
        /// The rung held.
        held: Stage,
        /// The rung named.
        to: Stage,
    },
    /// More than is uncommitted.
    #[error("virtual budget {budget} has {uncommitted} uncommitted; {amount} is more than that")]
    OverUncommitted {
        /// The budget.
        budget: VirtualBudgetId,
        /// What is uncommitted.
        uncommitted: Money,
        /// Asked for.
        amount: Money,
    },
    /// Over the ceiling of all promises.
    #[error(
        "a promise of {amount} on virtual budget {budget} would pass the ceiling {ceiling}, of which \
             {outstanding} is outstanding"
    )]
    CeilingPassed {
        /// The budget.
        budget: VirtualBudgetId,
        /// The ceiling.
        ceiling: Money,
        /// Outstanding over all budgets.
        outstanding: Money,
        /// Asked for.
        amount: Money,
    },
    /// Due before it is made.
    #[error(
        "promise {promise} on virtual budget {budget}, made on {on}, is due on {due}; it must be due on \
             that day or later"
    )]
    DueBeforeMade {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// When it is made.
        on: Date,
        /// When it would be due.
        due: Date,
    },
    /// Promised twice.
    #[error(
        "promise {promise} on virtual budget {budget} is made already; a new promise takes a new id"
    )]
    PromiseExists {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
    },
    /// Never promised.
    #[error("promise {promise} on virtual budget {budget} is unknown; commit it first")]
    PromiseUnknown {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
    },
    /// Claimed, expired or released to the last cent.
    #[error(
        "promise {promise} on virtual budget {budget} is resolved; nothing of it is outstanding"
    )]
    PromiseResolved {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
    },
    /// More than the promise still holds.
    #[error(
        "promise {promise} on virtual budget {budget} has {outstanding} outstanding; {amount} is more \
             than that"
    )]
    OverHold {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// What it holds.
        outstanding: Money,
        /// Asked for.
        amount: Money,
    },
    /// Claimed too late.
    #[error(
        "promise {promise} on virtual budget {budget} was due on {due}; it cannot be claimed on {on}"
    )]
    ClaimAfterDue {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// Its last day.
        due: Date,
        /// The day of the claim.
        on: Date,
    },
    /// Expired too early.
    #[error(
        "promise {promise} on virtual budget {budget} may be claimed up to {due}; it cannot expire on \
             {on} already"
    )]
    ExpiresBeforeDue {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// Its last day.
        due: Date,
        /// The day of the entry.
        on: Date,
    },
    /// More comes back than was claimed.
    #[error(
        "promise {promise} on virtual budget {budget} has {claimed} claimed; {amount} cannot come back"
    )]
    OverClaimed {
        /// The budget.
        budget: VirtualBudgetId,
        /// The promise.
        promise: PromiseId,
        /// What is claimed and not yet returned.
        claimed: Money,
        /// Asked for.
        amount: Money,
    },
    /// No room for another entry or budget.
    #[error(
        "the ledger holds {held} entries; at most 4294967294 are kept, so close it and open the next"
    )]
    Full {
        /// Entries held.
        held: usize,
    },
    /// A total that no amount can hold.
    #[error("total over all budgets: {0}")]
    Total(#[from] MoneyError),
}
