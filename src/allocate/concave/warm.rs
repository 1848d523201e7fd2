//! The answer after a small change, from the answer before it.
//!
//! The optimum of a region takes the first steps in the order (gain descending, id ascending), as many as its total
//! bears. A change of one activity or of the budget moves the place where that row is cut; the steps that it
//! passes on its way are the only ones to be looked at. A [`Ladder`] holds the steps on either side of the
//! cut. Whatever this cannot prove to be what a solve from the start would answer, it leaves to that.

use crate::numeric::ExactSum;

use super::super::answer::{Columns, Limits};
use super::super::{Problem, Totals};
use super::cut::{Cut, Ladder};
use super::layout::Market;
use super::region::Settled;
use super::report;
use super::worth::Gains;

/// What is kept of an answer besides the answer.
#[derive(Clone, Debug)]
pub(in crate::allocate) struct Kept {
    /// `taken` counts the steps above the cut. One step below the floor stands for anything below it.
    pub(super) settled: Settled,
    /// By node.
    pub(super) spent: Vec<i128>,
    pub(super) value: ExactSum,
    pub(super) ladder: Option<Ladder>,
    /// Those of other regions, the latest last.
    pub(super) aside: Vec<Ladder>,
}

/// What a change came to.
pub(in crate::allocate) struct Revision {
    pub(in crate::allocate) totals: Totals,
    /// By node of the problem's groups: minor units spent.
    pub(in crate::allocate) group_spent: Vec<i64>,
    pub(in crate::allocate) prices: super::super::Prices,
    /// The items that were looked at, in order, each with its spend and value before.
    pub(in crate::allocate) touched: Vec<(usize, i64, f64)>,
}

impl Kept {
    /// Keeps what a solve found.
    pub(super) fn of(market: &Market<'_>, mut settled: Settled, columns: &Columns) -> Self {
        let spent = core::mem::take(&mut settled.spent);
        let bounded = &market.layout.columns;
        for segment in &bounded.segments {
            let items = segment.items.clone();
            let Some(bounds) = bounded.bounds(segment, items.clone()) else {
                continue;
            };
            for (taken, &floor) in settled.taken[items].iter_mut().zip(bounds.floors) {
                *taken = (*taken).max(floor - 1);
            }
        }
        let value = columns.value.iter().copied().collect();
        Self {
            settled,
            spent,
            value,
            ladder: None,
            aside: Vec::new(),
        }
    }

    /// Follows a change: of the budget, or of the activity at a position, which the layout holds already. `None`
    /// leaves it to a solve from the start; what is kept is void then.
    pub(in crate::allocate) fn follow(
        &mut self,
        problem: &Problem,
        changed: Option<usize>,
        columns: &mut Columns,
    ) -> Option<Revision> {
        let market = Market::of(problem)?;
        let item = changed.map(|position| market.layout.item_at(position));
        let top = item.map_or(0, |item| self.region_of(&market, market.node_of(item)));
        let total = if top == 0 {
            i128::from(market.budget?)
        } else {
            self.spent[top]
        };
        let before = self.settled.price[top];
        let mut cut = Cut::new(&market, self, top, total);
        let price = cut.run(item, columns).ok()?;
        cut.check(before, price).ok()?;
        let mut touched = cut.into_touched();
        touched.sort_unstable();
        touched.dedup();
        for node in self.own_nodes(&market, top) {
            self.settled.price[node] = price;
        }
        let touched: Vec<(usize, i64, f64)> = touched
            .into_iter()
            .map(|item| (item, columns.spend[item], columns.value[item]))
            .collect();
        let revision = self
            .reline(&market, &touched, columns)
            .and_then(|()| self.revision(problem, &market));
        let Some(mut revision) = revision else {
            // What comes next compares the answer with the one before.
            for (item, spend, value) in touched {
                columns.spend[item] = spend;
                columns.value[item] = value;
            }
            return None;
        };
        revision.touched = touched;
        Some(revision)
    }

    /// The nearest node at or above one that has a price of its own.
    fn region_of(&self, market: &Market<'_>, mut node: usize) -> usize {
        while node != 0 && !self.settled.binds[node] {
            node = market.layout.nodes[node].parent;
        }
        node
    }

    /// The nodes that share a region's price, its top first.
    pub(super) fn own_nodes(&self, market: &Market<'_>, top: usize) -> Vec<usize> {
        let mut nodes = Vec::new();
        let mut at = top;
        while at < market.layout.nodes[top].end {
            if at != top && self.settled.binds[at] {
                at = market.layout.nodes[at].end;
            } else {
                nodes.push(at);
                at += 1;
            }
        }
        nodes
    }

    /// Writes the lines of items anew.
    fn reline(
        &mut self,
        market: &Market<'_>,
        touched: &[(usize, i64, f64)],
        columns: &mut Columns,
    ) -> Option<()> {
        let mut gains = Gains::new();
        for &(item, ..) in touched {
            self.value.add(-columns.value[item]);
            report::reline(market, &self.settled, item, &mut gains, columns).ok()?;
            self.value.add(columns.value[item]);
        }
        if let Limits::Shared { constraints, .. } = &mut columns.limits {
            *constraints = report::constraints(market, &self.settled, &self.spent);
        }
        Some(())
    }

    fn revision(&self, problem: &Problem, market: &Market<'_>) -> Option<Revision> {
        let value = self.value.value();
        if !value.is_finite() {
            return None;
        }
        let (totals, prices) =
            report::totals(problem, market, &self.settled, &self.spent, value).ok()?;
        let group_spent = report::group_spent(problem, market, &self.spent).ok()?;
        Some(Revision {
            totals,
            group_spent,
            prices,
            touched: Vec::new(),
        })
    }
}
