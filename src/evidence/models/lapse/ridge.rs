//! Complementary log-log regression with an offset, a ridge chosen by cross-validation, and a free effect for each date.

use super::{
    fit::{COLUMNS, HALVES, Row},
    traits::TRAITS,
};
use crate::numeric::{cast, minimise::solve_positive_definite};

/// Weights of the belief that a standardised trait has no effect, in units of information (about one per use), from
/// which the log chooses; the last is no correction at all.
const RIDGES: [f64; 9] = [5.0, 10.0, 20.0, 40.0, 100.0, 300.0, 1_000.0, 3_000.0, 1e9];

/// Parts into which the customers are dealt to choose the ridge.
pub(super) const FOLDS: usize = 10;

/// The same for the effect of a date.
const RIDGE_DATE: f64 = 5.0;

/// Fisher steps; the last change is far below the noise after eight.
const STEPS_MOST: u32 = 25;

/// Means and deviations of the traits, so that one ridge suits all.
pub(super) struct Scale {
    mean: [f64; TRAITS],
    deviation: [f64; TRAITS],
}

impl Scale {
    pub(super) fn of(rows: &[Row]) -> Self {
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
    pub(super) fn unscaled(&self, effects: &[f64]) -> [f64; COLUMNS] {
        let mut factors = [0.0; COLUMNS];
        factors[0] = effects[0];
        for i in 0..TRAITS {
            factors[i + 1] = effects[i + 1] / self.deviation[i];
            factors[0] -= factors[i + 1] * self.mean[i];
        }
        factors
    }
}

/// The effects that a penalised fit finds: of all rows, and without either half of the customers.
pub(super) struct Effects {
    pub(super) whole: Vec<f64>,
    pub(super) without: [Vec<f64>; HALVES],
}

/// The penalised fit with the ridge that foretells customers left out best; `None` if it has no solution.
pub(super) fn regress(rows: &[Row], dates: usize, scale: &Scale) -> Option<Effects> {
    let columns: Vec<[f64; COLUMNS]> = rows.iter().map(|row| scale.scaled(&row.traits)).collect();
    let first = descend(rows, &columns, None, RIDGES[0], vec![0.0; COLUMNS + dates])?;
    let ridge = choose_ridge(rows, &columns, dates, &first)?;
    let whole = descend(rows, &columns, None, ridge, first)?;
    let [first, second] =
        [0, 1].map(|half| descend(rows, &columns, Some(half), ridge, whole.clone()));
    Some(Effects {
        without: [first?, second?],
        whole,
    })
}

/// Fisher scoring from `effects`: those of the columns, then of the dates; without a half of the customers if asked.
fn descend(
    rows: &[Row],
    columns: &[[f64; COLUMNS]],
    without: Option<usize>,
    ridge: f64,
    mut effects: Vec<f64>,
) -> Option<Vec<f64>> {
    for _ in 0..STEPS_MOST {
        let mut curve = Curve::flat(effects.len());
        for (row, x) in rows.iter().zip(columns) {
            if without == Some(row.half) {
                continue;
            }
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

pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
