//! From the chance of silence to an alarm that none who leaves escapes.
//!
//! The chance of silence in the own window ranks best, yet a customer with a strong past who leaves may die away below
//! any threshold. So once, for the week after one and a half horizons of silence, the alarm rings: it is at least what
//! hardly a customer of like rhythm that came back ever reached, learnt from the log's own past. After that week it ranks
//! by the chance again, until near two horizons it is high whatever the past.

use super::LapseModel;
use crate::{evidence::models::Record, numeric::cast};

/// Least alarm of an overdue customer where the past is too short to learn it.
const LEAST: f64 = 0.8;

/// Least alarm near two horizons of silence.
const LEAST_LATE: f64 = 0.9;

/// Share of the returned silences of a third of rhythm that stayed below the least alarm.
const SHARE_BELOW: f64 = 0.98;

/// Returned silences of a third from which its least alarm is learnt.
const SILENCES_LEAST: usize = 15;

/// Customers, and silences of each, that are read for it.
const CUSTOMERS_MOST: usize = 4_000;
const SILENCES_MOST: usize = 8;

/// Days for which the alarm rings: a weekly reader meets it once.
const RINGS: f64 = 7.0;

/// By how much the least alarm still follows the chance.
const FOLLOWS: f64 = 0.02;

/// When a customer is overdue, and how alarming that is at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Overdue {
    /// Days of silence.
    after: f64,
    late: f64,
    /// Own intervals in days at which the middling and the slow third begin.
    from_interval: [f64; 2],
    least: [f64; 3],
}

impl Overdue {
    /// One and a half horizons, but early enough for a weekly reader to meet it within two, and never before one.
    pub(super) fn after(horizon: f64) -> Self {
        let late = (2.0 * horizon - 7.0).max(horizon);
        Self {
            after: (1.5 * horizon).min(late),
            late,
            from_interval: [0.0; 2],
            least: [LEAST; 3],
        }
    }

    /// With the least alarms that `past`, cut at the end of the log, teaches.
    pub(super) fn learnt(model: &LapseModel, past: &[&[i32]]) -> Self {
        let mut overdue = Self::after(model.horizon);
        let stride = past.len().div_ceil(CUSTOMERS_MOST).max(1);
        let mut silences: Vec<(f64, f64)> = Vec::new();
        for days in past.iter().filter(|days| days.len() > 2).step_by(stride) {
            for pair in days[1..].windows(2).rev().take(SILENCES_MOST) {
                let Some(record) = Record::until(days, pair[0]) else {
                    continue;
                };
                let longest = (f64::from(pair[1]) - f64::from(pair[0]) - 1.0).min(overdue.after);
                let highest = [0.0, 0.5 * longest, longest]
                    .map(|gap| model.chances(&record, &model.path(&record, gap)).own)
                    .into_iter()
                    .fold(0.0, f64::max);
                silences.push((record.mean_interval(model.book), highest));
            }
        }
        silences.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let third = silences.len() / 3;
        if third < SILENCES_LEAST {
            return overdue;
        }
        overdue.from_interval = [silences[third].0, silences[2 * third].0];
        for (part, least) in [0..third, third..2 * third, 2 * third..silences.len()]
            .into_iter()
            .zip(&mut overdue.least)
        {
            let mut highest: Vec<f64> = silences[part].iter().map(|silence| silence.1).collect();
            highest.sort_by(f64::total_cmp);
            let place = SHARE_BELOW * cast::f64_of_usize(highest.len() - 1);
            let place = usize::try_from(cast::i64_clamped(place.ceil(), 0, i64::MAX)).unwrap_or(0);
            *least = highest.get(place).copied().unwrap_or(LEAST);
        }
        overdue
    }

    /// Whether a silence is overdue by the calendar.
    pub(super) fn has_come(&self, gap: f64) -> bool {
        gap >= self.after
    }

    /// The alarm for a chance of silence after `gap` days at an own interval.
    pub(super) fn lifted(&self, chance: f64, gap: f64, interval: f64) -> f64 {
        let late = gap >= self.late;
        let rings = self.has_come(gap) && gap < self.after + RINGS;
        if !(late || rings) {
            return chance;
        }
        let third = self
            .from_interval
            .iter()
            .filter(|from| interval >= **from)
            .count();
        let least = self.least.get(third).copied().unwrap_or(LEAST);
        let lifted = chance.max(least + FOLLOWS * (1.0 - least) * chance);
        if late {
            LEAST_LATE.max(least) + (1.0 - LEAST_LATE.max(least)) * lifted
        } else {
            lifted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customers with gaps of their own that differ by a day or two, and a long one now and then.
    fn log() -> Vec<Vec<i32>> {
        (0..40)
            .map(|who| {
                let mut days = vec![who % 5];
                for use_ in 0..4 + who % 9 {
                    let gap = 4 + who % 17 + (use_ * use_ + who) % 3;
                    let long = if (use_ + who) % 7 == 6 { 30 } else { 0 };
                    days.push(days[days.len() - 1] + gap + long);
                }
                days.retain(|day| *day <= 200);
                days
            })
            .collect()
    }

    /// Every returned silence but the first of each customer, eight of each at most, sorted by rhythm and cut in three:
    /// the least alarm of a third is the least that 98 in a hundred of its highest chances do not exceed.
    #[test]
    fn the_least_alarms_are_those_of_every_returned_silence() {
        let log = log();
        let past: Vec<&[i32]> = log.iter().map(Vec::as_slice).collect();
        let model = LapseModel::fit(&past, 200, 40).unwrap();
        let mut silences = Vec::new();
        for days in &log {
            let read: Vec<usize> = (2..days.len()).rev().take(8).collect();
            for next in read {
                let record = Record::of_days(&days[..next]).unwrap();
                let longest = f64::from(days[next] - days[next - 1] - 1).min(60.0);
                let highest = [0.0, longest / 2.0, longest]
                    .map(|gap| model.chances(&record, &model.path(&record, gap)).own)
                    .into_iter()
                    .fold(0.0, f64::max);
                silences.push((record.mean_interval(model.book_interval()), highest));
            }
        }
        silences.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let third = silences.len() / 3;
        assert!(third > 60);
        let learnt = Overdue::learnt(&model, &past);
        let from = [silences[third].0, silences[2 * third].0];
        assert!(learnt.from_interval.iter().eq(&from));
        for (i, least) in learnt.least.iter().enumerate() {
            let end = if i == 2 {
                silences.len()
            } else {
                (i + 1) * third
            };
            let mut highest: Vec<f64> = silences[i * third..end].iter().map(|s| s.1).collect();
            highest.sort_by(f64::total_cmp);
            let below = |x: f64| highest.iter().filter(|h| **h < x).count();
            let place = highest
                .iter()
                .position(|h| h.total_cmp(least).is_eq())
                .unwrap();
            let most = highest.len() - 1;
            assert!(
                100 * place >= 98 * most && 100 * place < 98 * most + 100,
                "{place}"
            );
            assert!(below(*least) <= place);
        }
        // 45 silences make three thirds of fifteen; of fewer nothing is learnt.
        for (customers, is_learnt) in [(15, true), (14, false)] {
            let pace = [0, 7, 15, 21, 30];
            let few: Vec<&[i32]> = (0..customers).map(|_| &pace[..]).collect();
            let found = Overdue::learnt(&model, &few);
            assert_eq!(found != Overdue::after(40.0), is_learnt, "{customers}");
        }
    }

    #[test]
    fn each_third_has_its_own_least_alarm() {
        let overdue = Overdue {
            from_interval: [10.0, 20.0],
            least: [0.5, 0.6, 0.95],
            ..Overdue::after(40.0)
        };
        let near =
            |found: f64, right: f64| assert!((found - right).abs() < 1e-12, "{found} {right}");
        // It rings for a week from day 60 on, and for good from day 73 on.
        for (interval, least) in [(9.9, 0.5), (10.0, 0.6), (19.9, 0.6), (20.0, 0.95)] {
            let rung = least + 0.02 * (1.0 - least) * 0.3;
            near(overdue.lifted(0.3, 60.0, interval), rung);
            near(overdue.lifted(0.3, 66.9, interval), rung);
            let late = f64::max(0.9, least);
            near(
                overdue.lifted(0.3, 73.0, interval),
                late + (1.0 - late) * rung,
            );
            for quiet in [59.9, 67.0, 72.9] {
                near(overdue.lifted(0.3, quiet, interval), 0.3);
            }
            near(overdue.lifted(0.99, 60.0, interval), 0.99);
        }
        assert!(!overdue.has_come(59.0) && overdue.has_come(60.0));
        // Within two horizons less a week, and not before one.
        for (horizon, after, late) in [(40.0, 60.0, 73.0), (10.0, 13.0, 13.0), (5.0, 5.0, 5.0)] {
            let found = Overdue::after(horizon);
            near(found.after, after);
            near(found.late, late);
        }
    }
}
