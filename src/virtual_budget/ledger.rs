//! The ledger: a journal, and the state folded from it.

#![deny(clippy::float_arithmetic)]

use super::{
    Entry, EntryId, LedgerError, PromiseId, VirtualBudget, VirtualBudgetId, record::Record,
};
use crate::{
    calendar::Date,
    id::{self, IdIndex},
    money::{Currency, Money},
    numeric::cast,
};

/// What posting an entry did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Posted {
    /// The entry took effect.
    Now,
    /// The same entry had been posted before; nothing was changed.
    Before,
}

/// All virtual budgets of one currency, under one ceiling.
///
/// State is the fold of the journal and of nothing else: the same entries give the same ledger. An entry
/// either takes effect as a whole or is refused and changes nothing. No clock is read: deadlines pass by the
/// dates of the entries.
///
/// ```
/// use sortie::{
///     calendar::Date, customer::willingness::Stage, fraction::Fraction, id::Id,
///     money::{Currency, Money},
///     virtual_budget::{Entry, EntryId, Event, Ledger, Posted, PromiseId, VirtualBudgetId},
/// };
/// let usd = |text| Money::parse(text, Currency::USD);
/// let (budget, promise) = (VirtualBudgetId::new("acme")?, PromiseId::new("trial")?);
/// let day = Date::new(2026, 1, 5)?;
/// let events = [
///     Event::Ceiling { ceiling: usd("1000.00")? },
///     Event::Plant { budget: budget.clone(), customer: Id::new("c-17")?, cap: usd("300.00")?, stage: Stage::Unaware },
///     Event::Accrue { budget: budget.clone(), gate: Stage::Aware, amount: usd("100.00")? },
///     Event::Commit {
///         budget: budget.clone(), promise: promise.clone(), amount: usd("80.00")?,
///         due: day.plus_days(90)?, likelihood: Fraction::new(0.5)?,
///     },
///     Event::Claim { budget: budget.clone(), promise, amount: usd("30.00")? },
/// ];
/// let mut ledger = Ledger::new(Currency::USD);
/// for (number, event) in events.into_iter().enumerate() {
///     let entry = Entry { id: EntryId::new(number.to_string())?, on: day, event };
///     assert_eq!(ledger.post(entry.clone())?, Posted::Now);
///     assert_eq!(ledger.post(entry)?, Posted::Before); // a retry
/// }
/// let acme = ledger.budget(&budget).ok_or("planted above")?;
/// assert_eq!(acme.uncommitted(), usd("20.00")?);
/// assert_eq!(acme.outstanding(), usd("50.00")?);
/// assert_eq!(ledger.headroom(), usd("950.00")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) currency: Currency,
    pub(super) ceiling: i64,
    pub(super) outstanding: i64,
    pub(super) last: Option<Date>,
    pub(super) records: Vec<Record>,
    pub(super) record_index: IdIndex,
    pub(super) budgets: Vec<VirtualBudget>,
    pub(super) budget_index: IdIndex,
}

/// Equal journals make equal ledgers.
impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency && self.journal() == other.journal()
    }
}

impl Ledger {
    /// An empty ledger; its ceiling is 0 until an entry sets it.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            ceiling: 0,
            outstanding: 0,
            last: None,
            records: Vec::new(),
            record_index: IdIndex::default(),
            budgets: Vec::new(),
            budget_index: IdIndex::default(),
        }
    }

    /// An empty ledger with room for so many entries and their ids, 61 to 74 bytes an entry: a host that knows how
    /// many it will post spares the growing. Room that cannot be had is not made; posting goes on without.
    #[must_use]
    pub fn with_room(currency: Currency, entries: usize) -> Self {
        let entries = entries.min(cast::usize_of_u32(u32::MAX));
        let mut ledger = Self::new(currency);
        if ledger.records.try_reserve_exact(entries).is_ok() {
            ledger.record_index = IdIndex::with_room(entries);
        }
        ledger
    }

    /// The ledger of a journal: [`Ledger::post_all`] on an empty one.
    ///
    /// # Errors
    /// The first entry that is refused, by its number from 0.
    pub fn replay(
        currency: Currency,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, (usize, LedgerError)> {
        let mut ledger = Self::new(currency);
        ledger.post_all(entries)?;
        Ok(ledger)
    }

    /// The currency of every amount.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The most that may be outstanding over all budgets.
    #[must_use]
    pub const fn ceiling(&self) -> Money {
        self.money(self.ceiling)
    }

    /// Exposure: promised and not yet resolved, over all budgets. The worst case that real money must cover.
    #[must_use]
    pub const fn outstanding(&self) -> Money {
        self.money(self.outstanding)
    }

    /// What may still be promised under the ceiling.
    #[must_use]
    pub const fn headroom(&self) -> Money {
        self.money(self.ceiling - self.outstanding)
    }

    /// The date of the last entry.
    #[must_use]
    pub const fn last_date(&self) -> Option<Date> {
        self.last
    }

    /// Every budget, in the order of planting.
    #[must_use]
    pub fn budgets(&self) -> &[VirtualBudget] {
        &self.budgets
    }

    /// One budget. O(1).
    #[must_use]
    pub fn budget(&self, id: &VirtualBudgetId) -> Option<&VirtualBudget> {
        self.budgets.get(self.place_of(id)?)
    }

    /// The entry of an id, if it took effect. O(1).
    #[must_use]
    pub fn entry(&self, id: &EntryId) -> Option<Entry> {
        self.journal().get(self.entry_place(id::tag(&id.0), id)?)
    }

    /// Promises with something outstanding whose due day lies before `by`: those for which an expiry should
    /// be posted. In the order of budget and promise ids.
    #[must_use]
    pub fn lapsed(&self, by: Date) -> Vec<(&VirtualBudgetId, &PromiseId)> {
        let mut lapsed: Vec<_> = self
            .budgets
            .iter()
            .flat_map(|budget| {
                budget
                    .promises()
                    .iter()
                    .map(move |promise| (&budget.id, promise))
            })
            .filter(|(_, promise)| promise.has_lapsed(by))
            .map(|(budget, promise)| (budget, promise.id()))
            .collect();
        lapsed.sort();
        lapsed
    }

    pub(super) const fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }

    pub(super) fn entry_place(&self, tag: u32, id: &EntryId) -> Option<usize> {
        let id_at = |at| self.records.get(at).map(|record: &Record| &record.id.0);
        self.record_index.find(tag, &id.0, id_at)
    }

    pub(super) fn place_of(&self, id: &VirtualBudgetId) -> Option<usize> {
        self.place_tagged(id::tag(&id.0), id)
    }

    pub(super) fn place_tagged(&self, tag: u32, id: &VirtualBudgetId) -> Option<usize> {
        let id_at = |at| {
            self.budgets
                .get(at)
                .map(|budget: &VirtualBudget| &budget.id.0)
        };
        self.budget_index.find(tag, &id.0, id_at)
    }
}
