//! Demand at a price, for whole columns of one family at a time.
//!
//! Each family answers "at this gain per step, at which (real) number of steps would you stop" by its own formula over
//! three parameters, together with how fast that falls as the price rises and how far rounding may have moved it.
//! An answer is trusted only where no whole number lies within the error; anywhere else the exact gains decide.

#![expect(
    clippy::inline_always,
    reason = "parts of a column loop that are not inlined keep it from being vectorised"
)]

use core::ops::Range;

use crate::numeric::cast::{f64_of_i64, usize_of_f64};
use crate::numeric::kernels::{WHOLE_MOST, exp, expm1, ln, ln_1p};
use crate::response::Curve;

use super::runs::{Run, count_of};
use super::step_curve::Unit;

/// Items handled at a time: small enough for the first-level cache.
pub(super) const CHUNK: usize = 256;

/// Demands of exponents beyond this are more steps than any column holds.
const EXPONENT_MOST: f64 = 40.0;

/// The most by which slopes may change within a window, in ln, for its ends to be told from its middle.
pub(super) const BENT_MOST: f64 = 0.125;

const ULP: f64 = f64::EPSILON;

/// The most that the middle of a step can lead astray. With a slope that falls, step `n` gains at most the slope at its
/// start and at least that at its end: where the slope meets the price after `r` steps, the gain does between `r − 1` and
/// `r`. The formulas answer `r − 1/2` and a correction of less than a half.
const ASTRAY_MOST: f64 = 1.0;

/// How far the correction of the middle of a step leads astray, by `r³`: a power by at most 1/720, where its exponent
/// vanishes; ADBUDG by at most 1/128, where its exponent is 1 and half of the scale is reached long before the first
/// step. That is where the next terms of the series lead, and no curve of a fine grid of exponents, halves and prices
/// is further off. Twice that.
const ASTRAY: f64 = 1.0 / 64.0;

/// A last step of an ADBUDG item longer than this is followed by more, one item at a time: exponents close to 1 lag.
const STRAGGLING: f64 = 2e-3;
const STRAGGLES_MOST: u32 = 4;

/// What the columns mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// `a` = ln of the first gain, `b` = decay per step, `c` = scale.
    Exponential,
    /// `a` = scale, `b` = half in steps.
    Logarithmic,
    /// `a` = ln(scale·exponent·unit^exponent), `b` = exponent, `c` = value of the first step.
    Power,
    /// ADBUDG with exponent 1: `a` = scale, `b` = half in steps.
    Hyperbolic,
    /// ADBUDG with an exponent below 1: `a` = ln(scale·exponent/half), `b` = exponent, `c` = half in steps.
    Adbudg,
    /// Straight pieces: its runs lie from `a` to `b` in [`Columns::runs`].
    Piecewise,
    /// No formula: every item is settled by its exact gains.
    Other,
}

pub(super) const FAMILIES: usize = 7;

/// A run of items of one family in one node.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) family: Family,
    pub(super) node: usize,
    pub(super) items: Range<usize>,
    /// The sums of its floors and of its caps, in steps.
    pub(super) floors: i128,
    pub(super) caps: i128,
    /// Where the floors and caps of its items begin; `None` if they have none.
    pub(super) bounds: Option<usize>,
    /// Whether one of its activities states a least spend other than 0; it is then at most one step.
    pub(super) minimums: bool,
    /// How many items each one stands for: 1, or more in a sample.
    pub(super) weight: f64,
}

impl Segment {
    /// A segment whose bounds are not known yet.
    pub(super) const fn new(family: Family, node: usize, items: Range<usize>) -> Self {
        Self {
            family,
            node,
            items,
            floors: 0,
            caps: 0,
            bounds: None,
            minimums: false,
            weight: 1.0,
        }
    }
}

/// Parameters by item, and the bounds of those segments that have any, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
    pub(super) c: Vec<f64>,
    pub(super) floor: Vec<i64>,
    pub(super) cap: Vec<i64>,
    pub(super) segments: Vec<Segment>,
    /// The runs of all straight-line curves.
    pub(super) runs: Vec<Run>,
}

/// The answers of one chunk.
#[derive(Clone)]
pub(super) struct Answers {
    /// The real number of steps at which the gain meets the price.
    pub(super) at: [f64; CHUNK],
    /// How much that falls per unit of ln(price).
    pub(super) slope: [f64; CHUNK],
    /// A bound on the error of `at`.
    pub(super) error: [f64; CHUNK],
    /// Where a family without a closed form found its answer, in its own terms.
    pub(super) place: [f64; CHUNK],
}

impl Answers {
    pub(super) const fn new() -> Self {
        Self {
            at: [0.0; CHUNK],
            slope: [0.0; CHUNK],
            error: [0.0; CHUNK],
            place: [0.0; CHUNK],
        }
    }
}

/// A price per step and its logarithm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    pub(super) gain: f64,
    pub(super) ln: f64,
}

impl Price {
    pub(super) fn of_ln(ln: f64) -> Self {
        Self {
            gain: libm::exp(ln),
            ln,
        }
    }
}

/// The family of a curve.
pub(super) fn family_of(curve: &Curve) -> Family {
    match curve {
        Curve::ModifiedExponential(_) => Family::Exponential,
        Curve::Logarithmic(_) => Family::Logarithmic,
        Curve::Power(_) => Family::Power,
        Curve::Adbudg(curve) if curve.exponent() < 1.0 => Family::Adbudg,
        Curve::Adbudg(_) => Family::Hyperbolic,
        Curve::PiecewiseLinear(_) => Family::Piecewise,
        _ => Family::Other,
    }
}

/// The three parameters of a curve, by the meaning of its family.
pub(super) fn parameters(curve: &Curve, unit: Unit, ln_unit: f64) -> (f64, f64, f64) {
    let size = unit.size();
    match curve {
        Curve::ModifiedExponential(curve) => {
            let decay = curve.rate() * size;
            (ln(curve.scale()) + ln(-expm1(-decay)), decay, curve.scale())
        }
        Curve::Logarithmic(curve) => (curve.scale(), curve.half() / size, 0.0),
        Curve::Power(curve) => {
            let exponent = curve.exponent();
            let first = ln(curve.scale()) + exponent * ln_unit;
            (first + ln(exponent), exponent, exp(first))
        }
        Curve::Adbudg(curve) => {
            let half = curve.half() / size;
            if curve.exponent() < 1.0 {
                let steepest = ln(curve.scale()) + ln(curve.exponent()) - ln(half);
                (steepest, curve.exponent(), half)
            } else {
                (curve.scale(), half, 0.0)
            }
        }
        // Runs are placed when they are listed.
        _ => (0.0, 0.0, 0.0),
    }
}

impl Columns {
    /// Answers a price for part of a segment, at most [`CHUNK`] items. `start` holds the bits of earlier
    /// [`Answers::place`]s, from which families without a closed form set out, and how far their price lies, in ln.
    pub(super) fn answer(
        &self,
        family: Family,
        items: Range<usize>,
        price: Price,
        start: Option<(&[i64], f64)>,
        out: &mut Answers,
    ) {
        let a = &self.a[items.clone()];
        let b = &self.b[items.clone()];
        let c = &self.c[items];
        match family {
            Family::Exponential => exponential(a, b, price, out),
            Family::Logarithmic => logarithmic(a, b, price, out),
            Family::Power => power(a, b, price, out),
            Family::Hyperbolic => hyperbolic(a, b, price, out),
            Family::Adbudg => adbudg((a, b, c), price, start, out),
            Family::Piecewise => self.piecewise(a, b, price, out),
            Family::Other => out.error.fill(f64::INFINITY),
        }
    }
}

impl Columns {
    /// The runs of an item with straight pieces.
    pub(super) fn runs_at(&self, item: usize) -> &[Run] {
        self.runs_between(self.a[item], self.b[item])
    }

    fn runs_between(&self, from: f64, to: f64) -> &[Run] {
        let place = |at: f64| usize_of_f64(at).unwrap_or(0);
        self.runs.get(place(from)..place(to)).unwrap_or_default()
    }

    /// Counts are exact, and do not slope.
    fn piecewise(&self, a: &[f64], b: &[f64], price: Price, out: &mut Answers) {
        for ((&from, &to), at) in a.iter().zip(b).zip(&mut out.at) {
            *at = f64_of_i64(count_of(self.runs_between(from, to), price.gain)) - 1.0;
        }
        out.slope.fill(0.0);
        out.error.fill(0.0);
    }

    /// A bound on how fast the slope itself changes near a price: `|d ln(slope) / d ln(price)|`, for prices that
    /// differ by less than [`BENT_MOST`] over that bound.
    pub(super) fn bend(
        &self,
        family: Family,
        items: Range<usize>,
        price: Price,
        out: &mut [f64; CHUNK],
    ) {
        match family {
            Family::Exponential | Family::Piecewise => out.fill(0.0),
            Family::Logarithmic => {
                for (out, &a) in out.iter_mut().zip(&self.a[items]) {
                    *out = 1.0 + 1.25 * (price.gain / a);
                }
            }
            Family::Power | Family::Adbudg => {
                for (out, &b) in out.iter_mut().zip(&self.b[items]) {
                    *out = 2.0 / (1.0 - b);
                }
            }
            Family::Hyperbolic => out.fill(1.0),
            Family::Other => out.fill(f64::INFINITY),
        }
    }
}

/// Error of a difference of logarithms.
#[inline(always)]
fn blur(a: f64, price: Price) -> f64 {
    4.0 * ULP * (a.abs() + price.ln.abs() + 4.0)
}

fn exponential(a: &[f64], b: &[f64], price: Price, out: &mut Answers) {
    let Answers {
        at, slope, error, ..
    } = out;
    for ((((&a, &b), at), slope), error) in a.iter().zip(b).zip(at).zip(slope).zip(error) {
        let inverse = 1.0 / b;
        *at = (a - price.ln) * inverse;
        *slope = inverse;
        *error = inverse * blur(a, price) + 4.0 * ULP * (at.abs() + 1.0);
    }
}

fn logarithmic(a: &[f64], b: &[f64], price: Price, out: &mut Answers) {
    let Answers {
        at, slope, error, ..
    } = out;
    for ((((&a, &b), at), slope), error) in a.iter().zip(b).zip(at).zip(slope).zip(error) {
        let q = price.gain / a;
        let z = 1.0 / expm1(q);
        *at = z - b;
        *slope = q * z * (1.0 + z);
        // Whole steps are counted from 1, beside which a smaller error would be lost.
        *error = 16.0 * ULP * (z + b + 1.0);
    }
}

fn power(a: &[f64], b: &[f64], price: Price, out: &mut Answers) {
    let Answers {
        at, slope, error, ..
    } = out;
    for ((((&a, &b), at), slope), error) in a.iter().zip(b).zip(at).zip(slope).zip(error) {
        let sharpness = 1.0 / (1.0 - b);
        let root = exp(((a - price.ln) * sharpness).min(EXPONENT_MOST));
        let inverse = 1.0 / root;
        // A step's gain is the slope at its middle, but for terms of the third derivative; below the first step
        // that series means nothing, and must not lift the demand.
        let middle = root + (2.0 - b) * (1.0 / 24.0) * inverse.min(1.0);
        *at = middle - 0.5;
        *slope = root * sharpness;
        *error = *slope * (blur(a, price) + 8.0 * ULP)
            + (ASTRAY * inverse * inverse * inverse).min(ASTRAY_MOST)
            + 8.0 * ULP * middle;
    }
}

fn hyperbolic(a: &[f64], b: &[f64], price: Price, out: &mut Answers) {
    let Answers {
        at, slope, error, ..
    } = out;
    for ((((&a, &b), at), slope), error) in a.iter().zip(b).zip(at).zip(slope).zip(error) {
        // gain(n) = a·b/((b+n)(b+n+1)).
        let square = a * b / price.gain;
        let root = (square + 0.25).sqrt();
        *at = root - 0.5 - b;
        *slope = 0.5 * square / root;
        *error = 16.0 * ULP * (root + b + 1.0);
    }
}

/// One round towards the place where an ADBUDG gain meets the price, from its level above the price and its exponent:
/// the next place, and the step to it.
///
/// ln gain falls in ln n and bends downwards: Newton closes in from the right. With half a weight the bend is taken into
/// account (Chebyshev's method): of what is left, that leaves less than the third power. From the left a step may
/// go astray, where the gain has hardly any slope; but the place does not lie beyond `furthest`.
#[inline(always)]
fn nearer((level, b): (f64, f64), place: f64, furthest: f64, weight: f64) -> (f64, f64) {
    let odds = exp(b * place);
    let share = odds / (1.0 + odds);
    let excess = level + (b - 1.0) * place - 2.0 * ln_1p(odds);
    let steepness = (b - 1.0) - 2.0 * b * share;
    let inverse = 1.0 / steepness;
    let step = excess * inverse;
    let bend = -2.0 * b * b * share * (1.0 - share) * inverse;
    let factor = (1.0 + weight * step * bend).max(0.5);
    ((place - step * factor).min(furthest), step)
}

fn adbudg(
    (a, b, c): (&[f64], &[f64], &[f64]),
    price: Price,
    start: Option<(&[i64], f64)>,
    out: &mut Answers,
) {
    let Answers {
        at,
        slope,
        error,
        place,
    } = out;
    // Where the straight lines that the gain nears at both ends, in logarithms, meet the price.
    let mut furthest = [0.0; CHUNK];
    for ((furthest, &a), &b) in furthest.iter_mut().zip(a).zip(b) {
        let level = a - price.ln;
        *furthest = (level / (1.0 - b)).min(level / (1.0 + b));
    }
    let near = start.filter(|&(_, way)| way < 0.3);
    let rounds = if let Some((start, way)) = near {
        for (place, &start) in place.iter_mut().zip(start) {
            *place = f64::from_bits(u64::from_ne_bytes(start.to_ne_bytes()));
        }
        // Near by, the correction of one round leaves an error of the third order, which is counted below.
        match way {
            ..1e-3 => 1,
            ..0.03 => 2,
            _ => 3,
        }
    } else {
        *place = furthest;
        4
    };
    for round in (0..rounds).rev() {
        let weight = if round < 2 { 0.5 } else { 0.0 };
        let rows = a.iter().zip(b).zip(place.iter_mut().zip(&furthest));
        for (((&a, &b), (place, &furthest)), at) in rows.zip(at.iter_mut()) {
            (*place, *at) = nearer((a - price.ln, b), *place, furthest, weight);
        }
    }
    for (item, (&a, &b)) in a.iter().zip(b).enumerate() {
        for _ in 0..STRAGGLES_MOST {
            if at[item].abs() <= STRAGGLING {
                break;
            }
            let level = a - price.ln;
            (place[item], at[item]) = nearer((level, b), place[item], furthest[item], 0.5);
        }
    }
    let mut rooms = [0.0; CHUNK];
    let rows = a.iter().zip(b).zip(c).zip(place.iter());
    let out = at.iter_mut().zip(slope.iter_mut()).zip(error.iter_mut());
    for (((((&a, &b), &c), &place), ((at, slope), error)), room) in rows.zip(out).zip(&mut rooms) {
        let odds = exp(b * place);
        let inverse = 1.0 / (1.0 + odds);
        let first = (b - 1.0) - 2.0 * b * (odds * inverse);
        let second = -2.0 * b * b * odds * inverse * inverse;
        let root = c * exp(place.min(EXPONENT_MOST));
        let third = (first * first - first + second) * (1.0 / 24.0);
        let step = *at;
        let reciprocal = 1.0 / root;
        let speed = root / -first;
        *at = root - third * reciprocal.min(1.0) / first - 0.5;
        *slope = speed;
        *error = speed
            * (blur(a, price)
                + 4.0 * ULP * place.abs()
                + 4.0 * (step * step) * step.abs().min(1.0))
            + (ASTRAY * reciprocal * reciprocal * reciprocal).min(ASTRAY_MOST)
            + 8.0 * ULP * root
            // Where `half` is far below a step, exponents cut off may still be counts.
            + (place - EXPONENT_MOST).max(0.0) * f64::MAX;
        // Surely none, where even the first step gains less: it gains at most (1 + odds)²·root^(1−b)/b times the price.
        // By 1 + odds ≤ e^odds, ln(root) ≤ 2(root − 1)/(root + 1) and −ln(b) ≤ (1 − b)/√b, with room for a window's width.
        let slack = 2.0 * (1.0 - 1.1 * root) * (1.0 - b)
            - (1.0 + 1.1 * root) * ((1.0 - b) / b.sqrt() + 2.2 * odds);
        *room = slack.min(1e-2 - step.abs());
    }
    // A loop of its own: with choices the one above is not vectorised.
    let rows = at.iter_mut().zip(slope.iter_mut().zip(error));
    for ((at, (slope, error)), &room) in rows.zip(&rooms) {
        let none = room > 0.0;
        *at = if none { -0.5 } else { *at };
        *slope = if none { 0.0 } else { *slope };
        *error = if none { 0.1 } else { *error };
    }
}

/// A real demand as a whole number of steps within what matters; NaN counts as none.
#[inline(always)]
#[expect(clippy::manual_clamp, reason = "a clamp would let NaN through")]
pub(super) fn held(at: f64) -> f64 {
    at.max(-1.0).min(WHOLE_MOST - 2.0)
}

#[cfg(test)]
mod tests;
