use super::*;
use crate::numeric::{Draws, cast};

/// Customers of rates that differ, each use the last with one chance in nine; on slow days all come a fifth as often.
fn log(customers: u64, days: i32, slow: &core::ops::Range<i32>) -> Vec<Vec<i32>> {
    let draws = Draws::new(7);
    (0..customers)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let rate = 0.02 + 0.1 * own.uniform() * own.uniform();
            let begins = if own.happens(0.5) { 0 } else { days / 4 };
            let mut past = Vec::new();
            for day in begins..days {
                let pace = if slow.contains(&day) { 0.2 } else { 1.0 };
                if past.is_empty() || own.happens(rate * pace) {
                    past.push(day);
                    if own.happens(0.11) {
                        break;
                    }
                }
            }
            past
        })
        .collect()
}

#[test]
fn a_shock_to_all_is_seen_and_an_even_log_is_left_alone() {
    let shocks = log(400, 400, &(200..240));
    let model = LapseModel::fit(&shocks, 300, 56).unwrap();
    assert!(model.level_drifts());
    let amid = model.on(&shocks, 240).unwrap();
    let after = model.on(&shocks, 300).unwrap();
    assert!(amid.level() < -0.2 && amid.level() < after.level() - 0.2);
    let record = Record::of_days(&[10, 30, 60, 220]).unwrap();
    assert!(amid.assess(&record, 240).p_silent > after.assess(&record, 240).p_silent);

    let even = LapseModel::fit(&log(400, 400, &(0..0)), 300, 56).unwrap();
    assert!(!even.level_drifts() && even.level().abs() < 0.2);
    let later = even.on(&shocks, 240).unwrap();
    assert!(later.level().to_bits() == even.level().to_bits());
}

#[test]
fn the_level_of_a_date_knows_neither_later_days_nor_the_order() {
    let shocks = log(400, 400, &(200..240));
    let model = LapseModel::fit(&shocks, 300, 56).unwrap();
    assert!(model.level_drifts());
    let cut: Vec<Vec<i32>> = shocks
        .iter()
        .rev()
        .map(|days| days.iter().copied().filter(|day| *day <= 240).collect())
        .collect();
    let (whole, cut) = (
        model.on(&shocks, 240).unwrap(),
        model.on(&cut, 240).unwrap(),
    );
    assert!(whole.level().to_bits() == cut.level().to_bits());
    let none: [Vec<i32>; 0] = [];
    assert!(model.on(&none, 240).unwrap().level().abs() < 1e-12);
    assert!(model.on(&[vec![5, 4]], 240).is_err());
}

/// Months of 30 days; each customer skips months by its own chance, and a few leave.
fn months(customers: u64) -> Vec<Vec<i32>> {
    let draws = Draws::new(3);
    (0..customers)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let skips = 0.6 * own.uniform();
            let leaves = if own.happens(0.4) { own.below(20) } else { 24 };
            (0..24_u8)
                .filter(|month| u64::from(*month) <= leaves && !own.happens(skips))
                .map(|month| 30 * i32::from(month))
                .collect()
        })
        .collect()
}

#[test]
fn a_log_whose_windows_the_hazards_mistake_hears_the_second_opinion_and_a_small_one_does_not() {
    // After a use one in three customers has its next within a week, later ones are a matter of luck; the long silent come
    // back for sure.
    let log = |customers: u64| -> Vec<Vec<i32>> {
        let draws = Draws::new(3);
        (0..customers)
            .map(|who| {
                let mut own = draws.stream(&[who]);
                let mut days = vec![i32::try_from(own.below(60)).unwrap()];
                while let Some(last) = days.last().copied().filter(|day| *day < 690) {
                    let most = if own.happens(0.5) { 5 } else { 160 };
                    days.push(last + 1 + i32::try_from(own.below(most)).unwrap());
                }
                days
            })
            .collect()
    };
    let many = LapseModel::fit(&log(400), 690, 90).unwrap();
    assert!(many.share_of_windows() > 0.2, "{}", many.share_of_windows());
    let few = LapseModel::fit(&log(6), 690, 90).unwrap();
    assert!(few.share_of_windows().abs() < 1e-12);
}

#[test]
fn a_log_of_months_warns_of_whoever_lets_months_pass() {
    let model = LapseModel::fit(&months(400), 690, 90).unwrap();
    assert!(
        model
            .share_of_periods()
            .is_some_and(|(share, _)| share > 0.5)
    );
    let steady = Record::of_days(&(0..24).map(|month| 30 * month).collect::<Vec<_>>()).unwrap();
    let left = Record::of_days(&(0..17).map(|month| 30 * month).collect::<Vec<_>>()).unwrap();
    let said = [&steady, &left].map(|record| model.assess(record, 690).p_silent);
    assert!(said[0] < 0.2 && said[1] > 0.5, "{said:?}");
}

#[test]
fn the_alarm_rings_for_a_week_and_stays_high_near_two_horizons() {
    let overdue = alarm::Overdue::after(60.0);
    let at = |gap| overdue.lifted(0.3, gap, 20.0);
    assert!((at(89.0) - 0.3).abs() < 1e-12 && (at(97.0) - 0.3).abs() < 1e-12);
    assert!(at(90.0) >= 0.8 && at(96.0) >= 0.8 && at(90.0) < 0.9);
    assert!(at(113.0) >= 0.9 && at(500.0) >= 0.9 && at(500.0) <= 1.0);
    // Among those that ring the chance still ranks.
    assert!(overdue.lifted(0.4, 90.0, 20.0) > at(90.0));
    assert!(overdue.lifted(0.4, 120.0, 20.0) > at(120.0));
    // A short horizon rings before two of it have passed, and not before one.
    let short = alarm::Overdue::after(10.0);
    assert!(short.lifted(0.3, 13.0, 2.0) >= 0.8 && short.lifted(0.3, 12.0, 2.0) < 0.4);
    assert!(alarm::Overdue::after(5.0).lifted(0.3, 4.0, 2.0) < 0.4);
}

#[test]
fn the_least_alarm_of_a_third_is_what_hardly_a_return_reached() {
    let histories = log(400, 400, &(0..0));
    let model = LapseModel::fit(&histories, 300, 56).unwrap();
    let (mut silences, mut above, mut near) = (0, 0, 0);
    for days in histories.iter().filter(|days| days.len() > 2) {
        let past = days.iter().filter(|day| **day <= 300).count();
        for known in 2..past {
            let record = Record::of_days(&days[..known]).unwrap();
            let longest = (days[known] - days[known - 1] - 1).min(83);
            let highest = [0, longest]
                .map(|gap| model.assess(&record, record.last() + gap).p_silent_own)
                .into_iter()
                .fold(0.0, f64::max);
            let interval = record.mean_interval(model.book_interval());
            let least = model.overdue.lifted(0.0, 84.0, interval);
            silences += 1;
            above += u32::from(highest > least);
            near += u32::from(highest > 0.9 * least);
        }
    }
    // One in fifty of those that were read; the longest histories are not read in full.
    assert!(silences > 500 && near > above, "{silences} {near} {above}");
    assert!(
        f64::from(above) <= 0.04 * f64::from(silences),
        "{above} of {silences}"
    );
}

/// Customers of even gaps, each its own; half of them come ever more slowly, and leave: what the closed form cannot know.
fn slowing(customers: u64) -> Vec<Vec<i32>> {
    let draws = Draws::new(11);
    (0..customers)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let pace = 5.0 + 10.0 * own.uniform();
            let begins = 100.0 * own.uniform();
            let (steady, slows) = (4 + own.below(25), own.happens(0.5));
            let (mut day, mut gap, mut past) = (begins, pace, Vec::new());
            for use_ in 0..60_u64 {
                past.push(i32::try_from(cast::i64_clamped(day, 0, 1_000)).unwrap());
                if slows && use_ >= steady {
                    gap *= 1.5;
                    if gap > 5.0 * pace {
                        break;
                    }
                }
                day += gap * (0.7 + 0.6 * own.uniform());
            }
            past.dedup();
            past
        })
        .collect()
}

/// A silence of two parts is a silence of the first, and then of the second, as far as traits read in the middle of each
/// part can say; longer ones are rarer.
#[test]
fn silences_follow_one_another() {
    let even = LapseModel::fit(&log(400, 400, &(0..0)), 300, 56).unwrap();
    let calendar = LapseModel::fit(&months(400), 690, 90).unwrap();
    for (model, days, as_of, part) in [
        (&even, vec![40], 90, 28.0),
        (&even, vec![10, 30, 60, 220], 240, 28.0),
        (&calendar, vec![0], 60, 30.0),
        (&calendar, vec![0, 30, 90], 150, 30.0),
    ] {
        let record = Record::of_days(&days).unwrap();
        let ln = |from: f64, window: f64| {
            let from = as_of + i32::try_from(cast::i64_clamped(from, 0, 1_000)).unwrap();
            libm::log(model.p_silent(&record, from, window))
        };
        let (first, second, both) = (ln(0.0, part), ln(part, part), ln(0.0, 2.0 * part));
        assert!(
            first < 0.0 && second < 0.0 && both < first,
            "{first} {second} {both}"
        );
        assert!(
            (first + second - both).abs() < 0.2 * both.abs(),
            "{first} {second} {both}"
        );
    }
    assert!(even.share_of_windows().abs() < 1e-12);
    let record = Record::of_days(&[10, 30, 60, 220]).unwrap();
    let assessed = even.assess(&record, 240).p_silent;
    assert!(even.p_silent(&record, 240, 56.0).to_bits() == assessed.to_bits());
}

/// Models of all kinds: plain, with a level that fades, on a calendar, on own weekdays, strongly corrected, and of nothing.
fn models() -> [LapseModel; 6] {
    let fit = |log: &[Vec<i32>], end, horizon| LapseModel::fit(log, end, horizon).unwrap();
    let shocks = log(400, 400, &(200..240));
    let drifting = fit(&shocks, 300, 56).on(&shocks, 240).unwrap();
    assert!(drifting.level() < -0.1);
    let weekdays: Vec<Vec<i32>> = months(200)
        .iter()
        .zip((0..7).cycle())
        .map(|(days, own)| days.iter().map(|day| day / 30 * 7 + own).collect())
        .collect();
    let of_weekdays = fit(&weekdays, 160, 28);
    assert!(of_weekdays.share_of_periods().is_some());
    [
        fit(&log(400, 400, &(0..0)), 300, 56),
        drifting,
        fit(&months(400), 690, 90),
        of_weekdays,
        fit(&slowing(300), 400, 56),
        fit(&[vec![3]], 100, 30),
    ]
}

/// Histories of all kinds that end by day 300, and a later day.
fn histories(count: u64) -> Vec<(Record, i32)> {
    let draws = Draws::new(8);
    (0..count)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let uses = 1 + own.below(12);
            let most = 1 + own.below(40);
            let mut days = vec![0];
            for _ in 1..uses {
                let gap = 1 + i32::try_from(own.below(most)).unwrap();
                days.push(days[days.len() - 1] + gap);
            }
            let silent = i32::try_from(own.below(4 * most)).unwrap();
            let record = Record::of_days(&days).unwrap();
            (record, record.last() + silent)
        })
        .collect()
}

/// A longer window is never likelier to stay silent, whatever the model, the customer, the date and both windows.
#[test]
fn a_longer_silence_is_never_likelier() {
    let draws = Draws::new(21);
    for (kind, model) in (0..).zip(models()) {
        let horizon = model.horizon();
        for (who, (record, as_of)) in (0..).zip(histories(150)) {
            let mut own = draws.stream(&[kind, who]);
            let mut windows: Vec<f64> = (0..40)
                .map(|_| horizon * libm::exp(9.0 * own.uniform() - 5.0))
                .collect();
            // Both sides of where pieces end, and windows that have no end.
            windows.extend([0.25, 1.0, 1.5, 2.0, 4.0, 8.0].map(|part| part * horizon));
            windows.extend([1.0, 4.0].map(|part| part * horizon + 1e-9));
            windows.extend([0.0, 1e9, f64::INFINITY]);
            windows.sort_by(f64::total_cmp);
            let mut before = 1.0;
            for window in windows {
                let silent = model.p_silent(&record, as_of, window);
                assert!(
                    (0.0..=1.0).contains(&silent) && silent <= before + 1e-12 * before,
                    "{kind} {window}: {silent} after {before}, {record:?} on {as_of}"
                );
                before = silent;
            }
        }
    }
}

/// A quiet customer is found quiet from half the questions, with the same answer; one more use today never alarms.
#[test]
fn who_alarms_is_who_is_assessed_to() {
    let mut held = 0;
    for model in models() {
        for (record, later) in histories(150) {
            for as_of in [record.last(), later] {
                let assessed = model.assess(&record, as_of);
                let unheld = model.sight(&record, as_of).alarm;
                if let Some(before) = record.before_last().filter(|_| as_of == record.last()) {
                    let without = model.sight(&before, as_of).alarm;
                    assert!(assessed.alarm.to_bits() == unheld.min(without).to_bits());
                    held += usize::from(without < unheld);
                } else {
                    assert!(assessed.alarm.to_bits() == unheld.to_bits());
                }
                for least in [assessed.alarm, unheld, 0.5 * (assessed.alarm + unheld), 0.6] {
                    let found = model.assess_if_alarming(&record, as_of, |interval| {
                        assert!(interval.to_bits() == assessed.interval.to_bits());
                        least
                    });
                    let right = (assessed.alarm >= least).then_some(assessed);
                    assert_eq!(found, right, "{record:?} on {as_of} at {least}");
                }
            }
        }
    }
    assert!(held > 20, "{held}");
}

/// The columns say what the plain sum over pieces says.
#[test]
fn chances_in_columns_are_those_of_the_plain_sum() {
    for model in models() {
        let horizon = model.horizon();
        for (record, as_of) in histories(150) {
            let path = model.path(&record, record.gap(as_of));
            for window in [
                0.3 * horizon,
                horizon,
                model.own_window(&record),
                3.9 * horizon,
            ] {
                let found = model.silent_in(&record, &path, [horizon, window]);
                let plain = [horizon, window].map(|window| {
                    let seen = model.closed.window(&record, record.gap(as_of), window);
                    model.silent(&path, seen)
                });
                for (found, plain) in found.iter().zip(plain) {
                    assert!((found - plain).abs() < 1e-10 * plain, "{found} {plain}");
                }
            }
        }
    }
}

#[test]
fn a_corrected_chance_is_a_chance() {
    let model = LapseModel::fit(&slowing(300), 400, 56).unwrap();
    assert!(model.correction.rows > 0);
    let record = Record::of_days(&[10, 20, 30, 41, 50, 60]).unwrap();
    for window in [7.0, 28.0, 56.0] {
        let chance = model.p_silent(&record, 74, window);
        assert!(chance > 0.0 && chance < 1.0, "{chance}");
    }
    for none in [0.0, -3.0, f64::NAN] {
        assert_eq!(
            model.p_silent(&record, 74, none).to_bits(),
            1.0_f64.to_bits()
        );
    }
}

/// Factors put in by hand: of the level alone the chance is a power of the closed form's; of a trait that changes, each
/// piece has its own.
#[test]
fn each_piece_has_the_factor_of_its_middle() {
    let mut model = LapseModel::fit(&log(400, 400, &(0..0)), 300, 56).unwrap();
    let record = Record::of_days(&[10, 30, 60, 220]).unwrap();
    let gap = 20.0;
    let form = model.closed.clone();
    let path = form.path(&record, gap);
    let mut factors = [0.0; COLUMNS];
    let with = |model: &mut LapseModel, factors, rows| {
        model.correct(Correction {
            factors,
            rows,
            ..Correction::NONE
        });
    };
    factors[0] = 0.4;
    with(&mut model, factors, 1);
    let near = |found: f64, right: f64| assert!((found - right).abs() < 1e-10, "{found} {right}");
    for window in [5.0, 14.0, 30.0, 56.0, 100.0, 224.0, 900.0] {
        let plain = path.at(window).0;
        let power = libm::exp(0.4) * libm::log(plain);
        near(model.p_silent(&record, 240, window), libm::exp(power));
    }
    // Without rows, or with one use, there is nothing to correct.
    with(&mut model, factors, 0);
    near(model.p_silent(&record, 240, 30.0), path.at(30.0).0);
    with(&mut model, factors, 1);
    let once = Record::starting(220);
    near(
        model.p_silent(&once, 240, 30.0),
        form.path(&once, gap).at(30.0).0,
    );
    // ln(gap + 0.3 of the book's interval), read at 20 + 3.5, 20 + 14 + 3.5, …: half a step of 7 before the middle.
    (factors[0], factors[3]) = (0.0, -0.5);
    with(&mut model, factors, 1);
    let book = model.book_interval();
    let ends = [0.0, 14.0, 28.0, 42.0, 56.0, 84.0, 112.0, 224.0];
    for (window, pieces) in [
        (10.0_f64, 1),
        (14.0, 1),
        (30.0, 3),
        (56.0, 4),
        (100.0, 6),
        (200.0, 7),
    ] {
        let mut hazard = 0.0;
        for i in 0..pieces {
            let until =
                libm::log(path.at(ends[i]).0) - libm::log(path.at(window.min(ends[i + 1])).0);
            let middle = 0.5 * (ends[i] + ends[i + 1]) - 3.5;
            hazard += until * libm::pow(gap + middle + 0.3 * book, -0.5);
        }
        near(model.p_silent(&record, 240, window), libm::exp(-hazard));
    }
    // The chance of having left is that of the as-of date in the first piece, and of its middle in later ones.
    (factors[3], factors[5]) = (0.0, 1.5);
    with(&mut model, factors, 1);
    let first = -libm::log(path.at(14.0).0);
    let second = -libm::log(path.at(28.0).0) - first;
    let hazard =
        first * libm::exp(1.5 * path.at(0.0).1) + second * libm::exp(1.5 * path.at(17.5).1);
    near(model.p_silent(&record, 240, 28.0), libm::exp(-hazard));
}

/// One use gives no rhythm to read; yet a slow season slows its customer too, and fades.
#[test]
fn a_level_that_fades_is_met_piece_by_piece_by_a_customer_of_one_use() {
    let [_, model, ..] = models();
    let once = Record::starting(200);
    let path = model.closed.path(&once, 40.0);
    let mut hazard = 0.0;
    let ends = [0.0_f64, 14.0, 28.0, 42.0, 56.0, 84.0];
    for (window, pieces) in [(20.0, 2), (56.0, 4), (80.0, 5)] {
        hazard = 0.0;
        for pair in ends.windows(2).take(pieces) {
            let until = libm::log(path.at(pair[0]).0) - libm::log(path.at(pair[1].min(window)).0);
            let mean = 56.0 * (libm::exp(-pair[0] / 56.0) - libm::exp(-pair[1] / 56.0));
            hazard += until * libm::exp(model.level() * mean / (pair[1] - pair[0]));
        }
        let found = model.p_silent(&once, 240, window);
        assert!(
            (found - libm::exp(-hazard)).abs() < 1e-10,
            "{found} {hazard}"
        );
    }
    assert!(hazard < -libm::log(path.at(80.0).0));
}
