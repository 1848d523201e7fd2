//! "Pay back within P" as a constraint on spend: the cap it puts on a concave response, and the interval
//! (zero or at least a minimum, up to a cap) that it puts on an S-shaped one.
//!
//! With A = Σ κₜ·δᵗ over t ≤ P and margin m, an outlay x with gain ΔS(x) has paid back within P iff
//! m·A·ΔS(x) ≥ x, that is, iff the average gain ΔS(x)/x is at least 1/(m·A). The average gain of a concave
//! response falls, so the lawful spends are 0..=cap. That of an S-shaped response rises to one peak and falls,
//! so they are 0 and an interval around the peak, or 0 alone.

use serde::{Deserialize, Serialize};

use super::{CashFlow, Convention, Payback, Periods, StanceError, Timing, cash_flow::is_weight};
use crate::{
    numeric::{cast, find_root},
    response::{Curve, PiecewiseLinear, Response, Shape},
};

/// Halvings towards 0 in search of a spend that pays back: beyond them a spend is below 2⁻⁶⁰ of the most.
const HALVINGS_MOST: u32 = 60;

/// The spends that a payback limit leaves to an activity, in whole minor units. Nothing is always lawful.
///
/// ```
/// use sortie::stance::Window;
/// assert!(Window::Closed.admits(0));
/// assert!(!Window::Closed.admits(1));
/// let window = Window::Open { minimum: 50, cap: 90 };
/// assert!(window.admits(0) && !window.admits(49) && window.admits(50) && !window.admits(91));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    /// No spend but 0 pays back in time.
    Closed,
    /// 0, or from `minimum` to `cap`, both included.
    Open {
        /// The least spend above 0 that pays back in time; 1 for a concave response.
        minimum: u64,
        /// The greatest spend that pays back in time.
        cap: u64,
    },
}

impl Window {
    /// Whether a spend pays back in time.
    #[must_use]
    pub const fn admits(self, spend: u64) -> bool {
        match self {
            Self::Closed => spend == 0,
            Self::Open { minimum, cap } => spend == 0 || (minimum <= spend && spend <= cap),
        }
    }

    /// The greatest lawful spend: 0 if closed.
    #[must_use]
    pub const fn cap(self) -> u64 {
        match self {
            Self::Closed => 0,
            Self::Open { cap, .. } => cap,
        }
    }

    /// The least lawful spend above 0; `None` if closed.
    #[must_use]
    pub const fn minimum(self) -> Option<u64> {
        match self {
            Self::Closed => None,
            Self::Open { minimum, .. } => Some(minimum),
        }
    }

    /// The window of whole steps (a sales call at 150.00): minimum and cap as multiples of `step`, of which 0
    /// counts as 1.
    #[must_use]
    pub fn in_steps(self, step: u64) -> Self {
        let Self::Open { minimum, cap } = self else {
            return Self::Closed;
        };
        let step = step.max(1);
        let cap = cap - cap % step;
        let minimum = minimum.div_ceil(step).saturating_mul(step);
        if minimum <= cap {
            Self::Open { minimum, cap }
        } else {
            Self::Closed
        }
    }
}

/// The test "m·A·ΔS(x) ≥ x" of one activity, and the spends that pass it.
///
/// ```
/// use sortie::response::{ModifiedExponential, Response};
/// use sortie::stance::{Convention, PaybackTest, Periods, Timing, Window};
/// // 200·(1−e^(−.002x)) a month at a margin of 75 %, to pay back within a year.
/// let test = PaybackTest::new(0.75, &Timing::level(12)?, Periods::new(12.0)?, Convention::simple())?;
/// let curve = ModifiedExponential::new(200.0, 0.002)?;
/// assert!((test.cap(1e6, |spend| curve.value(spend)) - 1745.1106).abs() < 1e-4);
/// // The same in whole cents.
/// assert_eq!(test.window(&curve.into(), 0.01, 1_000_000)?, Window::Open { minimum: 1, cap: 174_511 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaybackTest {
    factor: f64,
}

impl PaybackTest {
    /// The test of paying back within `limit`: `margin` is the contribution of one unit of response.
    ///
    /// # Errors
    /// [`StanceError::Margin`] if the margin is NaN, infinite or negative; [`StanceError::LimitZero`] for a limit of 0.
    pub fn new(
        margin: f64,
        timing: &Timing,
        limit: Periods,
        convention: Convention,
    ) -> Result<Self, StanceError> {
        if !is_weight(margin) {
            return Err(StanceError::Margin { value: margin });
        }
        if limit == Periods::ZERO {
            return Err(StanceError::LimitZero);
        }
        let factor = margin * timing.factor_within(limit, convention);
        Ok(Self { factor })
    }

    /// m·A: what one unit of response has contributed within the limit.
    #[must_use]
    pub const fn factor(self) -> f64 {
        self.factor
    }

    /// Whether an outlay with this gain has paid back within the limit.
    #[must_use]
    pub fn passes(self, outlay: f64, gain: f64) -> bool {
        outlay <= 0.0 || self.factor * gain >= outlay
    }

    /// The greatest spend in 0..=`most`, in currency units, at which a concave response with this gain pays
    /// back in time: 0 where m·A·ΔS′(0) ≤ 1, `most` where the limit does not bind. The end of the last
    /// bracket that passes is returned, never the one that fails.
    pub fn cap(self, most: f64, gain: impl Fn(f64) -> f64) -> f64 {
        if !is_weight(most) {
            return 0.0;
        }
        if self.passes(most, gain(most)) {
            return most;
        }
        // The surplus is concave and 0 at 0: above 0 up to the cap, below 0 after it.
        let surplus = |spend: f64| self.factor * gain(spend) - spend;
        let mut low = most;
        for _ in 0..HALVINGS_MOST {
            let high = low;
            low *= 0.5;
            if surplus(low) > 0.0 {
                return find_root(low, high, 0.0, surplus).map_or(low, |found| found.low);
            }
        }
        0.0
    }

    /// The whole minor units in 0..=`most` that pay back in time; `unit` is one minor unit in currency units
    /// (0.01 for a cent). `O(log most)` gains, for straight pieces times their number.
    ///
    /// A curve of straight pieces may pay back on several intervals: the one where the surplus m·A·ΔS(x) − x is
    /// greatest is taken, so the window never admits a spend that is late.
    ///
    /// # Errors
    /// [`StanceError::ShapeUnknown`] for a curve of one's own of which nothing is known but that it rises: nothing
    /// bounds where such a curve pays back.
    pub fn window(self, curve: &Curve, unit: f64, most: u64) -> Result<Window, StanceError> {
        let passes = |units: u64| {
            let spend = cast::f64_of_u64(units) * unit;
            self.passes(spend, curve.gain(0, units, unit))
        };
        let peak = match curve.shape() {
            Shape::Concave => 1,
            Shape::SShaped { .. } => peak_of_average(curve, unit, most),
            _ => match curve {
                Curve::PiecewiseLinear(straight) => {
                    return Ok(self.window_of_pieces(straight, unit, most));
                }
                _ => return Err(StanceError::ShapeUnknown),
            },
        };
        Ok(window_around(peak, (1, most), passes))
    }

    /// The window of straight pieces: the surplus is greatest at a joint or at an end, and between two
    /// joints it is straight, so that a run of joints that pass passes throughout.
    fn window_of_pieces(self, curve: &PiecewiseLinear, unit: f64, most: u64) -> Window {
        let surplus =
            |units: u64| self.factor * curve.gain(0, units, unit) - cast::f64_of_u64(units) * unit;
        let passes = |units: u64| surplus(units) >= 0.0;
        // Joints rarely fall on whole minor units: the ones on either side stand for them.
        let beside = |&(spend, _): &(f64, f64)| {
            let below = cast::u64_of_f64(spend / unit).unwrap_or(most);
            [below, below.saturating_add(1)]
        };
        let mut joints: Vec<u64> = curve.points().iter().flat_map(beside).collect();
        joints.extend([1, most]);
        joints.retain(|joint| (1..=most).contains(joint));
        joints.sort_unstable();
        joints.dedup();
        let best = joints.iter().copied().max_by(|a, b| {
            // Of equal surpluses the smaller spend.
            surplus(*a).total_cmp(&surplus(*b)).then(b.cmp(a))
        });
        let Some(peak) = best.filter(|peak| passes(*peak)) else {
            return Window::Closed;
        };
        let low = joints
            .iter()
            .rev()
            .find(|joint| **joint < peak && !passes(**joint));
        let high = joints
            .iter()
            .find(|joint| **joint > peak && !passes(**joint));
        let from = low.map_or(1, |fails| fails + 1);
        let to = high.map_or(most, |fails| fails - 1);
        // Within these the pieces next to the failing joints cross once each.
        window_around(peak, (from, to), passes)
    }
}

/// The shortest payback that any lawful spend on an activity can have: that of the spend with the best
/// average gain, of those from `least` to `most` minor units; [`Payback::Never`] if there is none.
///
/// A plan's cumulative contribution is the sum of its activities', so no plan pays back before the shortest
/// payback of the activities in it: the least of these is a proved lower bound for every plan \[F1\].
///
/// # Errors
/// [`StanceError::ShapeUnknown`] as [`PaybackTest::window`]; [`StanceError::Contribution`] if a contribution is not finite.
///
/// ```
/// use sortie::response::ModifiedExponential;
/// use sortie::stance::{Convention, Timing, shortest_payback};
/// let curve = ModifiedExponential::new(200.0, 0.002)?.into();
/// let shortest = shortest_payback(&curve, 0.01, (1, 1_000_000), (0.75, &Timing::level(12)?, Convention::simple()))?;
/// // The first cent returns .75·200·.002 = .30 of itself a month.
/// assert_eq!(shortest.to_string(), "3.33 periods");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shortest_payback(
    curve: &Curve,
    unit: f64,
    (least, most): (u64, u64),
    (margin, timing, convention): (f64, &Timing, Convention),
) -> Result<Payback, StanceError> {
    let least = least.max(1);
    if most < least {
        return Ok(Payback::Never);
    }
    let best = match (curve.shape(), curve) {
        (Shape::Concave, _) => least,
        (Shape::SShaped { .. }, _) => peak_of_average(curve, unit, most).max(least),
        (_, Curve::PiecewiseLinear(straight)) => best_joint(straight, unit, (least, most)),
        _ => return Err(StanceError::ShapeUnknown),
    };
    let outlay = cast::f64_of_u64(best) * unit;
    let gain = curve.gain(0, best, unit);
    Ok(CashFlow::of_response(outlay, gain, margin, timing)?.payback(convention))
}

/// The spend with the best average gain of straight pieces: on a piece the average goes one way, so it is
/// beside a joint.
fn best_joint(curve: &PiecewiseLinear, unit: f64, (least, most): (u64, u64)) -> u64 {
    let average = |units: u64| curve.gain(0, units, unit) / cast::f64_of_u64(units);
    let beside = |&(spend, _): &(f64, f64)| {
        let below = cast::u64_of_f64(spend / unit).unwrap_or(most);
        [below, below.saturating_add(1)]
    };
    let joints = curve.points().iter().flat_map(beside).chain([least, most]);
    joints
        .map(|joint| joint.clamp(least, most))
        .max_by(|a, b| average(*a).total_cmp(&average(*b)).then(b.cmp(a)))
        .unwrap_or(least)
}

/// The window that holds `peak` within `from..=to`, where passing is lost once on either side of it.
fn window_around(peak: u64, (from, to): (u64, u64), passes: impl Fn(u64) -> bool) -> Window {
    if peak < from || peak > to || !passes(peak) {
        return Window::Closed;
    }
    let before = greatest(from - 1, peak, |units| !passes(units));
    Window::Open {
        minimum: before + 1,
        cap: greatest(peak, to.saturating_add(1), passes),
    }
}

/// The spend in 1..=`most` at which the average gain of an S-shaped response is greatest.
fn peak_of_average(curve: &Curve, unit: f64, most: u64) -> u64 {
    // While the next unit gains at least the average, the average does not fall. Where both are 0 (a curve
    // that underflows near 0) the peak is further up.
    let rises = |units: u64| {
        let next = curve.gain(units, units.saturating_add(1), unit);
        next * cast::f64_of_u64(units) >= curve.gain(0, units, unit)
    };
    greatest(0, most.max(1), rises) + 1
}

/// The greatest n in low..high that has the property, where `low` counts as having it, `high` as not, and
/// it is lost once for all.
fn greatest(low: u64, high: u64, has: impl Fn(u64) -> bool) -> u64 {
    let (mut with, mut without) = (low, high);
    while without - with > 1 {
        let middle = with + (without - with) / 2;
        if has(middle) {
            with = middle;
        } else {
            without = middle;
        }
    }
    with
}
