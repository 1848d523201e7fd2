//! The continuous optimum, enclosed: the other solver's point from below, its prices from above.

use crate::asked::{Aim, by_cones};
use crate::plain::{Limit, Plain};

/// Rounding of sums, relative to the size of their terms.
const ROUNDING: f64 = 1e-12;

/// How far apart the two sides may lie for the other solver to count as right, relative to the value.
const ACCURACY: f64 = 1e-7;

/// A problem with its limits and what they leave each activity.
pub(crate) struct Frame<'a> {
    pub(crate) plain: &'a Plain,
    pub(crate) limits: Vec<Limit>,
    pub(crate) ranges: Vec<(f64, f64)>,
}

impl<'a> Frame<'a> {
    pub(crate) fn of(plain: &'a Plain) -> Self {
        let limits = plain.limits();
        let ranges = plain.ranges(&limits);
        Self {
            plain,
            limits,
            ranges,
        }
    }
}

/// Prices for the limits, in their order: what each takes off the value of a spend.
pub(crate) struct Priced<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) prices: Vec<f64>,
}

impl Priced<'_> {
    /// The price of a currency unit of an activity.
    pub(crate) fn full(&self, at: usize) -> f64 {
        let terms = self.frame.limits.iter().zip(&self.prices);
        terms.map(|(limit, price)| limit.weights[at] * price).sum()
    }

    /// Value less price of a spend.
    pub(crate) fn net(&self, at: usize, spend: f64) -> f64 {
        self.frame.plain.offers[at].curve.value(spend) - self.full(at) * spend
    }

    /// What the activity would spend at these prices.
    pub(crate) fn demand(&self, at: usize) -> f64 {
        let curve = &self.frame.plain.offers[at].curve;
        curve.demand(self.full(at), self.frame.ranges[at])
    }

    /// No spends within the constraints, whole steps or not, are worth more (Everett 1963).
    pub(crate) fn bound(&self) -> f64 {
        let activities = 0..self.frame.plain.offers.len();
        let best: f64 = activities.map(|at| self.net(at, self.demand(at))).sum();
        best + self.of_limits().sum::<f64>()
    }

    /// What the limits are worth at the prices; infinite for a price on a side that has no limit.
    fn of_limits(&self) -> impl Iterator<Item = f64> {
        let terms = self.frame.limits.iter().zip(&self.prices);
        terms.map(|(limit, price)| {
            let side = if *price < 0.0 {
                limit.least
            } else {
                limit.most
            };
            match side {
                Some(amount) => amount * price,
                None if *price != 0.0 => f64::INFINITY,
                None => 0.0,
            }
        })
    }

    /// What rounding can make of a bound and of values beside it.
    pub(crate) fn blur(&self) -> f64 {
        let offers = (0..self.frame.plain.offers.len()).map(|at| {
            let spend = self.demand(at);
            let value = self.frame.plain.offers[at].curve.value(spend);
            value.abs() + (self.full(at) * spend).abs()
        });
        let terms: f64 = offers.chain(self.of_limits().map(f64::abs)).sum();
        ROUNDING * terms
    }

    /// What whole steps lose on any spends, activity by activity, at these prices.
    pub(crate) fn lost_to_steps(&self) -> f64 {
        let unit = self.frame.plain.units(1);
        let lost = (0..self.frame.plain.offers.len()).map(|at| {
            let best = self.demand(at);
            let (low, high) = self.frame.ranges[at];
            // What is left by limits need not be whole steps.
            let (first, last) = (libm::ceil(low / unit), libm::floor(high / unit));
            let at_step = |step: f64| self.net(at, step.clamp(first, last) * unit);
            let (below, above) = (libm::floor(best / unit), libm::ceil(best / unit));
            self.net(at, best) - at_step(below).max(at_step(above))
        });
        lost.map(|lost| lost.max(0.0)).sum()
    }
}

/// The optimum if money had no smallest unit.
pub(crate) struct Optimum<'a> {
    /// Within every constraint.
    pub(crate) spends: Vec<f64>,
    /// What they are worth.
    pub(crate) least: f64,
    /// What the prices show that nothing exceeds.
    pub(crate) most: f64,
    pub(crate) dual: Priced<'a>,
}

impl<'a> Optimum<'a> {
    pub(crate) fn of(frame: &'a Frame<'a>) -> Self {
        let plain = frame.plain;
        let (mut spends, prices) = by_cones(plain, &frame.limits, Aim::Most);
        for (spend, (low, high)) in spends.iter_mut().zip(plain.own_ranges()) {
            *spend = spend.clamp(low, high);
        }
        lead_back(&mut spends, &plain.roomy(), &frame.limits);
        let dual = Priced { frame, prices };
        Self {
            least: plain.value(&spends),
            most: dual.bound(),
            dual,
            spends,
        }
    }

    /// Whether the other solver found it, by its own point and prices.
    pub(crate) fn is_sure(&self) -> bool {
        let size = self.least.abs().max(1.0);
        (self.most - self.least).abs() <= ACCURACY * size
    }
}

/// What the curves lose at some spends if each is straight between two neighbouring steps.
///
/// Where floors and caps form a tree of whole steps, some spends in whole steps lose no more: the constraints have
/// whole corners, also around these spends.
pub(crate) fn lost_to_steps(plain: &Plain, spends: &[f64]) -> f64 {
    let unit = plain.units(1);
    let lost = plain.offers.iter().zip(spends).map(|(offer, spend)| {
        let below = libm::floor(spend / unit) * unit;
        let part = (spend - below) / unit;
        let ends = (offer.curve.value(below), offer.curve.value(below + unit));
        offer.curve.value(*spend) - (ends.0 + part * (ends.1 - ends.0))
    });
    lost.map(|lost| lost.max(0.0)).sum()
}

/// Moves spends towards those that have room, until every limit holds.
pub(crate) fn lead_back(spends: &mut [f64], roomy: &[f64], limits: &[Limit]) {
    let mut part = 0.0_f64;
    for limit in limits {
        let used = |spends: &[f64]| -> f64 {
            let terms = limit.weights.iter().zip(spends);
            terms.map(|(weight, spend)| weight * spend).sum()
        };
        let (here, there) = (used(spends), used(roomy));
        if let Some(most) = limit.most.filter(|most| here > *most) {
            part = part.max((here - most) / (here - there));
        }
        if let Some(least) = limit.least.filter(|least| here < *least) {
            part = part.max((least - here) / (there - here));
        }
    }
    for (spend, roomy) in spends.iter_mut().zip(roomy) {
        *spend += part * (roomy - *spend);
    }
}
