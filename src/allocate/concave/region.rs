//! One price for one part of the tree.
//!
//! A region is a node of the tree of budgets with a total for all that lies below it. Its price is the largest
//! `f64` at which its demand (steps whose exact gain is at least the price, clamped at each node below to that node's
//! floor and cap) exceeds the total: so it is the gain of the first step that the total refuses, whatever way
//! the search took. Steps with just that gain go to the smaller ids. A node below whose own bound binds at the
//! price becomes a region of its own.

use crate::numeric::cast::u64_of_usize;

use super::layout::Market;

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
    /// Whether only its own floor holds an item there.
    pub(super) held_up: Vec<bool>,
    /// For each node the gain per step at which its members are cut off.
    pub(super) price: Vec<f64>,
    /// Whether the node's own floor or cap set that price.
    pub(super) binds: Vec<bool>,
}

/// Room for the counts of a search.
struct Search<'m, 'a> {
    market: &'m Market<'a>,
    region: Region,
    /// Steps above the price, by item: all are taken.
    above: Vec<i64>,
    /// Steps at or above the price.
    reach: Vec<i64>,
    /// Sums below each node, of the items that are settled.
    settled: Vec<i128>,
    /// Items whose count is still open.
    open: Vec<(usize, usize)>,
}

/// Solves the whole tree from the budget down.
pub(super) fn settle(market: &Market<'_>, budget: i64) -> Settled {
    let items = market.position.len();
    let mut settled = Settled {
        taken: vec![0; items],
        held_up: vec![false; items],
        price: vec![0.0; market.nodes.len()],
        binds: vec![false; market.nodes.len()],
    };
    let mut waiting = vec![Region {
        node: 0,
        total: budget,
        exact: false,
    }];
    while let Some(region) = waiting.pop() {
        let mut search = Search::new(market, region);
        let price = search.find_price();
        let sums = search.share_ties(price);
        search.hand_out(&sums, price, &mut settled, &mut waiting);
    }
    settled
}

impl<'m, 'a> Search<'m, 'a> {
    fn new(market: &'m Market<'a>, region: Region) -> Self {
        let items = market.items_below(region.node);
        let end = market.nodes[region.node].end;
        let mut open = Vec::with_capacity(items.len());
        for node in region.node..end {
            let members = market.nodes[node].members.clone();
            open.extend(members.map(|item| (item, node)));
        }
        Self {
            market,
            region,
            above: vec![0; items.len()],
            reach: vec![0; items.len()],
            settled: vec![0; end - region.node],
            open,
        }
    }

    fn first_item(&self) -> usize {
        self.market.nodes[self.region.node].members.start
    }

    /// The most that matters of an item: one step beyond the total shows already that it is exceeded.
    fn most(&self, item: usize) -> i64 {
        let beyond = self.region.total.saturating_add(1);
        self.market.cap[item]
            .min(beyond)
            .max(self.market.floor[item])
    }

    /// Sums below each node for given counts of the open items; the region's own sum comes first.
    fn sums(&self, counts: impl Iterator<Item = i64>) -> Vec<i128> {
        let base = self.region.node;
        let mut sums = self.settled.clone();
        for (&(item, node), count) in self.open.iter().zip(counts) {
            sums[node - base] += i128::from(count.max(self.market.floor[item]));
        }
        for node in (base + 1..base + sums.len()).rev() {
            let passed = self.clamped(node, sums[node - base]);
            sums[self.market.nodes[node].parent - base] += passed;
        }
        sums
    }

    fn clamped(&self, node: usize, sum: i128) -> i128 {
        let node = &self.market.nodes[node];
        sum.max(i128::from(node.floor)).min(i128::from(node.cap))
    }

    fn exceeds(&self, counts: &[i64]) -> bool {
        let sums = self.sums(counts.iter().copied());
        sums.first().copied().unwrap_or(0) > i128::from(self.region.total)
    }

    /// How many steps of each open item reach a price.
    fn counts(&self, price: f64) -> Vec<i64> {
        let unit = self.market.unit;
        self.open
            .iter()
            .map(|&(item, _)| {
                let first = item - self.first_item();
                let (low, high) = (self.above[first], self.reach[first]);
                if low == high {
                    return low;
                }
                self.market.curves[item].count(price, high, unit).max(low)
            })
            .collect()
    }

    /// Halves the range of prices, by their bits, down to two neighbours; at most 64 rounds.
    fn find_price(&mut self) -> f64 {
        for at in 0..self.open.len() {
            let (item, _) = self.open[at];
            self.reach[item - self.market.nodes[self.region.node].members.start] = self.most(item);
        }
        let positive = self.counts(f64::MIN_POSITIVE);
        if !self.exceeds(&positive) {
            let every: Vec<i64> = self.open.iter().map(|&(item, _)| self.most(item)).collect();
            self.narrow(
                &positive,
                if self.region.exact { &every } else { &positive },
            );
            return 0.0;
        }
        let none = vec![0; self.open.len()];
        self.narrow(&none, &positive);
        let mut low = f64::MIN_POSITIVE.to_bits();
        let mut high = f64::INFINITY.to_bits();
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let counts = self.counts(f64::from_bits(middle));
            if self.exceeds(&counts) {
                low = middle;
                let above: Vec<i64> = self.open_above();
                self.narrow(&above, &counts);
            } else {
                high = middle;
                let reach: Vec<i64> = self.open_reach();
                self.narrow(&counts, &reach);
            }
        }
        f64::from_bits(low)
    }

    fn open_above(&self) -> Vec<i64> {
        let first = self.first_item();
        self.open
            .iter()
            .map(|&(item, _)| self.above[item - first])
            .collect()
    }

    fn open_reach(&self) -> Vec<i64> {
        let first = self.first_item();
        self.open
            .iter()
            .map(|&(item, _)| self.reach[item - first])
            .collect()
    }

    /// Keeps new counts on both sides and settles the items on which they agree.
    fn narrow(&mut self, above: &[i64], reach: &[i64]) {
        let (first, base) = (self.first_item(), self.region.node);
        let open = core::mem::take(&mut self.open);
        for (&(item, node), (&low, &high)) in open.iter().zip(above.iter().zip(reach)) {
            self.above[item - first] = low;
            self.reach[item - first] = high;
            if low == high {
                let held = low.max(self.market.floor[item]);
                self.settled[node - base] += i128::from(held);
            } else {
                self.open.push((item, node));
            }
        }
    }

    /// Gives steps of exactly the price to the smaller ids until the total is met; the sums after that.
    fn share_ties(&mut self, _price: f64) -> Vec<i128> {
        let (first, base) = (self.first_item(), self.region.node);
        let above = self.open_above();
        let mut sums = self.sums(above.iter().copied());
        let mut ties = self.open.clone();
        ties.sort_by_key(|&(item, _)| self.market.position[item]);
        for (item, node) in ties {
            let count = self.above[item - first];
            let tie = self.reach[item - first] - count;
            let room = i128::from(self.region.total) - sums[0];
            let taken = self.part_that_fits(item, node, tie, room, &sums);
            self.above[item - first] = count + taken;
            let floor = self.market.floor[item];
            let mut change = i128::from((count + taken).max(floor) - count.max(floor));
            let mut at = node;
            loop {
                let before = sums[at - base];
                sums[at - base] += change;
                if at == base {
                    break;
                }
                change = self.clamped(at, before + change) - self.clamped(at, before);
                at = self.market.nodes[at].parent;
            }
            if taken < tie {
                break;
            }
        }
        sums
    }

    /// How many of `tie` further steps the region's total bears. On the way up each floor not yet met swallows
    /// steps, and each cap stops them.
    fn part_that_fits(&self, item: usize, node: usize, tie: i64, room: i128, sums: &[i128]) -> i64 {
        let base = self.region.node;
        let count = self.above[item - self.first_item()];
        let mut swallowed = i128::from((self.market.floor[item] - count).max(0));
        let mut passes = i128::MAX;
        let mut at = node;
        while at != base {
            let place = &self.market.nodes[at];
            let sum = sums[at - base];
            let lack = (i128::from(place.floor) - sum).max(0);
            let left = (i128::from(place.cap) - sum.max(i128::from(place.floor))).max(0);
            swallowed += lack;
            passes = passes.saturating_sub(lack).max(0).min(left);
            at = place.parent;
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
        waiting: &mut Vec<Region>,
    ) {
        let base = self.region.node;
        let end = self.market.nodes[base].end;
        let mut at = base;
        while at < end {
            let node = &self.market.nodes[at];
            let sum = sums[at - base];
            let bound = self.clamped(at, sum);
            if at != base && bound != sum {
                // Where a floor forced steps that gain nothing, a cap below must be filled as well.
                let exact = bound > sum || (self.region.exact && price <= 0.0);
                let total = i64::try_from(bound).unwrap_or(i64::MAX);
                settled.binds[at] = true;
                waiting.push(Region {
                    node: at,
                    total,
                    exact,
                });
                at = node.end;
                continue;
            }
            settled.price[at] = price;
            for item in node.members.clone() {
                let count = self.above[item - self.first_item()];
                let floor = self.market.floor[item];
                settled.taken[item] = count.max(floor);
                settled.held_up[item] = count < floor;
            }
            at += 1;
        }
        debug_assert!(u64_of_usize(self.open.len()) < u64::MAX);
    }
}
