//! Reports at any date.

use std::collections::BTreeMap;

use sortie::{
    customer::willingness::Stage,
    id::Id,
    money::{Currency, Money},
    numeric::Draws,
    virtual_budget::{Entry, EntryId, Event, Ledger},
};

use super::{
    host::Host,
    small::{a_small_ledger, b, commit, day, p, usd},
};

#[test]
fn a_report_of_a_past_day_is_the_report_of_that_day() {
    let mut ledger = Ledger::new(Currency::USD);
    let mut host = Host::new(Draws::new(5).stream(&[9]));
    let mut reports = BTreeMap::new();
    for _ in 0..1_500 {
        let entry = host.entry(&ledger);
        let _ = ledger.post(entry);
        if let Some(day) = ledger.last_date() {
            reports.insert(day, ledger.report(day).unwrap());
        }
    }
    assert!(reports.len() > 100);
    for (day, report) in reports.iter().step_by(37) {
        assert_eq!(&ledger.report(*day).unwrap(), report);
        let parts = [
            report.uncommitted,
            report.outstanding,
            report.claimed,
            report.expired,
            report.released,
        ];
        assert_eq!(Money::total(parts, Currency::USD).unwrap(), report.accrued);
        let due: i64 = report
            .falling_due
            .iter()
            .map(|due| due.amount.minor())
            .sum();
        assert_eq!(due + report.lapsed.minor(), report.exposure.minor());
        assert!(
            report
                .falling_due
                .iter()
                .all(|due| due.due >= *day && due.promises > 0)
        );
        let expected: f64 = report.falling_due.iter().map(|due| due.expected).sum();
        assert!((expected - report.expected_claims).abs() < 1e-6);
        let worst = sortie::numeric::cast::f64_of_i64(report.exposure.minor()) / 100.0;
        assert!(report.expected_claims <= worst && report.expected_claims >= 0.0);
        assert!(report.budgets_open <= report.budgets);
    }
}

#[test]
fn what_has_lapsed_is_told_apart_from_what_may_still_be_claimed() {
    let ledger = a_small_ledger();
    let (before, after) = (
        ledger.report(day(10)).unwrap(),
        ledger.report(day(11)).unwrap(),
    );
    assert_eq!((before.lapsed, after.lapsed), (usd(0), usd(2_000)));
    assert_eq!((before.exposure, after.exposure), (usd(2_000), usd(2_000)));
    assert!((before.expected_claims - 10.0).abs() < 1e-12 && after.expected_claims.abs() < 1e-12);
    assert_eq!((before.falling_due.len(), after.falling_due.len()), (1, 0));
    assert_eq!(
        (before.falling_due[0].due, before.falling_due[0].amount),
        (day(10), usd(2_000))
    );
    assert_eq!(ledger.lapsed(day(10)), []);
    assert_eq!(ledger.lapsed(day(11)), [(&b(), &p("p"))]);
    let budget = ledger.budget(&b()).unwrap();
    assert!((budget.expected_claims(day(10)) - 10.0).abs() < 1e-12);
    assert!(budget.expected_claims(day(11)).abs() < 1e-12);
    assert_eq!(budget.worst_case(), usd(11_000));
}

/// A budget is open while something of it is uncommitted or outstanding.
#[test]
fn open_budgets_are_counted() {
    let mut ledger = Ledger::new(Currency::USD);
    let mut number = 0;
    let mut open = |event| {
        number += 1;
        let id = EntryId::new(format!("n{number}")).unwrap();
        let entry = Entry {
            id,
            on: day(0),
            event,
        };
        ledger.post(entry).unwrap();
        let report = ledger.report(day(0)).unwrap();
        (report.budgets, report.budgets_open)
    };
    let most = usd(1_000);
    assert_eq!(open(Event::Ceiling { ceiling: most }), (0, 0));
    let plant = Event::Plant {
        budget: b(),
        customer: Id::new("c").unwrap(),
        cap: most,
        stage: Stage::Unaware,
    };
    assert_eq!(open(plant), (1, 0), "planted, and nothing is in it");
    let accrue = Event::Accrue {
        budget: b(),
        gate: Stage::Aware,
        amount: most,
    };
    assert_eq!(open(accrue), (1, 1), "uncommitted alone");
    assert_eq!(open(commit("p", 1_000, 9)), (1, 1), "outstanding alone");
    let claim = Event::Claim {
        budget: b(),
        promise: p("p"),
        amount: most,
    };
    assert_eq!(open(claim), (1, 0), "claimed whole");
}

#[test]
fn ledgers_are_equal_when_their_journals_and_currencies_are() {
    let yen = Currency::from_code("JPY").unwrap();
    assert_eq!(a_small_ledger(), a_small_ledger());
    assert_ne!(a_small_ledger(), Ledger::new(Currency::USD));
    assert_ne!(Ledger::new(yen), Ledger::new(Currency::USD));
}
