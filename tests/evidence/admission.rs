//! Rows at the door: every fault named, every kind of row by its own policy.

use super::*;

#[test]
fn every_fault_of_every_row_is_named() {
    let rows = [
        ("a", "2026-03-01", Some("10.00")),
        (" b", "2026-02-30", Some("1e3")),
        ("c", "2026-03-02", Some("1.005")),
        ("d", "2026-03-02", None),
        ("a", "2026-02-01", None),
        ("a", "2027-01-01", None),
        ("a", "2020-01-01", None),
        ("a", "2026-03-04", Some("-5.00")),
        ("a", "2026-03-01", Some("10.00")),
    ];
    let roster =
        BTreeMap::from(["a", "c"].map(|id| (Id::new(id).unwrap(), Date::new(2025, 1, 1).ok())));
    let door = Door {
        as_of: Date::new(2026, 3, 31).unwrap(),
        currency: Some(Currency::USD),
        roster: Some(&roster),
        policy: RowPolicy::default(),
    };
    let rows = rows.map(|(customer, date, amount)| EventRow {
        customer,
        date,
        amount,
        ..EventRow::default()
    });
    let Err(EvidenceError::Rows(faults)) = EventLog::admit(rows, &door) else {
        panic!("bad rows were admitted");
    };
    let found: Vec<(u64, &str)> = faults
        .iter()
        .map(|fault| (fault.row(), fault.field()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "customer"),
            (2, "date"),
            (2, "amount"),
            (3, "amount"),
            (4, "customer"),
            (5, "date"),
            (6, "date"),
            (7, "date"),
            (8, "amount"),
            (9, "customer"),
        ]
    );
    assert_eq!(
        faults[5].to_string(),
        "row 5, date: 2026-02-01 comes after a row of a dated 2026-03-01; sort the rows, or admit \
         such rows"
    );
    assert_eq!(
        faults[9].to_string(),
        "row 9, customer: 2026-03-01 of a repeats an earlier row in every field; drop it, or set \
         such rows aside"
    );
}

/// Twenty faults are told; of the others how many there are.
#[test]
fn faults_beyond_twenty_are_counted() {
    let told = |count: usize| {
        let rows = vec![EventRow::default(); count].into_iter();
        EventLog::admit(rows, &open_door()).unwrap_err().to_string()
    };
    // An empty id and an empty date: two faults a row.
    let (ten, fifteen) = (told(10), told(15));
    assert_eq!(ten.matches("row ").count(), 20);
    assert!(ten.starts_with("row 1, customer: ") && !ten.contains("more faults"));
    assert_eq!(fifteen, format!("{ten}; and 10 more faults"));
}

/// Codes stand for the names of their own log, in the order of the names.
#[test]
fn codes_stand_for_names() {
    let row = |user| EventRow {
        customer: "a",
        date: "2026-01-05",
        user: Some(user),
        practice: Some("by phone"),
        ..EventRow::default()
    };
    let rows = [row("eve"), row("bob")];
    let (log, _) = EventLog::admit(rows, &open_door()).unwrap();
    let told = |code: Option<NameCode>| log.name(code.unwrap()).map(Id::as_str);
    let users: Vec<_> = log
        .iter()
        .flat_map(|(_, events)| events)
        .map(|event| (told(event.user), told(event.practice)))
        .collect();
    let phone = Some("by phone");
    assert_eq!(users, [(Some("bob"), phone), (Some("eve"), phone)]);
    assert_eq!(told(NameCode::of(2)), Some("eve"));
    assert_eq!(told(NameCode::of(3)), None);
}

/// One row of each kind, and rows on the very edge of being one.
const KINDS: [(&str, &str, Option<&str>); 11] = [
    ("a", "2026-01-01", None),
    ("x", "2026-01-05", None),
    ("a", "2025-12-31", None),
    ("a", "2026-01-31", Some("0.00")),
    ("a", "2026-02-01", None),
    ("b", "2026-01-10", Some("-0.01")),
    ("b", "2026-01-12", Some("5.00")),
    ("b", "2026-01-11", Some("5.00")),
    ("b", "2026-01-12", Some("5.00")),
    // Not the same: no amount, another amount.
    ("b", "2026-01-12", None),
    ("b", "2026-01-12", Some("5.01")),
];

/// A change of a policy.
type Set = fn(&mut RowPolicy);

/// What becomes of [`KINDS`] under a policy.
fn kinds_at(policy: RowPolicy) -> Result<(EventLog, sortie::evidence::Noticed), EvidenceError> {
    let since = Date::new(2026, 1, 1).ok();
    let roster = BTreeMap::from(["a", "b"].map(|id| (Id::new(id).unwrap(), since)));
    let door = Door {
        as_of: Date::new(2026, 1, 31).unwrap(),
        currency: Some(Currency::USD),
        roster: Some(&roster),
        policy,
    };
    let rows = KINDS.map(|(customer, date, amount)| EventRow {
        customer,
        date,
        amount,
        ..EventRow::default()
    });
    EventLog::admit(rows, &door)
}

#[test]
fn each_kind_of_row_meets_its_own_policy() {
    let kinds = [
        (RowKind::UnknownCustomer, 2),
        (RowKind::BeforeCustomer, 3),
        (RowKind::Future, 5),
        (RowKind::NegativeAmount, 6),
        (RowKind::OutOfOrder, 8),
        (RowKind::Duplicate, 9),
    ];
    let aside = RowPolicy {
        out_of_order: Oddity::SetAside,
        ..RowPolicy::lenient()
    };
    let (log, noticed) = kinds_at(aside).unwrap();
    for (kind, row) in kinds {
        assert_eq!(noticed.set_aside(kind), [row], "{kind:?}");
        assert!(noticed.admitted(kind).is_empty(), "{kind:?}");
    }
    assert_eq!((log.events(), noticed.set_aside_count()), (5, 6));

    let taken = RowPolicy {
        out_of_order: Oddity::Admit,
        duplicate: Oddity::Admit,
        negative_amount: Oddity::Admit,
        ..RowPolicy::lenient()
    };
    let (log, noticed) = kinds_at(taken).unwrap();
    for (kind, row) in kinds {
        let odd = row > 5;
        assert_eq!(
            noticed.admitted(kind),
            if odd { vec![row] } else { vec![] },
            "{kind:?}"
        );
        assert_eq!(
            noticed.set_aside(kind),
            if odd { vec![] } else { vec![row] },
            "{kind:?}"
        );
    }
    assert_eq!((log.events(), noticed.set_aside_count()), (8, 3));
    // Sorted into its place, with the credit counted.
    let (_, of_b) = log.iter().last().unwrap();
    let days: Vec<(i32, i64)> = of_b
        .iter()
        .map(|event| (event.date.day_number() - 20_463, event.amount_minor))
        .collect();
    assert_eq!(
        days,
        [(0, -1), (1, 500), (2, 0), (2, 500), (2, 500), (2, 501)]
    );

    // One kind refused, the others set aside: the row is named, with what it found and what to do.
    let refusals: [(Set, u64, &str); 6] = [
        (
            |policy| policy.unknown_customer = Offence::Refuse,
            2,
            "x is not on the roster",
        ),
        (
            |policy| policy.before_customer = Offence::Refuse,
            3,
            "2025-12-31 is before 2026-01-01",
        ),
        (
            |policy| policy.future = Offence::Refuse,
            5,
            "2026-02-01 is after the as-of date 2026-01-31",
        ),
        (
            |policy| policy.negative_amount = Oddity::Refuse,
            6,
            "-0.01 USD is below zero",
        ),
        (
            |policy| policy.out_of_order = Oddity::Refuse,
            8,
            "2026-01-11 comes after a row of b dated 2026-01-12",
        ),
        (
            |policy| policy.duplicate = Oddity::Refuse,
            9,
            "2026-01-12 of b repeats an earlier row",
        ),
    ];
    for (refuse, row, rule) in refusals {
        let mut policy = aside;
        refuse(&mut policy);
        let Err(EvidenceError::Rows(faults)) = kinds_at(policy) else {
            panic!("row {row} was admitted");
        };
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].row(), row);
        assert!(faults[0].rule().starts_with(rule), "{}", faults[0]);
    }
}

#[test]
fn a_malformed_row_is_reported_for_that_and_for_nothing_else() {
    let row = EventRow {
        customer: "a",
        date: "2027-01-01",
        amount: Some("1e3"),
        ..EventRow::default()
    };
    let mut door = open_door();
    door.as_of = Date::new(2026, 1, 1).unwrap();
    let Err(EvidenceError::Rows(faults)) = EventLog::admit([row], &door) else {
        panic!("a malformed row was admitted");
    };
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].field(), "amount");
}

#[test]
fn late_events_are_refused_or_counted_and_never_silent() {
    let row = |day: i32| Row {
        customer: "a".to_owned(),
        day,
        amount: None,
        user: None,
        practice: None,
        date: date(day).to_string(),
    };
    let mut histories = Histories::read(&admit(&[row(10), row(20)]), rules());
    let before = histories.clone();
    let late = admit(&[row(15), row(20), row(30)]);
    let refused = histories.go_on(&late, Late::Refuse).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "customer a: an event on 1970-01-16 comes after the history has reached 1970-01-21; read \
         the history again with it, or set late events aside"
    );
    assert_eq!(histories, before);
    assert_eq!(histories.go_on(&late, Late::SetAside).unwrap(), 1);
    assert_eq!(histories.get(&Id::new("a").unwrap()).unwrap().events(), 4);
}
