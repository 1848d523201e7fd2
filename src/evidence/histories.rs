//! The histories of a whole book: read, continued, merged, kept.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::EvidenceError;
use super::event::{Event, EventLog};
use super::history::{History, HistoryFields, ReadingRules, Stretch};
use super::rhythm::BookRhythm;
use super::tier::Reading;
use crate::calendar::Date;
use crate::document::{Document, DocumentError, Fields};
use crate::id::Id;
use crate::money::Currency;

/// The histories of the customers of a book, in the order of their ids.
///
/// One streaming pass reads a log; tomorrow's log continues yesterday's state; sets of disjoint
/// customers unite. Whichever way the events were split, the state is the same: by customers to the
/// last bit, over time to the last bit in all that is counted and to rounding in the strengths.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::Tier;
/// use sortie::evidence::{Door, EventLog, EventRow, Histories, ReadingRules, RowPolicy};
///
/// let dates: Vec<String> = (1..=28).map(|day| format!("2026-02-{day:02}")).collect();
/// let rows = dates.iter().map(|date| EventRow { customer: "a", date, ..EventRow::default() });
/// let as_of = Date::new(2026, 2, 28)?;
/// let policy = RowPolicy::default();
/// let door = Door { as_of, currency: None, roster: None, policy };
/// let (log, _) = EventLog::admit(rows, &door)?;
///
/// let histories = Histories::read(&log, ReadingRules::default());
/// let book = histories.fit_rhythm();
/// let readings = histories.readings(as_of, &book)?;
/// assert_eq!(readings[0].tier(), Tier::Habitual);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    rules: ReadingRules,
    currency: Option<Currency>,
    /// Ascending by id.
    customers: Vec<(Id, History)>,
}

/// What becomes of events that are dated before the last day of the history that they would continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Late {
    /// The whole continuation is refused; nothing changes.
    #[default]
    Refuse,
    /// The events are left out, and counted.
    SetAside,
}

/// The stretches of many customers over one period of time, in the order of their ids: adjacent ones
/// join in any grouping, and [`Histories`] go on with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretches {
    rules: ReadingRules,
    currency: Option<Currency>,
    customers: Vec<(Id, Stretch)>,
}

impl Histories {
    /// Reads every event of a log once. O(events) time, O(1) space a customer.
    #[must_use]
    pub fn read(log: &EventLog, rules: ReadingRules) -> Self {
        let mut customers = Vec::with_capacity(log.customers());
        for (id, events) in log.iter() {
            if let Some(history) = History::read(events, log, &rules) {
                customers.push((id.clone(), history));
            }
        }
        Self {
            rules,
            currency: log.currency(),
            customers,
        }
    }

    /// The rules that the events were read by.
    #[must_use]
    pub const fn rules(&self) -> &ReadingRules {
        &self.rules
    }

    /// The currency of the amounts.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// How many customers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// Each customer with its history, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&Id, &History)> {
        self.customers.iter().map(|(id, history)| (id, history))
    }

    /// The history of a customer.
    #[must_use]
    pub fn get(&self, customer: &Id) -> Option<&History> {
        let place = self.customers.binary_search_by(|(id, _)| id.cmp(customer));
        place
            .ok()
            .and_then(|place| self.customers.get(place))
            .map(|(_, history)| history)
    }

    /// Fits the book's rhythm to these customers.
    #[must_use]
    pub fn fit_rhythm(&self) -> BookRhythm {
        BookRhythm::fit(self.customers.iter().map(|(_, history)| history.rhythm()))
    }

    /// What the events say of each customer on a date, in the order of the ids.
    ///
    /// # Errors
    /// [`EvidenceError::AfterAsOf`] if a history goes on after the date.
    pub fn readings(&self, as_of: Date, book: &BookRhythm) -> Result<Vec<Reading>, EvidenceError> {
        let mut readings = Vec::with_capacity(self.customers.len());
        for (id, history) in &self.customers {
            let reading = Reading::of(id, history, as_of, book, &self.rules);
            readings.push(reading.ok_or_else(|| EvidenceError::AfterAsOf {
                customer: id.clone(),
                last: history.rhythm().last(),
                as_of,
            })?);
        }
        Ok(readings)
    }

    /// Goes on with the events of a later log, without replay. Events on a customer's last day are
    /// taken in; earlier ones are late. The number of late events that were left out is returned.
    ///
    /// # Errors
    /// [`EvidenceError::Late`] for a late event under [`Late::Refuse`];
    /// [`EvidenceError::Unlike`] for a log in another currency. Nothing is changed then.
    pub fn go_on(&mut self, log: &EventLog, late: Late) -> Result<u64, EvidenceError> {
        let currency = one_currency(self.currency, log.currency())?;
        if late == Late::Refuse {
            self.refuse_late(log)?;
        }
        self.currency = currency;
        let mut left_out = 0;
        let mut newcomers = vec![];
        let mut known = self.customers.iter_mut().peekable();
        for (id, events) in log.iter() {
            while known.next_if(|(other, _)| other < id).is_some() {}
            if let Some((_, history)) = known.next_if(|(other, _)| other == id) {
                let (before, rest) = split_late(events, history.rhythm().last());
                left_out += crate::numeric::cast::u64_of_usize(before.len());
                for event in rest {
                    history.push(event, log, &self.rules);
                }
            } else if let Some(history) = History::read(events, log, &self.rules) {
                newcomers.push((id.clone(), history));
            }
        }
        if !newcomers.is_empty() {
            self.customers.extend(newcomers);
            self.customers.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        Ok(left_out)
    }

    /// Goes on with the stretches of a later period, such as other threads or machines have read.
    ///
    /// # Errors
    /// [`EvidenceError::NotAdjacent`] if a stretch does not start after its customer's last day;
    /// [`EvidenceError::Unlike`] for other rules or another currency.
    pub fn then(&self, later: &Stretches) -> Result<Self, EvidenceError> {
        let rules = one_set_of_rules(&self.rules, &later.rules)?;
        let currency = one_currency(self.currency, later.currency)?;
        let customers = zip_by_id(&self.customers, &later.customers, |id, pair| match pair {
            Pair::Left(history) => Ok(history.clone()),
            Pair::Right(stretch) => Ok(stretch.alone(rules)),
            Pair::Both(history, stretch) => history
                .then(stretch, rules)
                .ok_or_else(|| not_adjacent(id, history.rhythm().last(), stretch)),
        })?;
        Ok(Self {
            rules: rules.clone(),
            currency,
            customers,
        })
    }

    /// Unites the histories of different customers, such as other threads or machines have read.
    ///
    /// # Errors
    /// [`EvidenceError::CustomerTwice`] for a customer in both; [`EvidenceError::Unlike`] for other
    /// rules or another currency.
    pub fn unite(&self, other: &Self) -> Result<Self, EvidenceError> {
        let rules = one_set_of_rules(&self.rules, &other.rules)?;
        let currency = one_currency(self.currency, other.currency)?;
        let customers = zip_by_id(&self.customers, &other.customers, |id, pair| match pair {
            Pair::Left(history) | Pair::Right(history) => Ok(history.clone()),
            Pair::Both(..) => Err(EvidenceError::CustomerTwice {
                customer: id.clone(),
            }),
        })?;
        Ok(Self {
            rules: rules.clone(),
            currency,
            customers,
        })
    }

    /// Refuses a log with an event before its customer's last day.
    fn refuse_late(&self, log: &EventLog) -> Result<(), EvidenceError> {
        for (id, events) in log.iter() {
            let last = self.get(id).map(|history| history.rhythm().last());
            if let (Some(last), Some(event)) = (last, events.first()) {
                if event.date < last {
                    return Err(EvidenceError::Late {
                        customer: id.clone(),
                        date: event.date,
                        last,
                    });
                }
            }
        }
        Ok(())
    }
}

impl Stretches {
    /// Reads every event of a log once, as a stretch of time that something may precede.
    #[must_use]
    pub fn read(log: &EventLog, rules: ReadingRules) -> Self {
        let mut customers = Vec::with_capacity(log.customers());
        for (id, events) in log.iter() {
            if let Some(stretch) = Stretch::read(events, log, &rules) {
                customers.push((id.clone(), stretch));
            }
        }
        Self {
            rules,
            currency: log.currency(),
            customers,
        }
    }

    /// How many customers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// These stretches, then later ones. It is associative.
    ///
    /// # Errors
    /// [`EvidenceError::NotAdjacent`] if a later stretch does not start after the earlier one of its
    /// customer; [`EvidenceError::Unlike`] for other rules or another currency.
    pub fn then(&self, later: &Self) -> Result<Self, EvidenceError> {
        let rules = one_set_of_rules(&self.rules, &later.rules)?;
        let currency = one_currency(self.currency, later.currency)?;
        let customers = zip_by_id(&self.customers, &later.customers, |id, pair| match pair {
            Pair::Left(stretch) | Pair::Right(stretch) => Ok(stretch.clone()),
            Pair::Both(earlier, stretch) => earlier
                .then(stretch, rules)
                .ok_or_else(|| not_adjacent(id, earlier.rhythm().last(), stretch)),
        })?;
        Ok(Self {
            rules: rules.clone(),
            currency,
            customers,
        })
    }
}

/// Where a customer of two sets stands.
enum Pair<'a, A, B> {
    Left(&'a A),
    Right(&'a B),
    Both(&'a A, &'a B),
}

/// Walks two sets in the order of their ids.
fn zip_by_id<A, B, C>(
    left: &[(Id, A)],
    right: &[(Id, B)],
    mut combine: impl FnMut(&Id, Pair<'_, A, B>) -> Result<C, EvidenceError>,
) -> Result<Vec<(Id, C)>, EvidenceError> {
    let mut zipped = Vec::with_capacity(left.len().max(right.len()));
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(zipped),
        };
        let from_left = if order.is_le() { left.next() } else { None };
        let from_right = if order.is_ge() { right.next() } else { None };
        let (id, pair) = match (from_left, from_right) {
            (Some((id, a)), Some((_, b))) => (id, Pair::Both(a, b)),
            (Some((id, a)), None) => (id, Pair::Left(a)),
            (None, Some((id, b))) => (id, Pair::Right(b)),
            (None, None) => return Ok(zipped),
        };
        zipped.push((id.clone(), combine(id, pair)?));
    }
}

fn split_late(events: &[Event], last: Date) -> (&[Event], &[Event]) {
    events.split_at(events.partition_point(|event| event.date < last))
}

fn not_adjacent(customer: &Id, last: Date, later: &Stretch) -> EvidenceError {
    EvidenceError::NotAdjacent {
        customer: customer.clone(),
        last,
        first: later.rhythm().first(),
    }
}

fn one_currency(
    left: Option<Currency>,
    right: Option<Currency>,
) -> Result<Option<Currency>, EvidenceError> {
    match (left, right) {
        (Some(a), Some(b)) if a != b => Err(EvidenceError::Unlike { what: "currency" }),
        _ => Ok(left.or(right)),
    }
}

fn one_set_of_rules<'a>(
    left: &'a ReadingRules,
    right: &ReadingRules,
) -> Result<&'a ReadingRules, EvidenceError> {
    if left == right {
        Ok(left)
    } else {
        Err(EvidenceError::Unlike { what: "rules" })
    }
}

/// The body of the document `sortie/histories/1`.
#[derive(Serialize)]
struct HistoriesFields<'a> {
    schema: String,
    rules: &'a ReadingRules,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    customers: Vec<CustomerFields>,
}

/// One customer of the document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerFields {
    id: Id,
    history: HistoryFields,
}

impl Serialize for Histories {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let customers = self.iter().map(|(id, history)| CustomerFields {
            id: id.clone(),
            history: history.fields(),
        });
        HistoriesFields {
            schema: crate::document::schema_name::<Self>(),
            rules: &self.rules,
            currency: self.currency,
            customers: customers.collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Histories {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize_document(deserializer)
    }
}

impl Document for Histories {
    const KIND: &'static str = "histories";
    const VERSION: u32 = 1;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let rules: Option<ReadingRules> = fields.read("rules", |reader| reader.value());
        let currency = fields
            .read_optional("currency", |reader| reader.currency())
            .flatten();
        let customers = fields.read("customers", |reader| {
            // Without rules there is nothing to hold the strengths against; their fault is reported.
            let against = rules.clone().unwrap_or_default();
            reader.each(|item| {
                let CustomerFields { id, history } = item.value()?;
                let history = History::from_fields(history, &against)
                    .map_err(|field| item.fault(EvidenceError::History { field }))?;
                Ok((id, history))
            })
        });
        if let Some(pair) = customers.as_ref().and_then(|list| unsorted(list)) {
            fields.fault(Some("customers"), pair);
        }
        let value = match (rules, customers) {
            (Some(rules), Some(customers)) => Some(Self {
                rules,
                currency,
                customers,
            }),
            _ => None,
        };
        fields.finish_with(value)
    }
}

/// The first customer that is not after the one before it.
fn unsorted(customers: &[(Id, History)]) -> Option<String> {
    customers.windows(2).find_map(|pair| match pair {
        [(a, _), (b, _)] if a >= b => Some(format!(
            "customer {b} comes after {a}; list each customer once, in ascending order"
        )),
        _ => None,
    })
}
