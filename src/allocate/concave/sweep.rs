//! About how much is demanded at a price, by whole columns.

use core::ops::Range;

use crate::numeric::cast::f64_of_i64;
use crate::numeric::kernels::floor;

use super::bounds::{Bounds, bound_at};
use super::columns::{Answers, Columns, Family, Price, Segment, held};
use super::jobs::{JOB, Job, chunks, each, jobs};
use super::layout::Market;
use super::region::Region;

/// The furthest that a slope is trusted, in ln(price).
const GUESS_MOST: f64 = 3.0;

/// Demand and its slope against ln(price).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    pub(super) steps: f64,
    pub(super) slope: f64,
}

impl Demand {
    /// Where demand would be `total`, as ln(price), if its elasticity stayed as it is.
    pub(super) fn guess(self, ln_price: f64, total: i64) -> f64 {
        let newton = libm::log(self.steps / f64_of_i64(total)) * self.steps / self.slope;
        if newton.is_finite() {
            ln_price + newton.clamp(-GUESS_MOST, GUESS_MOST)
        } else {
            ln_price
        }
    }
}

/// Columns to be swept: those of a region, or a sample of them.
#[derive(Clone, Copy)]
pub(super) struct Rows<'r> {
    pub(super) columns: &'r Columns,
    pub(super) segments: &'r [Segment],
}

impl Rows<'_> {
    pub(super) fn len(&self) -> usize {
        match self.segments {
            [first, .., last] => last.items.end - first.items.start,
            [only] => only.items.len(),
            [] => 0,
        }
    }
}

/// Sweeps over a region.
#[derive(Clone, Copy)]
pub(super) struct Sweeper<'m, 'a> {
    pub(super) market: &'m Market<'a>,
    pub(super) region: Region,
    /// No item needs more than this.
    pub(super) most: f64,
    pub(super) total: f64,
}

impl<'m, 'a> Sweeper<'m, 'a> {
    pub(super) fn new(market: &'m Market<'a>, region: Region) -> Self {
        let total = f64_of_i64(region.total);
        Self {
            market,
            region,
            most: total + 1.0,
            total,
        }
    }

    /// Demand at a price by node of the region, through the clamps of the nodes; the region's own comes first. `steps`
    /// keeps the answers of families without a closed form, from which the next sweep sets out if `warm` says how far
    /// their price lies, in ln.
    pub(super) fn sweep(
        &self,
        rows: Rows<'_>,
        price: Price,
        steps: &mut [i64],
        warm: Option<f64>,
    ) -> Vec<Demand> {
        let base = self.region.node;
        let nodes = &self.market.layout.nodes;
        let mut sums = vec![Demand::default(); nodes[base].end - base];
        let parts = jobs(rows.segments).zip(steps.chunks_mut(JOB));
        each(
            parts,
            |(job, steps)| {
                let first = job.nodes().start;
                (
                    first,
                    self.sweep_job(rows.columns, &job, price, steps, warm),
                )
            },
            |(first, part)| {
                for (sum, part) in sums[first - base..].iter_mut().zip(part) {
                    sum.steps += part.steps;
                    sum.slope += part.slope;
                }
            },
        );
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
        sums
    }

    fn sweep_job(
        &self,
        columns: &Columns,
        job: &Job<'_>,
        price: Price,
        steps: &mut [i64],
        warm: Option<f64>,
    ) -> Vec<Demand> {
        let nodes = job.nodes();
        let mut sums = vec![Demand::default(); nodes.len()];
        let mut answers = Answers::new();
        for (segment, items) in job.parts() {
            let mut sum = Demand::default();
            for items in chunks(items) {
                let one = if segment.family == Family::Other {
                    self.sweep_exactly(columns.bounds(segment, items.clone()), items, price)
                } else {
                    let own = items.start - job.items.start..items.end - job.items.start;
                    let kept = &mut steps[own];
                    let start = warm.map(|way| (&*kept, way));
                    columns.answer(segment.family, items.clone(), price, start, &mut answers);
                    keep(segment.family, &answers, kept);
                    match columns.bounds(segment, items.clone()) {
                        None => self.add_plain(items.len(), &answers),
                        Some(bounds) => self.add_bounded(bounds, &answers),
                    }
                };
                sum.steps += one.steps;
                sum.slope += one.slope;
            }
            let node = &mut sums[segment.node - nodes.start];
            node.steps += segment.weight * sum.steps;
            node.slope += segment.weight * sum.slope;
        }
        sums
    }

    fn add_plain(&self, count: usize, answers: &Answers) -> Demand {
        let mut demand = Demand::default();
        let rows = answers.at[..count].iter().zip(&answers.slope);
        for (&at, &slope) in rows {
            let steps = floor(held(at) + 1.0);
            demand.steps += steps.min(self.most);
            let inside = steps > 0.0 && steps < self.most;
            demand.slope += if inside { slope } else { 0.0 };
        }
        demand
    }

    fn add_bounded(&self, bounds: Bounds<'_>, answers: &Answers) -> Demand {
        let mut demand = Demand::default();
        let rows = bounds.floors.iter().zip(bounds.caps);
        for ((&low, &high), (&at, &slope)) in rows.zip(answers.at.iter().zip(&answers.slope)) {
            let low = f64_of_i64(low);
            let high = f64_of_i64(high).min(self.most).max(low);
            let steps = floor(held(at) + 1.0);
            demand.steps += steps.max(low).min(high);
            let inside = steps > low && steps < high;
            demand.slope += if inside { slope } else { 0.0 };
        }
        demand
    }

    fn sweep_exactly(
        &self,
        bounds: Option<Bounds<'_>>,
        items: Range<usize>,
        price: Price,
    ) -> Demand {
        let mut demand = Demand::default();
        for (place, item) in items.enumerate() {
            let bound = bound_at(bounds, place);
            let curve = self.market.curve(item);
            let most = self.region.most(bound);
            let count = curve.count(price.gain, most, self.market.layout.unit);
            demand.steps += f64_of_i64(count.max(bound.floor));
        }
        demand
    }
}

/// Keeps where a family without a closed form found its answers.
fn keep(family: Family, answers: &Answers, kept: &mut [i64]) {
    if family == Family::Adbudg {
        for (kept, place) in kept.iter_mut().zip(&answers.place) {
            *kept = i64::from_ne_bytes(place.to_bits().to_ne_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
