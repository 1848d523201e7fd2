//! A window of prices around the one sought, by whole columns.
//!
//! Nothing here decides. Items whose count is the same throughout the window, by a formula whose error is bounded,
//! are settled; all others are handed on as open, with their exact counts at both ends of the window, but for those
//! below a node that is surely held at its floor or cap. A window is only used if the total lies between the demands at
//! its ends.

use core::ops::Range;

use crate::numeric::cast::{f64_of_i64, f64_of_i128};
use crate::numeric::kernels::{WHOLE_MOST, floor, whole};

use super::approach::{LN_PRICE_MOST, Near, approach};
use super::bounds::{Bound, Bounds, bound_at};
use super::columns::{Answers, BENT_MOST, CHUNK, Family, Price, held};
use super::jobs::{JOB, Job, chunks, each, jobs};
use super::region::clamped;
use super::runs::count_of;
use super::search::{Only, Open};
use super::sweep::{Demand, Rows, Sweeper};

/// The most windows tried.
const WINDOWS_MOST: u32 = 8;
/// ln of a price at which gains that fall like a power are answered instead of at the least of all, where the
/// formulas would underflow: demand at the least is at least this.
const LN_LOW: f64 = -600.0;

/// Two prices between which the total lies, and what is still open between them.
pub(super) struct Window<'a> {
    /// Here demand exceeds the total.
    pub(super) low: f64,
    /// Here it does not.
    pub(super) high: f64,
    /// By node of the region, the steps of settled items.
    pub(super) settled: Vec<i128>,
    pub(super) open: Vec<Open<'a>>,
    /// Demand by node at a price near by, and ln of that price.
    pub(super) swept: Option<(f64, Vec<Demand>)>,
}

/// Finds a window, writing the counts of settled items into `taken`; `None` leaves all to the slow way.
pub(super) fn find<'a>(
    sweeper: &Sweeper<'_, 'a>,
    guess: Option<f64>,
    taken: &mut [i64],
) -> Option<Window<'a>> {
    let layout = sweeper.market.layout;
    let region = sweeper.region;
    if region.total < 1 || sweeper.total >= WHOLE_MOST / 2.0 || taken.is_empty() {
        return None;
    }
    let rows = Rows {
        columns: &layout.columns,
        segments: layout.segments_below(region.node),
    };
    let near = approach(sweeper, rows, guess, taken)?;
    sweeper.close_in(rows, taken, near)
}

/// Finds what is settled and open at the least price of all; `None` leaves all to the slow way.
pub(super) fn find_bottom<'a>(sweeper: &Sweeper<'_, 'a>, taken: &mut [i64]) -> Option<Window<'a>> {
    let layout = sweeper.market.layout;
    if sweeper.total >= WHOLE_MOST / 2.0 {
        return None;
    }
    let rows = Rows {
        columns: &layout.columns,
        segments: layout.segments_below(sweeper.region.node),
    };
    let least = f64::MIN_POSITIVE;
    let span = Span {
        at: libm::log(least),
        half: 0.0,
        low: least,
        high: least,
        bottom: true,
        warm: false,
    };
    Some(sweeper.window(rows, taken, span))
}

/// The prices of a window.
#[derive(Clone, Copy)]
struct Span {
    /// ln of the middle, and how far its ends lie from it.
    at: f64,
    half: f64,
    /// The ends themselves.
    low: f64,
    high: f64,
    /// Whether it is the least price of all.
    bottom: bool,
    /// Whether what is kept of the items is where a sweep near by found its answers.
    warm: bool,
}

/// An item that formulas could not settle: between the prices of the window it takes at least and at most so much.
struct Candidate {
    item: usize,
    node: usize,
    floor: i64,
    least: i64,
    most: i64,
}

/// What is known of the members of a node, without its child nodes.
#[derive(Clone, Copy, Default)]
struct Known {
    settled: i128,
    /// With all other members at the least, and at the most, that they may take within the window.
    least: i128,
    most: i128,
}

/// What one job found: the first node that it knows of, what it knows of that and the next ones, and what is left.
type Found = (usize, Vec<Known>, Vec<Candidate>);

impl<'a> Sweeper<'_, 'a> {
    /// Tries windows around the price until one holds it.
    fn close_in(&self, rows: Rows<'_>, taken: &mut [i64], near: Near) -> Option<Window<'a>> {
        let Near {
            mut at,
            mut width,
            slope,
            swept,
        } = near;
        for round in 0..WINDOWS_MOST {
            if at.abs() + width > LN_PRICE_MOST {
                return None;
            }
            let span = Span {
                at,
                half: width,
                low: libm::exp(at - width),
                high: libm::exp(at + width),
                bottom: false,
                warm: round == 0,
            };
            let mut window = self.window(rows, taken, span);
            let above = self.excess(&window, |open| open.above);
            let reach = self.excess(&window, |open| open.reach);
            if above <= 0 && reach > 0 {
                window.swept = Some(swept);
                return Some(window);
            }
            // Which way, and by the slope how far; twice that to be sure.
            let missed = f64_of_i128(if above > 0 { above } else { reach - 1 });
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
    fn window(&self, rows: Rows<'_>, taken: &mut [i64], span: Span) -> Window<'a> {
        let base = self.region.node;
        let nodes = self.market.layout.nodes[base].end - base;
        let mut known = vec![Known::default(); nodes];
        let mut left: Vec<Candidate> = Vec::new();
        let parts = jobs(rows.segments).zip(taken.chunks_mut(JOB));
        each(
            parts,
            |(job, taken)| self.settle_job(&job, taken, span),
            |(first, part, candidates): Found| {
                for (known, part) in known[first - base..].iter_mut().zip(part) {
                    known.settled += part.settled;
                    known.least += part.least;
                    known.most += part.most;
                }
                if left.is_empty() {
                    left = candidates;
                } else {
                    left.extend(candidates);
                }
            },
        );
        let mut window = Window {
            low: span.low,
            high: span.high,
            settled: known.iter().map(|known| known.settled).collect(),
            open: Vec::new(),
            swept: None,
        };
        let held = self.held_nodes(&known, &mut window.settled);
        left.retain(|candidate| !held.get(candidate.node - base).is_some_and(|&held| held));
        let chunk = left.chunks(CHUNK);
        each(
            chunk,
            |left| {
                let open = left.iter().map(|left| self.open_one(left, span));
                open.collect::<Vec<Open<'a>>>()
            },
            |part| {
                if window.open.is_empty() {
                    window.open = part;
                } else {
                    window.open.extend(part);
                }
            },
        );
        window
    }

    /// The nodes at or below one that is surely beyond its floor or cap, whatever its open items take: their items
    /// can wait for a price of their own. What such a node is said to have settled is beyond that bound as well.
    /// Empty if there are none.
    fn held_nodes(&self, known: &[Known], settled: &mut [i128]) -> Vec<bool> {
        let base = self.region.node;
        let nodes = &self.market.layout.nodes;
        if known.len() < 2 {
            return Vec::new();
        }
        let mut sums: Vec<(i128, i128)> = known.iter().map(|own| (own.least, own.most)).collect();
        // Which of the two sums shows it.
        let mut beyond: Vec<Option<bool>> = vec![None; known.len()];
        for at in (1..known.len()).rev() {
            let (least, most) = sums[at];
            let node = &nodes[base + at];
            if least > i128::from(node.cap) {
                beyond[at] = Some(true);
            } else if most < i128::from(node.floor) {
                beyond[at] = Some(false);
            }
            let parent = &mut sums[node.parent - base];
            parent.0 += clamped(self.market, base + at, least);
            parent.1 += clamped(self.market, base + at, most);
        }
        let mut held = vec![false; known.len()];
        let mut at = 1;
        while at < known.len() {
            let Some(above_cap) = beyond[at] else {
                at += 1;
                continue;
            };
            let end = nodes[base + at].end - base;
            for below in at..end {
                held[below] = true;
                let own = known[below];
                settled[below] = if above_cap { own.least } else { own.most };
            }
            at = end;
        }
        held
    }

    fn settle_job(&self, job: &Job<'_>, taken: &mut [i64], span: Span) -> Found {
        let nodes = job.nodes();
        let mut known = vec![Known::default(); nodes.len()];
        let mut left = Vec::new();
        let mut ends = Ends::new();
        let columns = &self.market.layout.columns;
        for (segment, items) in job.parts() {
            let node = segment.node;
            let known = &mut known[node - nodes.start];
            let mut open = (0_i128, 0_i128);
            let mut leave = |item: usize, floor: i64, (least, most): (i64, i64)| {
                open.0 += i128::from(least.max(floor));
                open.1 += i128::from(most.max(floor));
                left.push(Candidate {
                    item,
                    node,
                    floor,
                    least,
                    most,
                });
            };
            for items in chunks(items) {
                let own = items.start - job.items.start..items.end - job.items.start;
                let kept = &mut taken[own];
                let bounds = columns.bounds(segment, items.clone());
                match segment.family {
                    Family::Other => {
                        for (place, (item, kept)) in items.zip(kept).enumerate() {
                            *kept = 0;
                            let bound = bound_at(bounds, place);
                            leave(item, bound.floor, (0, self.region.most(bound)));
                        }
                    }
                    Family::Piecewise => {
                        for (place, (item, kept)) in items.zip(kept).enumerate() {
                            let bound = bound_at(bounds, place);
                            let (above, reach) = self.straight_ends(item, bound, span);
                            *kept = above;
                            if above == reach || reach < bound.floor {
                                known.add(i128::from(above.max(bound.floor)));
                            } else {
                                leave(item, bound.floor, (above, reach));
                            }
                        }
                    }
                    family => {
                        self.ends(family, items.clone(), kept, span, &mut ends);
                        if let Some(bounds) = bounds {
                            ends.clamp(bounds);
                        }
                        for (kept, &low) in kept.iter_mut().zip(&ends.low) {
                            *kept = whole(low);
                        }
                        let count = items.len();
                        let mut part = sum_held(kept, bounds);
                        if ends.differ(count) {
                            for (at, item) in items.enumerate() {
                                let (low, high) = (ends.low[at], ends.high[at]);
                                if low.to_bits() == high.to_bits() {
                                    continue;
                                }
                                let bound = bound_at(bounds, at);
                                part -= kept[at].max(bound.floor);
                                let most = self.region.most(bound);
                                let high = if high.is_nan() { most } else { whole(high) };
                                leave(item, bound.floor, (kept[at], high.min(most)));
                            }
                        }
                        // One chunk fits an i64, a segment may not.
                        known.add(i128::from(part));
                    }
                }
            }
            known.least += open.0;
            known.most += open.1;
        }
        (nodes.start, known, left)
    }

    /// The counts of a chunk at both ends.
    fn ends(&self, family: Family, items: Range<usize>, kept: &[i64], span: Span, ends: &mut Ends) {
        let columns = &self.market.layout.columns;
        let Ends {
            answers,
            bend,
            low,
            high,
        } = ends;
        let fading = span.bottom && family != Family::Exponential;
        let price = Price::of_ln(if fading { LN_LOW } else { span.at });
        let start = span.warm.then_some((kept, 0.0));
        columns.answer(family, items.clone(), price, start, answers);
        columns.bend(family, items.clone(), price, bend);
        // The ends are rounded.
        let half = span.half + 8.0 * f64::EPSILON * (span.at.abs() + 1.0);
        let rows = answers.at.iter().zip(&answers.slope);
        let rows = rows.zip(answers.error.iter().zip(bend.iter()));
        for ((low, high), ((&at, &slope), (&error, &bend))) in
            low.iter_mut().zip(high).zip(rows).take(items.len())
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
            *high = if fading { self.most } else { *high };
        }
    }

    /// The counts of straight pieces at the high and the low end, which are exact.
    fn straight_ends(&self, item: usize, bound: Bound, span: Span) -> (i64, i64) {
        let runs = self.market.layout.columns.runs_at(item);
        let most = self.region.most(bound);
        let above = count_of(runs, span.high).min(most);
        (above, count_of(runs, span.low).min(most))
    }

    fn open_one(&self, left: &Candidate, span: Span) -> Open<'a> {
        let unit = self.market.layout.unit;
        let mut open = Open {
            item: left.item,
            node: left.node,
            floor: left.floor,
            above: left.least,
            reach: left.most,
            curve: self.market.curve(left.item),
            only: Only::Unasked,
            tried: 0,
        };
        open.reach = open.count(span.low, unit);
        open.above = open.count(span.high, unit);
        open
    }
}

/// The sum of what is taken and of floors above it.
fn sum_held(taken: &[i64], bounds: Option<Bounds<'_>>) -> i64 {
    match bounds {
        None => taken.iter().sum(),
        Some(bounds) => {
            let held = taken.iter().zip(bounds.floors);
            held.map(|(&taken, &floor)| taken.max(floor)).sum()
        }
    }
}

impl Known {
    /// Adds what is settled.
    fn add(&mut self, steps: i128) {
        self.settled += steps;
        self.least += steps;
        self.most += steps;
    }
}

/// The counts of a chunk at the high and the low end of a window, and what they are computed from.
struct Ends {
    answers: Answers,
    bend: [f64; CHUNK],
    low: [f64; CHUNK],
    high: [f64; CHUNK],
}

impl Ends {
    const fn new() -> Self {
        Self {
            answers: Answers::new(),
            bend: [0.0; CHUNK],
            low: [0.0; CHUNK],
            high: [0.0; CHUNK],
        }
    }

    /// Whether the ends of any of the first so many items differ. Bit for bit: a NaN is never settled.
    fn differ(&self, items: usize) -> bool {
        let rows = self.low[..items].iter().zip(&self.high);
        let differences = rows.fold(0, |all, (low, high)| all | (low.to_bits() ^ high.to_bits()));
        differences != 0
    }

    /// Holds both ends below the cap; where the floor decides, they agree.
    fn clamp(&mut self, bounds: Bounds<'_>) {
        let rows = self.low.iter_mut().zip(&mut self.high);
        for ((low, high), (&floor, &cap)) in rows.zip(bounds.floors.iter().zip(bounds.caps)) {
            let (floor, cap) = (f64_of_i64(floor), f64_of_i64(cap));
            *low = low.min(cap);
            *high = if high.is_nan() { *high } else { high.min(cap) };
            // Below the floor the count itself does not matter.
            *high = if *high < floor { *low } else { *high };
        }
    }
}

#[cfg(test)]
mod tests;
