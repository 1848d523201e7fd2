//! A promise made out of a virtual budget.

#![deny(clippy::float_arithmetic)]

use core::mem;

use super::PromiseId;
use crate::{
    calendar::Date,
    fraction::Fraction,
    money::{Currency, Money},
};

/// A promise: amount = outstanding + claimed + expired + released, each ≥ 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    pub(super) id: PromiseId,
    pub(super) currency: Currency,
    /// How many of its budget were made before it.
    pub(super) number: u32,
    pub(super) made_on: Date,
    pub(super) due: Date,
    pub(super) likelihood: Fraction,
    pub(super) amount: i64,
    pub(super) outstanding: i64,
    pub(super) claimed: i64,
    pub(super) expired: i64,
}

impl Promise {
    /// Its name within its budget.
    #[must_use]
    pub const fn id(&self) -> &PromiseId {
        &self.id
    }

    /// The day it was made.
    #[must_use]
    pub const fn made_on(&self) -> Date {
        self.made_on
    }

    /// The last day on which it may be claimed.
    #[must_use]
    pub const fn due(&self) -> Date {
        self.due
    }

    /// The judged chance that it will be claimed.
    #[must_use]
    pub const fn likelihood(&self) -> Fraction {
        self.likelihood
    }

    /// What was promised.
    #[must_use]
    pub const fn amount(&self) -> Money {
        Money::from_minor(self.amount, self.currency)
    }

    /// What may still be claimed, if the due day is not past.
    #[must_use]
    pub const fn outstanding(&self) -> Money {
        Money::from_minor(self.outstanding, self.currency)
    }

    /// What was claimed and has not been returned.
    #[must_use]
    pub const fn claimed(&self) -> Money {
        Money::from_minor(self.claimed, self.currency)
    }

    /// What expired.
    #[must_use]
    pub const fn expired(&self) -> Money {
        Money::from_minor(self.expired, self.currency)
    }

    /// What was released, returns included.
    #[must_use]
    pub const fn released(&self) -> Money {
        let rest = self.amount - self.outstanding - self.claimed - self.expired;
        Money::from_minor(rest, self.currency)
    }

    /// Whether its due day lies before the given day while something is outstanding.
    #[must_use]
    pub fn has_lapsed(&self, by: Date) -> bool {
        self.outstanding > 0 && self.due < by
    }
}

/// Promises in the order of their ids. Most budgets hold one or two, and the first needs no memory of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Promises {
    #[default]
    None,
    One(Promise),
    More(Vec<Promise>),
}

impl Promises {
    #[inline]
    pub(super) fn as_slice(&self) -> &[Promise] {
        match self {
            Self::None => &[],
            Self::One(promise) => core::slice::from_ref(promise),
            Self::More(promises) => promises,
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Promise> {
        match self {
            Self::None => None,
            Self::One(promise) => (place == 0).then_some(promise),
            Self::More(promises) => promises.get_mut(place),
        }
    }

    /// Puts a promise at a place, which is at most the number of promises.
    pub(super) fn insert(&mut self, place: usize, promise: Promise) {
        if let Self::More(promises) = self {
            promises.insert(place, promise);
            return;
        }
        *self = match mem::take(self) {
            Self::None => Self::One(promise),
            Self::One(first) => {
                let mut promises = Vec::with_capacity(2);
                promises.push(first);
                promises.insert(place, promise);
                Self::More(promises)
            }
            Self::More(promises) => Self::More(promises),
        };
    }
}
