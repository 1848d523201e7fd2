//! What happened: from events of use or purchase to rhythm, habit strength, tier and habit facts.
//!
//! ```text
//! rows ── EventLog::admit ──► EventLog ── Histories::read ──► Histories ── readings(as_of) ──► Reading
//!         every fault named              one pass, O(1)       │  ▲                  ▲
//!         or counted                     a customer           │  └─ go_on, then,    │
//!                                                             │     unite           │
//!                                                             └── fit_rhythm ──► BookRhythm
//! ```
//!
//! Tiers, habits and warnings come from evidence, not from opinion \[H1–H5, B1–B5\]. An event is a
//! use or a purchase by a customer on a day, with an amount, a user within the customer and a
//! practice where these are recorded. Of what counts as use:
//!
//! - a day with one event or more is one *occasion*; rhythm and strength are of occasions;
//! - amounts, users and practices are counted event by event.

mod admission;
pub mod backtest;
mod error;
mod event;
mod histories;
mod history;
pub mod models;
mod practices;
mod rhythm;
mod sample;
mod scope;
mod standings;
mod strength;
mod tier;
pub mod warning;

pub use admission::{Door, Noticed, Oddity, Offence, RowFault, RowKind, RowPolicy};
pub use error::EvidenceError;
pub use event::{Event, EventLog, EventRow, NameCode};
pub use histories::{Histories, Late, Stretches};
pub use history::{History, ReadingRules, Stretch};
pub use practices::{Carried, PracticeUse, PracticesFound, Promotion, practices_kept};
pub use rhythm::{BookRhythm, Rhythm};
pub use sample::{NAMES_KEPT, NameCounts};
pub use scope::ScopeRule;
pub use standings::{CustomerFault, CustomerNotes, Notes, StandingFault, Standings};
pub use strength::StrengthModel;
pub use tier::{PlainRule, Reading};
