//! The door: rows are admitted once, and every fault is named or counted.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::EvidenceError;
use super::event::{Event, EventLog, EventRow, NameCode};
use super::sample::hash_of;
use crate::calendar::Date;
use crate::customer::habit::Practice;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast::u64_of_usize;

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
    pub(super) row: u64,
    pub(super) field: &'static str,
    pub(super) rule: String,
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

/// A row whose fields are lawful each by itself.
struct Parsed {
    customer: Id,
    date: Date,
    amount: Option<Money>,
    user: Option<Id>,
    practice: Option<Id>,
}

/// A batch on its way through the door.
pub(super) struct Admission<'a> {
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
    pub(super) fn new(door: &'a Door<'a>) -> Self {
        Self {
            door,
            faults: vec![],
            noticed: Noticed::default(),
            customers: BTreeMap::new(),
            seen: HashSet::new(),
            codes: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, row: u64, fields: &EventRow<'_>) {
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

    pub(super) fn close(self) -> Result<(EventLog, Noticed), EvidenceError> {
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
