//! Events and the log that holds them.

use super::EvidenceError;
use super::admission::{Admission, Door, Noticed, RowFault};
use super::sample::hash_of;
use crate::calendar::Date;
use crate::id::Id;
use crate::money::Currency;
use crate::numeric::cast::{u64_of_usize, usize_of_u32};

/// One row of a log of uses or purchases, as it was written: nothing in it is checked yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventRow<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The day, `yyyy-mm-dd`.
    pub date: &'a str,
    /// What was paid, a decimal string in the log's currency.
    pub amount: Option<&'a str>,
    /// Who used the product, within the customer.
    pub user: Option<&'a str>,
    /// How it was used.
    pub practice: Option<&'a str>,
}

/// One admitted event of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    /// The day.
    pub date: Date,
    /// What was paid in minor units of the log's currency; 0 where nothing is recorded.
    pub amount_minor: i64,
    /// Who used the product, if recorded.
    pub user: Option<NameCode>,
    /// How it was used, if recorded.
    pub practice: Option<NameCode>,
}

/// A name of an [`EventLog`], by its place among the log's names plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameCode(core::num::NonZeroU32);

impl NameCode {
    /// The code of the name at a place; none past `u32`.
    #[must_use]
    pub fn of(place: usize) -> Option<Self> {
        let next = u32::try_from(place).ok()?.checked_add(1)?;
        core::num::NonZeroU32::new(next).map(Self)
    }

    /// The place among the log's names.
    #[must_use]
    pub const fn place(self) -> usize {
        usize_of_u32(self.0.get() - 1)
    }
}

/// A log of events, by customer and in order of time: the columnar form that everything here reads.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::evidence::{Door, EventLog, EventRow, RowPolicy};
///
/// let row = |customer, date| EventRow { customer, date, ..EventRow::default() };
/// let rows = [row("b", "2026-03-01"), row("a", "2026-03-02"), row("a", "2026-03-09")];
/// let door = Door {
///     as_of: Date::new(2026, 3, 31)?,
///     currency: None,
///     roster: None,
///     policy: RowPolicy::default(),
/// };
/// let (log, _) = EventLog::admit(rows, &door)?;
/// assert_eq!(log.events(), 3);
/// let customers: Vec<_> = log.iter().map(|(id, events)| (id.as_str(), events.len())).collect();
/// assert_eq!(customers, [("a", 2), ("b", 1)]);
///
/// // A future event is refused, with its row and its remedy.
/// let refused = EventLog::admit([row("a", "2026-04-01")], &door).map(|_| ());
/// assert_eq!(
///     refused.map_err(|error| error.to_string()),
///     Err("row 1, date: 2026-04-01 is after the as-of date 2026-03-31; correct it, move the as-of \
///          date, or set such rows aside".to_owned())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EventLog {
    pub(super) customers: Vec<Id>,
    /// Where each customer's events end.
    pub(super) ends: Vec<usize>,
    pub(super) events: Vec<Event>,
    /// Ascending; with the hash by which they are sampled.
    pub(super) names: Vec<(u64, Id)>,
    pub(super) currency: Option<Currency>,
}

impl EventLog {
    /// Admits rows in any order of customers.
    ///
    /// Each row is parsed by the constructors of its fields, then held against the roster, the as-of
    /// date and the rows before it. A malformed row is always refused; what becomes of the other
    /// kinds the policy says. O(n log n) for n rows.
    ///
    /// # Errors
    /// [`EvidenceError::Rows`] with every fault of every refused row.
    pub fn admit<'r>(
        rows: impl IntoIterator<Item = EventRow<'r>>,
        door: &Door<'_>,
    ) -> Result<(Self, Noticed), EvidenceError> {
        let mut admission = Admission::new(door);
        for (row, fields) in (1..).zip(rows) {
            admission.take(row, &fields);
        }
        admission.close()
    }

    /// A log from columns that are sorted already: the customers, ascending, with the number of events
    /// of each, and the events, those of the first customer first, each customer's in order of time.
    /// O(n), and the fast way in for callers whose store keeps them so.
    ///
    /// # Errors
    /// [`EvidenceError::Rows`], naming the first entry that is out of order, the first event whose
    /// name code is no place among the names, or the column that is too long or too short.
    pub fn from_columns(
        customers: Vec<(Id, usize)>,
        events: Vec<Event>,
        names: Vec<Id>,
        currency: Option<Currency>,
    ) -> Result<Self, EvidenceError> {
        let fault = |row: usize, field, rule: &str| {
            let row = u64_of_usize(row) + 1;
            EvidenceError::Rows(vec![RowFault {
                row,
                field,
                rule: rule.to_owned(),
            }])
        };
        let mut ends = Vec::with_capacity(customers.len());
        let mut start = 0_usize;
        for (place, (id, count)) in customers.iter().enumerate() {
            let before = place
                .checked_sub(1)
                .and_then(|before| customers.get(before));
            if before.is_some_and(|(before, _)| before >= id) {
                return Err(fault(
                    start,
                    "customer",
                    "customers are not in ascending order; sort them",
                ));
            }
            let end = start
                .checked_add(*count)
                .filter(|end| *count > 0 && *end <= events.len());
            let Some(end) = end else {
                return Err(fault(
                    start,
                    "customer",
                    "each customer needs one event or more, and no more than there are",
                ));
            };
            let own = events.get(start..end).unwrap_or(&[]);
            if let Some(at) = own.windows(2).position(|pair| match pair {
                [earlier, later] => later.date < earlier.date,
                _ => false,
            }) {
                return Err(fault(
                    start + at + 1,
                    "date",
                    "dates of a customer run backwards; sort them",
                ));
            }
            let out = |code: Option<NameCode>| code.is_some_and(|code| code.place() >= names.len());
            if let Some((at, field)) = own.iter().enumerate().find_map(|(at, event)| {
                let codes = [("user", event.user), ("practice", event.practice)];
                let bad = codes.iter().find(|(_, code)| out(*code))?;
                Some((at, bad.0))
            }) {
                return Err(fault(
                    start + at,
                    field,
                    "a name code is past the names; give every name",
                ));
            }
            ends.push(end);
            start = end;
        }
        if start != events.len() {
            return Err(fault(
                start,
                "customer",
                "an event belongs to no customer; the counts are too small",
            ));
        }
        Ok(Self {
            customers: customers.into_iter().map(|(id, _)| id).collect(),
            ends,
            events,
            names: names
                .into_iter()
                .map(|name| (hash_of(&name), name))
                .collect(),
            currency,
        })
    }

    /// How many customers have events.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers.len()
    }

    /// How many events there are.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// The currency of the amounts.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// The name that a code of this log stands for.
    #[must_use]
    pub fn name(&self, code: NameCode) -> Option<&Id> {
        self.names.get(code.place()).map(|(_, name)| name)
    }

    /// The name and its hash.
    pub(super) fn hashed(&self, code: Option<NameCode>) -> Option<(u64, &Id)> {
        let (hash, name) = self.names.get(code?.place())?;
        Some((*hash, name))
    }

    /// Each customer with its events, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&Id, &[Event])> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(self.ends.iter().copied());
        self.customers
            .iter()
            .zip(ranges)
            .map(|(id, (start, end))| (id, self.events.get(start..end).unwrap_or(&[])))
    }

    /// The last day with an event.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.events.iter().map(|event| event.date).max()
    }
}
