//! The quick way to within a hair of the price: Newton on whole columns, then a window around it.
//!
//! Nothing here decides. Items whose count is the same throughout the window, by a formula whose error is bounded,
//! are settled; all others are handed on as open, with their exact counts at both ends of the window, and the window is
//! only used if the total lies between the demands at its ends.

use core::ops::Range;

use crate::numeric::cast::{f64_of_i64, f64_of_usize};
use crate::numeric::kernels::{WHOLE_MOST, floor, whole};

use super::columns::{Answers, BENT_MOST, CHUNK, Columns, Family, Price, Segment, held};
use super::layout::Market;
use super::region::{Open, Region};
use super::runs::count_of;

/// More items than this are first looked at through a sample.
const SAMPLE_FROM: usize = 20_000;
/// About how many items a sample has.
const SAMPLE_SIZE: usize = 6_000;
/// The most sweeps over all items, and windows tried.
const SWEEPS_MOST: u32 = 60;
const WINDOWS_MOST: u32 = 8;
/// Logarithms of prices beyond this are left to the slow way.
const LN_PRICE_MOST: f64 = 690.0;
/// The first stride from a guess by formula, and from a price that a sample or a neighbour has had.
const STRIDE_FIRST: f64 = 4.0;
const STRIDE_NEAR: f64 = 0.05;

/// Two prices between which the total lies, and what is still open between them.
pub(super) struct Window<'a> {
    /// Here demand exceeds the total.
    pub(super) low: f64,
    /// Here it does not.
    pub(super) high: f64,
    /// By node of the region, the steps of settled items.
    pub(super) settled: Vec<i128>,
    pub(super) open: Vec<Open<'a>>,
}

/// Demand and its slope against ln(price).
#[derive(Clone, Copy, Debug, Default)]
struct Demand {
    steps: f64,
    slope: f64,
}

struct Finder<'m, 'a> {
    market: &'m Market<'a>,
    region: Region,
    /// No item needs more than this.
    most: f64,
    total: f64,
}

/// Finds a window, writing the counts of settled items into `taken`; `None` leaves all to the slow way.
pub(super) fn find<'a>(
    market: &Market<'a>,
    region: Region,
    guess: Option<f64>,
    taken: &mut [i64],
) -> Option<Window<'a>> {
    let total = f64_of_i64(region.total);
    let items = market.layout.items_below(region.node).len();
    if region.total < 1 || total >= WHOLE_MOST / 2.0 || items == 0 {
        return None;
    }
    let finder = Finder {
        market,
        region,
        most: total + 1.0,
        total,
    };
    let segments = market.layout.segments_below(region.node);
    let columns = &market.layout.columns;
    let blind = |columns: &Columns, segments: &[Segment]| Start {
        at: finder.first_guess(columns, segments),
        stride: STRIDE_FIRST,
    };
    let informed = |at: f64| Start {
        at,
        stride: STRIDE_NEAR,
    };
    let start = match guess {
        Some(ln_price) => informed(ln_price),
        None if items > SAMPLE_FROM => {
            let sample = sample(columns, segments, items);
            let mut steps = vec![0; sample.a.len()];
            let first = blind(&sample, &sample.segments);
            let near = finder.approach(&sample, &sample.segments, &mut steps, first, true);
            // A sample may miss the few that decide; then all are asked from the start.
            near.map_or_else(|| blind(columns, segments), |near| informed(near.at))
        }
        None => blind(columns, segments),
    };
    let near = finder.approach(columns, segments, taken, start, false)?;
    finder.close_in(segments, taken, near)
}

/// Where Newton stopped.
#[derive(Clone, Copy, Debug)]
struct Near {
    /// ln(price).
    at: f64,
    /// Half of the window that should hold the price.
    width: f64,
    /// Steps per unit of ln(price).
    slope: f64,
}

/// Where a search sets out, and how far it goes while one side of the root is unknown.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: f64,
    stride: f64,
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

    /// The bracket itself, once few steps lie in it or nothing finer can be told apart.
    fn near(&self, noise: f64, rough: bool) -> Option<Near> {
        let ((low, more), (high, less)) = (self.below?, self.above?);
        let (width, steps) = (high - low, more - less);
        let enough = if rough {
            width < 1e-3
        } else {
            steps <= 2.0 + noise / 8.0 || width < 1e-12
        };
        enough.then(|| Near {
            at: 0.5 * (low + high),
            width: 0.5 * width * 1.01 + 4.0 * f64::EPSILON,
            slope: (steps / width.max(f64::EPSILON)).max(1.0),
        })
    }
}

/// Every so-many-th item of each segment, at least one.
fn sample(columns: &Columns, segments: &[Segment], items: usize) -> Columns {
    let stride = items / SAMPLE_SIZE;
    let mut sample = Columns::default();
    for segment in segments {
        let start = sample.a.len();
        for item in segment
            .items
            .clone()
            .skip(stride / 2)
            .step_by(stride.max(1))
        {
            take(columns, segment.family, item, &mut sample);
        }
        if sample.a.len() == start {
            take(columns, segment.family, segment.items.start, &mut sample);
        }
        let items = start..sample.a.len();
        let weight = f64_of_usize(segment.items.len()) / f64_of_usize(items.len());
        // `Other` items are asked by their place in the market, which a sample has lost.
        let known = segment.family != Family::Other;
        if known {
            sample.segments.push(Segment {
                items,
                weight,
                ..segment.clone()
            });
        }
    }
    sample
}

fn take(columns: &Columns, family: Family, item: usize, sample: &mut Columns) {
    let (mut a, mut b) = (columns.a[item], columns.b[item]);
    if family == Family::Piecewise {
        a = f64_of_usize(sample.runs.len());
        sample.runs.extend_from_slice(columns.runs_at(item));
        b = f64_of_usize(sample.runs.len());
    }
    sample.a.push(a);
    sample.b.push(b);
    sample.c.push(columns.c[item]);
    sample.floor.push(columns.floor[item]);
    sample.cap.push(columns.cap[item]);
}

/// The chunks of a range.
pub(super) fn chunks(items: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = items.end;
    items
        .step_by(CHUNK)
        .map(move |start| start..end.min(start + CHUNK))
}

impl<'a> Finder<'_, 'a> {
    /// The mean of ln(gain) at an equal share, over a few items.
    fn first_guess(&self, columns: &Columns, segments: &[Segment]) -> f64 {
        let count: usize = segments.iter().map(|segment| segment.items.len()).sum();
        let all: f64 = segments
            .iter()
            .map(|segment| segment.weight * f64_of_usize(segment.items.len()))
            .sum();
        let share = self.total / all.max(1.0);
        let stride = (count / 24).max(1);
        let (mut sum, mut seen) = (0.0, 0.0);
        for segment in segments {
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

    /// Newton on ln(demand) inside a bracket. Where demand is a bare staircase, or Newton leaves the bracket, a line
    /// between the ends of the bracket; while there is none, strides that grow.
    fn approach(
        &self,
        columns: &Columns,
        segments: &[Segment],
        steps: &mut [i64],
        start: Start,
        rough: bool,
    ) -> Option<Near> {
        let items = f64_of_usize(columns.a.len());
        // Whole steps make demand a staircase: nearer than this, Newton sees its noise.
        let noise = items.sqrt();
        let small = columns.a.len() <= SAMPLE_FROM;
        let mut bracket = Bracket::default();
        let Start { mut at, mut stride } = start;
        for round in 0..SWEEPS_MOST {
            if at.is_nan() || at.abs() > LN_PRICE_MOST {
                return None;
            }
            let warm = round > 0;
            let demand = self.sweep(columns, segments, Price::of_ln(at), steps, warm);
            let excess = demand.steps - self.total;
            bracket.narrow(at, excess);
            if let Some(near) = bracket.near(noise, rough) {
                return Some(near);
            }
            let newton = libm::log(demand.steps / self.total) * demand.steps / demand.slope;
            let next = match bracket.ends() {
                Some((low, high)) if !(newton + at > low && newton + at < high) => {
                    bracket.between()
                }
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
            if slope < 1.0 {
                // Nothing slopes here: only a bracket tells where the price is.
            } else if rough {
                if step < 1e-3 {
                    return Some(Near {
                        at: next,
                        width: 0.0,
                        slope,
                    });
                }
            } else if small {
                // Sweeps are cheap: go on until few steps are in doubt.
                let few = 2.0 + noise / 8.0;
                if excess.abs() <= few || step < 1e-13 || round > 12 && excess.abs() < 4.0 * noise {
                    let width = (excess.abs() + 2.0) / slope + 4.0 * f64::EPSILON;
                    let at = if excess > 0.0 { at + width } else { at - width };
                    return Some(Near {
                        at,
                        width: width * 1.01,
                        slope,
                    });
                }
            } else if slope * step * step <= noise || step < 1e-13 {
                let width = (2.0 * noise + slope * step * step) / slope + 4.0 * f64::EPSILON;
                return Some(Near {
                    at: next,
                    width,
                    slope,
                });
            }
            at = next;
        }
        None
    }

    /// Demand at a price, through the clamps of the nodes. `steps` keeps the answers of families without a closed
    /// form, from which the next sweep sets out if `warm`.
    fn sweep(
        &self,
        columns: &Columns,
        segments: &[Segment],
        price: Price,
        steps: &mut [i64],
        warm: bool,
    ) -> Demand {
        let base = self.region.node;
        let nodes = &self.market.layout.nodes;
        let mut sums = vec![Demand::default(); nodes[base].end - base];
        let mut answers = Answers::new();
        for segment in segments {
            let mut sum = Demand::default();
            for items in chunks(segment.items.clone()) {
                let one = if segment.family == Family::Other {
                    self.sweep_exactly(items, price)
                } else {
                    let kept = &mut steps[items.clone()];
                    let start = warm.then_some(&*kept);
                    columns.answer(segment.family, items.clone(), price, start, &mut answers);
                    if segment.plain {
                        self.add_plain(items.len(), &answers, segment.family, kept)
                    } else {
                        self.add_bounded(columns, items, &answers, segment.family, kept)
                    }
                };
                sum.steps += one.steps;
                sum.slope += one.slope;
            }
            let node = &mut sums[segment.node - base];
            node.steps += segment.weight * sum.steps;
            node.slope += segment.weight * sum.slope;
        }
        for at in (base + 1..nodes[base].end).rev() {
            let (node, Demand { steps, slope }) = (&nodes[at], sums[at - base]);
            let (floor, cap) = (f64_of_i64(node.floor), f64_of_i64(node.cap));
            let parent = &mut sums[node.parent - base];
            parent.steps += steps.max(floor).min(cap);
            parent.slope += if steps > floor && steps < cap {
                slope
            } else {
                0.0
            };
        }
        sums[0]
    }

    fn add_plain(
        &self,
        count: usize,
        answers: &Answers,
        family: Family,
        kept: &mut [i64],
    ) -> Demand {
        let mut demand = Demand::default();
        let rows = answers.at[..count].iter().zip(&answers.slope);
        for (&at, &slope) in rows {
            let steps = floor(held(at) + 1.0);
            demand.steps += steps.min(self.most);
            let inside = steps > 0.0 && steps < self.most;
            demand.slope += if inside { slope } else { 0.0 };
        }
        if family == Family::Adbudg {
            for (kept, &at) in kept.iter_mut().zip(&answers.at) {
                *kept = whole(floor(held(at).max(0.0)));
            }
        }
        demand
    }

    fn add_bounded(
        &self,
        columns: &Columns,
        items: Range<usize>,
        answers: &Answers,
        family: Family,
        kept: &mut [i64],
    ) -> Demand {
        let mut demand = Demand::default();
        let rows = columns.floor[items.clone()].iter().zip(&columns.cap[items]);
        for ((&low, &high), (&at, &slope)) in rows.zip(answers.at.iter().zip(&answers.slope)) {
            let low = f64_of_i64(low);
            let high = f64_of_i64(high).min(self.most).max(low);
            let steps = floor(held(at) + 1.0);
            demand.steps += steps.max(low).min(high);
            let inside = steps > low && steps < high;
            demand.slope += if inside { slope } else { 0.0 };
        }
        if family == Family::Adbudg {
            for (kept, &at) in kept.iter_mut().zip(&answers.at) {
                *kept = whole(floor(held(at).max(0.0)));
            }
        }
        demand
    }

    fn sweep_exactly(&self, items: Range<usize>, price: Price) -> Demand {
        let mut demand = Demand::default();
        for item in items {
            let floor = self.market.layout.columns.floor[item];
            let curve = self.market.curve(item);
            let most = self.region.most(self.market, item);
            let count = curve.count(price.gain, most, self.market.layout.unit);
            demand.steps += f64_of_i64(count.max(floor));
        }
        demand
    }

    /// Tries windows around the price until one holds it.
    fn close_in(&self, segments: &[Segment], taken: &mut [i64], near: Near) -> Option<Window<'a>> {
        let Near {
            mut at,
            mut width,
            slope,
        } = near;
        for _ in 0..WINDOWS_MOST {
            if at.abs() + width > LN_PRICE_MOST {
                return None;
            }
            let window = self.window(segments, taken, at, width);
            let above = self.excess(&window, |open| open.above);
            let reach = self.excess(&window, |open| open.reach);
            if above <= 0 && reach > 0 {
                return Some(window);
            }
            // Which way, and by the slope how far; twice that to be sure.
            let missed = if above > 0 { above } else { reach - 1 };
            let missed = crate::numeric::cast::f64_of_i128(missed);
            let shift = missed / slope;
            at += shift + width * if above > 0 { 1.0 } else { -1.0 };
            width = width.max(shift.abs()) * 2.0;
        }
        None
    }

    /// Demand less the total, exactly.
    fn excess(&self, window: &Window<'_>, count: impl Fn(&Open<'_>) -> i64) -> i128 {
        let sums = self
            .region
            .sums(self.market, &window.settled, &window.open, count);
        sums.first().copied().unwrap_or(0) - i128::from(self.region.total)
    }

    /// Settles what is the same throughout a window.
    fn window(&self, segments: &[Segment], taken: &mut [i64], at: f64, width: f64) -> Window<'a> {
        let base = self.region.node;
        let nodes = &self.market.layout.nodes;
        let price = Price::of_ln(at);
        let mut window = Window {
            low: libm::exp(at - width),
            high: libm::exp(at + width),
            settled: vec![0; nodes[base].end - base],
            open: Vec::new(),
        };
        let mut answers = Answers::new();
        let mut low = [0.0; CHUNK];
        let mut high = [0.0; CHUNK];
        let mut bend = [0.0; CHUNK];
        // The ends are rounded.
        let half = width + 8.0 * f64::EPSILON * (at.abs() + 1.0);
        for segment in segments {
            let columns = &self.market.layout.columns;
            // One chunk fits an i64, a segment may not.
            let mut sum = 0_i128;
            for items in chunks(segment.items.clone()) {
                if segment.family == Family::Other {
                    self.open_all(items, segment.node, &mut window);
                    continue;
                }
                if segment.family == Family::Piecewise {
                    sum +=
                        i128::from(self.settle_straight(items, segment.node, taken, &mut window));
                    continue;
                }
                let kept = &mut taken[items.clone()];
                columns.answer(
                    segment.family,
                    items.clone(),
                    price,
                    Some(kept),
                    &mut answers,
                );
                columns.bend(segment.family, items.clone(), price, &mut bend);
                let rows = answers.at.iter().zip(&answers.slope);
                let rows = rows.zip(answers.error.iter().zip(&bend));
                for ((low, high), ((&at, &slope), (&error, &bend))) in
                    low.iter_mut().zip(&mut high).zip(rows).take(items.len())
                {
                    // Within the window slopes grow at most by e^drift, errors by its fourth power.
                    let drift = bend * half;
                    let half = slope * half * (1.0 + drift) + error * (1.0 + 6.0 * drift);
                    let half = if drift <= BENT_MOST {
                        half
                    } else {
                        f64::INFINITY
                    };
                    *low = floor(held(at - half) + 1.0).max(0.0).min(self.most);
                    *high = floor(held(at + half) + 1.0).max(0.0).min(self.most);
                    // NaN compares as different.
                    *high = if half < WHOLE_MOST { *high } else { f64::NAN };
                }
                if !segment.plain {
                    self.clamp(items.clone(), &mut low, &mut high);
                }
                let mut part = 0_i64;
                for (((kept, &low), &high), item) in kept.iter_mut().zip(&low).zip(&high).zip(items)
                {
                    let steps = whole(low);
                    *kept = steps;
                    // Bit for bit: a NaN is never settled.
                    if low.to_bits() == high.to_bits() {
                        part += if segment.plain {
                            steps
                        } else {
                            steps.max(columns.floor[item])
                        };
                    } else {
                        self.open_one(item, segment.node, &mut window);
                    }
                }
                sum += i128::from(part);
            }
            window.settled[segment.node - base] += sum;
        }
        window
    }

    /// Holds both ends below the cap; where the floor decides, they agree.
    fn clamp(&self, items: Range<usize>, low: &mut [f64], high: &mut [f64]) {
        let columns = &self.market.layout.columns;
        let bounds = columns.floor[items.clone()].iter().zip(&columns.cap[items]);
        for ((low, high), (&floor, &cap)) in low.iter_mut().zip(high).zip(bounds) {
            let (floor, cap) = (f64_of_i64(floor), f64_of_i64(cap));
            *low = low.min(cap);
            *high = if high.is_nan() { *high } else { high.min(cap) };
            // Below the floor the count itself does not matter.
            *high = if *high < floor { *low } else { *high };
        }
    }

    /// As [`Finder::window`] for straight pieces, whose counts are exact and jump.
    fn settle_straight(
        &self,
        items: Range<usize>,
        node: usize,
        taken: &mut [i64],
        window: &mut Window<'a>,
    ) -> i64 {
        let columns = &self.market.layout.columns;
        let mut sum = 0;
        for item in items {
            let runs = columns.runs_at(item);
            let (floor, most) = (columns.floor[item], self.region.most(self.market, item));
            let reach = count_of(runs, window.low).min(most);
            let above = count_of(runs, window.high).min(most);
            if above == reach || reach < floor {
                taken[item] = above;
                sum += above.max(floor);
            } else {
                self.open_one(item, node, window);
            }
        }
        sum
    }

    fn open_all(&self, items: Range<usize>, node: usize, window: &mut Window<'a>) {
        for item in items {
            self.open_one(item, node, window);
        }
    }

    fn open_one(&self, item: usize, node: usize, window: &mut Window<'a>) {
        let unit = self.market.layout.unit;
        let curve = self.market.curve(item);
        let most = self.region.most(self.market, item);
        let reach = curve.count(window.low, most, unit);
        let above = if reach == 0 {
            0
        } else {
            curve.count(window.high, reach, unit)
        };
        window.open.push(Open {
            item,
            node,
            above,
            reach,
            curve,
            only: None,
        });
    }
}
