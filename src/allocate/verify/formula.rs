//! The curves of the format, evaluated a second time: from their parameters and `libm` alone.
//!
//! Besides the value, the checker needs the difference of two values to the accuracy of the *difference*,
//! and a short list of spends among which the best one at a price must lie.

use std::collections::BinaryHeap;

use crate::numeric::cast::{f64_of_i64, f64_of_i128, i64_clamped};
use crate::response::{Curve, Response, Shape};

/// Steps of a curve of unknown shape that are tried one by one before ranges are bounded instead.
const TRIED_SINGLY: i64 = 2_000;
/// Ranges that such a curve is cut into at most.
const RANGES_MOST: usize = 4_000;

/// One activity's curve over whole steps of money.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formula<'a> {
    pub(super) curve: &'a Curve,
    /// Minor units in a step.
    pub(super) step: i64,
    /// Minor units in a currency unit.
    pub(super) scale: i64,
}

/// The spends of a range, in steps: none below `low`, none above `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Formula<'_> {
    /// Currency units in so many steps.
    pub(super) fn units(&self, steps: i64) -> f64 {
        let minor = i128::from(steps) * i128::from(self.step);
        f64_of_i128(minor) / f64_of_i64(self.scale)
    }

    /// The curve's value after so many steps.
    pub(super) fn value(&self, steps: i64) -> f64 {
        let x = self.units(steps);
        match self.curve {
            Curve::ModifiedExponential(c) => -c.scale() * libm::expm1(-c.rate() * x),
            Curve::Power(c) => c.scale() * libm::pow(x, c.exponent()),
            Curve::Logarithmic(c) => c.scale() * libm::log1p(x / c.half()),
            Curve::Adbudg(c) => hill(c.scale(), c.exponent(), c.half(), x),
            Curve::PiecewiseLinear(c) => line(c.points(), x),
            Curve::Custom(c) => c.value(x),
            Curve::CustomConcave(c) => c.value(x),
        }
    }

    /// `value(to) − value(from)`, for any order of the two.
    pub(super) fn rise(&self, from: i64, to: i64) -> f64 {
        if to < from {
            return -self.rise(to, from);
        }
        let (x, width) = (self.units(from), self.units(to - from));
        match self.curve {
            Curve::ModifiedExponential(c) => {
                c.scale() * libm::exp(-c.rate() * x) * -libm::expm1(-c.rate() * width)
            }
            Curve::Power(c) if from > 0 => {
                let growth = libm::expm1(c.exponent() * libm::log1p(width / x));
                c.scale() * libm::pow(x, c.exponent()) * growth
            }
            Curve::Logarithmic(c) => c.scale() * libm::log1p(width / (c.half() + x)),
            Curve::Adbudg(c) => hill_rise(c.scale(), c.exponent(), c.half(), x, width),
            Curve::PiecewiseLinear(c) => line_rise(c.points(), x, width),
            Curve::Custom(c) => self.own_rise(c.as_ref(), from, to),
            Curve::CustomConcave(c) => self.own_rise(c.as_ref(), from, to),
            // It begins at 0.
            Curve::Power(_) => self.value(to),
        }
    }

    /// A caller's curve is the only authority on its gains.
    fn own_rise<R: Response + ?Sized>(&self, curve: &R, from: i64, to: i64) -> f64 {
        let count = |steps: i64| u64::try_from(steps).unwrap_or(0);
        curve.gain(count(from), count(to), self.units(1))
    }

    /// The most that `value(n) − value(from) − price·(n − from)` reaches in a range, `price` per currency unit;
    /// never less than the truth. For a curve of unknown shape it may be more.
    pub(super) fn lead(&self, range: Range, from: i64, price: f64) -> f64 {
        let over = |to: i64| difference(self.rise(from, to), price * self.units(to - from));
        match self.shape() {
            Shape::Concave => self
                .peak(range, price)
                .into_iter()
                .map(over)
                .fold(f64::MIN, f64::max),
            Shape::SShaped { inflection } => {
                let turn = self.steps_at(inflection, range);
                let after = Range {
                    low: turn.min(range.high),
                    high: range.high,
                };
                // Before the turn a curve that bends upwards is best at an end of its range.
                [
                    range.low,
                    (turn - 1).max(range.low),
                    after.low,
                    (turn + 1).min(range.high),
                ]
                .into_iter()
                .chain(self.peak(after, price))
                .map(over)
                .fold(f64::MIN, f64::max)
            }
            Shape::Monotone => match self.curve {
                Curve::PiecewiseLinear(c) => self
                    .kinks(c.points(), range)
                    .map(over)
                    .fold(f64::MIN, f64::max),
                _ => self.lead_of_any(range, over, price),
            },
        }
    }

    fn shape(&self) -> Shape {
        match self.curve {
            Curve::ModifiedExponential(_)
            | Curve::Power(_)
            | Curve::Logarithmic(_)
            | Curve::CustomConcave(_) => Shape::Concave,
            Curve::Adbudg(c) if c.exponent() <= 1.0 => Shape::Concave,
            Curve::Adbudg(c) => {
                let e = c.exponent();
                // The root of f″: (x/half)^e = (e − 1)/(e + 1).
                let inflection = c.half() * libm::exp(libm::log((e - 1.0) / (e + 1.0)) / e);
                Shape::SShaped { inflection }
            }
            // Kinks say everything; no shape needs to be believed.
            Curve::PiecewiseLinear(_) => Shape::Monotone,
            Curve::Custom(c) => match c.shape() {
                // Steps may straddle the turn, and a caller's own statement of it may be rounded: only
                // ranges that need no shape are relied on.
                Shape::Concave | Shape::SShaped { .. } | Shape::Monotone => Shape::Monotone,
            },
        }
    }

    /// Where a concave stretch of the curve stops paying for its steps: three neighbouring counts and the
    /// ends, in case rounding moved the stop by one.
    fn peak(&self, range: Range, price: f64) -> [i64; 5] {
        let (mut low, mut high) = (range.low, range.high);
        let cost = price * self.units(1);
        // The first count whose next step gains less than it costs; 63 halvings at most.
        while low < high {
            let middle = low + (high - low) / 2;
            if self.rise(middle, middle + 1) > cost {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let near = |count: i64| count.clamp(range.low, range.high);
        [
            range.low,
            near(low.saturating_sub(1)),
            low,
            near(low.saturating_add(1)),
            range.high,
        ]
    }

    /// The first count at or after a spend in currency units, within a range.
    fn steps_at(&self, x: f64, range: Range) -> i64 {
        i64_clamped(libm::ceil(x / self.units(1)), range.low, range.high)
    }

    /// The counts on both sides of every kink, and the ends: between kinks the curve is straight.
    fn kinks(&self, points: &[(f64, f64)], range: Range) -> impl Iterator<Item = i64> {
        points
            .iter()
            .flat_map(move |&(x, _)| {
                let at = self.steps_at(x, range);
                [
                    at.saturating_sub(1).max(range.low),
                    at,
                    at.saturating_add(1).min(range.high),
                ]
            })
            .chain([range.low, range.high])
    }

    /// For a curve of which only the laws of [`Response`] are known: it never falls. In a range of counts
    /// it is worth at most its value at the end, less the cost of the beginning; ranges are cut in half
    /// where that is most, until the cut is down to single counts or there are too many.
    fn lead_of_any(&self, range: Range, over: impl Fn(i64) -> f64, price: f64) -> f64 {
        if range.high - range.low <= TRIED_SINGLY {
            return (range.low..=range.high).map(over).fold(f64::MIN, f64::max);
        }
        let ceiling = |range: Range| Ceiling {
            height: over(range.high) + price.max(0.0) * self.units(range.high - range.low),
            range,
        };
        let mut ranges = BinaryHeap::from([ceiling(range)]);
        for _ in 0..RANGES_MOST {
            let Some(Ceiling {
                height,
                range: widest,
            }) = ranges.pop()
            else {
                break;
            };
            if widest.low == widest.high {
                return height;
            }
            let middle = widest.low + (widest.high - widest.low) / 2;
            for half in [
                Range {
                    low: widest.low,
                    high: middle,
                },
                Range {
                    low: middle + 1,
                    high: widest.high,
                },
            ] {
                ranges.push(ceiling(half));
            }
        }
        ranges.peek().map_or(f64::MIN, |top| top.height)
    }
}

/// A gain less its cost; nothing, where f64 can hardly tell the two apart. Equal marginals computed by two formulas
/// differ in their last digits.
fn difference(gain: f64, cost: f64) -> f64 {
    let more = gain - cost;
    if more.abs() <= 16.0 * f64::EPSILON * gain.abs().max(cost.abs()) {
        0.0
    } else {
        more
    }
}

/// What a range of counts is worth at most.
struct Ceiling {
    height: f64,
    range: Range,
}

impl Ord for Ceiling {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.height
            .total_cmp(&other.height)
            .then(self.range.low.cmp(&other.range.low))
    }
}

impl PartialOrd for Ceiling {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ceiling {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ceiling {}

fn hill(scale: f64, exponent: f64, half: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    // Divided through by the numerator, so that neither power can overflow into the other.
    scale / (1.0 + libm::pow(half / x, exponent))
}

fn hill_rise(scale: f64, exponent: f64, half: f64, x: f64, width: f64) -> f64 {
    // With a the odds against, f = scale/(1 + a): the rise is scale·(a₀ − a₁)/((1 + a₀)(1 + a₁)).
    let before = libm::pow(half / x, exponent);
    if before.is_infinite() {
        // Before the rise it is worth nothing, or next to it.
        return hill(scale, exponent, half, x + width);
    }
    let growth = exponent * libm::log1p(width / x);
    let after = before * libm::exp(-growth);
    scale * (before / (1.0 + before)) * -libm::expm1(-growth) / (1.0 + after)
}

fn line(points: &[(f64, f64)], x: f64) -> f64 {
    let right = points.partition_point(|point| point.0 < x);
    match (
        right.checked_sub(1).and_then(|left| points.get(left)),
        points.get(right),
    ) {
        (Some(&(x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * ((x - x0) / (x1 - x0)),
        (_, Some(&(_, y))) | (Some(&(_, y)), None) => y,
        (None, None) => 0.0,
    }
}

/// Piece by piece; within one piece the width is exact, so a short step high up keeps its digits.
fn line_rise(points: &[(f64, f64)], from: f64, width: f64) -> f64 {
    let to = from + width;
    let first = points
        .partition_point(|point| point.0 <= from)
        .saturating_sub(1);
    points
        .iter()
        .zip(points.iter().skip(1))
        .skip(first)
        .take_while(|(left, _)| left.0 < to)
        .map(|(&(x0, y0), &(x1, y1))| {
            let covered = if x0 <= from && to <= x1 {
                width
            } else {
                to.min(x1) - from.max(x0)
            };
            (y1 - y0) * (covered / (x1 - x0))
        })
        .sum()
}

#[cfg(test)]
mod tests;
