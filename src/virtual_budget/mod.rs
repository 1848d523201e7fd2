//! Contingent money: a budget that is not there until willingness moves, and is capped so that it is
//! believed \[C5, C6\].
//!
//! ```text
//! planted (0) ──accrue──► uncommitted ──commit──► outstanding ──claim──► claimed
//!                              │                    │     │                 │
//!                              └──────► released ◄──┘     └──► expired      │
//!                                           ▲                               │
//!                                           └────────────return─────────────┘
//! ```
//!
//! A budget accrues when its prospect passes a gate of willingness, never above its own cap; a promise is
//! made out of what is accrued, never above the ceiling over all promises; what is promised is claimed in
//! part or whole up to its due day, and the rest expires or is released. Always, to the cent:
//!
//! accrued = uncommitted + outstanding + claimed + expired + released, each ≥ 0.
//!
//! [`Ledger`] is a journal of [`Entry`]s and the state folded from it. It does no input or output: a host
//! stores the entries ([`JournalWriter`] and [`recover`] give them a form in bytes that survives being cut at any
//! point) and
//! posts them again when it starts.

mod block;
mod budget;
mod entry;
mod error;
mod journal;
mod ledger;
mod post;
mod promise;
mod record;
mod report;
mod terms;

pub use budget::VirtualBudget;
pub use entry::{Entry, EntryId, Event, PromiseId, VirtualBudgetId};
pub use error::LedgerError;
pub use journal::{
    JOURNAL_VERSION, JournalError, JournalReader, JournalWriter, Recovered, recover,
};
pub use ledger::{Ledger, Posted};
pub use promise::Promise;
pub use record::{Journal, JournalEntries};
pub use report::{FallingDue, Report};
pub use terms::{Terms, TermsError};
