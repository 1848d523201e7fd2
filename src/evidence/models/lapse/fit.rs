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

/// Weights of the belief that a standardised trait has no effect, in units of information (about one per use), from
/// which the log chooses; the last is no correction at all.
const RIDGES: [f64; 9] = [5.0, 10.0, 20.0, 40.0, 100.0, 300.0, 1_000.0, 3_000.0, 1e9];

/// Strengths at which the correction is offered.
const STRENGTHS: [f64; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];

/// Parts into which the customers are dealt to choose the ridge.
const FOLDS: usize = 10;

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
    /// Days between the dates.
    pub(super) step: f64,
    /// Whether the log itself knows only dates a step apart.
    pub(super) calendar: bool,
}

impl Correction {
    /// The days in which something could be seen to happen: all, or in a log of periods the whole periods.
    pub(super) fn whole_steps(&self, days: f64) -> f64 {
        if self.calendar {
            // Months have 28 to 31 days.
            ((days / self.step + 0.1).floor() * self.step).max(0.0)
        } else {
            days
        }
    }

    pub(super) const NONE: Self = Self {
        factors: [0.0; COLUMNS],
        level: 0.0,
        rows: 0,
        dates: 0,
        step: 7.0,
        calendar: false,
    };
}

struct Row {
    traits: [f64; TRAITS],
    expected: f64,
    used: bool,
    date: usize,
    /// Which tenth of the customers it belongs to.
    fold: usize,
}

/// The dates at which the past is read, ascending, each with where its step ends.
struct Grid {
    starts: Vec<i32>,
    ends: Vec<i32>,
    /// Days in a step.
    step: f64,
    calendar: bool,
}

impl Grid {
    /// Even steps back from `end`; or, where the log itself knows only every so many days and these are longer than such
    /// a step (months, quarters), the log's own dates, for between them nothing can happen.
    fn of(histories: &[&[i32]], end: i32, horizon: f64) -> Self {
        let step = even_step(horizon);
        let mut days: Vec<i32> = histories
            .iter()
            .flat_map(|days| days.iter().copied())
            .collect();
        days.sort_unstable();
        days.dedup();
        if let Some(step) = calendar_step(&days).filter(|own| *own > f64::from(step)) {
            let most = usize::try_from(DATES_MOST).unwrap_or(usize::MAX);
            let starts = &days[(days.len() - 1).saturating_sub(most)..];
            return Self {
                ends: starts[1..].to_vec(),
                starts: starts[..starts.len() - 1].to_vec(),
                step,
                calendar: true,
            };
        }
        let earliest = days.first().copied().unwrap_or(end);
        let dates = ((end - earliest) / step).clamp(0, DATES_MOST);
        Self {
            starts: (1..=dates).rev().map(|back| end - back * step).collect(),
            ends: (0..dates).rev().map(|back| end - back * step).collect(),
            step: f64::from(step),
            calendar: false,
        }
    }
}

/// Days in an even step: whole weeks for long horizons, so that weekdays cannot matter.
fn even_step(horizon: f64) -> i32 {
    let step = if horizon >= 42.0 {
        7.0 * (horizon / 182.0).round().max(1.0)
    } else {
        (horizon / 7.0).round().max(1.0)
    };
    i32::try_from(cast::i64_clamped(step, 1, 365)).unwrap_or(7)
}

/// The mean distance of a log's distinct days, if four in five are within a fifth of the median.
fn calendar_step(days: &[i32]) -> Option<f64> {
    let mut gaps: Vec<i32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    let usual = f64::from(*gaps.get(gaps.len() / 2)?);
    let near = gaps
        .iter()
        .filter(|gap| (f64::from(**gap) - usual).abs() <= 0.2 * usual)
        .count();
    let mean = f64::from(days.last()? - days.first()?) / cast::f64_of_usize(gaps.len());
    (5 * near >= 4 * gaps.len() && (mean - usual).abs() <= 0.2 * usual).then_some(mean)
}

/// Fits the correction to `base` from histories cut at `end` and sorted: as it is, then weaker and weaker, the last with
/// the level of late alone. One step ahead the first foretells best; for whole windows the caller chooses.
pub(super) fn fit(
    histories: &[&[i32]],
    end: i32,
    horizon: f64,
    book: f64,
    base: &BetaGeometric,
) -> Vec<Correction> {
    let grid = Grid::of(histories, end, horizon);
    let rows = rows(histories, &grid, 2.0 * horizon, book, base);
    let dates = grid.starts.len();
    let observed: f64 = rows
        .iter()
        .map(|row| if row.used { 1.0 } else { 0.0 })
        .sum();
    let none = Correction {
        step: grid.step,
        calendar: grid.calendar,
        ..Correction::NONE
    };
    if observed < USES_LEAST {
        return vec![none];
    }
    let scale = Scale::of(&rows);
    let Some(effects) = regress(&rows, dates, &scale) else {
        return vec![none];
    };
    let factors = scale.unscaled(&effects);
    STRENGTHS
        .iter()
        .map(|strength| {
            let factors = factors.map(|factor| strength * factor);
            Correction {
                factors,
                level: level(&rows, dates, &factors, grid.step),
                rows: if *strength > 0.0 { rows.len() } else { 0 },
                dates,
                step: grid.step,
                calendar: grid.calendar,
            }
        })
        .collect()
}

/// All rows, customer by customer, each in the order of the dates.
fn rows(
    histories: &[&[i32]],
    grid: &Grid,
    silence_most: f64,
    book: f64,
    base: &BetaGeometric,
) -> Vec<Row> {
    let repeaters = histories.iter().filter(|days| days.len() > 1).count();
    // Two thirds of the dates or so see a customer.
    let stride = (repeaters * grid.starts.len()).div_ceil(ROWS_MOST).max(1);
    let mut rows = Vec::new();
    for (customer, days) in histories
        .iter()
        .filter(|days| days.len() > 1)
        .step_by(stride)
        .enumerate()
    {
        for (date, (start, end)) in grid.starts.iter().zip(&grid.ends).enumerate() {
            if days[1] > *start {
                continue;
            }
            let Some(record) = Record::until(days, *start) else {
                continue;
            };
            if record.gap(*start) >= silence_most {
                continue;
            }
            let next = days[days.partition_point(|day| day <= start)..].first();
            let used = next.is_some_and(|day| day <= end);
            let (traits, expected) = read(&record, *start, end - start, book, base);
            rows.push(Row {
                traits,
                expected,
                used,
                date,
                fold: customer % FOLDS,
            });
        }
    }
    rows
}

/// The traits on a date, and the hazard until the next that the closed form expects.
fn read(
    record: &Record,
    date: i32,
    step: i32,
    book: f64,
    base: &BetaGeometric,
) -> ([f64; TRAITS], f64) {
    let gap = record.gap(date);
    let path = base.path(record.uses() - 1, record.span(), gap);
    let (silent, _) = path.at(f64::from(step));
    let gone = path.at(0.0).1;
    (
        Still::of(record, book).after(gap, gone),
        -libm::log(silent.max(1e-12)),
    )
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

/// The penalised fit with the ridge that foretells customers left out best; `None` if it has no solution.
fn regress(rows: &[Row], dates: usize, scale: &Scale) -> Option<Vec<f64>> {
    let columns: Vec<[f64; COLUMNS]> = rows.iter().map(|row| scale.scaled(&row.traits)).collect();
    let first = descend(rows, &columns, dates, RIDGES[0], vec![0.0; COLUMNS + dates])?;
    let ridge = choose_ridge(rows, &columns, dates, &first)?;
    descend(rows, &columns, dates, ridge, first)
}

/// Fisher scoring from `effects`: those of the columns, then of the dates.
fn descend(
    rows: &[Row],
    columns: &[[f64; COLUMNS]],
    dates: usize,
    ridge: f64,
    mut effects: Vec<f64>,
) -> Option<Vec<f64>> {
    for _ in 0..STEPS_MOST {
        let mut curve = Curve::flat(COLUMNS + dates);
        for (row, x) in rows.iter().zip(columns) {
            curve.add(row, x, &effects);
        }
        curve.mirror();
        let mut change = curve.step(&effects, ridge)?;
        let mut largest = 0.0_f64;
        for (effect, change) in effects.iter_mut().zip(&mut change) {
            let held = change.clamp(-1.0, 1.0);
            *effect += held;
            largest = largest.max(held.abs());
        }
        if largest < 1e-7 {
            break;
        }
    }
    effects
        .iter()
        .all(|effect| effect.is_finite())
        .then_some(effects)
}

/// The log-likelihood near a point, to second order.
#[derive(Clone)]
struct Curve {
    information: Vec<Vec<f64>>,
    slope: Vec<f64>,
}

impl Curve {
    fn flat(size: usize) -> Self {
        Self {
            information: vec![vec![0.0; size]; size],
            slope: vec![0.0; size],
        }
    }

    /// Adds a row, in the lower triangle only.
    fn add(&mut self, row: &Row, x: &[f64; COLUMNS], effects: &[f64]) {
        let at = COLUMNS + row.date;
        let eta = dot(x, &effects[..COLUMNS]) + effects[at];
        let (weight, residual) = fisher(row.expected * libm::exp(eta.clamp(-8.0, 8.0)), row.used);
        for i in 0..COLUMNS {
            self.slope[i] += residual * x[i];
            let part = weight * x[i];
            for (cell, other) in self.information[i][..=i].iter_mut().zip(x) {
                *cell += part * other;
            }
        }
        for (cell, other) in self.information[at][..COLUMNS].iter_mut().zip(x) {
            *cell += weight * other;
        }
        self.slope[at] += residual;
        self.information[at][at] += weight;
    }

    /// Copies the lower triangle to the upper.
    fn mirror(&mut self) {
        for i in 0..self.slope.len() {
            for j in 0..i {
                self.information[j][i] = self.information[i][j];
            }
        }
    }

    /// The step from `effects` to the top of the penalised parabola.
    fn step(&self, effects: &[f64], ridge: f64) -> Option<Vec<f64>> {
        let mut information = self.information.clone();
        let mut slope = self.slope.clone();
        for (i, (row, s)) in information.iter_mut().zip(&mut slope).enumerate() {
            let held = match i {
                0 => 1e-6,
                _ if i < COLUMNS => ridge,
                _ => RIDGE_DATE,
            };
            row[i] += held;
            *s -= held * effects[i];
        }
        solve_positive_definite(&mut information, &mut slope).ok()?;
        Some(slope)
    }

    /// The rise of the log-likelihood by a step, to second order.
    fn rise(&self, step: &[f64]) -> f64 {
        let bend: f64 = self
            .information
            .iter()
            .zip(step)
            .map(|(row, s)| s * dot(row, step))
            .sum();
        dot(&self.slope, step) - 0.5 * bend
    }

    /// Adds a part, or takes it away with a `sign` of −1.
    fn merge(&mut self, part: &Self, sign: f64) {
        for (row, other) in self.information.iter_mut().zip(&part.information) {
            for (x, y) in row.iter_mut().zip(other) {
                *x += sign * y;
            }
        }
        for (x, y) in self.slope.iter_mut().zip(&part.slope) {
            *x += sign * y;
        }
    }
}

/// Cross-validation by customers, to second order about `effects`: one pass over the rows for all ridges and folds.
///
/// The largest ridge is taken whose foretold likelihood is within one standard error of the best.
fn choose_ridge(
    rows: &[Row],
    columns: &[[f64; COLUMNS]],
    dates: usize,
    effects: &[f64],
) -> Option<f64> {
    let size = COLUMNS + dates;
    let mut parts = vec![Curve::flat(size); FOLDS];
    for (row, x) in rows.iter().zip(columns) {
        parts[row.fold].add(row, x, effects);
    }
    let mut whole = Curve::flat(size);
    for part in &mut parts {
        part.mirror();
        whole.merge(part, 1.0);
    }
    let mut gains = Vec::with_capacity(RIDGES.len());
    for ridge in RIDGES {
        let mut gain = [0.0; FOLDS];
        for (part, gain) in parts.iter().zip(&mut gain) {
            let mut rest = whole.clone();
            rest.merge(part, -1.0);
            *gain = part.rise(&rest.step(effects, ridge)?);
        }
        gains.push(gain);
    }
    let total = |gain: &[f64; FOLDS]| gain.iter().sum::<f64>();
    let best = gains
        .iter()
        .fold(f64::NEG_INFINITY, |best, gain| best.max(total(gain)));
    let chosen = gains.iter().position(|gain| total(gain) >= best)?;
    let folds = cast::f64_of_usize(FOLDS);
    for (i, ridge) in RIDGES.iter().enumerate().rev() {
        let behind: Vec<f64> = gains[chosen]
            .iter()
            .zip(&gains[i])
            .map(|(b, g)| b - g)
            .collect();
        let mean = behind.iter().sum::<f64>() / folds;
        let spread = behind.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (folds - 1.0);
        if mean <= (spread / folds).sqrt() {
            return Some(*ridge);
        }
    }
    Some(RIDGES[chosen])
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
fn level(rows: &[Row], dates: usize, factors: &[f64; COLUMNS], step: f64) -> f64 {
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
        variance += DRIFT * DRIFT * step / 7.0;
        let noise = WHIM + 1.0 / (foreseen + 1.0);
        let gain = variance / (variance + noise);
        level += gain * (libm::log((seen + 1.0) / (foreseen + 1.0)) - level);
        variance *= 1.0 - gain;
    }
    level
}
