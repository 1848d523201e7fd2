//! A second opinion that assumes no process: logistic regressions of whole silent windows on seven traits.
//!
//! Where customers come in ways that neither closed form knows, the hazards are too sure of themselves. A plain regression on
//! past windows is then the better part of the answer; its price is that it knows nothing of the last window of the log, and
//! that it needs customers. See `choice.rs`.

use super::{
    fit::{HALVES, half},
    grid::even_step,
    traits::window_of,
};
use crate::{
    evidence::models::Record,
    numeric::{cast, minimise::solve_positive_definite},
};

/// A constant and seven traits.
const COLUMNS: usize = 8;

/// Weight of the belief that a standardised trait has no effect, in units of independent windows.
const RIDGE: f64 = 3.0;

/// Past dates, and customer-dates, that are read.
const DATES_MOST: usize = 78;
const ROWS_MOST: usize = 100_000;

/// Fewer windows of either outcome than this, overlaps discounted, and there is no second opinion.
const OUTCOMES_LEAST: f64 = 10.0;

/// The largest log-odds that are mixed.
const LN_ODDS_MOST: f64 = 8.0;

const STEPS_MOST: u32 = 15;

/// Both regressions, and their share of the answer.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    ahead: [f64; COLUMNS],
    own: [f64; COLUMNS],
    share: f64,
}

impl Windows {
    /// Fitted to histories cut at `end`, without a half of the repeat customers if asked.
    pub(super) fn fit(
        past: &[&[i32]],
        end: i32,
        horizon: f64,
        book: f64,
        without: Option<usize>,
    ) -> Option<Self> {
        let (ahead, own) = rows(past, end, horizon, book, without);
        Some(Self {
            ahead: regress(&ahead)?,
            own: regress(&own)?,
            share: 0.0,
        })
    }

    pub(super) fn with_share(&self, share: f64) -> Self {
        Self {
            share,
            ..self.clone()
        }
    }

    pub(super) const fn share(&self) -> f64 {
        self.share
    }

    /// The chance of silence in the horizon, mixed with what the hazards say.
    pub(super) fn ahead(&self, chance: f64, record: &Record, gap: f64, book: f64) -> f64 {
        self.mixed(chance, &self.ahead, &traits(record, gap, book))
    }

    /// The same in the own window.
    pub(super) fn own(&self, chance: f64, record: &Record, gap: f64, book: f64) -> f64 {
        self.mixed(chance, &self.own, &traits(record, gap, book))
    }

    fn mixed(&self, chance: f64, effects: &[f64; COLUMNS], traits: &[f64; COLUMNS]) -> f64 {
        // With one use there is no rhythm to read, nor was any read.
        if traits[1] <= 0.0 {
            return chance;
        }
        let ln_odds = libm::log(chance / (1.0 - chance)).clamp(-LN_ODDS_MOST, LN_ODDS_MOST);
        let other = dot(effects, traits).clamp(-LN_ODDS_MOST, LN_ODDS_MOST);
        logistic((1.0 - self.share) * ln_odds + self.share * other)
    }
}

struct Row {
    traits: [f64; COLUMNS],
    silent: bool,
    weight: f64,
}

/// The windows of the past, of the horizon and of each customer's own, whose ends the log still knows.
fn rows(
    past: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    without: Option<usize>,
) -> (Vec<Row>, Vec<Row>) {
    let step = even_step(horizon);
    let spacing = usize::try_from(step).unwrap_or(1);
    let repeaters = || past.iter().filter(|days| days.len() > 1);
    let stride = (repeaters().count() * DATES_MOST / 2)
        .div_ceil(ROWS_MOST)
        .max(1);
    let (mut ahead, mut own) = (Vec::new(), Vec::new());
    for (place, days) in repeaters().enumerate().step_by(stride) {
        if without == Some(half(place)) {
            continue;
        }
        for date in (days[1]..=end).rev().step_by(spacing).take(DATES_MOST) {
            let Some(record) = Record::until(days, date) else {
                continue;
            };
            let gap = record.gap(date);
            let next = days.get(days.partition_point(|day| *day <= date)).copied();
            let own_window = window_of(&record, book, horizon);
            for (window, rows) in [(horizon, &mut ahead), (own_window, &mut own)] {
                let until = f64::from(date) + window;
                if gap < window && until <= f64::from(end) {
                    rows.push(Row {
                        traits: traits(&record, gap, book),
                        silent: next.is_none_or(|next| f64::from(next) > until),
                        // Windows that overlap tell the same.
                        weight: (2.0 * f64::from(step) / window).min(1.0),
                    });
                }
            }
        }
    }
    (ahead, own)
}

/// A constant, then number, gap, age, own interval, gap in own intervals, last gap, gap in age.
fn traits(record: &Record, gap: f64, book: f64) -> [f64; COLUMNS] {
    let age = record.span() + gap;
    let interval = record.mean_interval(book);
    let small = 0.1 * book;
    [
        1.0,
        libm::log(f64::from(record.uses())),
        libm::log(gap + small),
        libm::log(age + small),
        libm::log(interval),
        gap / interval,
        libm::log(record.last_gap().unwrap_or(interval) + small),
        gap / (age + small),
    ]
}

/// Newton's method on standardised traits; the effects on the traits as they are.
fn regress(rows: &[Row]) -> Option<[f64; COLUMNS]> {
    let outcome = |silent: bool| -> f64 {
        let some = rows.iter().filter(|row| row.silent == silent);
        some.map(|row| row.weight).sum()
    };
    if outcome(true) < OUTCOMES_LEAST || outcome(false) < OUTCOMES_LEAST {
        return None;
    }
    let count = cast::f64_of_usize(rows.len());
    let (mut mean, mut deviation) = ([0.0; COLUMNS], [0.0; COLUMNS]);
    for row in rows {
        for (m, x) in mean.iter_mut().zip(&row.traits).skip(1) {
            *m += x / count;
        }
    }
    for row in rows {
        for ((d, x), m) in deviation.iter_mut().zip(&row.traits).zip(&mean) {
            *d += (x - m) * (x - m) / count;
        }
    }
    let deviation = deviation.map(|d| d.sqrt().max(1e-9));
    let mut effects = [0.0; COLUMNS];
    for _ in 0..STEPS_MOST {
        let mut information = vec![vec![0.0; COLUMNS]; COLUMNS];
        let mut slope = vec![0.0; COLUMNS];
        for row in rows {
            let mut x = [1.0; COLUMNS];
            for i in 1..COLUMNS {
                x[i] = (row.traits[i] - mean[i]) / deviation[i];
            }
            let chance = logistic(dot(&effects, &x));
            let residual = row.weight * (if row.silent { 1.0 } else { 0.0 } - chance);
            let weight = row.weight * (chance * (1.0 - chance)).max(1e-9);
            for i in 0..COLUMNS {
                slope[i] += residual * x[i];
                for j in 0..COLUMNS {
                    information[i][j] += weight * x[i] * x[j];
                }
            }
        }
        for i in 0..COLUMNS {
            let held = if i == 0 { 1e-6 } else { RIDGE };
            information[i][i] += held;
            slope[i] -= held * effects[i];
        }
        solve_positive_definite(&mut information, &mut slope).ok()?;
        let mut largest = 0.0_f64;
        for (effect, change) in effects.iter_mut().zip(&slope) {
            *effect += change.clamp(-1.0, 1.0);
            largest = largest.max(change.abs());
        }
        if largest < 1e-7 {
            break;
        }
    }
    for i in 1..COLUMNS {
        effects[i] /= deviation[i];
        effects[0] -= effects[i] * mean[i];
    }
    effects
        .iter()
        .all(|effect| effect.is_finite())
        .then_some(effects)
}

fn logistic(ln_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-ln_odds))
}

fn dot(x: &[f64; COLUMNS], y: &[f64; COLUMNS]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

const _: () = assert!(HALVES == 2, "a customer is in one half or the other");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Draws;

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-12, "{found}, not {right}");
    }

    #[test]
    fn the_windows_of_a_small_log_are_those_of_the_hand() {
        let (ahead, own) = rows(&[&[4], &[0, 10, 20]], 40, 14.0, 12.0, None);
        // Read on days 40, 33, 26, 19 and 12; the first two have no whole window left, and none has its own but day 12.
        let said = |rows: &[Row]| -> Vec<(bool, bool)> {
            let full = |row: &Row| (row.silent, (row.weight - 1.0).abs() < 1e-12);
            rows.iter().map(full).collect()
        };
        assert_eq!(said(&ahead), [(true, true), (false, true), (false, true)]);
        near(ahead[0].traits[1], libm::log(3.0));
        near(ahead[2].traits[1], libm::log(2.0));
        assert_eq!(own.len(), 1);
        near(own[0].weight, 0.5);
        assert!(!own[0].silent);
        // The only repeat customer is of the first half.
        assert_eq!(rows(&[&[0, 10, 20]], 40, 14.0, 12.0, Some(0)).0.len(), 0);
        assert_eq!(rows(&[&[0, 10, 20]], 40, 14.0, 12.0, Some(1)).0.len(), 3);
        // A use on the last day of a window breaks the silence; a silence of a whole window is not asked about.
        let last = rows(&[&[0, 12, 26]], 26, 14.0, 12.0, None).0;
        assert_eq!(said(&last), [(false, true)]);
        let silent = rows(&[&[0, 5]], 33, 14.0, 12.0, None).0;
        assert_eq!(said(&silent), [(true, true), (true, true)]);
    }

    #[test]
    fn customers_are_thinned_evenly_where_they_are_many() {
        // 39 dates a customer, of 78 at most: 2,564 customers give fewer than 100,000.
        let one: &[i32] = &[0, 10];
        for (customers, read) in [(2_564, 2_564), (2_565, 1_283)] {
            let found = rows(&vec![one; customers], 24, 14.0, 12.0, None).0;
            assert_eq!(found.len(), read);
        }
    }

    #[test]
    fn the_traits_are_those_of_the_hand() {
        let record = Record::of_days(&[0, 10, 40]).unwrap();
        let found = traits(&record, 5.0, 20.0);
        let ln = libm::log;
        let right = [
            1.0,
            ln(3.0),
            ln(7.0),
            ln(47.0),
            ln(20.0),
            0.25,
            ln(32.0),
            5.0 / 47.0,
        ];
        for (found, right) in found.iter().zip(right) {
            near(*found, right);
        }
    }

    /// Rows of whatever traits, silent the likelier the larger the second.
    fn drawn(count: u64) -> Vec<Row> {
        let draws = Draws::new(17);
        (0..count)
            .map(|who| {
                let mut own = draws.stream(&[who]);
                let mut traits = [1.0; COLUMNS];
                for (i, x) in (0_u8..).zip(&mut traits).skip(1) {
                    *x = f64::from(i) + 3.0 * own.uniform();
                }
                Row {
                    silent: own.happens(0.2 + 0.15 * (traits[2] - 2.0)),
                    weight: 0.25 + 0.75 * own.uniform(),
                    traits,
                }
            })
            .collect()
    }

    #[test]
    fn a_regression_stands_where_its_penalised_likelihood_is_level() {
        let rows = drawn(400);
        let found = regress(&rows).unwrap();
        assert!(found[2] > 0.3, "{found:?}");
        let count = cast::f64_of_usize(rows.len());
        let column = |i: usize| rows.iter().map(move |row| row.traits[i]);
        let mean: Vec<f64> = (0..COLUMNS)
            .map(|i| column(i).sum::<f64>() / count)
            .collect();
        let deviation: Vec<f64> = (0..COLUMNS)
            .map(|i| {
                (column(i)
                    .map(|x| (x - mean[i]) * (x - mean[i]))
                    .sum::<f64>()
                    / count)
                    .sqrt()
            })
            .collect();
        for i in 0..COLUMNS {
            let slope: f64 = rows
                .iter()
                .map(|row| {
                    let x = if i == 0 {
                        1.0
                    } else {
                        (row.traits[i] - mean[i]) / deviation[i]
                    };
                    let silent = if row.silent { 1.0 } else { 0.0 };
                    row.weight * x * (silent - logistic(dot(&found, &row.traits)))
                })
                .sum();
            let held = if i == 0 {
                0.0
            } else {
                3.0 * found[i] * deviation[i]
            };
            assert!((slope - held).abs() < 1e-4, "{i}: {slope} {held}");
        }
    }

    #[test]
    fn ten_independent_windows_of_either_outcome_are_asked_for() {
        let rows = |silent: f64, used: f64| {
            let mut rows = drawn(40);
            for (i, row) in rows.iter_mut().enumerate() {
                row.silent = i % 2 == 0;
                row.weight = if row.silent {
                    silent / 20.0
                } else {
                    used / 20.0
                };
            }
            regress(&rows).is_some()
        };
        assert!(rows(10.0, 10.0) && !rows(9.9, 20.0) && !rows(20.0, 9.9));
    }

    #[test]
    fn opinions_are_mixed_in_log_odds() {
        let mut effects = [0.0; COLUMNS];
        effects[0] = 2.0;
        let windows = |share| Windows {
            ahead: effects,
            own: effects.map(|effect| -effect),
            share,
        };
        let record = Record::of_days(&[0, 10]).unwrap();
        let even = |share| windows(share).ahead(0.5, &record, 3.0, 20.0);
        near(even(0.0), 0.5);
        near(even(1.0), logistic(2.0));
        near(even(0.25), logistic(0.5));
        near(windows(0.25).own(0.5, &record, 3.0, 20.0), logistic(-0.5));
        near(
            windows(0.5).ahead(logistic(1.0), &record, 3.0, 20.0),
            logistic(1.5),
        );
        // Sure answers count as odds of e⁸, and customers with one use are not asked.
        near(windows(0.5).ahead(1.0, &record, 3.0, 20.0), logistic(5.0));
        near(windows(0.5).ahead(0.0, &record, 3.0, 20.0), logistic(-3.0));
        near(
            windows(1.0).ahead(0.3, &Record::starting(4), 3.0, 20.0),
            0.3,
        );
        near(windows(0.25).with_share(0.5).share(), 0.5);
    }
}
