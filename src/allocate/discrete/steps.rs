//! A curve in whole steps, and its best step at a price.

use crate::numeric::cast;
use crate::response::{Concave, Curve, Response, Shape};

use super::form::Span;

/// A curve in whole steps.
#[derive(Clone, Debug)]
pub(crate) struct Steps<'a> {
    pub(super) curve: &'a Curve,
    /// Minor units a step.
    pub(crate) step: i64,
    /// Currency units a step.
    unit: f64,
    /// Steps up to which returns rise; from it on they fall.
    bend: i64,
    pub(super) bends: Bends,
    /// The value of nothing, where it is below 0: curves rise.
    pub(super) lowest: f64,
    /// Use of each resource row by one step.
    pub(super) uses: Vec<i128>,
}

/// How often returns turn from rising to falling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bends {
    Concave,
    Once,
    Unknown,
}

impl<'a> Steps<'a> {
    /// A curve in steps of `step` minor units, of which a currency unit has `minor`.
    pub(crate) fn new(curve: &'a Curve, step: i64, minor: i64, uses: Vec<i128>) -> Self {
        let unit = cast::f64_of_i64(step) / cast::f64_of_i64(minor);
        let (bends, bend) = if curve.is_concave() {
            (Bends::Concave, 0)
        } else {
            match curve.shape() {
                Shape::SShaped { inflection } => (
                    Bends::Once,
                    cast::i64_clamped(libm::ceil(inflection / unit), 0, i64::MAX / 4),
                ),
                _ => (Bends::Unknown, 0),
            }
        };
        Self {
            curve,
            step,
            unit,
            bend,
            bends,
            lowest: curve.value(0.0).min(0.0),
            uses,
        }
    }

    pub(crate) fn value(&self, steps: i64) -> f64 {
        self.curve.value(cast::f64_of_i64(steps) * self.unit)
    }

    pub(super) fn gain(&self, from: i64, to: i64) -> f64 {
        self.curve
            .gain(from.unsigned_abs(), to.unsigned_abs(), self.unit)
    }

    pub(crate) const fn bend(&self) -> Option<i64> {
        match self.bends {
            Bends::Unknown => None,
            _ => Some(self.bend),
        }
    }

    /// Whether [`Self::best`] is exact, and not only a bound.
    pub(super) const fn is_exact(&self) -> bool {
        !matches!(self.bends, Bends::Unknown) || matches!(self.curve, Curve::PiecewiseLinear(_))
    }

    /// The steps in `low..=high` of highest value less `price` a step, sought first near a guess, and an upper bound on
    /// that.
    fn best(&self, low: i64, high: i64, price: f64, near: Option<i64>) -> (i64, f64) {
        match self.bends {
            Bends::Concave => self.scored(self.top(low, high, price, near), price),
            Bends::Once => {
                // Below the bend the ends are highest; a step may straddle the bend, so both sides of it count.
                let from = low.max(self.bend).min(high);
                let joint = (self.bend - 1).clamp(low, high);
                let mut best = self.scored(low, price);
                for at in [joint, self.top(from, high, price, near)] {
                    let scored = self.scored(at, price);
                    if scored.1 > best.1 {
                        best = scored;
                    }
                }
                best
            }
            Bends::Unknown => self.best_unknown(low, high, price),
        }
    }

    /// The same in a span, which may have nothing besides.
    pub(super) fn best_or_none(&self, span: Span, price: f64, near: Option<i64>) -> (i64, f64) {
        let best = self.best(span.low, span.high, price, near);
        if span.zero {
            let none = self.value(0);
            if none >= best.1 {
                return (0, none);
            }
        }
        best
    }

    fn scored(&self, at: i64, price: f64) -> (i64, f64) {
        (at, self.value(at) - price * cast::f64_of_i64(at))
    }

    /// The largest count whose last step still gains more than the price, in a range of falling returns.
    fn top(&self, low: i64, high: i64, price: f64, near: Option<i64>) -> i64 {
        let gains = |at: i64| self.gain(at, at + 1) > price;
        if low >= high || !gains(low) {
            return low;
        }
        if gains(high - 1) {
            return high;
        }
        // The count lies in low+1..=high−1; a guess, then widening steps.
        let (mut under, mut over) = (low, high - 1);
        if let Some(guess) = near.or_else(|| self.inverse(price)) {
            let guess = guess.clamp(low, high - 1);
            let mut reach = 1_i64;
            if gains(guess) {
                under = guess;
                while under + reach < over && gains(under + reach) {
                    under += reach;
                    reach = reach.saturating_mul(2);
                }
                over = over.min(under.saturating_add(reach));
            } else {
                over = guess;
                while over - reach > under && !gains(over - reach) {
                    over -= reach;
                    reach = reach.saturating_mul(2);
                }
                under = under.max(over.saturating_sub(reach));
            }
        }
        // gains(under), not gains(over).
        while over - under > 1 {
            let middle = under + (over - under) / 2;
            if gains(middle) {
                under = middle;
            } else {
                over = middle;
            }
        }
        under + 1
    }

    /// About where a step gains the price, from the curve's own inverse, if it has one.
    fn inverse(&self, price: f64) -> Option<i64> {
        let spend = match self.curve {
            Curve::Adbudg(curve) => curve.demand(price / self.unit),
            curve => curve.as_concave()?.spend_at(price / self.unit),
        };
        Some(cast::i64_clamped(
            libm::floor(spend / self.unit),
            0,
            i64::MAX / 4,
        ))
    }

    /// Exact at the corners of straight pieces; otherwise the value at the end less the price of the start.
    fn best_unknown(&self, low: i64, high: i64, price: f64) -> (i64, f64) {
        let mut best = self.scored(low, price);
        let mut consider = |at: i64| {
            let scored = self.scored(at, price);
            if scored.1 > best.1 {
                best = scored;
            }
        };
        // From the cheapest up, so that it is kept among equals.
        if let Curve::PiecewiseLinear(pieces) = self.curve {
            for (spend, _) in pieces.points() {
                let at = cast::i64_clamped(libm::floor(spend / self.unit), low, high);
                consider(at);
                consider((at + 1).min(high));
            }
            consider(high);
            return best;
        }
        if high - low <= 64 {
            (low + 1..=high).for_each(consider);
            return best;
        }
        consider(high);
        let bound = self.value(high) - price * cast::f64_of_i64(low);
        (best.0, bound.max(best.1))
    }
}

#[cfg(test)]
mod tests;
