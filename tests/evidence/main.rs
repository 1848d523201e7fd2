//! Evidence from rows to readings: streaming, merging, keeping, and the two real logs.

#![expect(clippy::unwrap_used, reason = "a test fails where a fixture does")]

mod admission;

use std::collections::BTreeMap;

use proptest::prelude::*;
use sortie::calendar::Date;
use sortie::customer::Tier;
use sortie::evidence::{
    Door, Event, EventLog, EventRow, EvidenceError, Histories, Late, NameCode, Oddity, Offence,
    PlainRule, ReadingRules, Rhythm, RowKind, RowPolicy, StrengthModel, Stretches,
};
use sortie::id::Id;
use sortie::money::Currency;

/// A row that owns its text.
#[derive(Debug, Clone)]
struct Row {
    customer: String,
    day: i32,
    amount: Option<String>,
    user: Option<String>,
    practice: Option<String>,
    date: String,
}

impl Row {
    fn fields(&self) -> EventRow<'_> {
        EventRow {
            customer: &self.customer,
            date: &self.date,
            amount: self.amount.as_deref(),
            user: self.user.as_deref(),
            practice: self.practice.as_deref(),
        }
    }
}

fn date(day: i32) -> Date {
    Date::from_day_number(day).unwrap()
}

/// A door that takes every lawful row in.
fn open_door() -> Door<'static> {
    Door {
        as_of: date(100_000),
        currency: Some(Currency::USD),
        roster: None,
        policy: RowPolicy {
            out_of_order: Oddity::Admit,
            duplicate: Oddity::Admit,
            negative_amount: Oddity::Admit,
            ..RowPolicy::default()
        },
    }
}

fn admit(rows: &[Row]) -> EventLog {
    EventLog::admit(rows.iter().map(Row::fields), &open_door())
        .unwrap()
        .0
}

fn any_row() -> impl Strategy<Value = Row> {
    let day = prop_oneof![0..40, 0..1_000];
    let amount = prop::option::of((-500_i64..5_000).prop_map(|cents| {
        let sign = if cents < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
    }));
    let user = prop::option::of("[a-z]");
    let practice = prop::option::of("[p-s]");
    ("[a-d]", day, amount, user, practice).prop_map(|(customer, day, amount, user, practice)| Row {
        customer,
        day,
        amount,
        user,
        practice,
        date: date(day).to_string(),
    })
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(any_row(), 0..80)
}

/// A quick habit, so that short logs have both tiers.
fn rules() -> ReadingRules {
    ReadingRules::new(StrengthModel::new(0.3, 0.2, 0.6, 0.3).unwrap(), 7).unwrap()
}

/// The parts of a state that integers hold, as a document shows them, and the strengths apart.
fn parts(histories: &Histories) -> (serde_json::Value, Vec<f64>) {
    let mut document = serde_json::to_value(histories).unwrap();
    let mut strengths = vec![];
    for customer in document["customers"].as_array_mut().unwrap() {
        let history = customer["history"].as_object_mut().unwrap();
        let strength = history.remove("strength").unwrap();
        strengths.extend(
            strength
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_f64().unwrap()),
        );
    }
    (document, strengths)
}

fn same_but_for_rounding(left: &Histories, right: &Histories) -> Result<(), TestCaseError> {
    let ((left, left_strengths), (right, right_strengths)) = (parts(left), parts(right));
    prop_assert_eq!(left, right);
    prop_assert_eq!(left_strengths.len(), right_strengths.len());
    for (a, b) in left_strengths.iter().zip(&right_strengths) {
        prop_assert!((a - b).abs() < 1e-12, "{} {}", a, b);
    }
    Ok(())
}

/// The rows of the days in a range.
fn within(rows: &[Row], days: std::ops::Range<i32>) -> Vec<Row> {
    rows.iter()
        .filter(|row| days.contains(&row.day))
        .cloned()
        .collect()
}

proptest! {
    #[test]
    fn going_on_day_by_day_is_reading_the_whole(rows in any_rows(), chunk in 1_i32..200) {
        let whole = Histories::read(&admit(&rows), rules());
        let mut streamed = Histories::read(&admit(&[]), rules());
        for start in (0..1_000).step_by(usize::try_from(chunk).unwrap()) {
            let today = admit(&within(&rows, start..start + chunk));
            prop_assert_eq!(streamed.go_on(&today, Late::Refuse).unwrap(), 0);
            // Kept overnight as a document.
            let text = serde_json::to_string(&streamed).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Histories>(&text).unwrap(), &streamed);
        }
        prop_assert_eq!(streamed, whole);
    }

    #[test]
    fn stretches_of_time_join_in_any_grouping(rows in any_rows(), cuts in (1_i32..1_000, 1_i32..1_000)) {
        let (low, high) = (cuts.0.min(cuts.1), cuts.0.max(cuts.1));
        let stretch = |days| Stretches::read(&admit(&within(&rows, days)), rules());
        let whole = Histories::read(&admit(&rows), rules());
        let first = Histories::read(&admit(&within(&rows, 0..low)), rules());
        let (middle, last) = (stretch(low..high), stretch(high..1_000));
        let left = first.then(&middle).unwrap().then(&last).unwrap();
        let right = first.then(&middle.then(&last).unwrap()).unwrap();
        same_but_for_rounding(&left, &whole)?;
        same_but_for_rounding(&right, &whole)?;
        let nothing = Histories::read(&admit(&[]), rules());
        let all = stretch(0..low).then(&middle).unwrap().then(&last).unwrap();
        same_but_for_rounding(&nothing.then(&all).unwrap(), &whole)?;
    }

    #[test]
    fn disjoint_customers_unite_to_the_last_bit(rows in any_rows()) {
        let whole = Histories::read(&admit(&rows), rules());
        let of = |names: &str| {
            let rows: Vec<Row> =
                rows.iter().filter(|row| names.contains(&row.customer)).cloned().collect();
            Histories::read(&admit(&rows), rules())
        };
        let (a, bc, d) = (of("a"), of("bc"), of("d"));
        let left = a.unite(&bc).unwrap().unite(&d).unwrap();
        let right = d.unite(&bc.unite(&a).unwrap()).unwrap();
        prop_assert_eq!(&left, &whole);
        prop_assert_eq!(&right, &whole);
        if !a.is_empty() {
            let twice = matches!(whole.unite(&a), Err(EvidenceError::CustomerTwice { .. }));
            prop_assert!(twice);
        }
    }

    #[test]
    fn the_order_of_the_rows_is_immaterial(rows in any_rows(), turn in 0_usize..80) {
        let log = admit(&rows);
        let mut turned = rows.clone();
        turned.reverse();
        turned.rotate_left(turn.min(rows.len()));
        prop_assert_eq!(admit(&turned), log);
    }

    #[test]
    fn what_happens_later_does_not_change_an_earlier_reading(rows in any_rows(), cut in 0..1_000) {
        // Read on the day, and read from the whole log cut at that day: the same, whatever follows.
        let as_of = date(cut);
        let then = Histories::read(&admit(&within(&rows, 0..cut + 1)), rules());
        let book = then.fit_rhythm();
        let read = then.readings(as_of, &book).unwrap();
        let mut door = open_door();
        door.as_of = as_of;
        door.policy.future = Offence::SetAside;
        let (log, noticed) = EventLog::admit(rows.iter().map(Row::fields), &door).unwrap();
        let again = Histories::read(&log, rules());
        prop_assert_eq!(again.readings(as_of, &again.fit_rhythm()).unwrap(), read);
        let later = rows.iter().filter(|row| row.day > cut).count();
        prop_assert_eq!(noticed.set_aside(RowKind::Future).len(), later);
        // The whole log cannot be read on that day.
        let whole = Histories::read(&admit(&rows), rules());
        prop_assert_eq!(whole.readings(as_of, &book).is_ok(), later == 0);
    }

    #[test]
    fn every_row_is_admitted_set_aside_or_refused(rows in any_rows()) {
        let mut door = open_door();
        door.as_of = date(500);
        let roster = BTreeMap::from(["a", "b", "c"].map(|id| (Id::new(id).unwrap(), Some(date(20)))));
        door.roster = Some(&roster);
        door.policy = RowPolicy::lenient();
        let (log, noticed) = EventLog::admit(rows.iter().map(Row::fields), &door).unwrap();
        let aside = usize::try_from(noticed.set_aside_count()).unwrap();
        prop_assert_eq!(log.events() + aside, rows.len());
        door.policy = RowPolicy::default();
        match EventLog::admit(rows.iter().map(Row::fields), &door) {
            Ok((strict, quiet)) => {
                prop_assert_eq!(strict, log);
                prop_assert_eq!(quiet.set_aside_count(), 0);
            }
            Err(EvidenceError::Rows(faults)) => {
                // Out of order is admitted by the lenient policy, so there is at least one of either.
                prop_assert!(aside + noticed.admitted(RowKind::OutOfOrder).len() > 0);
                prop_assert!(!faults.is_empty());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    #[test]
    fn bent_documents_are_refused_or_mean_the_same(rows in any_rows(), at in 0_usize..4_000, byte in 0_u8..128) {
        let histories = Histories::read(&admit(&rows), rules());
        let mut text = serde_json::to_string(&histories).unwrap().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        if let Ok(text) = String::from_utf8(text) {
            if let Ok(read) = serde_json::from_str::<Histories>(&text) {
                let again = serde_json::to_string(&read).unwrap();
                prop_assert_eq!(serde_json::from_str::<Histories>(&again).unwrap(), read);
            }
        }
    }
}

/// The detailing panel: 1,000 physicians over 23 months, a month taken as 30 days.
fn detailing() -> Vec<(String, i32, u32)> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/detailing/counts.csv"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let mut months: BTreeMap<String, i32> = BTreeMap::new();
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',');
            let physician = cells.next().unwrap().to_owned();
            let scripts = cells.next().unwrap().parse().unwrap();
            let month = months.entry(physician.clone()).or_insert(0);
            *month += 1;
            (physician, *month, scripts)
        })
        .collect()
}

#[test]
fn the_detailing_tiers_at_month_six_are_the_published_ones() {
    let panel = detailing();
    let rows: Vec<Row> = panel
        .iter()
        .filter(|(_, month, scripts)| *month <= 6 && *scripts > 0)
        .map(|(physician, month, _)| Row {
            customer: physician.clone(),
            day: 30 * month,
            amount: None,
            user: None,
            practice: None,
            date: date(30 * month).to_string(),
        })
        .collect();
    let rules = ReadingRules::default();
    let histories = Histories::read(&admit(&rows), rules.clone());
    let plain = PlainRule::new(6, 5).unwrap();
    let tiers: Vec<Tier> = histories
        .iter()
        .map(|(_, history)| plain.tier(history, date(180), &rules).unwrap())
        .collect();
    let habitual = tiers.iter().filter(|tier| **tier == Tier::Habitual).count();
    // By the plain rule, months before the panel not counted: 645 habitual, 306 starting, 49 prospects.
    assert_eq!(
        (habitual, tiers.len() - habitual, 1_000 - tiers.len()),
        (645, 306, 49)
    );
}

#[test]
fn sorted_columns_are_the_same_log_and_unsorted_ones_are_refused() {
    let event = |day: i32| Event {
        date: date(day),
        amount_minor: 0,
        user: None,
        practice: None,
    };
    let id = |text: &str| Id::new(text).unwrap();
    let columns = |customers: &[(&str, usize)], days: &[i32]| {
        let customers = customers.iter().map(|(name, count)| (id(name), *count));
        let events = days.iter().map(|day| event(*day)).collect();
        EventLog::from_columns(customers.collect(), events, vec![], Some(Currency::USD))
    };
    let row = |customer: &str, day: i32| Row {
        customer: customer.to_owned(),
        day,
        amount: None,
        user: None,
        practice: None,
        date: date(day).to_string(),
    };
    let log = columns(&[("a", 2), ("b", 1)], &[3, 5, 4]).unwrap();
    assert_eq!(log, admit(&[row("b", 4), row("a", 3), row("a", 5)]));
    assert!(columns(&[], &[]).is_ok());
    // Several events on one day are in order.
    let twice = columns(&[("a", 3)], &[3, 3, 4]).unwrap();
    assert_eq!((twice.customers(), twice.events()), (1, 3));
    assert_eq!(twice.last_day(), Some(date(4)));
    for (customers, days) in [
        (vec![("b", 1), ("a", 1)], vec![1, 2]),
        (vec![("a", 1), ("a", 1)], vec![1, 2]),
        (vec![("a", 0)], vec![]),
        (vec![("a", 3)], vec![1, 2]),
        (vec![("a", 1)], vec![1, 2]),
        (vec![("a", 2)], vec![2, 1]),
    ] {
        assert!(
            columns(&customers, &days).is_err(),
            "{customers:?} {days:?}"
        );
    }
    assert_eq!(Rhythm::start(date(3)).gap_days_mean(), None);
}

/// A column that is refused is refused where its first fault stands.
#[test]
fn columns_are_refused_by_row_and_field() {
    let id = |text: &str| Id::new(text).unwrap();
    let refused = |customers: &[(&str, usize)], rows: &[(i32, Option<usize>, Option<usize>)]| {
        let customers = customers.iter().map(|(name, count)| (id(name), *count));
        let code = |place: &Option<usize>| place.and_then(NameCode::of);
        let events = rows.iter().map(|(day, user, practice)| Event {
            date: date(*day),
            amount_minor: 0,
            user: code(user),
            practice: code(practice),
        });
        let names = vec![id("x"), id("y")];
        match EventLog::from_columns(customers.collect(), events.collect(), names, None) {
            Err(EvidenceError::Rows(faults)) => (faults[0].row(), faults[0].field()),
            other => panic!("{other:?}"),
        }
    };
    let three = [("a", 1), ("b", 2), ("c", 2)];
    let rows = [1, 4, 5, 2, 3].map(|day| (day, Some(0), Some(1)));
    let with = |row: usize, cell: (i32, Option<usize>, Option<usize>)| {
        let mut rows = rows;
        rows[row] = cell;
        rows
    };
    assert_eq!(refused(&three, &with(0, (1, Some(2), None))), (1, "user"));
    assert_eq!(
        refused(&three, &with(2, (5, None, Some(2)))),
        (3, "practice")
    );
    assert_eq!(
        refused(&three, &with(4, (3, Some(9), Some(1)))),
        (5, "user")
    );
    assert_eq!(refused(&three, &with(4, (1, None, None))), (5, "date"));
    assert_eq!(
        refused(&[("a", 1), ("c", 2), ("b", 2)], &rows),
        (4, "customer")
    );
    assert_eq!(refused(&[("a", 1), ("b", 0)], &rows), (2, "customer"));
    assert_eq!(refused(&[("a", 3), ("b", 3)], &rows), (4, "customer"));
    assert_eq!(refused(&[("a", 1), ("b", 2)], &rows), (4, "customer"));
}
