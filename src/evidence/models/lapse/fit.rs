//! Fitting the correction: which traits make a customer come back sooner or later than the closed form says.
//!
//! Every customer with two uses or more gives one row for each past date of a grid: the traits on that date, the hazard
//! that the closed form expects until the next, and whether a use came. The correction is a log-linear factor on that
//! hazard (complementary log-log regression with the closed form as offset), with a free effect for each date, so that a
//! holiday or a sale is not mistaken for a trait, and a ridge, so that few data leave the closed form alone.

use super::traits::{Still, TRAITS};
use crate::{
    evidence::models::{BetaGeometric, Record},
    numeric::{cast, minimise::solve_positive_definite},
};

/// Columns of the regression: one level and the traits.
pub(super) const COLUMNS: usize = TRAITS + 1;

/// Dates of the grid, the most recent ones.
const DATES_MOST: i32 = 80;

/// Rows above which customers are thinned evenly.
const ROWS_MOST: usize = 400_000;

/// Weight of the belief that a standardised trait has no effect, in rows' worth of information.
const RIDGE: f64 = 10.0;

/// The same for the effect of a date.
const RIDGE_DATE: f64 = 5.0;

/// Fisher steps; the last change is far below the noise after eight.
const STEPS_MOST: u32 = 25;

/// The largest logarithm of a correction, up or down.
pub(super) const CORRECTION_MOST: f64 = 3.0;

/// Fewer expected or observed uses than this and no correction is fitted.
const USES_LEAST: f64 = 30.0;

/// What the rows of the past say.
#[derive(Clone, Debug)]
pub(super) struct Correction {
    /// Level first, then one factor per trait, on the traits as they are.
    pub(super) factors: [f64; COLUMNS],
    /// How much the book's hazard of late departs from the model's, as a logarithm.
    pub(super) level: f64,
    /// Rows and dates read.
    pub(super) rows: usize,
    pub(super) dates: usize,
}

impl Correction {
    pub(super) const NONE: Self = Self {
        factors: [0.0; COLUMNS],
        level: 0.0,
        rows: 0,
        dates: 0,
    };
}

struct Row {
    traits: [f64; TRAITS],
    expected: f64,
    used: bool,
    date: usize,
}

/// Days between the dates of the grid: whole weeks for long horizons, so that weekdays cannot matter.
pub(super) fn grid_step(horizon: f64) -> i32 {
    let step = if horizon >= 42.0 {
        7.0 * (horizon / 182.0).round().max(1.0)
    } else {
        (horizon / 7.0).round().max(1.0)
    };
    i32::try_from(cast::i64_clamped(step, 1, 365)).unwrap_or(7)
}

/// Fits the correction to `base` from histories cut at `end` and sorted.
pub(super) fn fit(
    histories: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    base: &BetaGeometric,
) -> Correction {
    let step = grid_step(horizon);
    let (rows, dates) = rows(histories, end, step, 2.0 * horizon, book, base);
    let observed: f64 = rows
        .iter()
        .map(|row| if row.used { 1.0 } else { 0.0 })
        .sum();
    if observed < USES_LEAST {
        return Correction::NONE;
    }
    let scale = Scale::of(&rows);
    let Some(effects) = regress(&rows, dates, &scale) else {
        return Correction::NONE;
    };
    let factors = scale.unscaled(&effects);
    let level = level(&rows, dates, &factors, step);
    Correction {
        factors,
        level,
        rows: rows.len(),
        dates,
    }
}

/// All rows, customer by customer, dates numbered from the latest backwards.
fn rows(
    histories: &[&[i32]],
    end: i32,
    step: i32,
    silence_most: f64,
    book: f64,
    base: &BetaGeometric,
) -> (Vec<Row>, usize) {
    let earliest = histories
        .iter()
        .filter_map(|days| days.first())
        .min()
        .copied()
        .unwrap_or(end);
    let dates = ((end - earliest) / step).clamp(0, DATES_MOST);
    let per_customer = usize::try_from(dates).unwrap_or(0);
    let repeaters = histories.iter().filter(|days| days.len() > 1).count();
    // Two thirds of the dates or so see a customer.
    let stride = (repeaters * per_customer).div_ceil(ROWS_MOST).max(1);
    let mut rows = Vec::new();
    for days in histories
        .iter()
        .filter(|days| days.len() > 1)
        .step_by(stride)
    {
        for back in (1..=dates).rev() {
            let date = end - back * step;
            if days[1] > date {
                continue;
            }
            let Some(record) = Record::until(days, date) else {
                continue;
            };
            if record.gap(date) >= silence_most {
                continue;
            }
            let next = days[days.partition_point(|day| *day <= date)..].first();
            let used = next.is_some_and(|day| *day <= date + step);
            rows.push(row(
                &record,
                date,
                step,
                book,
                base,
                used,
                per_customer - usize::try_from(back).unwrap_or(0),
            ));
        }
    }
    (rows, per_customer)
}

fn row(
    record: &Record,
    date: i32,
    step: i32,
    book: f64,
    base: &BetaGeometric,
    used: bool,
    index: usize,
) -> Row {
    let gap = record.gap(date);
    let path = base.path(record.uses() - 1, record.span(), gap);
    let (silent, _) = path.at(f64::from(step));
    let gone = path.at(0.0).1;
    Row {
        traits: Still::of(record, book).after(gap, gone),
        expected: -libm::log(silent.max(1e-12)),
        used,
        date: index,
    }
}

/// Means and deviations of the traits, so that one ridge suits all.
struct Scale {
    mean: [f64; TRAITS],
    deviation: [f64; TRAITS],
}

impl Scale {
    fn of(rows: &[Row]) -> Self {
        let count = cast::f64_of_usize(rows.len().max(1));
        let mut mean = [0.0; TRAITS];
        for row in rows {
            for (m, x) in mean.iter_mut().zip(&row.traits) {
                *m += x / count;
            }
        }
        let mut deviation = [0.0; TRAITS];
        for row in rows {
            for ((d, x), m) in deviation.iter_mut().zip(&row.traits).zip(&mean) {
                *d += (x - m) * (x - m) / count;
            }
        }
        Self {
            mean,
            deviation: deviation.map(|d| d.sqrt() + 1e-9),
        }
    }

    fn scaled(&self, traits: &[f64; TRAITS]) -> [f64; COLUMNS] {
        let mut out = [1.0; COLUMNS];
        for i in 0..TRAITS {
            out[i + 1] = (traits[i] - self.mean[i]) / self.deviation[i];
        }
        out
    }

    /// Effects on scaled traits turned into factors of the traits themselves.
    fn unscaled(&self, effects: &[f64]) -> [f64; COLUMNS] {
        let mut factors = [0.0; COLUMNS];
        factors[0] = effects[0];
        for i in 0..TRAITS {
            factors[i + 1] = effects[i + 1] / self.deviation[i];
            factors[0] -= factors[i + 1] * self.mean[i];
        }
        factors
    }
}

/// Fisher scoring; the effects of the columns, then of the dates. `None` if the information is not positive definite.
fn regress(rows: &[Row], dates: usize, scale: &Scale) -> Option<Vec<f64>> {
    let size = COLUMNS + dates;
    let columns: Vec<[f64; COLUMNS]> = rows.iter().map(|row| scale.scaled(&row.traits)).collect();
    let mut effects = vec![0.0; size];
    for _ in 0..STEPS_MOST {
        let mut information = vec![vec![0.0; size]; size];
        let mut slope = vec![0.0; size];
        for (row, x) in rows.iter().zip(&columns) {
            let at = COLUMNS + row.date;
            let eta = dot(x, &effects[..COLUMNS]) + effects[at];
            let (weight, residual) =
                fisher(row.expected * libm::exp(eta.clamp(-8.0, 8.0)), row.used);
            for i in 0..COLUMNS {
                slope[i] += residual * x[i];
                let part = weight * x[i];
                for j in 0..=i {
                    information[i][j] += part * x[j];
                }
                information[at][i] += part;
            }
            slope[at] += residual;
            information[at][at] += weight;
        }
        for i in 0..size {
            let ridge = match i {
                0 => 1e-6,
                _ if i < COLUMNS => RIDGE,
                _ => RIDGE_DATE,
            };
            information[i][i] += ridge;
            slope[i] -= ridge * effects[i];
        }
        solve_positive_definite(&mut information, &mut slope).ok()?;
        let mut largest = 0.0_f64;
        for (effect, change) in effects.iter_mut().zip(&slope) {
            let held = change.clamp(-1.0, 1.0);
            *effect += held;
            largest = largest.max(held.abs());
        }
        if largest < 1e-9 {
            break;
        }
    }
    effects
        .iter()
        .all(|effect| effect.is_finite())
        .then_some(effects)
}

/// Information and score of one row of a complementary log-log regression with hazard `hazard`.
fn fisher(hazard: f64, used: bool) -> (f64, f64) {
    let hazard = hazard.max(1e-10);
    let silent = libm::exp(-hazard);
    let chance = -libm::expm1(-hazard);
    let weight = hazard * hazard * silent / chance;
    let residual = if used {
        hazard * silent / chance
    } else {
        -hazard
    };
    (weight, residual)
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The correction of a hazard, as a logarithm.
pub(super) fn correction(factors: &[f64; COLUMNS], traits: &[f64; TRAITS]) -> f64 {
    (factors[0] + dot(&factors[1..], traits)).clamp(-CORRECTION_MOST, CORRECTION_MOST)
}

/// Where the book's level stands at the end: a local level filtered through the dates (Kalman 1960).
///
/// Each date says ln(observed/expected) with the noise of its count and of a date's own whim; the level drifts slowly.
fn level(rows: &[Row], dates: usize, factors: &[f64; COLUMNS], step: i32) -> f64 {
    /// Deviation of the level's drift in a week.
    const DRIFT: f64 = 0.08;
    /// Variance of a date's own whim.
    const WHIM: f64 = 0.04;
    let mut observed = vec![0.0; dates];
    let mut expected = vec![0.0; dates];
    for row in rows {
        let hazard = row.expected * libm::exp(correction(factors, &row.traits));
        expected[row.date] -= libm::expm1(-hazard);
        observed[row.date] += if row.used { 1.0 } else { 0.0 };
    }
    let (mut level, mut variance) = (0.0, 0.01);
    for (seen, foreseen) in observed.iter().zip(&expected) {
        variance += DRIFT * DRIFT * f64::from(step) / 7.0;
        let noise = WHIM + 1.0 / (foreseen + 1.0);
        let gain = variance / (variance + noise);
        level += gain * (libm::log((seen + 1.0) / (foreseen + 1.0)) - level);
        variance *= 1.0 - gain;
    }
    level
}
