//! Entries as the ledger keeps them: what a budget or a promise holds already is not kept twice.

use core::{fmt, iter::FusedIterator, ops::Range};

use super::{Entry, EntryId, Event, Ledger, VirtualBudget};
use crate::{calendar::Date, customer::willingness::Stage, money::Money, numeric::cast};

/// An entry that took effect, in 48 bytes where an [`Entry`] has 112: new memory costs more than arithmetic.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: EntryId,
    pub(super) on: Date,
    /// The place of its budget; without meaning for a ceiling.
    pub(super) budget: u32,
    pub(super) what: What,
}

/// What an entry states beyond the terms of its budget and promise, which never change once they stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Ceiling {
        ceiling: i64,
    },
    Plant {
        stage: Stage,
    },
    Accrue {
        gate: Stage,
        amount: i64,
    },
    StepBack {
        to: Stage,
    },
    /// Promises are told by their number within the budget, in the order in which they were made.
    Commit {
        promise: u32,
    },
    Claim {
        promise: u32,
        amount: i64,
    },
    Expire {
        promise: u32,
    },
    Release {
        promise: u32,
        amount: i64,
    },
    ReleaseUncommitted {
        amount: i64,
    },
    Return {
        promise: u32,
        amount: i64,
    },
}

impl What {
    /// The event as it was posted; `None` only if the promise were not the budget's.
    fn event(self, budget: &VirtualBudget) -> Option<Event> {
        let money = |minor| Money::from_minor(minor, budget.currency);
        let name = budget.id.clone();
        Some(match self {
            Self::Ceiling { ceiling } => Event::Ceiling {
                ceiling: money(ceiling),
            },
            Self::Plant { stage } => Event::Plant {
                budget: name,
                customer: budget.customer.clone(),
                cap: budget.cap(),
                stage,
            },
            Self::Accrue { gate, amount } => Event::Accrue {
                budget: name,
                gate,
                amount: money(amount),
            },
            Self::StepBack { to } => Event::StepBack { budget: name, to },
            Self::Commit { promise } => {
                let made = budget.promise_made(promise)?;
                Event::Commit {
                    budget: name,
                    promise: made.id().clone(),
                    amount: made.amount(),
                    due: made.due(),
                    likelihood: made.likelihood(),
                }
            }
            Self::Claim { promise, amount } => Event::Claim {
                budget: name,
                promise: budget.promise_made(promise)?.id().clone(),
                amount: money(amount),
            },
            Self::Expire { promise } => Event::Expire {
                budget: name,
                promise: budget.promise_made(promise)?.id().clone(),
            },
            Self::Release { promise, amount } => Event::Release {
                budget: name,
                promise: budget.promise_made(promise)?.id().clone(),
                amount: money(amount),
            },
            Self::ReleaseUncommitted { amount } => Event::ReleaseUncommitted {
                budget: name,
                amount: money(amount),
            },
            Self::Return { promise, amount } => Event::Return {
                budget: name,
                promise: budget.promise_made(promise)?.id().clone(),
                amount: money(amount),
            },
        })
    }
}

/// Every entry of a ledger that took effect, in order ([`Ledger::journal`]).
///
/// The ledger keeps an entry in less than half of its memory, so entries are made anew when they are asked
/// for, equal to those that were posted.
///
/// ```
/// use sortie::{calendar::Date, money::{Currency, Money}};
/// use sortie::virtual_budget::{Entry, EntryId, Event, Ledger};
/// let ceiling = Money::parse("500.00", Currency::USD)?;
/// let entry = Entry { id: EntryId::new("e1")?, on: Date::new(2026, 1, 5)?, event: Event::Ceiling { ceiling } };
/// let ledger = Ledger::replay(Currency::USD, [entry.clone()]).map_err(|(_, error)| error)?;
/// assert_eq!(ledger.journal().len(), 1);
/// assert_eq!(ledger.journal().last(), Some(entry.clone()));
/// assert_eq!(ledger.journal(), [entry]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Journal<'a> {
    ledger: &'a Ledger,
}

impl<'a> Journal<'a> {
    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ledger.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ledger.records.is_empty()
    }

    /// The entry of a number, from 0. O(1).
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Entry> {
        let record = self.ledger.records.get(number)?;
        let event = match record.what {
            What::Ceiling { ceiling } => Event::Ceiling {
                ceiling: Money::from_minor(ceiling, self.ledger.currency()),
            },
            what => {
                let place = cast::usize_of_u32(record.budget);
                what.event(self.ledger.budgets.get(place)?)?
            }
        };
        Some(Entry {
            id: record.id.clone(),
            on: record.on,
            event,
        })
    }

    /// The first entry.
    #[must_use]
    pub fn first(&self) -> Option<Entry> {
        self.get(0)
    }

    /// The entry posted last.
    #[must_use]
    pub fn last(&self) -> Option<Entry> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The entries, in order.
    #[must_use]
    pub fn iter(&self) -> JournalEntries<'a> {
        JournalEntries {
            journal: *self,
            left: 0..self.len(),
        }
    }
}

impl fmt::Debug for Journal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl PartialEq for Journal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl PartialEq<[Entry]> for Journal<'_> {
    fn eq(&self, other: &[Entry]) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(mine, its)| mine == *its)
    }
}

impl PartialEq<&[Entry]> for Journal<'_> {
    fn eq(&self, other: &&[Entry]) -> bool {
        *self == **other
    }
}

impl<const N: usize> PartialEq<[Entry; N]> for Journal<'_> {
    fn eq(&self, other: &[Entry; N]) -> bool {
        *self == other[..]
    }
}

impl<'a> IntoIterator for Journal<'a> {
    type Item = Entry;
    type IntoIter = JournalEntries<'a>;

    fn into_iter(self) -> JournalEntries<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &Journal<'a> {
    type Item = Entry;
    type IntoIter = JournalEntries<'a>;

    fn into_iter(self) -> JournalEntries<'a> {
        self.iter()
    }
}

/// The entries of a [`Journal`], made as they are asked for.
#[derive(Clone, Debug)]
pub struct JournalEntries<'a> {
    journal: Journal<'a>,
    left: Range<usize>,
}

impl Iterator for JournalEntries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        self.journal.get(self.left.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn nth(&mut self, skipped: usize) -> Option<Entry> {
        self.journal.get(self.left.nth(skipped)?)
    }
}

impl DoubleEndedIterator for JournalEntries<'_> {
    fn next_back(&mut self) -> Option<Entry> {
        self.journal.get(self.left.next_back()?)
    }
}

impl ExactSizeIterator for JournalEntries<'_> {}

impl FusedIterator for JournalEntries<'_> {}

impl Ledger {
    /// Every entry that took effect, in order.
    #[must_use]
    pub const fn journal(&self) -> Journal<'_> {
        Journal { ledger: self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fraction::Fraction,
        id::Id,
        money::Currency,
        virtual_budget::{PromiseId, VirtualBudgetId},
    };

    /// What an entry costs in memory is what posting costs in time.
    #[test]
    fn a_record_is_less_than_half_an_entry() {
        let sizes = [
            size_of::<Entry>(),
            size_of::<Record>(),
            size_of::<VirtualBudget>(),
            size_of::<super::super::Promise>(),
        ];
        assert_eq!(sizes, [112, 48, 200, 80]);
    }

    /// Promises are told by their numbers, while they stand in the order of their ids.
    #[test]
    fn promises_made_out_of_order_are_told_as_they_were_made() {
        let (budget, day) = (
            name::<VirtualBudgetId>("b"),
            Date::from_day_number(9).unwrap(),
        );
        let usd = |minor| Money::from_minor(minor, Currency::USD);
        let mut events = vec![
            Event::Ceiling { ceiling: usd(99) },
            Event::Plant {
                budget: budget.clone(),
                customer: Id::new("c").unwrap(),
                cap: usd(99),
                stage: Stage::Unaware,
            },
            Event::Accrue {
                budget: budget.clone(),
                gate: Stage::Aware,
                amount: usd(60),
            },
        ];
        for (number, promise) in (0..).zip(["m", "d", "x", "a", "e", "z", "b"]) {
            let (budget, promise) = (budget.clone(), name::<PromiseId>(promise));
            events.push(Event::Commit {
                budget: budget.clone(),
                promise: promise.clone(),
                amount: usd(3 + number),
                due: day.plus_days(9).unwrap(),
                likelihood: Fraction::ONE,
            });
            events.push(Event::Claim {
                budget: budget.clone(),
                promise: promise.clone(),
                amount: usd(2),
            });
            events.push(Event::Return {
                budget,
                promise,
                amount: usd(1),
            });
        }
        let entries: Vec<Entry> = (0..)
            .zip(events)
            .map(|(number, event)| Entry {
                id: name(&format!("entry number {number}, a long one")),
                on: day,
                event,
            })
            .collect();
        let ledger = Ledger::replay(Currency::USD, entries.iter().cloned()).unwrap();
        let journal = ledger.journal();
        assert_eq!(journal, entries[..]);
        assert!(journal.iter().rev().eq(entries.iter().rev().cloned()));
        assert_eq!(journal.iter().nth(7), entries.get(7).cloned());
        assert_eq!((journal.iter().len(), journal.get(24)), (24, None));
        assert_eq!(journal.first().as_ref(), entries.first());
        assert!(journal != entries[..23] && journal != Ledger::new(Currency::USD).journal());
        let ids = ledger.budgets()[0]
            .promises()
            .iter()
            .map(|one| one.id().as_str());
        assert!(ids.eq(["a", "b", "d", "e", "m", "x", "z"]));
        // The numbers of the promises are part of what is kept, so a retry is known by them.
        let mut again = ledger.clone();
        assert_eq!(again.post_all(entries), Ok(0));
    }

    #[test]
    fn room_that_was_made_is_enough() {
        let day = Date::from_day_number(9).unwrap();
        let entries = (0..5_000).map(|number| Entry {
            id: name(&format!("{number}")),
            on: day,
            event: Event::Ceiling {
                ceiling: Money::from_minor(number, Currency::USD),
            },
        });
        let mut roomy = Ledger::with_room(Currency::USD, 5_000);
        let before = (roomy.records.capacity(), roomy.record_index.clone());
        assert_eq!(before.0, 5_000);
        assert_eq!(roomy.post_all(entries.clone()), Ok(5_000));
        assert_eq!(roomy.records.capacity(), 5_000);
        assert_eq!(roomy.record_index.slots(), before.1.slots());
        assert_eq!(roomy, Ledger::replay(Currency::USD, entries).unwrap());
    }

    fn name<T: From<Id>>(text: &str) -> T {
        Id::new(text).unwrap().into()
    }
}
