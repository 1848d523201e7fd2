//! Minimisers of smooth functions of a few variables: deterministic, bounded, and honest about why they stop.

use thiserror::Error;

/// Iterations of BFGS after which the search is cut off.
pub const ITERATIONS_MOST: u32 = 500;

/// Halvings of one line search: a step 2⁻⁶⁰ of the first is no step.
const HALVINGS_MOST: u32 = 60;

/// Evaluations of the simplex search after which it is cut off, per variable.
const SIMPLEX_EVALUATIONS_PER_VARIABLE: u32 = 2_000;

/// How far rounding may move a value that is a sum of many terms, relative to it.
const NOISE: f64 = 1e-14;

/// Sufficient decrease of a line search (Armijo).
const DECREASE: f64 = 1e-4;

/// Why a search stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// The slope is below the tolerance everywhere: a stationary point.
    Flat,
    /// No step along the search direction lowers the value: as exact as the arithmetic allows.
    NoFurtherDescent,
    /// The named bound on iterations was reached; the point is the best seen.
    CutOff,
}

/// The lowest point found.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// Where.
    pub point: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// How often the function was evaluated.
    pub evaluations: u32,
    /// Why the search ended.
    pub stop: Stop,
}

/// Why no search was made.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum MinimiseError {
    /// No variables.
    #[error("starting point has no coordinates; give at least one")]
    Empty,
    /// The function has no finite value where the search is to start.
    #[error("function is {value} at the starting point; start where it is finite")]
    Start {
        /// Its value there.
        value: f64,
    },
    /// A matrix that should be positive definite is not.
    #[error("matrix of {size} rows is not positive definite at pivot {pivot}; add a ridge")]
    NotPositiveDefinite {
        /// Number of rows.
        size: usize,
        /// The row where the factorisation failed, from 0.
        pivot: usize,
    },
}

/// Minimises `function`, which writes its gradient into the slice and returns its value.
///
/// BFGS with a backtracking line search (Nocedal & Wright, 2006, algorithm 6.1), the inverse Hessian started from
/// the identity and scaled after the first step. Stops when every component of the gradient is at most `tolerance`
/// times 1 + |value|, or when the next step promises less than the value's own rounding. Values that are not finite count as infinitely high, so a function may refuse a point.
///
/// # Errors
/// [`MinimiseError`] if the start is empty or the function is not finite there.
///
/// ```
/// use sortie::numeric::minimise::bfgs;
/// let bowl = bfgs(&[3.0, -1.0], 1e-10, |x, slope| {
///     slope[0] = 2.0 * x[0];
///     slope[1] = 20.0 * (x[1] - 1.0);
///     x[0] * x[0] + 10.0 * (x[1] - 1.0) * (x[1] - 1.0)
/// })?;
/// assert!(bowl.point[0].abs() < 1e-8 && (bowl.point[1] - 1.0).abs() < 1e-8);
/// # Ok::<(), sortie::numeric::minimise::MinimiseError>(())
/// ```
pub fn bfgs(
    start: &[f64],
    tolerance: f64,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Result<Minimum, MinimiseError> {
    let n = start.len();
    if n == 0 {
        return Err(MinimiseError::Empty);
    }
    let mut point = start.to_vec();
    let mut slope = vec![0.0; n];
    let mut value = function(&point, &mut slope);
    if !value.is_finite() {
        return Err(MinimiseError::Start { value });
    }
    let mut evaluations = 1;
    let mut inverse = identity(n);
    let mut fresh = true;
    let mut next_slope = vec![0.0; n];
    for _ in 0..ITERATIONS_MOST {
        if slope
            .iter()
            .all(|g| g.abs() <= tolerance * (1.0 + value.abs()))
        {
            return Ok(Minimum {
                point,
                value,
                evaluations,
                stop: Stop::Flat,
            });
        }
        let mut direction = descent(&inverse, &slope);
        let mut downhill = dot(&direction, &slope);
        if downhill >= 0.0 || downhill.is_nan() {
            inverse = identity(n);
            fresh = true;
            direction = slope.iter().map(|g| -g).collect();
            downhill = dot(&direction, &slope);
        }
        // The fall that curvature still promises would drown in the rounding of the value.
        if !fresh && -downhill <= NOISE * (1.0 + value.abs()) {
            return Ok(Minimum {
                point,
                value,
                evaluations,
                stop: Stop::NoFurtherDescent,
            });
        }
        let mut step = if fresh {
            (1.0 / norm(&slope)).min(1.0)
        } else {
            1.0
        };
        let mut taken = None;
        for _ in 0..HALVINGS_MOST {
            let next: Vec<f64> = point
                .iter()
                .zip(&direction)
                .map(|(x, d)| x + step * d)
                .collect();
            let at = function(&next, &mut next_slope);
            evaluations += 1;
            if at.is_finite() && at <= value + DECREASE * step * downhill {
                taken = Some((next, at));
                break;
            }
            step *= 0.5;
        }
        let Some((next, at)) = taken else {
            if fresh {
                return Ok(Minimum {
                    point,
                    value,
                    evaluations,
                    stop: Stop::NoFurtherDescent,
                });
            }
            // A stale curvature may be to blame: once more from steepest descent.
            inverse = identity(n);
            fresh = true;
            continue;
        };
        let moved: Vec<f64> = next.iter().zip(&point).map(|(a, b)| a - b).collect();
        let bent: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        update_inverse(&mut inverse, &moved, &bent, fresh);
        fresh = false;
        point = next;
        value = at;
        slope.copy_from_slice(&next_slope);
    }
    Ok(Minimum {
        point,
        value,
        evaluations,
        stop: Stop::CutOff,
    })
}

/// As [`bfgs`], with the gradient taken by central differences of relative width `width` (1e-5 suits most).
///
/// # Errors
/// As [`bfgs`].
pub fn bfgs_numeric(
    start: &[f64],
    tolerance: f64,
    width: f64,
    mut function: impl FnMut(&[f64]) -> f64,
) -> Result<Minimum, MinimiseError> {
    let mut probe = start.to_vec();
    bfgs(start, tolerance, |point, slope| {
        probe.copy_from_slice(point);
        for (i, g) in slope.iter_mut().enumerate() {
            let h = width * (1.0 + point[i].abs());
            probe[i] = point[i] + h;
            let above = function(&probe);
            probe[i] = point[i] - h;
            let below = function(&probe);
            probe[i] = point[i];
            *g = (above - below) / (2.0 * h);
        }
        function(point)
    })
}

/// Minimises without a gradient by the simplex of Nelder & Mead (1965), ties kept in order of age.
///
/// Stops when the values of the simplex agree to `tolerance` times 1 + |value|.
///
/// # Errors
/// [`MinimiseError`] if the start is empty or the function is not finite there.
pub fn nelder_mead(
    start: &[f64],
    spread: f64,
    tolerance: f64,
    mut function: impl FnMut(&[f64]) -> f64,
) -> Result<Minimum, MinimiseError> {
    let n = start.len();
    if n == 0 {
        return Err(MinimiseError::Empty);
    }
    let mut price = |x: &[f64]| {
        let value = function(x);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let first = price(start);
    if !first.is_finite() {
        return Err(MinimiseError::Start { value: first });
    }
    let mut simplex = vec![(start.to_vec(), first)];
    for i in 0..n {
        let mut corner = start.to_vec();
        corner[i] += spread * (1.0 + corner[i].abs());
        let value = price(&corner);
        simplex.push((corner, value));
    }
    let most = SIMPLEX_EVALUATIONS_PER_VARIABLE * crate::numeric::cast::u32_of_usize(n);
    let mut evaluations = crate::numeric::cast::u32_of_usize(n + 1);
    while evaluations < most {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (simplex[0].1, simplex[n].1);
        if worst - best <= tolerance * (1.0 + best.abs()) {
            let (point, value) = simplex.swap_remove(0);
            return Ok(Minimum {
                point,
                value,
                evaluations,
                stop: Stop::Flat,
            });
        }
        evaluations += simplex_step(&mut simplex, &mut price);
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (point, value) = simplex.swap_remove(0);
    Ok(Minimum {
        point,
        value,
        evaluations,
        stop: Stop::CutOff,
    })
}

/// One reflection, expansion, contraction or shrinking of a sorted simplex; returns the evaluations used.
fn simplex_step(simplex: &mut [(Vec<f64>, f64)], price: &mut impl FnMut(&[f64]) -> f64) -> u32 {
    let n = simplex.len() - 1;
    let count = crate::numeric::cast::f64_of_usize(n);
    let centre: Vec<f64> = (0..n)
        .map(|i| simplex[..n].iter().map(|corner| corner.0[i]).sum::<f64>() / count)
        .collect();
    let worst = simplex[n].clone();
    let towards = |t: f64| -> Vec<f64> {
        centre
            .iter()
            .zip(&worst.0)
            .map(|(c, w)| c + t * (c - w))
            .collect()
    };
    let reflected = towards(1.0);
    let at = price(&reflected);
    if at < simplex[0].1 {
        let expanded = towards(2.0);
        let further = price(&expanded);
        simplex[n] = if further < at {
            (expanded, further)
        } else {
            (reflected, at)
        };
        return 2;
    }
    if at < simplex[n - 1].1 {
        simplex[n] = (reflected, at);
        return 1;
    }
    let contracted = towards(if at < worst.1 { 0.5 } else { -0.5 });
    let inside = price(&contracted);
    if inside < at.min(worst.1) {
        simplex[n] = (contracted, inside);
        return 2;
    }
    let anchor = simplex[0].0.clone();
    for corner in &mut simplex[1..] {
        for (x, a) in corner.0.iter_mut().zip(&anchor) {
            *x = a + 0.5 * (*x - a);
        }
        corner.1 = price(&corner.0);
    }
    2 + crate::numeric::cast::u32_of_usize(n)
}

/// Solves `matrix · x = right` for a symmetric positive definite matrix given by rows, by Cholesky's factorisation.
///
/// The matrix is overwritten by its factor, `right` by the solution. Time n³/6.
///
/// # Errors
/// [`MinimiseError::NotPositiveDefinite`] with the pivot that failed.
pub fn solve_positive_definite(
    matrix: &mut [Vec<f64>],
    right: &mut [f64],
) -> Result<(), MinimiseError> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let mut sum = matrix[i][j];
            sum -= dot(&matrix[i][..j], &matrix[j][..j]);
            if i == j {
                if sum.is_nan() || sum <= 0.0 {
                    return Err(MinimiseError::NotPositiveDefinite { size: n, pivot: i });
                }
                matrix[i][i] = sum.sqrt();
            } else {
                matrix[i][j] = sum / matrix[j][j];
            }
        }
    }
    for i in 0..n {
        let mut sum = right[i];
        for k in 0..i {
            sum -= matrix[i][k] * right[k];
        }
        right[i] = sum / matrix[i][i];
    }
    for i in (0..n).rev() {
        let mut sum = right[i];
        for k in i + 1..n {
            sum -= matrix[k][i] * right[k];
        }
        right[i] = sum / matrix[i][i];
    }
    Ok(())
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n)
        .map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect())
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn descent(inverse: &[Vec<f64>], slope: &[f64]) -> Vec<f64> {
    inverse.iter().map(|row| -dot(row, slope)).collect()
}

/// The BFGS update of the inverse Hessian; left out where the curvature along the step is not positive.
fn update_inverse(inverse: &mut [Vec<f64>], moved: &[f64], bent: &[f64], fresh: bool) {
    let curvature = dot(moved, bent);
    if curvature.is_nan() || curvature <= 1e-14 * norm(moved) * norm(bent) {
        return;
    }
    if fresh {
        let scale = curvature / dot(bent, bent);
        for row in inverse.iter_mut() {
            for x in row {
                *x *= scale;
            }
        }
    }
    let carried: Vec<f64> = inverse.iter().map(|row| dot(row, bent)).collect();
    let factor = 1.0 + dot(bent, &carried) / curvature;
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            *x += (factor * moved[i] * moved[j] - carried[i] * moved[j] - moved[i] * carried[j])
                / curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valley(x: &[f64]) -> f64 {
        100.0 * (x[1] - x[0] * x[0]) * (x[1] - x[0] * x[0]) + (1.0 - x[0]) * (1.0 - x[0])
    }

    #[test]
    fn a_value_that_rounds_before_its_slope_is_flat_ends_the_search() {
        // A bowl on a plateau of 10⁵: the last digits of the value are noise, the slope is still clean.
        let found = bfgs(&[3.0, -1.0], 1e-16, |x, slope| {
            let (u, v) = (x[0] - 0.3, x[1] - 0.7);
            slope[0] = 2.0 * u + v;
            slope[1] = u + 20.0 * v;
            1e5 + u * u + u * v + 10.0 * v * v
        })
        .unwrap();
        assert!(found.evaluations < 60, "{found:?}");
        assert!((found.point[0] - 0.3).abs() < 1e-4 && (found.point[1] - 0.7).abs() < 1e-4);
    }

    #[test]
    fn rosenbrocks_valley_by_each_method() {
        let analytic = bfgs(&[-1.2, 1.0], 1e-9, |x, g| {
            g[0] = -400.0 * x[0] * (x[1] - x[0] * x[0]) - 2.0 * (1.0 - x[0]);
            g[1] = 200.0 * (x[1] - x[0] * x[0]);
            valley(x)
        })
        .unwrap();
        let numeric = bfgs_numeric(&[-1.2, 1.0], 1e-7, 1e-6, valley).unwrap();
        let simplex = nelder_mead(&[-1.2, 1.0], 0.1, 1e-15, valley).unwrap();
        for found in [analytic, numeric, simplex] {
            assert!((found.point[0] - 1.0).abs() < 1e-5, "{found:?}");
            assert!((found.point[1] - 1.0).abs() < 1e-5, "{found:?}");
            assert_ne!(found.stop, Stop::CutOff);
        }
    }

    #[test]
    fn a_start_without_a_value_is_refused() {
        assert_eq!(
            nelder_mead(&[], 0.1, 1e-9, |_| 0.0),
            Err(MinimiseError::Empty)
        );
        assert!(matches!(
            bfgs(&[0.0], 1e-9, |_, _| f64::NAN),
            Err(MinimiseError::Start { .. })
        ));
        assert!(matches!(
            nelder_mead(&[0.0], 0.1, 1e-9, |_| f64::INFINITY),
            Err(MinimiseError::Start { .. })
        ));
    }

    #[test]
    fn an_indefinite_matrix_is_refused_with_its_pivot() {
        let mut matrix = vec![vec![1.0, 2.0], vec![2.0, 1.0]];
        assert_eq!(
            solve_positive_definite(&mut matrix, &mut [1.0, 1.0]),
            Err(MinimiseError::NotPositiveDefinite { size: 2, pivot: 1 })
        );
    }

    proptest! {
        #[test]
        fn cholesky_solves(entries in prop::collection::vec(-3.0_f64..3.0, 9), x in prop::collection::vec(-5.0_f64..5.0, 3)) {
            // AᵀA + I is positive definite.
            let a: Vec<&[f64]> = entries.chunks(3).collect();
            let mut matrix = identity(3);
            for i in 0..3 {
                for j in 0..3 {
                    matrix[i][j] += a.iter().map(|row| row[i] * row[j]).sum::<f64>();
                }
            }
            let mut right: Vec<f64> = matrix.iter().map(|row| dot(row, &x)).collect();
            solve_positive_definite(&mut matrix, &mut right).unwrap();
            for (got, want) in right.iter().zip(&x) {
                prop_assert!((got - want).abs() < 1e-9);
            }
        }
    }
}
