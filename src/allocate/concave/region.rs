//! One price for one part of the tree.
//!
//! A region is a node of the tree of budgets with a total for all that lies below it. Its price is the largest
//! `f64` at which its demand (steps whose exact gain is at least the price, clamped at each node below to that node's
//! floor and cap) exceeds the total: so it is the gain of the first step that the total refuses, whatever way
//! the search took. Steps with just that gain go to the smaller ids. A node below whose own bound binds at the
//! price becomes a region of its own.

use super::layout::Market;
use super::step_curve::{StepCurve, Unit};
use super::window;

/// A part of the tree that has a total of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    /// Its top node.
    pub(super) node: usize,
    /// What it may spend, in steps.
    pub(super) total: i64,
    /// Whether it must spend all of it: a floor.
    pub(super) exact: bool,
}

/// What all regions together found.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Steps taken, by item.
    pub(super) taken: Vec<i64>,
    /// The items that only their own floor holds up, in order.
    pub(super) held_up: Vec<usize>,
    /// For each node the gain per step at which its members are cut off.
    pub(super) price: Vec<f64>,
    /// Whether the node's own floor or cap set that price.
    pub(super) binds: Vec<bool>,
}

/// An item whose count the prices seen so far leave open.
#[derive(Clone, Debug)]
pub(super) struct Open<'a> {
    pub(super) item: usize,
    pub(super) node: usize,
    /// Steps above the price: all are taken.
    pub(super) above: i64,
    /// Steps at or above the price.
    pub(super) reach: i64,
    pub(super) curve: StepCurve<'a>,
    /// The exact gain of the one step in question, once it is the only one and was asked for.
    pub(super) only: Option<f64>,
}

impl Open<'_> {
    /// How many steps reach a price within the range that is open. A last step's gain is computed once: where many
    /// items tie, each price tried would need it again.
    fn count(&mut self, price: f64, unit: Unit) -> i64 {
        if self.reach - self.above != 1 {
            return self.curve.count(price, self.reach, unit).max(self.above);
        }
        let (curve, above) = (&self.curve, self.above);
        let gain = *self
            .only
            .get_or_insert_with(|| curve.exact_gain(above, unit));
        self.above + i64::from(gain >= price)
    }
}

/// The narrowing of a region's price.
struct Search<'m, 'a> {
    market: &'m Market<'a>,
    region: Region,
    /// Sums of each node's settled items.
    settled: Vec<i128>,
    open: Vec<Open<'a>>,
}

/// Solves the whole tree from the budget down. `guess` is ln(price) where a search might begin.
pub(super) fn settle(market: &Market<'_>, budget: i64, guess: Option<f64>) -> Settled {
    let items = market.layout.position.len();
    let nodes = market.layout.nodes.len();
    let mut settled = Settled {
        taken: vec![0; items],
        held_up: Vec::new(),
        price: vec![0.0; nodes],
        binds: vec![false; nodes],
    };
    let mut waiting = vec![(
        Region {
            node: 0,
            total: budget,
            exact: false,
        },
        guess,
    )];
    while let Some((region, guess)) = waiting.pop() {
        let mut search = Search::new(market, region);
        let price = search.find_price(guess, &mut settled.taken);
        let sums = search.share_ties();
        search.hand_out(&sums, price, &mut settled, &mut waiting);
    }
    settled.held_up.sort_unstable();
    settled
}

impl Region {
    /// The most that matters of an item: one step beyond the total shows already that it is exceeded.
    pub(super) fn most(&self, market: &Market<'_>, item: usize) -> i64 {
        let columns = &market.layout.columns;
        let beyond = self.total.saturating_add(1);
        columns.cap[item].min(beyond).max(columns.floor[item])
    }

    /// Sums below each node for given counts of the open items; the region's own comes first.
    pub(super) fn sums<'a>(
        &self,
        market: &Market<'_>,
        settled: &[i128],
        open: &[Open<'a>],
        count: impl Fn(&Open<'a>) -> i64,
    ) -> Vec<i128> {
        let mut sums = settled.to_vec();
        for open in open {
            let held = count(open).max(market.layout.columns.floor[open.item]);
            sums[open.node - self.node] += i128::from(held);
        }
        for node in (self.node + 1..self.node + sums.len()).rev() {
            let passed = clamped(market, node, sums[node - self.node]);
            sums[market.layout.nodes[node].parent - self.node] += passed;
        }
        sums
    }
}

/// What a node passes upwards.
fn clamped(market: &Market<'_>, node: usize, sum: i128) -> i128 {
    let node = &market.layout.nodes[node];
    sum.max(i128::from(node.floor)).min(i128::from(node.cap))
}

impl<'m, 'a> Search<'m, 'a> {
    fn new(market: &'m Market<'a>, region: Region) -> Self {
        Self {
            market,
            region,
            settled: Vec::new(),
            open: Vec::new(),
        }
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
        for node in base..end {
            for item in self.market.layout.nodes[node].members.clone() {
                self.open.push(Open {
                    item,
                    node,
                    above: 0,
                    reach: self.region.most(self.market, item),
                    curve: self.market.curve(item),
                    only: None,
                });
            }
        }
    }

    /// The price; afterwards only steps of exactly that gain are open.
    fn find_price(&mut self, guess: Option<f64>, taken: &mut [i64]) -> f64 {
        if let Some(window) = window::find(self.market, self.region, guess, taken) {
            self.settled = window.settled;
            self.open = window.open;
            self.settle_agreed(taken);
            return self.narrow(window.low, window.high, taken);
        }
        self.open_all();
        let unit = self.market.layout.unit;
        let positive = |open: &Open<'_>| open.curve.count(f64::MIN_POSITIVE, open.reach, unit);
        let counts: Vec<i64> = self.open.iter().map(positive).collect();
        let every: Vec<i64> = self.open.iter().map(|open| open.reach).collect();
        for (open, &count) in self.open.iter_mut().zip(&counts) {
            open.reach = count;
        }
        if self.exceeds(|open| open.reach) {
            self.settle_agreed(taken);
            return self.narrow(f64::MIN_POSITIVE, f64::INFINITY, taken);
        }
        // The total does not bind: every step that adds anything is taken, and if all must be spent, more.
        for ((open, &count), &every) in self.open.iter_mut().zip(&counts).zip(&every) {
            open.above = count;
            open.reach = if self.region.exact { every } else { count };
        }
        self.settle_agreed(taken);
        0.0
    }

    /// Narrows the price between one that exceeds the total and one that does not, down to two neighbours among the
    /// floats. Prices tried are those that part what is open, and every third time the middle of all floats
    /// between: at most 3 · 64 rounds.
    fn narrow(&mut self, low: f64, high: f64, taken: &mut [i64]) -> f64 {
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
            let counts: Vec<i64> = self
                .open
                .iter_mut()
                .map(|open| open.count(price, unit))
                .collect();
            let reach: Vec<i64> = self.open.iter().map(|open| open.reach).collect();
            for (open, &count) in self.open.iter_mut().zip(&counts) {
                open.reach = count;
            }
            if self.exceeds(|open| open.reach) {
                low = tried;
            } else {
                high = tried;
                for (open, (&count, &reach)) in self.open.iter_mut().zip(counts.iter().zip(&reach))
                {
                    open.above = count;
                    open.reach = reach;
                }
            }
            self.settle_agreed(taken);
        }
        f64::from_bits(low)
    }

    /// A price about in the middle of what is open: the gain of the middle step of the item with most of them.
    fn parting_price(&self) -> f64 {
        let widest = self.open.iter().max_by_key(|open| open.reach - open.above);
        widest.map_or(0.0, |open| {
            let middle = open.above + (open.reach - open.above) / 2;
            let (gain, _) = open.curve.gain(middle, self.market.layout.unit);
            // Just below it, so that this very step need not be computed exactly.
            gain * (1.0 - 1e-13)
        })
    }

    /// Settles the items on which both ends agree.
    fn settle_agreed(&mut self, taken: &mut [i64]) {
        let (settled, base) = (&mut self.settled, self.region.node);
        let floors = &self.market.layout.columns.floor;
        self.open.retain(|open| {
            taken[open.item] = open.above;
            if open.above == open.reach {
                let held = open.above.max(floors[open.item]);
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
            let floor = self.market.layout.columns.floor[open.item];
            let before = open.above.max(floor);
            open.above += fitting;
            let mut change = i128::from(open.above.max(floor) - before);
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
        let floor = self.market.layout.columns.floor[open.item];
        let mut swallowed = i128::from((floor - open.above).max(0));
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
        let arriving = (i128::from(tie) - swallowed).max(0).min(passes);
        if arriving <= room {
            return tie;
        }
        i64::try_from(swallowed + room).unwrap_or(tie).min(tie)
    }

    /// Hands the result to the items of this region, and queues the nodes that have a price of their own.
    fn hand_out(
        &self,
        sums: &[i128],
        price: f64,
        settled: &mut Settled,
        waiting: &mut Vec<(Region, Option<f64>)>,
    ) {
        for open in &self.open {
            settled.taken[open.item] = open.above;
        }
        let base = self.region.node;
        let end = self.market.layout.nodes[base].end;
        let mut at = base;
        while at < end {
            let node = &self.market.layout.nodes[at];
            let sum = sums[at - base];
            let bound = clamped(self.market, at, sum);
            if at != base && bound != sum {
                settled.binds[at] = true;
                let total = i64::try_from(bound).unwrap_or(i64::MAX);
                let region = Region {
                    node: at,
                    total,
                    // Where a floor forced steps that gain nothing, a cap below must be filled as well.
                    exact: bound > sum || (self.region.exact && price <= 0.0),
                };
                let guess = (price > 0.0).then(|| libm::log(price));
                waiting.push((region, guess));
                at = node.end;
                continue;
            }
            settled.price[at] = price;
            at += 1;
        }
        self.lift_to_floors(base, settled);
    }

    /// Items whose own demand lies below their floor are held up by it.
    fn lift_to_floors(&self, base: usize, settled: &mut Settled) {
        let layout = self.market.layout;
        for segment in layout.segments_below(base) {
            // Members of a node that became a region of its own are lifted there.
            if segment.plain || self.is_own_region(segment.node, settled) {
                continue;
            }
            for item in segment.items.clone() {
                let floor = layout.columns.floor[item];
                if settled.taken[item] < floor {
                    settled.taken[item] = floor;
                    settled.held_up.push(item);
                }
            }
        }
    }

    /// Whether a node lies at or below one that binds, under this region's top.
    fn is_own_region(&self, node: usize, settled: &Settled) -> bool {
        let mut at = node;
        while at != self.region.node {
            if settled.binds[at] {
                return true;
            }
            at = self.market.layout.nodes[at].parent;
        }
        false
    }
}
