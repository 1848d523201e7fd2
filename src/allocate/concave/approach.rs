//! Near the price by Newton on whole columns. Nothing here decides anything but where to look.

use crate::numeric::cast::f64_of_usize;

use super::columns::{Columns, Family, Price, Segment};
use super::sweep::{Demand, Rows, Sweeper};

/// More items than this are first looked at through a sample.
const SAMPLE_FROM: usize = 20_000;
/// About how many items a sample has.
const SAMPLE_SIZE: usize = 6_000;
/// The most sweeps over all items.
const SWEEPS_MOST: u32 = 60;
/// Logarithms of prices beyond this are left to the slow way.
pub(super) const LN_PRICE_MOST: f64 = 690.0;
/// The first stride from a guess by formula, and from a price that a sample or a neighbour has had.
const STRIDE_FIRST: f64 = 4.0;
const STRIDE_NEAR: f64 = 0.5;

/// Where Newton stopped.
#[derive(Clone, Debug)]
pub(super) struct Near {
    /// ln(price).
    pub(super) at: f64,
    /// Half of the window that should hold the price.
    pub(super) width: f64,
    /// Steps per unit of ln(price).
    pub(super) slope: f64,
    /// Demand by node of the region at the price swept last, and ln of that price.
    pub(super) swept: (f64, Vec<Demand>),
}

/// Where a search sets out, and how far it goes while one side of the root is unknown.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: f64,
    stride: f64,
}

/// Finds about the price of a region that binds. `guess` is ln(price) where a search might begin; `steps` gets what the
/// last sweep keeps for the next.
pub(super) fn approach(
    sweeper: &Sweeper<'_, '_>,
    rows: Rows<'_>,
    guess: Option<f64>,
    steps: &mut [i64],
) -> Option<Near> {
    let blind = |rows| Start {
        at: first_guess(sweeper.total, rows),
        stride: STRIDE_FIRST,
    };
    let informed = |at: f64| Start {
        at,
        stride: STRIDE_NEAR,
    };
    let start = match guess {
        Some(ln_price) => informed(ln_price),
        None if rows.len() > SAMPLE_FROM => {
            let sample = sample(rows);
            let few = Rows {
                columns: &sample,
                segments: &sample.segments,
            };
            let mut steps = vec![0; sample.a.len()];
            let near = newton(sweeper, few, &mut steps, blind(few), true);
            // A sample may miss the few that decide; then all are asked from the start.
            near.map_or_else(|| blind(rows), |near| informed(near.at))
        }
        None => blind(rows),
    };
    newton(sweeper, rows, steps, start, false)
}

/// The nearest prices tried on both sides of the total, with what demand exceeds it by.
#[derive(Clone, Copy, Debug, Default)]
struct Bracket {
    below: Option<(f64, f64)>,
    above: Option<(f64, f64)>,
}

impl Bracket {
    fn narrow(&mut self, at: f64, excess: f64) {
        if excess > 0.0 {
            self.below = Some((at, excess));
        } else {
            self.above = Some((at, excess));
        }
    }

    fn ends(&self) -> Option<(f64, f64)> {
        Some((self.below?.0, self.above?.0))
    }

    /// Where a line between the ends meets the total, kept off the ends so that every round takes a tenth away.
    fn between(&self) -> f64 {
        let (Some((low, more)), Some((high, less))) = (self.below, self.above) else {
            return f64::NAN;
        };
        let share = (more / (more - less)).clamp(0.1, 0.9);
        low + share * (high - low)
    }

    /// The bracket itself, once few steps lie in it or nothing finer can be told apart: middle, width and slope.
    fn near(&self, noise: f64, rough: bool) -> Option<(f64, f64, f64)> {
        let ((low, more), (high, less)) = (self.below?, self.above?);
        let (width, steps) = (high - low, more - less);
        let enough = if rough {
            width < 1e-3
        } else {
            steps <= 2.0 + noise / 8.0 || width < 1e-12
        };
        enough.then(|| {
            (
                0.5 * (low + high),
                0.5 * width * 1.01 + 4.0 * f64::EPSILON,
                (steps / width.max(f64::EPSILON)).max(1.0),
            )
        })
    }
}

/// Every so-many-th item of each segment, at least one.
fn sample(rows: Rows<'_>) -> Columns {
    let stride = rows.len() / SAMPLE_SIZE;
    let columns = rows.columns;
    let mut sample = Columns::default();
    for segment in rows.segments {
        // `Other` items are asked by their place in the market, which a sample would lose.
        if segment.family == Family::Other {
            continue;
        }
        let start = sample.a.len();
        let bounds = segment.bounds.map(|_| sample.floor.len());
        for item in segment
            .items
            .clone()
            .skip(stride / 2)
            .step_by(stride.max(1))
        {
            take(columns, segment, item, &mut sample);
        }
        if sample.a.len() == start {
            take(columns, segment, segment.items.start, &mut sample);
        }
        let items = start..sample.a.len();
        let weight = f64_of_usize(segment.items.len()) / f64_of_usize(items.len());
        sample.segments.push(Segment {
            items,
            bounds,
            weight,
            ..segment.clone()
        });
    }
    sample
}

fn take(columns: &Columns, segment: &Segment, item: usize, sample: &mut Columns) {
    let (mut a, mut b) = (columns.a[item], columns.b[item]);
    if segment.family == Family::Piecewise {
        a = f64_of_usize(sample.runs.len());
        sample.runs.extend_from_slice(columns.runs_at(item));
        b = f64_of_usize(sample.runs.len());
    }
    sample.a.push(a);
    sample.b.push(b);
    sample.c.push(columns.c[item]);
    if let Some(bounds) = columns.bounds(segment, item..item + 1) {
        sample.floor.extend_from_slice(bounds.floors);
        sample.cap.extend_from_slice(bounds.caps);
    }
}

/// The mean of ln(gain) at an equal share, over a few items.
fn first_guess(total: f64, rows: Rows<'_>) -> f64 {
    let columns = rows.columns;
    let all: f64 = rows
        .segments
        .iter()
        .map(|segment| segment.weight * f64_of_usize(segment.items.len()))
        .sum();
    let share = total / all.max(1.0);
    let stride = (rows.len() / 24).max(1);
    let (mut sum, mut seen) = (0.0, 0.0);
    for segment in rows.segments {
        for item in segment.items.clone().step_by(stride) {
            let (a, b, c) = (columns.a[item], columns.b[item], columns.c[item]);
            let ln_gain = match segment.family {
                Family::Exponential => a - b * share,
                Family::Logarithmic => libm::log(a / (b + share)),
                Family::Power => a + (b - 1.0) * libm::log(share),
                Family::Hyperbolic => libm::log(a * b) - 2.0 * libm::log(b + share),
                Family::Adbudg => {
                    let place = libm::log(share / c);
                    a + (b - 1.0) * place - 2.0 * libm::log1p(libm::exp(b * place))
                }
                Family::Piecewise | Family::Other => continue,
            };
            if ln_gain.is_finite() {
                sum += ln_gain.max(-60.0);
                seen += 1.0;
            }
        }
    }
    if seen > 0.0 { sum / seen } else { 0.0 }
}

/// Newton on ln(demand) inside a bracket, bent by how the slope has changed. Where demand is a bare staircase, or Newton leaves the bracket, a line
/// between the ends of the bracket; while there is none, strides that grow.
fn newton(
    sweeper: &Sweeper<'_, '_>,
    rows: Rows<'_>,
    steps: &mut [i64],
    start: Start,
    rough: bool,
) -> Option<Near> {
    // Whole steps make demand a staircase: nearer than this, Newton sees its noise. Between two prices each item strays from
    // its slope by a step's part at either end, √(n/6) in all; five times that is seldom passed, and a window that
    // misses the price costs another. Where items take few steps, the formulas are off for a few in a thousand.
    let count = f64_of_usize(rows.len());
    let noise = 2.0 * count.sqrt() + count / 1_500.0;
    let mut bracket = Bracket::default();
    let Start { mut at, mut stride } = start;
    // The point before, with the elasticity there.
    let mut before: Option<(f64, f64)> = None;
    let mut warm = None;
    for _ in 0..SWEEPS_MOST {
        if at.is_nan() || at.abs() > LN_PRICE_MOST {
            return None;
        }
        let swept = sweeper.sweep(rows, Price::of_ln(at), steps, warm);
        let demand = swept.first().copied().unwrap_or_default();
        let excess = demand.steps - sweeper.total;
        let near = |(middle, width, slope)| Near {
            at: middle,
            width,
            slope,
            swept: (at, swept),
        };
        bracket.narrow(at, excess);
        if let Some(found) = bracket.near(noise, rough) {
            return Some(near(found));
        }
        let elasticity = demand.slope / demand.steps;
        let straight = libm::log(demand.steps / sweeper.total) / elasticity;
        let newton = before.map_or(straight, |before| bent(straight, (at, elasticity), before));
        before = Some((at, elasticity));
        let next = match bracket.ends() {
            Some((low, high)) if !(newton + at > low && newton + at < high) => bracket.between(),
            Some(_) => at + newton,
            None if newton.abs() < stride => at + newton,
            None => {
                let next = at + if excess > 0.0 { stride } else { -stride };
                stride *= 4.0;
                next
            }
        };
        let step = (next - at).abs();
        let slope = demand.slope;
        // What the step leaves is of the second order, whatever the bend takes off.
        let left = slope * step * step;
        if slope < 1.0 {
            // Nothing slopes here: only a bracket tells where the price is.
        } else if rough {
            if step < 1e-3 {
                return Some(near((next, 0.0, slope)));
            }
        } else if left <= noise || step < 1e-13 {
            let width = (noise + left) / slope + 4.0 * f64::EPSILON;
            return Some(near((next, width, slope)));
        }
        warm = Some(step);
        at = next;
    }
    None
}

/// A Newton step on ln(demand), corrected by the change of elasticity since the point before; Newton's own where that
/// is too much to be trusted.
fn bent(newton: f64, (at, elasticity): (f64, f64), before: (f64, f64)) -> f64 {
    let bend = (elasticity - before.1) / (at - before.0);
    let factor = 1.0 + 0.5 * newton * bend / elasticity;
    if factor > 0.5 && factor < 2.0 {
        newton / factor
    } else {
        newton
    }
}

#[cfg(test)]
mod tests;
