//! Straight lines between given points.

use std::sync::Arc;

use crate::numeric::cast::f64_of_u64;

use super::parameter::{MAGNITUDE_LEAST, MAGNITUDE_MOST, within};
use super::{Response, ResponseError, Shape};

/// The most that a slope may be: a product with any spend stays finite.
const SLOPE_MOST: f64 = 1e200;

/// Through given points: straight between them, flat after the last.
///
/// The first point lies at spend 0 and may have a value other than 0; spends rise strictly, values never fall.
/// Concave if the slopes fall.
///
/// ```
/// use sortie::response::{PiecewiseLinear, Response};
/// let curve = PiecewiseLinear::new(&[(0.0, 5.0), (10.0, 25.0), (30.0, 35.0)])?;
/// assert_eq!(curve.value(20.0), 30.0);
/// assert_eq!(curve.value(1e6), 35.0);
/// assert!(curve.is_concave());
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseLinear {
    points: Arc<[(f64, f64)]>,
    concave: bool,
}

impl PiecewiseLinear {
    /// The name of the family in documents and messages.
    pub const FAMILY: &'static str = "piecewise_linear";

    /// Admits points of (spend, value), both in currency units.
    ///
    /// # Errors
    /// [`ResponseError`], naming the first point that breaks a rule.
    pub fn new(points: &[(f64, f64)]) -> Result<Self, ResponseError> {
        let Some(&(first, _)) = points.first() else {
            return Err(ResponseError::NoPoints);
        };
        for &(spend, value) in points {
            check_point(spend, value)?;
        }
        if first > 0.0 {
            return Err(ResponseError::FirstPoint { spend: first });
        }
        for (index, pair) in points.windows(2).enumerate() {
            if let [before, after] = pair {
                check_pair(index + 1, *before, *after)?;
            }
        }
        Ok(Self {
            points: points.into(),
            concave: has_falling_slopes(points),
        })
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Whether the slopes fall (or stay) from piece to piece.
    #[must_use]
    pub const fn is_concave(&self) -> bool {
        self.concave
    }

    /// The slope to the right of a spend.
    #[must_use]
    pub fn marginal(&self, spend: f64) -> f64 {
        let next = self.points.partition_point(|&(x, _)| x <= spend);
        self.slope_into(next)
    }

    /// The slope of the piece that ends at a point; 0 before the first and after the last.
    fn slope_into(&self, index: usize) -> f64 {
        let before = index.checked_sub(1).and_then(|i| self.points.get(i));
        match (before, self.points.get(index)) {
            (Some(&left), Some(&right)) => slope(left, right),
            _ => 0.0,
        }
    }

    /// The end of the last piece whose slope is at least `price`.
    pub(super) fn spend_at(&self, price: f64) -> f64 {
        if price <= 0.0 {
            return f64::INFINITY;
        }
        let pieces = self.points.len();
        let count = (1..pieces)
            .take_while(|&i| self.slope_into(i) >= price)
            .count();
        self.points.get(count).map_or(0.0, |&(x, _)| x)
    }
}

impl Response for PiecewiseLinear {
    fn value(&self, spend: f64) -> f64 {
        let next = self.points.partition_point(|&(x, _)| x <= spend);
        let before = next.checked_sub(1).and_then(|i| self.points.get(i));
        match (before, self.points.get(next)) {
            (Some(&(x, y)), Some(&(_, top))) => (y + (spend - x) * self.slope_into(next)).min(top),
            (Some(&(_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        let (start, end) = (f64_of_u64(from) * unit, f64_of_u64(to) * unit);
        let first = self.points.partition_point(|&(x, _)| x <= start);
        let mut total = 0.0;
        let mut left = start;
        for index in first.max(1)..self.points.len() {
            let right = self.points.get(index).map_or(end, |&(x, _)| x);
            if right >= end {
                // Within one piece the width is exact, even where `start` and `end` are far from 0.
                let width = if index == first.max(1) {
                    f64_of_u64(to.saturating_sub(from)) * unit
                } else {
                    end - left
                };
                return total + self.slope_into(index) * width;
            }
            total += self.slope_into(index) * (right - left);
            left = right;
        }
        total
    }

    fn shape(&self) -> Shape {
        if self.concave {
            Shape::Concave
        } else {
            Shape::Monotone
        }
    }
}

fn slope((x, y): (f64, f64), (next_x, next_y): (f64, f64)) -> f64 {
    (next_y - y) / (next_x - x)
}

fn check_point(spend: f64, value: f64) -> Result<(), ResponseError> {
    let family = PiecewiseLinear::FAMILY;
    within(
        family,
        "point spend",
        spend,
        (0.0, MAGNITUDE_MOST),
        "from 0 to 1e100",
    )?;
    within(
        family,
        "point value",
        value,
        (-MAGNITUDE_MOST, MAGNITUDE_MOST),
        "from -1e100 to 1e100",
    )?;
    if spend > 0.0 && spend < MAGNITUDE_LEAST {
        let rule = "0 or at least 1e-100";
        let parameter = "point spend";
        return Err(ResponseError::OutOfRange {
            family,
            parameter,
            value: spend,
            rule,
        });
    }
    Ok(())
}

fn check_pair(index: usize, before: (f64, f64), after: (f64, f64)) -> Result<(), ResponseError> {
    if after.0 <= before.0 {
        return Err(ResponseError::PointOrder {
            index,
            spend: after.0,
            before: before.0,
        });
    }
    if after.1 < before.1 {
        return Err(ResponseError::FallingValue {
            index,
            value: after.1,
            before: before.1,
        });
    }
    let slope = slope(before, after);
    if slope > SLOPE_MOST {
        return Err(ResponseError::TooSteep { index, slope });
    }
    Ok(())
}

/// Whether slopes fall from piece to piece, as far as the given values can tell.
fn has_falling_slopes(points: &[(f64, f64)]) -> bool {
    let mut last = f64::INFINITY;
    for pair in points.windows(2) {
        if let [before, after] = pair {
            let next = slope(*before, *after);
            // A decimal such as 0.3 is not the f64 that stands for it: a straight line through rounded
            // points bends by their rounding, and must not be taken for S-shaped.
            let blur = 2.0 * f64::EPSILON * (before.1.abs() + after.1.abs()) / (after.0 - before.0);
            if next > last * (1.0 + 4.0 * f64::EPSILON) + blur {
                return false;
            }
            last = next.min(last);
        }
    }
    true
}
