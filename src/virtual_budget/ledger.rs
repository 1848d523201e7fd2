//! The ledger: a journal, and the state folded from it.

#![deny(clippy::float_arithmetic)]

use super::{Entry, EntryId, Event, LedgerError, PromiseId, VirtualBudget, VirtualBudgetId};
use crate::{
    calendar::Date,
    id::{self, IdIndex},
    money::{Currency, Money},
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
    currency: Currency,
    ceiling: i64,
    outstanding: i64,
    last: Option<Date>,
    pub(super) journal: Vec<Entry>,
    pub(super) journal_index: IdIndex,
    pub(super) budgets: Vec<VirtualBudget>,
    pub(super) budget_index: IdIndex,
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
            journal_index: IdIndex::default(),
            budgets: Vec::new(),
            budget_index: IdIndex::default(),
        }
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
        let tag = id::tag(&id.0);
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
    /// posted before is a retry and changes nothing either, whatever its date. O(1) expected, O(log n) for ids
    /// made to collide, plus the number of promises of its budget when one is made out of the order of ids.
    ///
    /// # Errors
    /// [`LedgerError`], naming what forbids it.
    pub fn post(&mut self, entry: Entry) -> Result<Posted, LedgerError> {
        let tag = id::tag(&entry.id.0);
        let place = entry.event.budget().and_then(|id| self.place_of(id));
        self.post_placed(tag, place, entry)
    }

    /// Posts an entry of which the id's tag and the budget's place, if it has been planted, are known.
    pub(super) fn post_placed(
        &mut self,
        tag: u32,
        place: Option<usize>,
        entry: Entry,
    ) -> Result<Posted, LedgerError> {
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
        self.apply(entry.on, place, &entry.event)?;
        let id_at = |at| self.journal.get(at).map(|earlier: &Entry| &earlier.id.0);
        // Cannot fail: `admit` has made sure of the room.
        self.journal_index
            .insert(tag, &entry.id.0, self.journal.len(), id_at);
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

    fn apply(&mut self, on: Date, place: Option<usize>, event: &Event) -> Result<(), LedgerError> {
        match event {
            Event::Ceiling { ceiling } => self.set_ceiling(ceiling.minor()),
            Event::Plant { .. } => self.plant(on, place, event),
            Event::Accrue {
                budget,
                gate,
                amount,
            } => self
                .budget_mut(place, budget)?
                .accrue(*gate, amount.minor()),
            Event::StepBack { budget, to } => self.budget_mut(place, budget)?.step_back(*to),
            Event::ReleaseUncommitted { budget, amount } => self
                .budget_mut(place, budget)?
                .release_uncommitted(amount.minor()),
            Event::Commit { .. } => self.commit(on, place, event),
            Event::Claim {
                budget,
                promise,
                amount,
            } => {
                self.budget_mut(place, budget)?
                    .claim(promise, amount.minor(), on)?;
                self.outstanding -= amount.minor();
                Ok(())
            }
            Event::Expire { budget, promise } => {
                self.outstanding -= self.budget_mut(place, budget)?.expire(promise, on)?;
                Ok(())
            }
            Event::Release {
                budget,
                promise,
                amount,
            } => {
                self.budget_mut(place, budget)?
                    .release(promise, amount.minor())?;
                self.outstanding -= amount.minor();
                Ok(())
            }
            Event::Return {
                budget,
                promise,
                amount,
            } => self
                .budget_mut(place, budget)?
                .take_back(promise, amount.minor()),
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

    fn plant(&mut self, on: Date, place: Option<usize>, event: &Event) -> Result<(), LedgerError> {
        let Event::Plant {
            budget,
            customer,
            cap,
            stage,
        } = event
        else {
            return Ok(());
        };
        if place.is_some() {
            return Err(LedgerError::BudgetExists {
                budget: budget.clone(),
            });
        }
        let id_at = |at| {
            self.budgets
                .get(at)
                .map(|other: &VirtualBudget| &other.id.0)
        };
        self.budget_index
            .insert(id::tag(&budget.0), &budget.0, self.budgets.len(), id_at);
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

    fn commit(&mut self, on: Date, place: Option<usize>, event: &Event) -> Result<(), LedgerError> {
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
        let found = self.budget_mut(place, budget)?;
        let slot = found.room_for(promise, amount.minor(), on, *due)?;
        if amount.minor() > headroom {
            return Err(LedgerError::CeilingPassed {
                budget: budget.clone(),
                ceiling,
                outstanding,
                amount: *amount,
            });
        }
        found.commit(slot, promise, amount.minor(), (on, *due), *likelihood);
        self.outstanding += amount.minor();
        Ok(())
    }

    const fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }

    pub(super) fn entry_place(&self, tag: u32, id: &EntryId) -> Option<usize> {
        let id_at = |at| self.journal.get(at).map(|entry: &Entry| &entry.id.0);
        self.journal_index.find(tag, &id.0, id_at)
    }

    fn place_of(&self, id: &VirtualBudgetId) -> Option<usize> {
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

    fn budget_mut(
        &mut self,
        place: Option<usize>,
        id: &VirtualBudgetId,
    ) -> Result<&mut VirtualBudget, LedgerError> {
        match place.and_then(|place| self.budgets.get_mut(place)) {
            Some(budget) => Ok(budget),
            None => Err(LedgerError::BudgetUnknown { budget: id.clone() }),
        }
    }
}
