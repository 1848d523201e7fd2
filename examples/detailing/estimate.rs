//! What calls do to prescriptions, estimated from the months before the plan, and how the aim of past calls
//! misleads.
//!
//! Calls went to those who prescribe anyway, so a plain regression credits calls with what the physician would have
//! written without them. Three estimates of the same coefficient, that of ln(1 + calls) in a Poisson model of
//! monthly prescriptions, show the trap: across physicians; with last month's and the physician's other
//! months' prescriptions held equal; and within physicians, each compared only with itself (the conditional
//! fixed-effects estimator of Hausman, Hall & Griliches 1984), with month effects.

use crate::panel::Panel;

/// A coefficient and its standard error, clustered by physician.
#[derive(Clone, Copy, Debug)]
pub struct Coefficient {
    pub value: f64,
    pub error: f64,
}

/// The three estimates.
#[derive(Clone, Copy, Debug)]
pub struct Estimates {
    pub across: Coefficient,
    pub held_equal: Coefficient,
    pub within: Coefficient,
}

impl Coefficient {
    /// Bounds of the usual 95 % interval.
    pub fn interval(self) -> (f64, f64) {
        (
            self.value - 1.96 * self.error,
            self.value + 1.96 * self.error,
        )
    }

    /// Share by which `calls` calls a month raise prescriptions over none, never below 0.
    pub fn lift(self, calls: f64) -> f64 {
        libm::expm1(self.value.max(0.0) * libm::log1p(calls))
    }
}

/// Estimates from months `1..=as_of` alone.
pub fn estimate(panel: &Panel, as_of: usize) -> Result<Estimates, String> {
    let log1p = |count: u32| libm::log1p(f64::from(count));
    let (mut across, mut held_equal) = (Vec::new(), Vec::new());
    for physician in &panel.physicians {
        let total = f64::from(physician.scripts_in(1, as_of));
        let (mut plain, mut controlled) = (Vec::new(), Vec::new());
        for month in 0..as_of {
            let scripts = f64::from(physician.scripts[month]);
            let calls = log1p(physician.calls[month]);
            let last = if month == 0 {
                physician.scripts_before
            } else {
                physician.scripts[month - 1]
            };
            let others = (total - scripts) / (as_of as f64 - 1.0);
            plain.push(Row {
                outcome: scripts,
                inputs: vec![calls, 1.0],
            });
            let inputs = vec![calls, 1.0, log1p(last), libm::log1p(others)];
            controlled.push(Row {
                outcome: scripts,
                inputs,
            });
        }
        across.push(plain);
        held_equal.push(controlled);
    }
    let within: Vec<Vec<Row>> = panel
        .physicians
        .iter()
        .map(|physician| {
            (0..as_of)
                .map(|month| {
                    let mut inputs = vec![log1p(physician.calls[month])];
                    inputs.extend((1..as_of).map(|other| f64::from(u8::from(other == month))));
                    Row {
                        outcome: f64::from(physician.scripts[month]),
                        inputs,
                    }
                })
                .collect()
        })
        .collect();
    Ok(Estimates {
        across: fit(&across, poisson)?,
        held_equal: fit(&held_equal, poisson)?,
        within: fit(&within, conditional)?,
    })
}

struct Row {
    outcome: f64,
    inputs: Vec<f64>,
}

/// One cluster's score and information at given coefficients.
type Moments = fn(&[Row], &[f64]) -> (Vec<f64>, Matrix);
type Matrix = Vec<Vec<f64>>;

fn index(row: &Row, coefficients: &[f64]) -> f64 {
    row.inputs
        .iter()
        .zip(coefficients)
        .map(|(x, b)| x * b)
        .sum()
}

fn poisson(rows: &[Row], coefficients: &[f64]) -> (Vec<f64>, Matrix) {
    let size = coefficients.len();
    let (mut score, mut information) = (vec![0.0; size], vec![vec![0.0; size]; size]);
    for row in rows {
        let mean = libm::exp(index(row, coefficients));
        for (i, x) in row.inputs.iter().enumerate() {
            score[i] += (row.outcome - mean) * x;
            for (j, y) in row.inputs.iter().enumerate() {
                information[i][j] += mean * x * y;
            }
        }
    }
    (score, information)
}

/// Given the physician's total, its months are multinomial: its own level drops out.
fn conditional(rows: &[Row], coefficients: &[f64]) -> (Vec<f64>, Matrix) {
    let size = coefficients.len();
    let (mut score, mut information) = (vec![0.0; size], vec![vec![0.0; size]; size]);
    let total: f64 = rows.iter().map(|row| row.outcome).sum();
    let weights: Vec<f64> = rows
        .iter()
        .map(|row| libm::exp(index(row, coefficients)))
        .collect();
    let sum: f64 = weights.iter().sum();
    let mean = |i: usize| -> f64 {
        rows.iter()
            .zip(&weights)
            .map(|(row, weight)| weight / sum * row.inputs[i])
            .sum()
    };
    let means: Vec<f64> = (0..size).map(mean).collect();
    for (row, weight) in rows.iter().zip(&weights) {
        let expected = total * weight / sum;
        for i in 0..size {
            score[i] += (row.outcome - expected) * row.inputs[i];
            for j in 0..size {
                information[i][j] +=
                    expected * (row.inputs[i] - means[i]) * (row.inputs[j] - means[j]);
            }
        }
    }
    (score, information)
}

/// Newton's method, then the sandwich error of the first coefficient.
fn fit(clusters: &[Vec<Row>], moments: Moments) -> Result<Coefficient, String> {
    const STEPS_MOST: usize = 60;
    let size = clusters
        .iter()
        .flatten()
        .map(|row| row.inputs.len())
        .max()
        .unwrap_or(0);
    let mut coefficients = vec![0.0; size];
    for _ in 0..STEPS_MOST {
        let (score, information, _) = totals(clusters, moments, &coefficients);
        let step =
            solve(information, score).ok_or("the months before hold no variation in calls")?;
        // Poisson likelihoods are concave; a long first step is cut so that exp stays in range.
        let longest = step.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        let scale = if longest > 1.0 { 1.0 / longest } else { 1.0 };
        for (coefficient, part) in coefficients.iter_mut().zip(&step) {
            *coefficient += scale * part;
        }
        if longest < 1e-10 {
            let (_, information, meat) = totals(clusters, moments, &coefficients);
            let mut first = vec![0.0; size];
            first[0] = 1.0;
            let row = solve(information, first).ok_or("the information matrix is singular")?;
            let variance: f64 = (0..size)
                .map(|i| (0..size).map(|j| row[i] * meat[i][j] * row[j]).sum::<f64>())
                .sum();
            return Ok(Coefficient {
                value: coefficients[0],
                error: variance.sqrt(),
            });
        }
    }
    Err(format!("the estimate did not settle in {STEPS_MOST} steps"))
}

fn totals(clusters: &[Vec<Row>], moments: Moments, at: &[f64]) -> (Vec<f64>, Matrix, Matrix) {
    let size = at.len();
    let mut score = vec![0.0; size];
    let (mut information, mut meat) = (vec![vec![0.0; size]; size], vec![vec![0.0; size]; size]);
    for rows in clusters {
        let (own_score, own_information) = moments(rows, at);
        for i in 0..size {
            score[i] += own_score[i];
            for j in 0..size {
                information[i][j] += own_information[i][j];
                meat[i][j] += own_score[i] * own_score[j];
            }
        }
    }
    (score, information, meat)
}

/// Gaussian elimination with partial pivoting; `None` for a singular matrix.
fn solve(mut matrix: Matrix, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| {
            matrix[*a][column]
                .abs()
                .total_cmp(&matrix[*b][column].abs())
        })?;
        if matrix[pivot][column].abs() < 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in 0..size {
            if row != column {
                let factor = matrix[row][column] / matrix[column][column];
                let pivot_row = matrix[column].clone();
                for (cell, above) in matrix[row].iter_mut().zip(&pivot_row).skip(column) {
                    *cell -= factor * above;
                }
                right[row] -= factor * right[column];
            }
        }
    }
    Some(
        (0..size)
            .map(|place| right[place] / matrix[place][place])
            .collect(),
    )
}
