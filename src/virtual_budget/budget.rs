//! One virtual budget: its state, and what each event makes of it.

#![deny(clippy::float_arithmetic)]

use core::cmp::Ordering;

use super::{LedgerError, Promise, PromiseId, VirtualBudgetId, promise::Promises};
use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::cast,
};

/// A budget that exists only as far as its prospect's willingness has advanced \[C5\].
///
/// At all times, to the cent: accrued = uncommitted + outstanding + claimed + expired + released, each ≥ 0,
/// and accrued ≤ cap \[C6\]. Only the ledger changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct VirtualBudget {
    pub(super) id: VirtualBudgetId,
    pub(super) customer: Id,
    pub(super) currency: Currency,
    pub(super) planted_on: Date,
    pub(super) stage: Stage,
    pub(super) cap: i64,
    pub(super) uncommitted: i64,
    pub(super) outstanding: i64,
    pub(super) claimed: i64,
    pub(super) expired: i64,
    pub(super) released: i64,
    /// In the order of their ids.
    pub(super) promises: Promises,
    /// Where each promise stands, in the order in which they were made, once that is not the order of their
    /// ids.
    pub(super) made: Option<Box<Made>>,
}

/// Places of promises by their numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made(Vec<u32>);

impl VirtualBudget {
    /// A budget with nothing in it yet.
    pub(super) const fn planted(
        id: VirtualBudgetId,
        customer: Id,
        cap: Money,
        on: Date,
        stage: Stage,
    ) -> Self {
        Self {
            id,
            customer,
            currency: cap.currency(),
            planted_on: on,
            stage,
            cap: cap.minor(),
            uncommitted: 0,
            outstanding: 0,
            claimed: 0,
            expired: 0,
            released: 0,
            promises: Promises::None,
            made: None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &VirtualBudgetId {
        &self.id
    }

    /// The prospect it is for.
    #[must_use]
    pub const fn customer(&self) -> &Id {
        &self.customer
    }

    /// The day it was planted.
    #[must_use]
    pub const fn planted_on(&self) -> Date {
        self.planted_on
    }

    /// The rung on which the prospect stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Its own cap over all it may ever accrue.
    #[must_use]
    pub const fn cap(&self) -> Money {
        self.money(self.cap)
    }

    /// All it has accrued.
    #[must_use]
    pub const fn accrued(&self) -> Money {
        self.money(self.total())
    }

    /// Accrued and not yet promised.
    #[must_use]
    pub const fn uncommitted(&self) -> Money {
        self.money(self.uncommitted)
    }

    /// Promised and not yet resolved: the real money to be reserved for this budget.
    #[must_use]
    pub const fn outstanding(&self) -> Money {
        self.money(self.outstanding)
    }

    /// Claimed and not returned.
    #[must_use]
    pub const fn claimed(&self) -> Money {
        self.money(self.claimed)
    }

    /// Promised and expired.
    #[must_use]
    pub const fn expired(&self) -> Money {
        self.money(self.expired)
    }

    /// Released, from promises or before any promise, returns included.
    #[must_use]
    pub const fn released(&self) -> Money {
        self.money(self.released)
    }

    /// The most that may still be claimed under this budget, should willingness rise to the top and every
    /// promise be called: cap − (claimed + expired + released). The worst case that the optimiser holds
    /// against the ceiling.
    #[must_use]
    pub const fn worst_case(&self) -> Money {
        self.money(self.cap - self.claimed - self.expired - self.released)
    }

    /// Its promises, in the order of their ids.
    #[must_use]
    pub fn promises(&self) -> &[Promise] {
        self.promises.as_slice()
    }

    /// One of its promises.
    #[must_use]
    pub fn promise(&self, id: &PromiseId) -> Option<&Promise> {
        let place = self.place_of(id).ok()?;
        self.promises().get(place)
    }

    const fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.currency)
    }

    /// Accrued is not kept, so that the identity of the five parts cannot break.
    const fn total(&self) -> i64 {
        self.uncommitted + self.outstanding + self.claimed + self.expired + self.released
    }

    /// The promise of a number, in the order in which they were made.
    pub(super) fn promise_made(&self, number: u32) -> Option<&Promise> {
        let place = match &self.made {
            None => number,
            Some(made) => *made.0.get(cast::usize_of_u32(number))?,
        };
        self.promises().get(cast::usize_of_u32(place))
    }

    fn place_of(&self, id: &PromiseId) -> Result<usize, usize> {
        let promises = self.promises();
        // Ids often ascend, and the last is often meant, so it is tried first.
        match promises.last().map(|last| last.id.cmp(id)) {
            None => Err(0),
            Some(Ordering::Less) => Err(promises.len()),
            Some(Ordering::Equal) => Ok(promises.len() - 1),
            Some(Ordering::Greater) => promises.binary_search_by(|promise| promise.id.cmp(id)),
        }
    }

    // Each change below checks first and writes last: an error leaves the budget as it was. Amounts are
    // positive (checked by the ledger) and none exceeds `accrued` ≤ `cap`, so no sum here can overflow.

    pub(super) fn accrue(&mut self, gate: Stage, amount: i64) -> Result<(), LedgerError> {
        if gate <= self.stage {
            return Err(LedgerError::NoProgress {
                budget: self.id.clone(),
                held: self.stage,
                gate,
            });
        }
        if amount > self.cap - self.total() {
            return Err(LedgerError::CapPassed {
                budget: self.id.clone(),
                cap: self.cap(),
                accrued: self.accrued(),
                amount: self.money(amount),
            });
        }
        self.stage = gate;
        self.uncommitted += amount;
        Ok(())
    }

    pub(super) fn step_back(&mut self, to: Stage) -> Result<(), LedgerError> {
        if to >= self.stage {
            return Err(LedgerError::NotBack {
                budget: self.id.clone(),
                held: self.stage,
                to,
            });
        }
        self.stage = to;
        self.released += self.uncommitted;
        self.uncommitted = 0;
        Ok(())
    }

    pub(super) fn release_uncommitted(&mut self, amount: i64) -> Result<(), LedgerError> {
        self.require_uncommitted(amount)?;
        self.uncommitted -= amount;
        self.released += amount;
        Ok(())
    }

    /// Where the promise would stand, if it may be made; the ceiling is the ledger's to check.
    pub(super) fn room_for(
        &self,
        promise: &PromiseId,
        amount: i64,
        on: Date,
        due: Date,
    ) -> Result<usize, LedgerError> {
        let Err(place) = self.place_of(promise) else {
            return Err(LedgerError::PromiseExists {
                budget: self.id.clone(),
                promise: promise.clone(),
            });
        };
        if due < on {
            return Err(LedgerError::DueBeforeMade {
                budget: self.id.clone(),
                promise: promise.clone(),
                on,
                due,
            });
        }
        self.require_uncommitted(amount)?;
        Ok(place)
    }

    /// Makes a promise and returns its number.
    pub(super) fn commit(
        &mut self,
        place: usize,
        promise: &PromiseId,
        amount: i64,
        (made_on, due): (Date, Date),
        likelihood: Fraction,
    ) -> u32 {
        let held = self.promises().len();
        // Promises are fewer than entries, whose number the ledger keeps below 2^32.
        let number = u32::try_from(held).unwrap_or(u32::MAX);
        if let Ok(place) = u32::try_from(place) {
            self.put_in_order(number, place);
        }
        self.promises.insert(
            place,
            Promise {
                id: promise.clone(),
                currency: self.currency,
                number,
                made_on,
                due,
                likelihood,
                amount,
                outstanding: amount,
                claimed: 0,
                expired: 0,
            },
        );
        self.uncommitted -= amount;
        self.outstanding += amount;
        number
    }

    /// Notes where the promise of the next number will stand.
    fn put_in_order(&mut self, number: u32, place: u32) {
        if self.made.is_none() {
            if place == number {
                return;
            }
            self.made = Some(Box::new(Made((0..number).collect())));
        }
        if let Some(Made(places)) = self.made.as_deref_mut() {
            for behind in places.iter_mut().filter(|at| **at >= place) {
                *behind += 1;
            }
            places.push(place);
        }
    }

    pub(super) fn claim(
        &mut self,
        id: &PromiseId,
        amount: i64,
        on: Date,
    ) -> Result<u32, LedgerError> {
        let place = self.open_place(id)?;
        let budget = &self.id;
        let Some(promise) = self.promises.get_mut(place) else {
            return Err(unknown(budget, id));
        };
        if on > promise.due {
            return Err(LedgerError::ClaimAfterDue {
                budget: budget.clone(),
                promise: id.clone(),
                due: promise.due,
                on,
            });
        }
        require_hold(budget, promise, amount)?;
        let number = promise.number;
        promise.outstanding -= amount;
        promise.claimed += amount;
        self.outstanding -= amount;
        self.claimed += amount;
        Ok(number)
    }

    /// Expires what is left and returns the promise's number and how much that was.
    pub(super) fn expire(&mut self, id: &PromiseId, on: Date) -> Result<(u32, i64), LedgerError> {
        let place = self.open_place(id)?;
        let budget = &self.id;
        let Some(promise) = self.promises.get_mut(place) else {
            return Err(unknown(budget, id));
        };
        if on <= promise.due {
            return Err(LedgerError::ExpiresBeforeDue {
                budget: budget.clone(),
                promise: id.clone(),
                due: promise.due,
                on,
            });
        }
        let (number, amount) = (promise.number, promise.outstanding);
        promise.expired = amount;
        promise.outstanding = 0;
        self.outstanding -= amount;
        self.expired += amount;
        Ok((number, amount))
    }

    pub(super) fn release(&mut self, id: &PromiseId, amount: i64) -> Result<u32, LedgerError> {
        let place = self.open_place(id)?;
        let budget = &self.id;
        let Some(promise) = self.promises.get_mut(place) else {
            return Err(unknown(budget, id));
        };
        require_hold(budget, promise, amount)?;
        let number = promise.number;
        promise.outstanding -= amount;
        self.outstanding -= amount;
        self.released += amount;
        Ok(number)
    }

    pub(super) fn take_back(&mut self, id: &PromiseId, amount: i64) -> Result<u32, LedgerError> {
        let place = self.place_of(id).map_err(|_| unknown(&self.id, id))?;
        let budget = &self.id;
        let Some(promise) = self.promises.get_mut(place) else {
            return Err(unknown(budget, id));
        };
        if amount > promise.claimed {
            return Err(LedgerError::OverClaimed {
                budget: budget.clone(),
                promise: id.clone(),
                claimed: promise.claimed(),
                amount: Money::from_minor(amount, promise.currency),
            });
        }
        let number = promise.number;
        promise.claimed -= amount;
        self.claimed -= amount;
        self.released += amount;
        Ok(number)
    }

    /// The place of a promise of which something is outstanding.
    fn open_place(&self, id: &PromiseId) -> Result<usize, LedgerError> {
        let place = self.place_of(id).map_err(|_| unknown(&self.id, id))?;
        match self.promises().get(place) {
            Some(promise) if promise.outstanding > 0 => Ok(place),
            _ => Err(LedgerError::PromiseResolved {
                budget: self.id.clone(),
                promise: id.clone(),
            }),
        }
    }

    fn require_uncommitted(&self, amount: i64) -> Result<(), LedgerError> {
        if amount > self.uncommitted {
            return Err(LedgerError::OverUncommitted {
                budget: self.id.clone(),
                uncommitted: self.uncommitted(),
                amount: self.money(amount),
            });
        }
        Ok(())
    }
}

fn unknown(budget: &VirtualBudgetId, promise: &PromiseId) -> LedgerError {
    LedgerError::PromiseUnknown {
        budget: budget.clone(),
        promise: promise.clone(),
    }
}

fn require_hold(
    budget: &VirtualBudgetId,
    promise: &Promise,
    amount: i64,
) -> Result<(), LedgerError> {
    if amount > promise.outstanding {
        return Err(LedgerError::OverHold {
            budget: budget.clone(),
            promise: promise.id.clone(),
            outstanding: promise.outstanding(),
            amount: Money::from_minor(amount, promise.currency),
        });
    }
    Ok(())
}
