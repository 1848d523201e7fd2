//! Logistic regression by Newton's method, with the usual standard error of the first coefficient and one
//! that allows for rows of one person hanging together.

use std::{collections::BTreeMap, error::Error};

use super::panel::Panel;

pub(crate) struct Fit {
    /// The first coefficient: log odds per unit of exposure.
    pub(crate) estimate: f64,
    /// From the curvature of the likelihood.
    pub(crate) standard_error: f64,
    /// The sandwich, by person.
    pub(crate) robust_error: f64,
}

/// Newton steps at most; it takes about six.
const STEPS_MOST: usize = 50;
/// A step this small changes nothing that is printed.
const STEP_SMALL: f64 = 1e-10;

pub(crate) fn fit(panel: &Panel) -> Result<Fit, Box<dyn Error>> {
    let width = panel.width();
    let mut beta = vec![0.0; width];
    for _ in 0..STEPS_MOST {
        let (gradient, curvature) = slopes(panel, &beta);
        let step = solve(curvature, gradient)?;
        // The likelihood is concave; a step held to 2 cannot run away while far from its top.
        let largest = step.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        let part = if largest > 2.0 { 2.0 / largest } else { 1.0 };
        for (coefficient, step) in beta.iter_mut().zip(&step) {
            *coefficient += part * step;
        }
        if largest < STEP_SMALL {
            return errors_of(panel, &beta);
        }
    }
    Err("the estimate does not settle: exposure tells adopters apart without error".into())
}

fn chance(features: &[f64], beta: &[f64]) -> f64 {
    let score: f64 = features.iter().zip(beta).map(|(x, b)| x * b).sum();
    1.0 / (1.0 + libm::exp(-score))
}

/// Gradient of the log likelihood, and its curvature with the sign turned.
fn slopes(panel: &Panel, beta: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let width = panel.width();
    let mut gradient = vec![0.0; width];
    let mut curvature = vec![vec![0.0; width]; width];
    for (features, adopts, _) in panel.each() {
        let p = chance(features, beta);
        let residual = if adopts { 1.0 - p } else { -p };
        for ((slope, row), x) in gradient.iter_mut().zip(&mut curvature).zip(features) {
            *slope += residual * x;
            for (cell, y) in row.iter_mut().zip(features) {
                *cell += p * (1.0 - p) * x * y;
            }
        }
    }
    (gradient, curvature)
}

fn errors_of(panel: &Panel, beta: &[f64]) -> Result<Fit, Box<dyn Error>> {
    let width = panel.width();
    let (_, curvature) = slopes(panel, beta);
    let mut unit = vec![0.0; width];
    if let Some(first) = unit.first_mut() {
        *first = 1.0;
    }
    // The first row of the inverse curvature is all that the first coefficient needs.
    let inverse = solve(curvature, unit)?;
    let mut by_person: BTreeMap<usize, f64> = BTreeMap::new();
    for (features, adopts, person) in panel.each() {
        let p = chance(features, beta);
        let residual = if adopts { 1.0 - p } else { -p };
        let pull: f64 = inverse.iter().zip(features).map(|(a, x)| a * x).sum();
        *by_person.entry(person).or_default() += residual * pull;
    }
    let squares: f64 = by_person.values().map(|sum| sum * sum).sum();
    Ok(Fit {
        estimate: beta.first().copied().unwrap_or(0.0),
        standard_error: inverse.first().copied().unwrap_or(0.0).sqrt(),
        robust_error: squares.sqrt(),
    })
}

/// Solves a symmetric positive definite system by elimination with the largest pivot.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Result<Vec<f64>, Box<dyn Error>> {
    let width = right.len();
    for column in 0..width {
        let best = (column..width)
            .max_by(|a, b| {
                matrix[*a][column]
                    .abs()
                    .total_cmp(&matrix[*b][column].abs())
            })
            .unwrap_or(column);
        matrix.swap(column, best);
        right.swap(column, best);
        let pivot = matrix[column][column];
        if pivot.abs() < 1e-12 {
            return Err("two effects cannot be told apart in these data".into());
        }
        for row in column + 1..width {
            let factor = matrix[row][column] / pivot;
            if factor == 0.0 {
                continue;
            }
            let (above, below) = matrix.split_at_mut(row);
            let (above, below) = (&above[column], &mut below[0]);
            for (cell, over) in below.iter_mut().zip(above).skip(column) {
                *cell -= factor * over;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..width).rev() {
        let known: f64 = (row + 1..width).map(|at| matrix[row][at] * right[at]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Ok(right)
}
