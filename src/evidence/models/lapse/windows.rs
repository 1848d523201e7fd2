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
