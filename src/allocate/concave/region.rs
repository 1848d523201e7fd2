//! One price for one part of the tree.
//!
//! A region is a node of the tree of budgets with a total for all that lies below it. Its price is the largest
//! `f64` at which its demand (steps whose exact gain is at least the price, clamped at each node below to that node's
//! floor and cap) exceeds the total: so it is the gain of the first step that the total refuses, whatever way
//! the search took. Steps with just that gain go to the smaller ids. A node below whose own bound binds at the
//! price becomes a region of its own.

use core::ops::Range;

use super::bounds::Bound;
use super::jobs::each;
use super::layout::Market;
use super::search::{Open, Search};

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
    /// Steps that gain enough, by item. An item that takes fewer than its floor is held up by it.
    pub(super) taken: Vec<i64>,
    /// For each node the gain per step at which its members are cut off.
    pub(super) price: Vec<f64>,
    /// Whether the node's own floor or cap set that price.
    pub(super) binds: Vec<bool>,
    /// What each node spends, in steps.
    pub(super) spent: Vec<i128>,
}

/// A region with what a search for its price writes: the steps of its items, the prices of its nodes.
pub(super) struct Place<'t> {
    pub(super) region: Region,
    /// ln(price) where a search might begin.
    pub(super) guess: Option<f64>,
    pub(super) taken: &'t mut [i64],
    pub(super) price: &'t mut [f64],
    pub(super) binds: &'t mut [bool],
    pub(super) spent: &'t mut [i128],
}

/// Solves the whole tree from the budget down. `guess` is ln(price) where a search might begin.
pub(super) fn settle(market: &Market<'_>, budget: i64, guess: Option<f64>) -> Settled {
    let nodes = market.layout.nodes.len();
    let mut settled = Settled {
        taken: vec![0; market.layout.position.len()],
        price: vec![0.0; nodes],
        binds: vec![false; nodes],
        spent: vec![0; nodes],
    };
    let root = Region {
        node: 0,
        total: budget,
        exact: false,
    };
    let mut waiting = vec![(root, guess)];
    // Regions that wait at the same time lie side by side in the tree.
    while !waiting.is_empty() {
        let places = settled.places(market, &waiting);
        let mut next = Vec::new();
        each(
            places.into_iter(),
            |place| Search::run(market, place),
            |found| next.extend(found),
        );
        waiting = next;
    }
    settled
}

impl Settled {
    /// The places of regions that lie side by side, in order.
    fn places(&mut self, market: &Market<'_>, regions: &[(Region, Option<f64>)]) -> Vec<Place<'_>> {
        let layout = market.layout;
        let (mut node, mut item) = (0, 0);
        let (mut taken, mut price) = (Rest(&mut self.taken), Rest(&mut self.price));
        let (mut binds, mut spent) = (Rest(&mut self.binds), Rest(&mut self.spent));
        let mut places = Vec::with_capacity(regions.len());
        for &(region, guess) in regions {
            let items = layout.items_below(region.node);
            let end = layout.nodes[region.node].end;
            let own = items.start - item..items.end - item;
            let nodes = region.node - node..end - node;
            places.push(Place {
                region,
                guess,
                taken: taken.cut(own),
                price: price.cut(nodes.clone()),
                binds: binds.cut(nodes.clone()),
                spent: spent.cut(nodes),
            });
            (node, item) = (end, items.end);
        }
        places
    }
}

/// A slice from which parts are cut, from its start on.
struct Rest<'t, T>(&'t mut [T]);

impl<'t, T> Rest<'t, T> {
    /// The range of what is left; what lies before it is lost, what lies behind it stays.
    fn cut(&mut self, range: Range<usize>) -> &'t mut [T] {
        let (_, behind) = core::mem::take(&mut self.0).split_at_mut(range.start);
        let (own, rest) = behind.split_at_mut(range.len());
        self.0 = rest;
        own
    }
}

impl Region {
    /// The most that matters of an item: one step beyond the total shows already that it is exceeded.
    pub(super) fn most(&self, bound: Bound) -> i64 {
        let beyond = self.total.saturating_add(1);
        bound.cap.min(beyond).max(bound.floor)
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
            let held = count(open).max(open.floor);
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
pub(super) fn clamped(market: &Market<'_>, node: usize, sum: i128) -> i128 {
    let node = &market.layout.nodes[node];
    sum.max(i128::from(node.floor)).min(i128::from(node.cap))
}
