//! Figures of evidence by hand, and what belongs together.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use sortie::calendar::Date;
use sortie::evidence::models::rules::OwnMultiple;
use sortie::evidence::models::{GammaGamma, Record, Spend};
use sortie::evidence::{
    Door, EventLog, EventRow, EvidenceError, Histories, Late, ReadingRules, RowPolicy,
    StrengthModel, Stretches,
};
use sortie::money::Currency;

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs(),
        "{found}, not {expected}"
    );
}

/// p(v + x·m)/(p·x + q − 1), and the own mean where that has no mean.
#[test]
fn the_expected_amount_lies_between_the_own_mean_and_the_book() {
    let published = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let expected = |events, mean| published.expected_mean(&Spend::new(events, mean).unwrap());
    near(expected(1, 200.0), 6.25 * 215.44 / 8.99);
    near(expected(4, 50.0), 6.25 * 215.44 / 27.74);
    near(published.book_mean().unwrap(), 6.25 * 15.44 / 2.74);
    let flat = GammaGamma::new(0.5, 0.25, 3.0).unwrap();
    near(flat.expected_mean(&Spend::new(1, 7.0).unwrap()), 7.0);
    near(
        flat.expected_mean(&Spend::new(2, 7.0).unwrap()),
        0.5 * 17.0 / 0.25,
    );
    assert_eq!(flat.book_mean(), None);
    let spend = Spend::new(3, 12.5).unwrap();
    near(spend.mean(), 12.5);
    assert_eq!(spend.events(), 3);
}

#[test]
fn the_own_multiple_counts_own_intervals() {
    // Intervals of 10 on average.
    let record = Record::of_days(&[100, 107, 120, 130]).unwrap();
    near(OwnMultiple.alarm(&record, 155), 2.5);
    let once = Record::of_days(&[100]).unwrap();
    assert!(OwnMultiple.alarm(&once, 155).abs() < f64::MIN_POSITIVE);
}

#[test]
fn a_model_of_strength_keeps_its_thresholds() {
    let model = StrengthModel::new(0.05, 0.1, 0.6, 0.25).unwrap();
    near(model.habitual_at(), 0.6);
    near(model.starting_below(), 0.25);
    near(model.decay(), 0.1);
}

fn log(currency: &str, uses: &[(&str, &str)]) -> EventLog {
    let rows = uses.iter().map(|(customer, date)| EventRow {
        customer,
        date,
        amount: Some("5.00"),
        ..EventRow::default()
    });
    let door = Door {
        as_of: Date::new(2026, 3, 1).unwrap(),
        currency: Some(Currency::from_code(currency).unwrap()),
        roster: None,
        policy: RowPolicy::default(),
    };
    EventLog::admit(rows, &door).unwrap().0
}

fn read(log: &EventLog) -> Histories {
    Histories::read(log, ReadingRules::default())
}

/// Histories in two currencies are not one history.
#[test]
fn histories_go_on_in_one_currency() {
    let before = read(&log("EUR", &[("ada", "2026-01-05")]));
    let mut histories = before.clone();
    let later = [("ada", "2026-02-05")];
    let refused = histories.go_on(&log("USD", &later), Late::Refuse);
    assert!(
        matches!(refused, Err(EvidenceError::Unlike { what: "currency" })),
        "{refused:?}"
    );
    assert_eq!(histories, before);
    assert_eq!(histories.go_on(&log("EUR", &later), Late::Refuse), Ok(0));
    assert_eq!(
        histories,
        read(&log("EUR", &[("ada", "2026-01-05"), ("ada", "2026-02-05")]))
    );
}

/// Those who come back, those who do not, and those who are new.
#[test]
fn some_customers_go_on() {
    let (first, second) = (
        [
            ("ada", "2026-01-05"),
            ("cy", "2026-01-06"),
            ("eve", "2026-01-07"),
        ],
        [
            ("bo", "2026-02-01"),
            ("cy", "2026-02-02"),
            ("fay", "2026-02-03"),
        ],
    );
    let mut histories = read(&log("EUR", &first));
    assert_eq!(histories.go_on(&log("EUR", &second), Late::Refuse), Ok(0));
    let all = [first, second].concat();
    assert_eq!(histories, read(&log("EUR", &all)));
}

#[test]
fn what_is_empty_says_so() {
    let (none, one) = (log("EUR", &[]), log("EUR", &[("ada", "2026-01-05")]));
    for (log, count) in [(none, 0), (one, 1)] {
        let (histories, stretches) = (read(&log), Stretches::read(&log, ReadingRules::default()));
        assert_eq!((histories.len(), histories.is_empty()), (count, count == 0));
        assert_eq!((stretches.len(), stretches.is_empty()), (count, count == 0));
    }
}

/// A fit says what it rests on: two customers came back, with three gaps between them.
#[test]
fn a_fit_of_the_rhythm_counts_its_customers_and_gaps() {
    let uses = [
        ("ada", "2026-01-05"),
        ("ada", "2026-01-09"),
        ("ada", "2026-01-20"),
        ("bo", "2026-01-05"),
        ("cy", "2026-01-05"),
        ("cy", "2026-02-01"),
    ];
    let book = read(&log("EUR", &uses)).fit_rhythm();
    assert_eq!((book.repeaters(), book.gaps()), (2, 3));
    let nobody = read(&log("EUR", &[("ada", "2026-01-05")])).fit_rhythm();
    assert_eq!((nobody.repeaters(), nobody.gaps()), (0, 0));
}
