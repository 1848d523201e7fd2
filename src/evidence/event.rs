//! Events at the door: rows are admitted once, and every fault is named or counted.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::EvidenceError;
use super::sample::hash_of;
use crate::calendar::Date;
use crate::customer::habit::Practice;
use crate::id::Id;
use crate::money::{Currency, Money};
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

/// What is done with a row that offends a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Offence {
    /// The whole batch is refused, and every such row named.
    #[default]
    Refuse,
    /// The row is left out, and counted.
    SetAside,
}

/// What is done with a row that is unusual and may be lawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Oddity {
    /// The whole batch is refused, and every such row named.
    #[default]
    Refuse,
    /// The row is left out, and counted.
    SetAside,
    /// The row is taken in, and counted.
    Admit,
}

/// What is done with each kind of bad row. By default everything is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RowPolicy {
    /// A row dated after the as-of date.
    pub future: Offence,
    /// A row dated before the customer became one.
    pub before_customer: Offence,
    /// A row of a customer that is not on the roster.
    pub unknown_customer: Offence,
    /// A row dated before an earlier row of its customer; admitted, it is sorted into its place.
    pub out_of_order: Oddity,
    /// A row that repeats an earlier one in every field.
    pub duplicate: Oddity,
    /// A row with an amount below zero, such as a credit note; admitted, it counts as use.
    pub negative_amount: Oddity,
}

impl RowPolicy {
    /// Sets aside whatever is refused by default, and admits rows that are merely out of order.
    #[must_use]
    pub const fn lenient() -> Self {
        Self {
            future: Offence::SetAside,
            before_customer: Offence::SetAside,
            unknown_customer: Offence::SetAside,
            out_of_order: Oddity::Admit,
            duplicate: Oddity::SetAside,
            negative_amount: Oddity::SetAside,
        }
    }
}

/// What a batch of rows is held against.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// The last day that has happened: events after it are future.
    pub as_of: Date,
    /// The currency of the amounts; without one, an amount is a fault.
    pub currency: Option<Currency>,
    /// The customers there are, each with the day on which it became one, if known; without a
    /// roster, the log itself says who there is.
    pub roster: Option<&'a BTreeMap<Id, Option<Date>>>,
    /// What is done with bad rows.
    pub policy: RowPolicy,
}

/// A kind of bad row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RowKind {
    /// Of a customer that is not on the roster.
    UnknownCustomer,
    /// Dated before the customer became one.
    BeforeCustomer,
    /// Dated after the as-of date.
    Future,
    /// With an amount below zero.
    NegativeAmount,
    /// Dated before an earlier row of its customer.
    OutOfOrder,
    /// Equal to an earlier row in every field.
    Duplicate,
}

/// One thing wrong with a row: the row counted from 1, the field, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowFault {
    row: u64,
    field: &'static str,
    rule: String,
}

impl RowFault {
    /// The row, counted from 1.
    #[must_use]
    pub const fn row(&self) -> u64 {
        self.row
    }

    /// The field: customer, date, amount, user or practice.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What was found, what the rule is, and what to do.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, {}: {}", self.row, self.field, self.rule)
    }
}

/// The bad rows of a batch that was admitted: what was left out or taken in regardless.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noticed {
    set_aside: BTreeMap<RowKind, Vec<u64>>,
    admitted: BTreeMap<RowKind, Vec<u64>>,
}

impl Noticed {
    /// The rows of a kind that were left out, counted from 1.
    #[must_use]
    pub fn set_aside(&self, kind: RowKind) -> &[u64] {
        self.set_aside.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The rows of a kind that were taken in, counted from 1.
    #[must_use]
    pub fn admitted(&self, kind: RowKind) -> &[u64] {
        self.admitted.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// How many rows were left out.
    #[must_use]
    pub fn set_aside_count(&self) -> u64 {
        self.set_aside
            .values()
            .map(|rows| u64_of_usize(rows.len()))
            .sum()
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
    customers: Vec<Id>,
    /// Where each customer's events end.
    ends: Vec<usize>,
    events: Vec<Event>,
    /// Ascending; with the hash by which they are sampled.
    names: Vec<(u64, Id)>,
    currency: Option<Currency>,
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
            if let Some(at) = own
                .iter()
                .position(|event| out(event.user) || out(event.practice))
            {
                return Err(fault(
                    start + at,
                    "user",
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

/// A row whose fields are lawful each by itself.
struct Parsed {
    customer: Id,
    date: Date,
    amount: Option<Money>,
    user: Option<Id>,
    practice: Option<Id>,
}

/// A batch on its way through the door.
struct Admission<'a> {
    door: &'a Door<'a>,
    faults: Vec<RowFault>,
    noticed: Noticed,
    /// By customer: its rows so far, and the latest date among them.
    customers: BTreeMap<Id, (Vec<Event>, Date)>,
    /// Whether a row like this has been admitted; looked up, never walked.
    seen: HashSet<(Id, Event, bool)>,
    codes: BTreeMap<Id, usize>,
}

impl<'a> Admission<'a> {
    fn new(door: &'a Door<'a>) -> Self {
        Self {
            door,
            faults: vec![],
            noticed: Noticed::default(),
            customers: BTreeMap::new(),
            seen: HashSet::new(),
            codes: BTreeMap::new(),
        }
    }

    fn take(&mut self, row: u64, fields: &EventRow<'_>) {
        let Some(parsed) = self.parse(row, fields) else {
            return;
        };
        if self.passes(row, &parsed) {
            self.enter(row, parsed);
        }
    }

    /// Reads each field by its own constructor, noting every fault.
    fn parse(&mut self, row: u64, fields: &EventRow<'_>) -> Option<Parsed> {
        let before = self.faults.len();
        let customer = self.field(row, "customer", Id::new(fields.customer));
        let date = self.field(row, "date", fields.date.parse::<Date>());
        let amount = fields.amount.and_then(|text| {
            let Some(currency) = self.door.currency else {
                let rule = format!("amount {text:?} has no currency; name the currency of the log");
                self.fault(row, "amount", rule);
                return None;
            };
            self.field(row, "amount", Money::parse(text, currency))
        });
        let user = fields
            .user
            .and_then(|text| self.field(row, "user", Id::new(text)));
        let practice = fields
            .practice
            .and_then(|text| self.field(row, "practice", Practice::new(text)));
        let practice = practice.map(Id::from);
        if self.faults.len() > before {
            return None;
        }
        Some(Parsed {
            customer: customer?,
            date: date?,
            amount,
            user,
            practice,
        })
    }

    fn field<T, E: fmt::Display>(
        &mut self,
        row: u64,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(row, field, error.to_string());
                None
            }
        }
    }

    fn fault(&mut self, row: u64, field: &'static str, rule: String) {
        self.faults.push(RowFault { row, field, rule });
    }

    /// Holds a row against the roster, the as-of date and the sign of its amount; stops at the first
    /// rule that keeps it out.
    fn passes(&mut self, row: u64, parsed: &Parsed) -> bool {
        let (door, policy) = (self.door, self.door.policy);
        let Parsed { customer, date, .. } = parsed;
        let listed = door.roster.map(|roster| roster.get(customer));
        if matches!(listed, Some(None)) {
            let rule = format!(
                "{customer} is not on the roster; add the customer, or set such rows aside"
            );
            return self.offends(
                row,
                "customer",
                RowKind::UnknownCustomer,
                policy.unknown_customer,
                rule,
            );
        }
        if let Some(since) = listed
            .flatten()
            .copied()
            .flatten()
            .filter(|since| date < since)
        {
            let rule = format!(
                "{date} is before {since}, when {customer} became a customer; correct one of the \
                 dates, or set such rows aside"
            );
            return self.offends(
                row,
                "date",
                RowKind::BeforeCustomer,
                policy.before_customer,
                rule,
            );
        }
        if *date > door.as_of {
            let rule = format!(
                "{date} is after the as-of date {}; correct it, move the as-of date, or set such rows aside",
                door.as_of
            );
            return self.offends(row, "date", RowKind::Future, policy.future, rule);
        }
        if let Some(amount) = parsed.amount.filter(|amount| amount.is_negative()) {
            let rule =
                format!("{amount} is below zero; set such rows aside, or admit credits as use");
            return self.is_odd(
                row,
                "amount",
                RowKind::NegativeAmount,
                policy.negative_amount,
                rule,
            );
        }
        true
    }

    /// Puts a row into its customer's log, unless its place in the order or a like row forbids it.
    fn enter(&mut self, row: u64, parsed: Parsed) {
        let policy = self.door.policy;
        let event = self.event(&parsed);
        let Parsed {
            customer,
            date,
            amount,
            ..
        } = parsed;
        let latest = self.customers.get(&customer).map(|(_, latest)| *latest);
        if let Some(latest) = latest.filter(|latest| date < *latest) {
            let rule = format!(
                "{date} comes after a row of {customer} dated {latest}; sort the rows, or admit such rows"
            );
            if !self.is_odd(row, "date", RowKind::OutOfOrder, policy.out_of_order, rule) {
                return;
            }
        }
        let key = (customer, event, amount.is_some());
        if self.seen.contains(&key) {
            let rule = format!(
                "{date} of {} repeats an earlier row in every field; drop it, or set such rows aside",
                key.0
            );
            if !self.is_odd(row, "customer", RowKind::Duplicate, policy.duplicate, rule) {
                return;
            }
        }
        let entry = self
            .customers
            .entry(key.0.clone())
            .or_insert_with(|| (vec![], date));
        entry.0.push(event);
        entry.1 = entry.1.max(date);
        self.seen.insert(key);
    }

    fn event(&mut self, parsed: &Parsed) -> Event {
        let mut code = |name: &Option<Id>| {
            let next = self.codes.len();
            let name = name.as_ref()?;
            let place = match self.codes.get(name) {
                Some(place) => *place,
                None => *self.codes.entry(name.clone()).or_insert(next),
            };
            NameCode::of(place)
        };
        Event {
            date: parsed.date,
            amount_minor: parsed.amount.map_or(0, Money::minor),
            user: code(&parsed.user),
            practice: code(&parsed.practice),
        }
    }

    /// Deals with an offence; the row never passes.
    fn offends(
        &mut self,
        row: u64,
        field: &'static str,
        kind: RowKind,
        policy: Offence,
        rule: String,
    ) -> bool {
        match policy {
            Offence::Refuse => self.fault(row, field, rule),
            Offence::SetAside => self.noticed.set_aside.entry(kind).or_default().push(row),
        }
        false
    }

    /// Deals with an oddity; whether the row passes.
    fn is_odd(
        &mut self,
        row: u64,
        field: &'static str,
        kind: RowKind,
        policy: Oddity,
        rule: String,
    ) -> bool {
        match policy {
            Oddity::Refuse => self.fault(row, field, rule),
            Oddity::SetAside => self.noticed.set_aside.entry(kind).or_default().push(row),
            Oddity::Admit => self.noticed.admitted.entry(kind).or_default().push(row),
        }
        policy == Oddity::Admit
    }

    fn close(self) -> Result<(EventLog, Noticed), EvidenceError> {
        if !self.faults.is_empty() {
            return Err(EvidenceError::Rows(self.faults));
        }
        // Codes in the order of the names, so that the log does not depend on the order of the rows.
        let mut places = vec![0; self.codes.len()];
        for (sorted, first_seen) in self.codes.values().enumerate() {
            if let Some(place) = places.get_mut(*first_seen) {
                *place = sorted;
            }
        }
        let recode = |code: Option<NameCode>| {
            code.and_then(|code| places.get(code.place()).copied())
                .and_then(NameCode::of)
        };
        let mut log = EventLog {
            customers: Vec::with_capacity(self.customers.len()),
            ends: Vec::with_capacity(self.customers.len()),
            events: vec![],
            names: self
                .codes
                .into_keys()
                .map(|name| (hash_of(&name), name))
                .collect(),
            currency: self.door.currency,
        };
        for (customer, (mut events, _)) in self.customers {
            for event in &mut events {
                event.user = recode(event.user);
                event.practice = recode(event.practice);
            }
            events.sort_unstable();
            log.customers.push(customer);
            log.events.extend(events);
            log.ends.push(log.events.len());
        }
        Ok((log, self.noticed))
    }
}
