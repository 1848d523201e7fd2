use proptest::prelude::*;

use super::*;
use crate::evidence::models::lapse::LapseModel;
use crate::evidence::models::rules::FixedHiatus;
use crate::evidence::models::{BetaGeometric, Dropout, ParetoNbd};

fn date(number: i32) -> Date {
    Date::from_day_number(number).unwrap()
}

fn histories() -> impl Strategy<Value = Vec<Vec<i32>>> {
    let customer = prop::collection::btree_set(10_000..10_300_i32, 1..14);
    let sorted = customer.prop_map(|days| days.into_iter().collect());
    prop::collection::vec(sorted, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.min(64), ..ProptestConfig::default() })]

    /// Law 10: no warning knows what comes after its date, even where the model is fitted anew as the walk goes on.
    #[test]
    fn later_events_cannot_change_an_earlier_warning(
        past in histories(), future in histories(), now in 10_100..10_280_i32
    ) {
        let other: Vec<Vec<i32>> = past.iter().zip(future.iter().cycle()).map(|(past, future)| {
            let kept = past.iter().filter(|day| **day <= now);
            let changed = future.iter().filter(|day| **day > now);
            kept.chain(changed).copied().collect()
        }).collect();
        let test = BackTest::new(date(10_090), date(10_300), 15, 30, 60).unwrap()
            .with_book_interval(20.0).unwrap().refitting_every(3);
        let said = |histories: &[Vec<i32>]| {
            let fit = |past: &[&[i32]], as_of: Date| LapseModel::fit(past, as_of.day_number(), 30);
            let report = test.walk(histories, fit).unwrap();
            report.cases().iter().filter(|case| case.as_of <= date(now))
                .map(|case| (case.customer, case.as_of, case.uses, case.said)).collect::<Vec<_>>()
        };
        prop_assert_eq!(said(&past), said(&other));
    }
}

#[test]
fn a_walk_judges_by_hand() {
    // Uses on 0, 10, 20, then nothing: silent from 20 on. The other one returns at 52.
    let histories = [vec![0, 10, 20], vec![0, 12, 22, 52], vec![5], vec![]];
    let test = BackTest::new(date(15), date(100), 7, 20, 30).unwrap();
    let report = test
        .walk(&histories, |past, as_of| {
            assert!(
                past.iter()
                    .all(|days| days.iter().all(|day| *day <= as_of.day_number()))
            );
            Ok(FixedHiatus)
        })
        .unwrap();
    assert_eq!(report.dates(), 13);
    // Customer 1 on day 15: gap 3, uses 2; day 22 ends the 20 days ahead.
    let first = report.cases()[1];
    assert_eq!((first.customer, first.as_of, first.uses), (1, date(15), 2));
    assert_eq!(first.silent_ahead, Some(false));
    // On day 22 customer 0 has been silent for 2 days and stays silent for 20 more.
    let on_22 = report
        .cases()
        .iter()
        .find(|case| case.customer == 0 && case.as_of == date(22));
    assert_eq!(on_22.and_then(|case| case.silent_ahead), Some(true));
    // A return on day 52, 30 days after 22, is no departure; a silence after 52 is one.
    let alarms = report.alarms_at(14.0);
    assert_eq!(
        (alarms.departed, alarms.returned, alarms.false_alarms),
        (2, 1, 1)
    );
    // Of 20: dates 22, 29, 36 (gap 16), lead 14. Of 52: 57, 64, 71 (gap 19), lead 11.
    assert!(
        alarms
            .lead_mean
            .is_some_and(|lead| (lead - 12.5).abs() < 1e-12)
    );
    assert!(report.brier().is_none());
    assert_eq!(
        report
            .cases()
            .iter()
            .filter(|case| case.customer > 1)
            .count(),
        0
    );
}

/// Says on which date it last followed the walk.
struct Follower(i32);

impl Foresight for Follower {
    fn say(&self, _: &Sight<'_>) -> Said {
        Said {
            alarm: f64::from(self.0),
            silence: 0.5,
            probable: true,
        }
    }

    fn follow(&mut self, past: &[&[i32]], as_of: i32) {
        assert!(
            past.iter()
                .flat_map(|days| days.iter())
                .all(|day| *day <= as_of)
        );
        self.0 = as_of;
    }
}

/// A foresight is told of every date before it speaks on it, also behind a pointer.
#[test]
fn a_foresight_follows_the_walk() {
    let test = BackTest::new(date(0), date(100), 10, 20, 30).unwrap();
    let histories = [vec![0, 5, 25, 45], vec![2, 30, 31, 80]];
    let bare = test.walk(&histories, |_, _| Ok(Follower(-1))).unwrap();
    assert!(!bare.cases().is_empty());
    for case in bare.cases() {
        let day = f64::from(case.as_of.day_number());
        assert_eq!(case.said.alarm.total_cmp(&day), core::cmp::Ordering::Equal);
    }
    let boxed = test.walk(&histories, |_, _| {
        let found: Box<dyn Foresight> = Box::new(Follower(-1));
        Ok(found)
    });
    assert_eq!(boxed.unwrap(), bare);
}

/// What became of a case is told exactly where its window ends inside the log and was not yet silent throughout.
#[test]
fn what_came_of_a_case_is_what_its_history_says() {
    let histories = [
        vec![0, 10, 20],
        vec![0, 12, 22, 52, 60, 61, 90],
        vec![1, 3, 4, 6, 47],
    ];
    let test = BackTest::new(date(5), date(100), 1, 20, 30)
        .unwrap()
        .with_book_interval(8.0)
        .unwrap();
    let report = test.walk(&histories, |_, _| Ok(FixedHiatus)).unwrap();
    let mut told = [0; 4];
    for case in report.cases() {
        let as_of = case.as_of.day_number();
        let days = &histories[case.customer];
        let known: Vec<i32> = days.iter().copied().filter(|day| *day <= as_of).collect();
        let record = Record::of_days(&known).unwrap();
        let own = (3.0 * record.mean_interval(8.0)).clamp(10.0, 30.0).round();
        for (place, window, found) in [(0, 20.0, case.silent_ahead), (2, own, case.silent_own)] {
            let last = f64::from(as_of) + window;
            let right = if record.gap(as_of) >= window || last > 100.0 {
                None
            } else {
                Some(
                    days.iter()
                        .all(|day| *day <= as_of || f64::from(*day) > last),
                )
            };
            assert_eq!(found, right, "{case:?}");
            told[place + usize::from(right.is_some())] += 1;
        }
    }
    // Both windows were known and unknown.
    assert!(told.iter().all(|count| *count > 10), "{told:?}");
}

/// What is read from a report is what its cases say.
#[test]
fn a_report_gives_out_its_cases() {
    let histories = [vec![0, 10, 20], vec![0, 12, 22, 52]];
    let test = BackTest::new(date(15), date(100), 7, 20, 30).unwrap();
    let report = test.walk(&histories, |_, _| Ok(FixedHiatus)).unwrap();
    let known = |pick: fn(&Case) -> Option<(f64, bool)>| -> Vec<(f64, bool)> {
        report.cases().iter().filter_map(pick).collect()
    };
    let own = known(|case| Some((case.said.alarm, case.silent_own?)));
    assert!(own.len() > 3 && own != known(|case| Some((case.said.alarm, case.silent_ahead?))));
    assert_eq!(report.own(), own);
    assert_eq!(
        report.ahead(),
        known(|case| Some((case.said.silence, case.silent_ahead?)))
    );
    assert_eq!(report.auc_own(), auc(&mut own.clone()));
    assert_eq!(report.auc_ahead(), auc(&mut report.ahead()));
}

/// On the day that confirms a departure it is too late to warn of it, and the customer is no longer watched.
#[test]
fn an_alarm_on_the_day_of_confirmation_is_no_warning() {
    // Silent from 20 on, watched on days 20, 30 and 40; day 50 confirms the departure.
    let test = BackTest::new(date(10), date(100), 10, 20, 30).unwrap();
    let report = test.walk(&[[0, 20]], |_, _| Ok(FixedHiatus)).unwrap();
    let watched: Vec<Date> = report.cases().iter().map(|case| case.as_of).collect();
    assert_eq!(watched, [date(20), date(30), date(40)]);
    let late = report.alarms_at(30.0);
    assert_eq!((late.departed, late.detected), (1, Some(Fraction::ZERO)));
    let last = report.alarms_at(20.0);
    assert_eq!(
        (last.detected, last.lead_mean),
        (Some(Fraction::ONE), Some(10.0))
    );
    let years = 30.0 / YEAR;
    let alarms = report.alarms_at(0.0);
    assert_eq!(alarms.false_alarms, 0);
    assert!((report.customer_years - years).abs() < 1e-12, "{years}");
}

/// Otherwise it is the mean gap up to the first date: 10 and 8 days for one customer, 12 for another.
#[test]
fn a_book_has_the_mean_interval_of_its_first_date() {
    let histories = [vec![0, 10, 18, 60], vec![3, 15, 50], vec![40, 45]];
    let test = BackTest::new(date(20), date(100), 7, 20, 30).unwrap();
    let walk = |test: BackTest| test.walk(&histories, |_, _| Ok(FixedHiatus)).unwrap();
    assert_eq!(walk(test), walk(test.with_book_interval(10.0).unwrap()));
}

/// Days are told once each, by customer in the order of the ids.
#[test]
fn days_of_use_are_distinct_days() {
    let event = |day| crate::evidence::Event {
        date: date(day),
        amount_minor: 0,
        user: None,
        practice: None,
    };
    let customers = ["a", "b"].map(|id| crate::id::Id::new(id).unwrap());
    let columns = customers.into_iter().zip([3, 1]).collect();
    let events = [5, 5, 9, 7].map(event).to_vec();
    let log = EventLog::from_columns(columns, events, vec![], None).unwrap();
    assert_eq!(days_of_use(&log), [vec![5, 9], vec![7]]);
}

/// Where nobody has come back by the first date, the book's interval is the horizon.
#[test]
fn a_book_without_intervals_borrows_the_horizon() {
    let histories = [vec![0], vec![3, 25, 60], vec![40, 45]];
    let test = BackTest::new(date(10), date(100), 7, 20, 30).unwrap();
    let walk = |test: BackTest| test.walk(&histories, |_, _| Ok(FixedHiatus)).unwrap();
    assert_eq!(walk(test), walk(test.with_book_interval(20.0).unwrap()));
    assert_ne!(walk(test), walk(test.with_book_interval(2.0).unwrap()));
}

/// What a model says in a walk is what it says by itself.
#[test]
fn closed_forms_speak_for_their_models() {
    let record = Record::of_days(&[0, 9, 12, 40]).unwrap();
    let sight = Sight {
        record: &record,
        as_of: 70,
        horizon: 28.0,
        own_window: 49.0,
    };
    let summary = record.summary(70, 7.0);
    let same = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-15, "{found}, not {expected}");
    };
    let beta = BetaGeometric::new(Dropout::AfterAny, 2, 0.6, 4.5, 0.8, 2.4).unwrap();
    let pareto = ParetoNbd::new(0.6, 4.5, 0.8, 12.0).unwrap();
    let unit_days = 7.0;
    let gone = Gone {
        model: beta,
        unit_days,
    }
    .say(&sight);
    let silent = Silent {
        model: beta,
        unit_days,
    }
    .say(&sight);
    let left = ParetoGone {
        model: pareto,
        unit_days,
    }
    .say(&sight);
    same(gone.alarm, 1.0 - beta.p_alive(&summary));
    same(silent.alarm, beta.p_silent(&summary, 7.0));
    same(silent.silence, beta.p_silent(&summary, 4.0));
    same(left.alarm, 1.0 - pareto.p_alive(&summary));
    assert_eq!(
        [gone.probable, silent.probable, left.probable],
        [false, true, false]
    );
}

#[test]
fn a_walk_can_be_stopped() {
    let test = BackTest::new(date(0), date(100), 10, 20, 30).unwrap();
    let stop = |done, total| {
        assert_eq!(total, 11);
        if done == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let report = test
        .walk_telling(&[[0, 5]], |_, _| Ok(FixedHiatus), stop)
        .unwrap();
    assert_eq!(report.dates(), 3);
}

#[test]
fn what_cannot_be_walked_is_refused() {
    let new = |first, end, step, horizon, confirm| {
        BackTest::new(date(first), date(end), step, horizon, confirm)
            .map(|_| ())
            .map_err(|fault| fault.to_string())
    };
    assert_eq!(new(0, 1, 1, 1, 1), Ok(()));
    for (given, sentence) in [
        (
            new(5, 5, 7, 30, 60),
            "parameter days from first to end is 0: it must be at least 1",
        ),
        (
            new(0, 9, 0, 30, 60),
            "parameter step_days is 0: it must be at least 1",
        ),
        (
            new(0, 9, 7, 0, 60),
            "parameter horizon_days is 0: it must be from 1 to 36500",
        ),
        (
            new(0, 9, 7, 30, 29),
            "parameter confirm_days is 29: it must be from the horizon to 36500",
        ),
    ] {
        assert_eq!(given, Err(sentence.to_owned()));
    }
    let test = BackTest::new(date(0), date(9), 7, 3, 5).unwrap();
    assert!(test.with_book_interval(0.0).is_err());
    let refused = test.walk(&[[3, 3]], |_, _| Ok(FixedHiatus));
    assert_eq!(refused, Err(ModelError::Days { position: 1 }));
}
