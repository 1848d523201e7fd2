//! The ledger: a journal, and the state folded from it.

#![deny(clippy::float_arithmetic)]

use super::{
    Entry, EntryId, Event, LedgerError, PromiseId, VirtualBudget, VirtualBudgetId, index::Index,
};
use crate::{
    calendar::Date,
    money::{Currency, Money},
};

/// Entries replayed together: enough to overlap their look-ups, few enough to stay in the nearest cache.
const REPLAY_BLOCK: usize = 32;

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
    currency: Currency,
    ceiling: i64,
    outstanding: i64,
    last: Option<Date>,
    journal: Vec<Entry>,
    journal_index: Index,
    budgets: Vec<VirtualBudget>,
    budget_index: Index,
}

/// Equal journals make equal ledgers.
impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency && self.journal == other.journal
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
            journal: Vec::new(),
            journal_index: Index::default(),
            budgets: Vec::new(),
            budget_index: Index::default(),
        }
    }

    /// The ledger of a journal.
    ///
    /// # Errors
    /// The first entry that is refused, by its number from 0.
    pub fn replay(
        currency: Currency,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, (usize, LedgerError)> {
        let mut ledger = Self::new(currency);
        let (mut entries, mut block) = (entries.into_iter(), Vec::with_capacity(REPLAY_BLOCK));
        let mut number = 0;
        loop {
            let tagged = |entry: Entry| (ledger.journal_index.tag(entry.id.as_str()), entry);
            block.extend(entries.by_ref().take(REPLAY_BLOCK).map(tagged));
            if block.is_empty() {
                return Ok(ledger);
            }
            ledger
                .journal_index
                .touch(block.iter().map(|(tag, _)| *tag));
            for (tag, entry) in block.drain(..) {
                ledger
                    .post_tagged(tag, entry)
                    .map_err(|error| (number, error))?;
                number += 1;
            }
        }
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

    /// Every entry that took effect, in order.
    #[must_use]
    pub fn journal(&self) -> &[Entry] {
        &self.journal
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
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        let tag = self.journal_index.tag(id.as_str());
        self.journal.get(self.entry_place(tag, id)?)
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
                    .promises
                    .iter()
                    .map(move |promise| (&budget.id, promise))
            })
            .filter(|(_, promise)| promise.has_lapsed(by))
            .map(|(budget, promise)| (budget, promise.id()))
            .collect();
        lapsed.sort();
        lapsed
    }

    /// Posts an entry: it takes effect as a whole, or is refused and changes nothing. An entry equal to one
    /// posted before is a retry and changes nothing either, whatever its date. O(1) expected, plus the
    /// number of promises of its budget when one is made out of the order of ids.
    ///
    /// # Errors
    /// [`LedgerError`], naming what forbids it.
    pub fn post(&mut self, entry: Entry) -> Result<Posted, LedgerError> {
        let tag = self.journal_index.tag(entry.id.as_str());
        self.post_tagged(tag, entry)
    }

    fn post_tagged(&mut self, tag: u32, entry: Entry) -> Result<Posted, LedgerError> {
        if let Some(earlier) = self
            .entry_place(tag, &entry.id)
            .and_then(|at| self.journal.get(at))
        {
            return if *earlier == entry {
                Ok(Posted::Before)
            } else {
                Err(LedgerError::EntryDiffers { entry: entry.id })
            };
        }
        self.admit(&entry)?;
        self.apply(entry.on, &entry.event)?;
        // Cannot fail: `admit` has made sure of the room.
        self.journal_index.insert(tag, self.journal.len());
        self.last = Some(entry.on);
        self.journal.push(entry);
        Ok(Posted::Now)
    }

    /// What holds for every entry, whatever its event.
    fn admit(&self, entry: &Entry) -> Result<(), LedgerError> {
        if let Some(last) = self.last.filter(|last| entry.on < *last) {
            return Err(LedgerError::TimeGoesBack {
                entry: entry.id.clone(),
                on: entry.on,
                last,
            });
        }
        if let Some(amount) = entry.event.amount() {
            if amount.currency() != self.currency {
                return Err(LedgerError::Currency {
                    entry: entry.id.clone(),
                    given: amount.currency(),
                    kept: self.currency,
                });
            }
            let may_be_zero = matches!(entry.event, Event::Ceiling { .. });
            if amount.is_negative() || (amount.is_zero() && !may_be_zero) {
                return Err(LedgerError::NotPositive {
                    entry: entry.id.clone(),
                    amount,
                });
            }
        }
        // Budgets are fewer than entries, so one check serves both.
        match u32::try_from(self.journal.len()) {
            Ok(place) if place < u32::MAX => Ok(()),
            _ => Err(LedgerError::Full {
                held: self.journal.len(),
            }),
        }
    }

    fn apply(&mut self, on: Date, event: &Event) -> Result<(), LedgerError> {
        match event {
            Event::Ceiling { ceiling } => self.set_ceiling(ceiling.minor()),
            Event::Plant { .. } => self.plant(on, event),
            Event::Accrue {
                budget,
                gate,
                amount,
            } => self.budget_mut(budget)?.accrue(*gate, amount.minor()),
            Event::StepBack { budget, to } => self.budget_mut(budget)?.step_back(*to),
            Event::ReleaseUncommitted { budget, amount } => {
                self.budget_mut(budget)?.release_uncommitted(amount.minor())
            }
            Event::Commit { .. } => self.commit(on, event),
            Event::Claim {
                budget,
                promise,
                amount,
            } => {
                self.budget_mut(budget)?
                    .claim(promise, amount.minor(), on)?;
                self.outstanding -= amount.minor();
                Ok(())
            }
            Event::Expire { budget, promise } => {
                self.outstanding -= self.budget_mut(budget)?.expire(promise, on)?;
                Ok(())
            }
            Event::Release {
                budget,
                promise,
                amount,
            } => {
                self.budget_mut(budget)?.release(promise, amount.minor())?;
                self.outstanding -= amount.minor();
                Ok(())
            }
            Event::Return {
                budget,
                promise,
                amount,
            } => self.budget_mut(budget)?.take_back(promise, amount.minor()),
        }
    }

    fn set_ceiling(&mut self, ceiling: i64) -> Result<(), LedgerError> {
        if ceiling < self.outstanding {
            return Err(LedgerError::CeilingBelowOutstanding {
                ceiling: self.money(ceiling),
                outstanding: self.outstanding(),
            });
        }
        self.ceiling = ceiling;
        Ok(())
    }

    fn plant(&mut self, on: Date, event: &Event) -> Result<(), LedgerError> {
        let Event::Plant {
            budget,
            customer,
            cap,
            stage,
        } = event
        else {
            return Ok(());
        };
        if self.place_of(budget).is_some() {
            return Err(LedgerError::BudgetExists {
                budget: budget.clone(),
            });
        }
        let tag = self.budget_index.tag(budget.as_str());
        self.budget_index.insert(tag, self.budgets.len());
        self.budgets.push(VirtualBudget {
            id: budget.clone(),
            customer: customer.clone(),
            currency: self.currency,
            planted_on: on,
            stage: *stage,
            cap: cap.minor(),
            accrued: 0,
            uncommitted: 0,
            outstanding: 0,
            claimed: 0,
            expired: 0,
            released: 0,
            promises: Vec::new(),
        });
        Ok(())
    }

    fn commit(&mut self, on: Date, event: &Event) -> Result<(), LedgerError> {
        let Event::Commit {
            budget,
            promise,
            amount,
            due,
            likelihood,
        } = event
        else {
            return Ok(());
        };
        let (ceiling, outstanding) = (self.ceiling(), self.outstanding());
        let headroom = self.ceiling - self.outstanding;
        let found = self.budget_mut(budget)?;
        let place = found.room_for(promise, amount.minor(), on, *due)?;
        if amount.minor() > headroom {
            return Err(LedgerError::CeilingPassed {
                budget: budget.clone(),
                ceiling,
                outstanding,
                amount: *amount,
            });
        }
        found.commit(place, promise, amount.minor(), (on, *due), *likelihood);
        self.outstanding += amount.minor();
        Ok(())
    }

    const fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }

    fn entry_place(&self, tag: u32, id: &EntryId) -> Option<usize> {
        self.journal_index.find(tag, |at| {
            self.journal.get(at).is_some_and(|entry| entry.id == *id)
        })
    }

    fn place_of(&self, id: &VirtualBudgetId) -> Option<usize> {
        let tag = self.budget_index.tag(id.as_str());
        self.budget_index.find(tag, |at| {
            self.budgets.get(at).is_some_and(|budget| budget.id == *id)
        })
    }

    fn budget_mut(&mut self, id: &VirtualBudgetId) -> Result<&mut VirtualBudget, LedgerError> {
        let place = self.place_of(id);
        match place.and_then(|place| self.budgets.get_mut(place)) {
            Some(budget) => Ok(budget),
            None => Err(LedgerError::BudgetUnknown { budget: id.clone() }),
        }
    }
}
