//! Reports at any date.

use std::collections::BTreeMap;

use sortie::{
    money::{Currency, Money},
    numeric::Draws,
    virtual_budget::Ledger,
};

use super::{
    host::Host,
    small::{a_small_ledger, b, day, p, usd},
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
