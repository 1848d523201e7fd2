//! Posting: an entry is checked, takes effect on its budget, and is kept; or it is refused and changes nothing.

#![deny(clippy::float_arithmetic)]

use super::{
    Entry, EntryId, Event, Ledger, LedgerError, Posted, PromiseId, VirtualBudget, VirtualBudgetId,
    record::{Record, What},
};
use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::{self, Id},
    money::Money,
};

impl Ledger {
    /// Posts an entry: it takes effect as a whole, or is refused and changes nothing. An entry equal to one
    /// posted before is a retry and changes nothing either, whatever its date. O(1) expected, O(log n) for ids
    /// made to collide, plus the number of promises of its budget when one is made out of the order of ids.
    ///
    /// # Errors
    /// [`LedgerError`], naming what forbids it.
    pub fn post(&mut self, entry: Entry) -> Result<Posted, LedgerError> {
        let tag = id::tag(&entry.id.0);
        // Begun now, so that it has come by the time the budget is found.
        self.record_index.touch([tag].into_iter());
        let place = entry.event.budget().and_then(|id| self.place_of(id));
        let Entry { id, on, event } = entry;
        self.post_placed((tag, place), &id, on, &event)
    }

    /// Posts the parts of an entry of which the id's tag and the budget's place, if it has been planted, are known.
    #[inline]
    pub(super) fn post_placed(
        &mut self,
        (tag, place): (u32, Option<usize>),
        id: &EntryId,
        on: Date,
        event: &Event,
    ) -> Result<Posted, LedgerError> {
        let id_at = |at| self.records.get(at).map(|earlier: &Record| &earlier.id.0);
        let room = match self.record_index.find_or_room(tag, &id.0, id_at) {
            Err(room) => room,
            Ok(number) => return self.retry(number, id, on, event),
        };
        self.admit(id, on, event)?;
        let (budget, what) = self.apply(on, place, event)?;
        // Cannot fail: `admit` has made sure that there is a place.
        self.record_index
            .enter(room, tag, &id.0, self.records.len());
        self.last = Some(on);
        self.records.push(Record {
            id: id.clone(),
            on,
            budget,
            what,
        });
        Ok(Posted::Now)
    }

    /// An entry whose id is known.
    #[cold]
    fn retry(
        &self,
        number: usize,
        id: &EntryId,
        on: Date,
        event: &Event,
    ) -> Result<Posted, LedgerError> {
        match self.journal().get(number) {
            Some(earlier) if earlier.on == on && earlier.event == *event => Ok(Posted::Before),
            _ => Err(LedgerError::EntryDiffers { entry: id.clone() }),
        }
    }

    /// What holds for every entry, whatever its event.
    #[inline]
    fn admit(&self, id: &EntryId, on: Date, event: &Event) -> Result<(), LedgerError> {
        if let Some(last) = self.last.filter(|last| on < *last) {
            return Err(LedgerError::TimeGoesBack {
                entry: id.clone(),
                on,
                last,
            });
        }
        if let Some(amount) = event.amount() {
            if amount.currency() != self.currency {
                return Err(LedgerError::Currency {
                    entry: id.clone(),
                    given: amount.currency(),
                    kept: self.currency,
                });
            }
            let may_be_zero = matches!(event, Event::Ceiling { .. });
            if amount.is_negative() || (amount.is_zero() && !may_be_zero) {
                return Err(LedgerError::NotPositive {
                    entry: id.clone(),
                    amount,
                });
            }
        }
        // Budgets are fewer than entries, so one check serves both.
        match u32::try_from(self.records.len()) {
            Ok(place) if place < u32::MAX => Ok(()),
            _ => Err(self.full()),
        }
    }

    /// Lets an event take effect; returns the place of its budget and what the journal keeps beside it.
    fn apply(
        &mut self,
        on: Date,
        place: Option<usize>,
        event: &Event,
    ) -> Result<(u32, What), LedgerError> {
        match event {
            Event::Ceiling { ceiling } => self.set_ceiling(ceiling.minor()),
            Event::Plant {
                budget,
                customer,
                cap,
                stage,
            } => self.plant(on, place, budget, customer, cap.minor(), *stage),
            Event::Commit {
                budget,
                promise,
                amount,
                due,
                likelihood,
            } => self.commit(on, place, budget, promise, (*amount, *due, *likelihood)),
            Event::Accrue {
                budget,
                gate,
                amount,
            } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let (gate, amount) = (*gate, amount.minor());
                found.accrue(gate, amount)?;
                Ok((at, What::Accrue { gate, amount }))
            }
            Event::StepBack { budget, to } => {
                let (at, found) = self.budget_mut(place, budget)?;
                found.step_back(*to)?;
                Ok((at, What::StepBack { to: *to }))
            }
            Event::ReleaseUncommitted { budget, amount } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let amount = amount.minor();
                found.release_uncommitted(amount)?;
                Ok((at, What::ReleaseUncommitted { amount }))
            }
            Event::Claim {
                budget,
                promise,
                amount,
            } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let amount = amount.minor();
                let promise = found.claim(promise, amount, on)?;
                self.outstanding -= amount;
                Ok((at, What::Claim { promise, amount }))
            }
            Event::Expire { budget, promise } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let (promise, amount) = found.expire(promise, on)?;
                self.outstanding -= amount;
                Ok((at, What::Expire { promise }))
            }
            Event::Release {
                budget,
                promise,
                amount,
            } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let amount = amount.minor();
                let promise = found.release(promise, amount)?;
                self.outstanding -= amount;
                Ok((at, What::Release { promise, amount }))
            }
            Event::Return {
                budget,
                promise,
                amount,
            } => {
                let (at, found) = self.budget_mut(place, budget)?;
                let amount = amount.minor();
                let promise = found.take_back(promise, amount)?;
                Ok((at, What::Return { promise, amount }))
            }
        }
    }

    fn set_ceiling(&mut self, ceiling: i64) -> Result<(u32, What), LedgerError> {
        if ceiling < self.outstanding {
            return Err(LedgerError::CeilingBelowOutstanding {
                ceiling: self.money(ceiling),
                outstanding: self.outstanding(),
            });
        }
        self.ceiling = ceiling;
        Ok((0, What::Ceiling { ceiling }))
    }

    fn plant(
        &mut self,
        on: Date,
        place: Option<usize>,
        budget: &VirtualBudgetId,
        customer: &Id,
        cap: i64,
        stage: Stage,
    ) -> Result<(u32, What), LedgerError> {
        if place.is_some() {
            return Err(LedgerError::BudgetExists {
                budget: budget.clone(),
            });
        }
        let at = u32::try_from(self.budgets.len()).map_err(|_| self.full())?;
        let id_at = |at| {
            self.budgets
                .get(at)
                .map(|other: &VirtualBudget| &other.id.0)
        };
        self.budget_index
            .insert(id::tag(&budget.0), &budget.0, self.budgets.len(), id_at);
        self.budgets.push(VirtualBudget::planted(
            budget.clone(),
            customer.clone(),
            Money::from_minor(cap, self.currency),
            on,
            stage,
        ));
        Ok((at, What::Plant { stage }))
    }

    fn commit(
        &mut self,
        on: Date,
        place: Option<usize>,
        budget: &VirtualBudgetId,
        promise: &PromiseId,
        (amount, due, likelihood): (Money, Date, Fraction),
    ) -> Result<(u32, What), LedgerError> {
        let (ceiling, outstanding) = (self.ceiling(), self.outstanding());
        let headroom = self.ceiling - self.outstanding;
        let (at, found) = self.budget_mut(place, budget)?;
        let slot = found.room_for(promise, amount.minor(), on, due)?;
        if amount.minor() > headroom {
            return Err(LedgerError::CeilingPassed {
                budget: budget.clone(),
                ceiling,
                outstanding,
                amount,
            });
        }
        let promise = found.commit(slot, promise, amount.minor(), (on, due), likelihood);
        self.outstanding += amount.minor();
        Ok((at, What::Commit { promise }))
    }

    fn budget_mut(
        &mut self,
        place: Option<usize>,
        id: &VirtualBudgetId,
    ) -> Result<(u32, &mut VirtualBudget), LedgerError> {
        let unknown = || LedgerError::BudgetUnknown { budget: id.clone() };
        let place = place.ok_or_else(unknown)?;
        let found = self.budgets.get_mut(place).ok_or_else(unknown)?;
        // Planted under a number of 32 bits.
        Ok((u32::try_from(place).map_err(|_| unknown())?, found))
    }

    fn full(&self) -> LedgerError {
        LedgerError::Full {
            held: self.records.len(),
        }
    }
}
