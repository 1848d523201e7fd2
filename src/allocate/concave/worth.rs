//! Values and gains at whole steps, by whole columns.

use core::ops::Range;

use crate::numeric::cast::f64_of_i64;
use crate::numeric::kernels::{exp, expm1, expm1_small, ln, ln_1p, ln_growth};

use super::columns::{CHUNK, Columns, Family};
use super::layout::Market;
use super::report::value_of;

/// Gains below this are looked at exactly: they may be nothing.
const NEARLY_NOTHING: f64 = 1e-290;

/// Counts from here on are too long for whole columns. Judged by item, so that an item's figures do not depend on its
/// neighbours.
const WIDE: i64 = 1 << 50;

/// Below so many steps the series for the growth of one more does not hold.
const GROWTH_FROM: f64 = 2.5;

/// Values and gains of one chunk.
pub(super) struct Gains {
    steps: [f64; CHUNK],
    value: [f64; CHUNK],
    /// The gain of the next step.
    next: [f64; CHUNK],
    /// What the last step gained at least.
    last: [f64; CHUNK],
}

impl Gains {
    pub(super) const fn new() -> Self {
        Self {
            steps: [0.0; CHUNK],
            value: [0.0; CHUNK],
            next: [0.0; CHUNK],
            last: [0.0; CHUNK],
        }
    }

    /// The values of the items.
    pub(super) fn values(&self, items: usize) -> &[f64] {
        &self.value[..items]
    }

    /// About what the next step of an item of the chunk gains.
    pub(super) const fn next(&self, at: usize) -> f64 {
        self.next[at]
    }

    /// What its last step gained at least: never more than rounding above the true gain, and seldom far below.
    pub(super) const fn last(&self, at: usize) -> f64 {
        self.last[at]
    }

    /// Looks at items of one family, at most [`CHUNK`].
    pub(super) fn fill(
        &mut self,
        market: &Market<'_>,
        family: Family,
        items: Range<usize>,
        taken: &[i64],
    ) {
        if matches!(family, Family::Piecewise | Family::Other) {
            for (at, (item, &taken)) in items.zip(taken).enumerate() {
                self.fill_one(market, at, item, taken);
            }
            return;
        }
        for (steps, &taken) in self.steps.iter_mut().zip(taken) {
            *steps = f64_of_i64(taken);
        }
        self.compute(&market.layout.columns, family, items.clone());
        // Each item by itself, so that nothing depends on which others share its chunk.
        for (at, (item, &taken)) in items.zip(taken).enumerate() {
            if taken >= WIDE {
                self.fill_one(market, at, item, taken);
            } else if self.next[at].is_nan() {
                let unit = market.layout.unit;
                let curve = market.curve(item);
                self.next[at] = curve.gain(taken, unit).0;
                self.last[at] = curve.gain((taken - 1).max(0), unit).0;
            }
            if self.next[at] < NEARLY_NOTHING {
                let curve = market.curve(item);
                self.next[at] = curve.exact_gain(taken, market.layout.unit);
            }
        }
    }

    fn fill_one(&mut self, market: &Market<'_>, at: usize, item: usize, taken: i64) {
        let unit = market.layout.unit;
        let curve = market.curve(item);
        self.value[at] = value_of(market, item, taken);
        self.next[at] = curve.exact_gain(taken, unit);
        self.last[at] = curve.gain((taken - 1).max(0), unit).0;
    }

    /// Values, next gains and bounds of last ones for a family with formulas. Gains fall, and ever less steeply: a
    /// step gained at least as much more than the next one does, in proportion, as its end is steeper than the next one's.
    fn compute(&mut self, columns: &Columns, family: Family, items: Range<usize>) {
        let a = &columns.a[items.clone()];
        let b = &columns.b[items.clone()];
        let c = &columns.c[items];
        let Self {
            steps,
            value,
            next,
            last,
        } = self;
        let rows = a.iter().zip(b).zip(c).zip(steps.iter());
        let rows = rows.zip(value.iter_mut().zip(next).zip(last));
        match family {
            Family::Exponential => {
                for ((((&a, &b), &c), &n), ((value, next), last)) in rows {
                    let exponent = -b * n;
                    *value = -c * expm1(exponent);
                    *next = exp(a + exponent);
                    *last = *next * (1.0 + b * (1.0 + 0.5 * b));
                }
            }
            Family::Logarithmic => {
                for ((((&a, &b), _), &n), ((value, next), last)) in rows {
                    let (growth, s) = ln_growth(b + n);
                    *value = a * ln_1p(n / b);
                    *next = if b + n < GROWTH_FROM {
                        f64::NAN
                    } else {
                        a * growth
                    };
                    *last = *next * (1.0 + 2.0 * s * (1.0 + 2.0 * s));
                }
            }
            Family::Power => {
                for ((((_, &b), &c), &n), ((value, next), last)) in rows {
                    let before = n.max(1.0);
                    let whole = c * exp(b * ln(before));
                    let (ln_growth, s) = ln_growth(before);
                    let growth = expm1_small(b * ln_growth);
                    *value = if n > 0.5 { whole } else { 0.0 };
                    let gain = if n < GROWTH_FROM {
                        f64::NAN
                    } else {
                        whole * growth
                    };
                    *next = if n > 0.5 { gain } else { c };
                    *last = *next * steeper(s, growth);
                }
            }
            Family::Hyperbolic => {
                for ((((&a, &b), _), &n), ((value, next), last)) in rows {
                    let share = 1.0 / (b + n);
                    let after = 1.0 / (b + n + 1.0);
                    *value = a * (n * share);
                    *next = a * (b * share) * after;
                    *last = *next * (1.0 + 2.0 * after * (1.0 + 2.0 * after));
                }
            }
            Family::Adbudg => {
                for ((((&a, &b), &c), &n), ((value, next), last)) in rows {
                    let before = n.max(1.0);
                    let scale = exp(a) * c / b;
                    let odds = exp(b * ln(before / c));
                    let (ln_growth, s) = ln_growth(before);
                    let growth = expm1_small(b * ln_growth);
                    let more = odds * growth;
                    let inverse = 1.0 / (1.0 + odds);
                    let later = 1.0 / (1.0 + odds + more);
                    let first = scale * (odds * inverse);
                    *value = if n > 0.5 { first } else { 0.0 };
                    let gain = scale * (more * inverse * later);
                    let gain = if n < GROWTH_FROM { f64::NAN } else { gain };
                    *next = if n > 0.5 { gain } else { first };
                    let wider = (1.0 + odds + more) * inverse;
                    *last = *next * (steeper(s, growth) * (wider * wider));
                }
            }
            Family::Piecewise | Family::Other => {}
        }
    }
}

/// A lower bound on `(1 + 1/n)/(1 + growth)`, by how much the slope of a power falls over the next step, with `s` =
/// `1/(2n + 1)`.
#[expect(
    clippy::inline_always,
    reason = "parts of a column loop that are not inlined keep it from being vectorised"
)]
#[inline(always)]
fn steeper(s: f64, growth: f64) -> f64 {
    // 1 + 1/n = (1 + s)/(1 − s) ≥ 1 + 2s(1 + s(1 + s)).
    let longer = 1.0 + 2.0 * s * (1.0 + s * (1.0 + s));
    longer * (1.0 - growth * (1.0 - growth * (1.0 - growth)))
}

#[cfg(test)]
mod tests;
