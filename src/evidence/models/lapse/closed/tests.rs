use super::*;
use crate::{calendar::Date, evidence::models::lapse::LapseModel, numeric::Draws};

/// Customers that use in a period by their own chance and leave after one use in sixteen.
fn on_dates(customers: u64, dates: impl Fn(u64, u8) -> i32) -> Vec<Vec<i32>> {
    let draws = Draws::new(11);
    (0..customers)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let often = 0.3 + 0.6 * own.uniform();
            let mut here = true;
            let mut days = Vec::new();
            for period in 0..36 {
                if here && (days.is_empty() || own.happens(often)) {
                    days.push(dates(who, period));
                    here = !own.happens(1.0 / 16.0);
                }
            }
            days
        })
        .collect()
}

fn first_of(month: u8) -> i32 {
    let (year, month) = (2001 + i16::from(month) / 12, month % 12 + 1);
    let date = Date::new(year, i8::try_from(month).unwrap(), 1).unwrap();
    date.day_number()
}

#[test]
fn months_and_own_weekdays_are_counted_and_plain_gaps_are_not() {
    let months = LapseModel::fit(&on_dates(200, |_, month| first_of(month)), first_of(24), 91);
    let (share, period) = months.unwrap().share_of_periods().unwrap();
    assert!(
        share > 0.7 && (period - 30.4).abs() < 0.3,
        "{share} {period}"
    );
    let weeks = on_dates(200, |who, week| {
        7 * i32::from(week) + i32::try_from(who % 7).unwrap()
    });
    let (share, period) = LapseModel::fit(&weeks, 170, 28)
        .unwrap()
        .share_of_periods()
        .unwrap();
    assert!(
        share > 0.7 && (period - 7.0).abs() < 1e-12,
        "{share} {period}"
    );
    // Gaps of any length from ten days to fifty.
    let draws = Draws::new(12);
    let plain: Vec<Vec<i32>> = (0..200)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let mut days = vec![i32::try_from(own.below(60)).unwrap()];
            while days.last().is_some_and(|day| *day < 340) && !own.happens(0.1) {
                let gap = 10 + i32::try_from(own.below(41)).unwrap();
                days.push(days[days.len() - 1] + gap);
            }
            days
        })
        .collect();
    let model = LapseModel::fit(&plain, 340, 56).unwrap();
    assert_eq!(model.share_of_periods(), None);
}

#[test]
fn a_window_is_worth_the_chances_in_it() {
    let model =
        LapseModel::fit(&on_dates(200, |_, month| first_of(month)), first_of(24), 91).unwrap();
    let days: Vec<i32> = (10..30).map(first_of).collect();
    let record = Record::of_days(&days).unwrap();
    let silent = |gap: i32| model.assess(&record, first_of(29) + gap).p_silent;
    // June 2003: 91 days hold July, August, and from the 2nd September; nothing else happens until July.
    assert!(silent(0) > silent(1) && (silent(1) - silent(29)).abs() < 1e-12);
    assert!(silent(30) > silent(29));
    // A window without a date is silent all but for sure, yet customers keep their order.
    let other = Record::of_days(&days[..9]).unwrap();
    let week = [&record, &other].map(|of| model.p_silent(of, first_of(29) + 1, 7.0));
    assert!(
        week[0] > 0.9 && week[0] < week[1] && week[1] <= 1.0,
        "{week:?}"
    );
}

#[test]
fn later_days_and_the_order_of_customers_change_nothing() {
    let mut log = on_dates(120, |_, month| first_of(month));
    let end = first_of(20);
    let record = Record::of_days(&[first_of(3), first_of(4), first_of(9)]).unwrap();
    let said = |log: &[Vec<i32>]| {
        let model = LapseModel::fit(log, end, 91).unwrap();
        (model.share_of_periods(), model.assess(&record, end + 12))
    };
    let whole = said(&log);
    log.reverse();
    for days in &mut log {
        days.retain(|day| *day <= end);
    }
    assert_eq!(said(&log), whole);
    assert!(whole.0.is_some());
}

/// A form of periods on own weeks, beside one of days, in the share given.
fn mixed(share: f64) -> Closed {
    let days = BetaGeometric::new(beta_geometric_dropout(), 2, 1.4, 12.0, 0.9, 2.0).unwrap();
    let log = on_dates(60, |who, week| {
        7 * i32::from(week) + i32::try_from(who % 7).unwrap()
    });
    let past: Vec<&[i32]> = log.iter().map(Vec::as_slice).collect();
    let [lattice] = &own(&past)[..1] else {
        panic!("a lattice of weeks")
    };
    Closed {
        share,
        ..Closed::of_days(days)
            .on(lattice.clone(), &past, 250)
            .unwrap()
    }
}

const fn beta_geometric_dropout() -> crate::evidence::models::Dropout {
    crate::evidence::models::Dropout::AfterAny
}

#[test]
fn hazards_of_both_forms_are_mixed_in_their_share() {
    let near = |found: f64, right: f64| assert!((found - right).abs() < 1e-11, "{found} {right}");
    let record = Record::of_days(&[0, 7, 21, 28]).unwrap();
    let (alone, third) = (mixed(1.0), mixed(0.3));
    let gap = 13.0;
    let lattice = alone.lattice.clone().unwrap();
    let passed = lattice.passed(28, gap);
    let periods = alone.periods.unwrap().path(3.0, 4.0, passed);
    let days = alone.days.path(3, 28.0, 7.0 * passed);
    let windows = [3.0, 7.0, 20.0, 70.0];
    for (closed, share) in [(&alone, 1.0), (&third, 0.3)] {
        assert_eq!(closed.share_of_periods(), Some((share, 7.0)));
        let path = closed.path(&record, gap);
        let (hazards, gone) = (path.hazards_until(&windows), path.gone_after(&windows));
        for (i, window) in windows.iter().enumerate() {
            let ((silent, left), (other, left_too)) = (periods.at(window / 7.0), days.at(*window));
            let (ln, gone_then) = if share < 1.0 {
                (
                    0.3 * libm::log(silent) + 0.7 * libm::log(other),
                    0.3 * left + 0.7 * left_too,
                )
            } else {
                (libm::log(silent), left)
            };
            let at = path.at(*window);
            near(at.0, libm::exp(ln));
            near(at.1, gone_then);
            near(hazards[i], -ln);
            near(gone[i], gone_then);
        }
    }
    // On weeks of their own silence is seen in full, and a window is worth the weeks that end in it.
    near(third.seen(&record, gap), gap);
    let chances = lattice.passed(28, gap + 30.0) - passed;
    near(third.window(&record, gap, 30.0), 7.0 * chances);
    near(third.window(&record, gap, 1e-9), 7.0 * 0.02);
    let plain = Closed::of_days(third.days);
    near(plain.window(&record, gap, 30.0), 30.0);
    assert_eq!(plain.share_of_periods(), None);
}

#[test]
fn what_is_kept_for_many_repeats_is_what_is_reckoned_for_each() {
    let closed = Closed::of_days(mixed(1.0).days);
    let kept = i32::try_from(GROUPS_KEPT).unwrap();
    for repeats in [0, 1, 5, kept - 1, kept, kept + 3] {
        let days: Vec<i32> = (0..=repeats).map(|use_| 2 * use_).collect();
        let record = Record::of_days(&days).unwrap();
        let plain = closed
            .days
            .path(u32::try_from(repeats).unwrap(), f64::from(2 * repeats), 5.0);
        let path = closed.path(&record, 5.0);
        for window in [0.0, 1.0, 40.0] {
            assert_eq!(path.at(window), plain.at(window));
        }
    }
}

#[test]
fn the_merit_of_a_share_is_the_likelihood_of_what_came() {
    let foretold = |hazard: f64, used: bool| Foretold { hazard, used };
    let by_days = [
        foretold(0.5, true),
        foretold(0.5, false),
        foretold(0.0, true),
    ];
    let by_periods = [
        foretold(1.5, true),
        foretold(0.1, false),
        foretold(0.0, true),
    ];
    for (share, of_use, of_silence) in [(0.0, 0.5, 0.5), (1.0, 1.5, 0.1), (0.25, 0.75, 0.4)] {
        let right =
            libm::log(1.0 - libm::exp(-of_use)) - of_silence + libm::log(-libm::expm1(-1e-10));
        assert!((merit(&by_days, &by_periods, share) - right).abs() < 1e-9);
    }
}
