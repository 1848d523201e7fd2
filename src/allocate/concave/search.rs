//! The search for one region's price, down to single steps.

use super::bounds::bound_at;
use super::layout::Market;
use super::region::{Place, Region, clamped};
use super::step_curve::{StepCurve, Unit};
use super::sweep::{Demand, Sweeper};
use super::window;

/// An item whose count the prices seen so far leave open.
#[derive(Clone, Debug)]
pub(super) struct Open<'a> {
    pub(super) item: usize,
    pub(super) node: usize,
    /// Its floor.
    pub(super) floor: i64,
    /// Steps above the price: all are taken.
    pub(super) above: i64,
    /// Steps at or above the price.
    pub(super) reach: i64,
    pub(super) curve: StepCurve<'a>,
    /// What is known of the gain of the one step in question.
    pub(super) only: Only,
    /// Steps at or above the price tried last.
    pub(super) tried: i64,
}

/// What is known of a single step's gain. Its exact value is dear, and needed only where a price comes close.
#[derive(Clone, Copy, Debug)]
pub(super) enum Only {
    /// It was not asked for.
    Unasked,
    /// It lies strictly between these.
    Between(f64, f64),
    Exactly(f64),
}

impl Open<'_> {
    /// How many steps reach a price within the range that is open. What is known of a last step's gain is kept: where
    /// many items are open, each price tried would need it again.
    pub(super) fn count(&mut self, price: f64, unit: Unit) -> i64 {
        if self.reach - self.above != 1 {
            return self
                .curve
                .count_between(price, self.above, self.reach, unit);
        }
        if let Only::Unasked = self.only {
            let (gain, error) = self.curve.gain(self.above, unit);
            let band = error * gain + f64::MIN_POSITIVE;
            self.only = Only::Between(gain - band, gain + band);
        }
        let reaches = match self.only {
            Only::Between(least, _) if least > price => true,
            Only::Between(_, most) if most < price => false,
            Only::Exactly(gain) => gain >= price,
            Only::Unasked | Only::Between(..) => {
                let gain = self.curve.exact_gain(self.above, unit);
                self.only = Only::Exactly(gain);
                gain >= price
            }
        };
        self.above + i64::from(reaches)
    }

    /// A price about at the step in the middle of what is open; just below it, so that this very step need not be
    /// computed exactly.
    fn parting_price(&self, unit: Unit) -> f64 {
        let gain = match self.only {
            Only::Exactly(gain) | Only::Between(gain, _) => gain,
            Only::Unasked => {
                let middle = self.above + (self.reach - self.above) / 2;
                self.curve.gain(middle, unit).0
            }
        };
        gain * (1.0 - 1e-13)
    }
}

/// The narrowing of a region's price.
pub(super) struct Search<'m, 'a, 't> {
    market: &'m Market<'a>,
    place: Place<'t>,
    /// The region, and its first item.
    region: Region,
    first: usize,
    /// Sums of each node's settled items.
    settled: Vec<i128>,
    open: Vec<Open<'a>>,
    /// Demand by node at a price near by, and ln of that price.
    swept: Option<(f64, Vec<Demand>)>,
}

impl<'m, 'a, 't> Search<'m, 'a, 't> {
    /// Finds a region's price and shares its total out; the regions below it that have a price of their own, with
    /// ln(price) where the search for it might begin.
    pub(super) fn run(market: &'m Market<'a>, place: Place<'t>) -> Vec<(Region, Option<f64>)> {
        let region = place.region;
        let mut search = Self {
            market,
            region,
            first: market.layout.items_below(region.node).start,
            place,
            settled: Vec::new(),
            open: Vec::new(),
            swept: None,
        };
        let price = search.find_price();
        let sums = search.share_ties();
        search.hand_out(&sums, price)
    }

    fn sums(&self, count: impl Fn(&Open<'a>) -> i64) -> Vec<i128> {
        self.region
            .sums(self.market, &self.settled, &self.open, count)
    }

    fn exceeds(&self, count: impl Fn(&Open<'a>) -> i64) -> bool {
        let sums = self.sums(count);
        sums.first().copied().unwrap_or(0) > i128::from(self.region.total)
    }

    /// Opens every item over the whole range of prices.
    fn open_all(&mut self) {
        let base = self.region.node;
        let end = self.market.layout.nodes[base].end;
        self.settled = vec![0; end - base];
        let layout = self.market.layout;
        for segment in layout.segments_below(base) {
            let bounds = layout.columns.bounds(segment, segment.items.clone());
            for (place, item) in segment.items.clone().enumerate() {
                let bound = bound_at(bounds, place);
                self.open.push(Open {
                    item,
                    node: segment.node,
                    floor: bound.floor,
                    above: 0,
                    reach: self.region.most(bound),
                    curve: self.market.curve(item),
                    only: Only::Unasked,
                    tried: 0,
                });
            }
        }
    }

    /// The price; afterwards only steps of exactly that gain are open.
    fn find_price(&mut self) -> f64 {
        let sweeper = Sweeper::new(self.market, self.region);
        let slack = self.most() <= i128::from(self.region.total);
        if !slack {
            if let Some(window) = window::find(&sweeper, self.place.guess, self.place.taken) {
                self.settled = window.settled;
                self.open = window.open;
                self.swept = window.swept;
                self.settle_agreed();
                return self.narrow(window.low, window.high);
            }
        }
        if !self.region.exact {
            if let Some(window) = window::find_bottom(&sweeper, self.place.taken) {
                self.settled = window.settled;
                self.open = window.open;
                if !self.exceeds(|open| open.reach) {
                    for open in &mut self.open {
                        open.above = open.reach;
                    }
                    self.settle_agreed();
                    return 0.0;
                }
                self.open.clear();
            }
        }
        self.open_all();
        let unit = self.market.layout.unit;
        for open in &mut self.open {
            open.tried = open.curve.count(f64::MIN_POSITIVE, open.reach, unit);
        }
        if self.exceeds(|open| open.tried) {
            for open in &mut self.open {
                open.reach = open.tried;
            }
            self.settle_agreed();
            return self.narrow(f64::MIN_POSITIVE, f64::INFINITY);
        }
        // The total does not bind: every step that adds anything is taken, and if all must be spent, more.
        for open in &mut self.open {
            open.above = open.tried;
            if !self.region.exact {
                open.reach = open.tried;
            }
        }
        self.settle_agreed();
        0.0
    }

    /// The most that the caps let the region's items spend.
    fn most(&self) -> i128 {
        let base = self.region.node;
        let layout = self.market.layout;
        let mut sums = vec![0_i128; layout.nodes[base].end - base];
        for segment in layout.segments_below(base) {
            sums[segment.node - base] += segment.caps;
        }
        for at in (1..sums.len()).rev() {
            let node = &layout.nodes[base + at];
            let passed = sums[at].min(i128::from(node.cap));
            sums[node.parent - base] += passed;
        }
        sums.first().copied().unwrap_or(0)
    }

    /// Narrows the price between one that exceeds the total and one that does not, down to two neighbours among the
    /// floats. Prices tried are those that part what is open, and every third time the middle of all floats
    /// between: at most 3 · 64 rounds.
    fn narrow(&mut self, low: f64, high: f64) -> f64 {
        let unit = self.market.layout.unit;
        let (mut low, mut high) = (low.to_bits(), high.to_bits());
        let mut round = 0_u32;
        while high - low > 1 {
            if let [open] = self.open.as_slice() {
                if open.reach - open.above == 1 {
                    // One step is left in question: its own gain is the price.
                    return open.curve.exact_gain(open.above, unit);
                }
            }
            let middle = low + (high - low) / 2;
            let parting = self.parting_price().to_bits();
            round += 1;
            let tried = if round % 3 != 0 && parting > low && parting < high {
                parting
            } else {
                middle
            };
            let price = f64::from_bits(tried);
            for open in &mut self.open {
                open.tried = open.count(price, unit);
            }
            if self.exceeds(|open| open.tried) {
                low = tried;
                for open in &mut self.open {
                    open.reach = open.tried;
                }
            } else {
                high = tried;
                for open in &mut self.open {
                    open.above = open.tried;
                }
            }
            self.settle_agreed();
        }
        f64::from_bits(low)
    }

    /// A price about in the middle of what is open: the gain of the middle step of the item with most of them.
    fn parting_price(&self) -> f64 {
        let widest = self.open.iter().max_by_key(|open| open.reach - open.above);
        widest.map_or(0.0, |open| open.parting_price(self.market.layout.unit))
    }

    /// Settles the items on which both ends agree.
    fn settle_agreed(&mut self) {
        let (settled, base) = (&mut self.settled, self.region.node);
        let (taken, first) = (&mut *self.place.taken, self.first);
        self.open.retain(|open| {
            taken[open.item - first] = open.above;
            if open.above == open.reach {
                let held = open.above.max(open.floor);
                settled[open.node - base] += i128::from(held);
            }
            open.above != open.reach
        });
    }

    /// Gives steps of exactly the price to the smaller ids until the total is met; the sums after that.
    fn share_ties(&mut self) -> Vec<i128> {
        let base = self.region.node;
        let mut sums = self.sums(|open| open.above);
        let position = &self.market.layout.position;
        self.open.sort_by_key(|open| position[open.item]);
        for at in 0..self.open.len() {
            let room = i128::from(self.region.total) - sums[0];
            let tie = self.open[at].reach - self.open[at].above;
            let fitting = self.part_that_fits(&self.open[at], room, &sums);
            let open = &mut self.open[at];
            let before = open.above.max(open.floor);
            open.above += fitting;
            let mut change = i128::from(open.above.max(open.floor) - before);
            let mut node = open.node;
            loop {
                let sum = sums[node - base];
                sums[node - base] = sum + change;
                if node == base {
                    break;
                }
                let passed = clamped(self.market, node, sum + change);
                change = passed - clamped(self.market, node, sum);
                node = self.market.layout.nodes[node].parent;
            }
            if fitting < tie {
                break;
            }
        }
        sums
    }

    /// How many of an item's steps in question the region's total bears. On the way up each floor not yet met
    /// swallows steps, and each cap stops them.
    fn part_that_fits(&self, open: &Open<'_>, room: i128, sums: &[i128]) -> i64 {
        let base = self.region.node;
        let tie = open.reach - open.above;
        let mut swallowed = i128::from((open.floor - open.above).max(0));
        let mut passes = i128::MAX;
        let mut at = open.node;
        while at != base {
            let node = &self.market.layout.nodes[at];
            let sum = sums[at - base];
            let lack = (i128::from(node.floor) - sum).max(0);
            let left = (i128::from(node.cap) - sum.max(i128::from(node.floor))).max(0);
            swallowed += lack;
            passes = passes.saturating_sub(lack).max(0).min(left);
            at = node.parent;
        }
        if passes <= room {
            return tie;
        }
        i64::try_from(swallowed + room).unwrap_or(tie).min(tie)
    }

    /// Hands the result to the items of this region; the nodes that have a price of their own.
    fn hand_out(self, sums: &[i128], price: f64) -> Vec<(Region, Option<f64>)> {
        let Place {
            taken,
            price: prices,
            binds,
            spent,
            ..
        } = self.place;
        for open in &self.open {
            taken[open.item - self.first] = open.above;
        }
        let base = self.region.node;
        let mut below = Vec::new();
        let mut at = base;
        while at < self.market.layout.nodes[base].end {
            let node = &self.market.layout.nodes[at];
            let sum = sums[at - base];
            let bound = clamped(self.market, at, sum);
            if at != base && bound != sum {
                binds[at - base] = true;
                let total = i64::try_from(bound).unwrap_or(i64::MAX);
                let region = Region {
                    node: at,
                    total,
                    // Where a floor forced steps that gain nothing, a cap below must be filled as well.
                    exact: bound > sum || (self.region.exact && price <= 0.0),
                };
                let guess = self.swept.as_ref().map(|(ln_price, swept)| {
                    let demand = swept.get(at - base).copied().unwrap_or_default();
                    demand.guess(*ln_price, total)
                });
                below.push((region, guess));
                at = node.end;
                continue;
            }
            prices[at - base] = price;
            spent[at - base] = sum;
            at += 1;
        }
        below
    }
}

#[cfg(test)]
mod tests;
