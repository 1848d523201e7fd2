//! The place where the row of steps is cut, and how a change moves it.

use core::cmp::Reverse;
use core::ops::Range;
use std::collections::BinaryHeap;

use super::super::answer::Columns;
use super::bounds::NO_CAP;
use super::columns::CHUNK;
use super::jobs::chunks;
use super::layout::Market;
use super::warm::Kept;
use super::worth::Gains;

/// About how many steps a ladder has on each side.
const RUNGS: usize = 4_096;
/// How often a ladder is set up anew within one change.
const LADDERS_MOST: u32 = 6;
/// How many ladders of other regions are kept for their next turn, the latest ones.
const ASIDE_MOST: usize = 16;
/// Gains by whole columns are right to within this, relatively.
const BLUR: f64 = 1e-10;

/// A step of an item that is not taken: the largest gain first, then the smallest position.
type Next = (u64, Reverse<u32>, usize, i64);
/// A step of an item that is taken: the smallest gain first, then the largest position.
type Last = (Reverse<u64>, u32, usize, i64);

/// The steps on both sides of the cut of one region. Entries of steps that are no longer next to the cut stay
/// until they come up.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    node: usize,
    /// All next steps that gain at least this are on it.
    low: f64,
    /// All last steps that gain at most this are on it.
    high: f64,
    next: BinaryHeap<Next>,
    last: BinaryHeap<Last>,
}

/// Why a change is left to a solve from the start.
pub(super) struct Unproved;

/// The ladder does not reach so far.
struct Beyond;

/// One change at work.
pub(super) struct Cut<'k, 'm> {
    market: &'m Market<'m>,
    kept: &'k mut Kept,
    /// The region's top node and its total.
    top: usize,
    total: i128,
    touched: Vec<usize>,
    moves_left: usize,
}

impl<'k, 'm> Cut<'k, 'm> {
    pub(super) fn new(market: &'m Market<'m>, kept: &'k mut Kept, top: usize, total: i128) -> Self {
        Self {
            market,
            kept,
            top,
            total,
            touched: Vec::new(),
            moves_left: RUNGS + market.layout.position.len() / 16,
        }
    }

    /// The items looked at, in any order and perhaps more than once.
    pub(super) fn into_touched(self) -> Vec<usize> {
        self.touched
    }

    /// Moves the cut to where the region's total is met; the new price.
    pub(super) fn run(&mut self, item: Option<usize>, columns: &Columns) -> Result<f64, Unproved> {
        self.check_region()?;
        self.bring_ladder();
        if let Some(item) = item {
            self.replace(item, columns);
        }
        for _ in 0..LADDERS_MOST {
            if let Some(price) = self.settle()? {
                return Ok(price);
            }
            self.set_up();
        }
        Err(Unproved)
    }

    /// The ladder of this region, which was set aside or is set up. Changes in one region do not move another's steps.
    fn bring_ladder(&mut self) {
        let own = |ladder: &Ladder| ladder.node == self.top;
        if self.kept.ladder.as_ref().is_some_and(own) {
            return;
        }
        let aside = &mut self.kept.aside;
        let found = aside.iter().position(own).map(|place| aside.remove(place));
        aside.extend(self.kept.ladder.take());
        if aside.len() > ASIDE_MOST {
            aside.remove(0);
        }
        if found.is_some() {
            self.kept.ladder = found;
        } else {
            self.set_up();
        }
    }

    /// Only budgets and caps are followed; a group that is just full would hold back steps of its own.
    fn check_region(&self) -> Result<(), Unproved> {
        let nodes = &self.market.layout.nodes;
        let mut at = self.top;
        while at != 0 {
            let node = &nodes[at];
            let settled = &self.kept.settled;
            if settled.binds[at]
                && (self.kept.spent[at] != i128::from(node.cap)
                    || node.floor == node.cap
                    || settled.price[at] <= 0.0)
            {
                return Err(Unproved);
            }
            at = node.parent;
        }
        self.check_rooms()
    }

    /// No group that shares the region's price is full or below its floor.
    fn check_rooms(&self) -> Result<(), Unproved> {
        for at in self.kept.own_nodes(self.market, self.top) {
            let (node, spent) = (&self.market.layout.nodes[at], self.kept.spent[at]);
            let full = node.cap != NO_CAP && spent >= i128::from(node.cap);
            if at != self.top && (full || spent < i128::from(node.floor)) {
                return Err(Unproved);
            }
        }
        Ok(())
    }

    /// Whether a solve from the start would find the same regions.
    pub(super) fn check(&self, before: f64, after: f64) -> Result<(), Unproved> {
        self.check_rooms()?;
        let nodes = &self.market.layout.nodes;
        let settled = &self.kept.settled;
        if self.top != 0 {
            let above = settled.price[nodes[self.top].parent];
            // A region of its own must be held back by its cap, and spend all of it.
            if self.kept.spent[self.top] != self.total || after <= above {
                return Err(Unproved);
            }
        }
        if self.kept.spent[self.top] > self.total {
            return Err(Unproved);
        }
        let mut at = self.top + 1;
        while at < nodes[self.top].end {
            if !settled.binds[at] {
                at += 1;
                continue;
            }
            let node = &nodes[at];
            let spent = self.kept.spent[at];
            // A floor of nothing never binds.
            let raised = node.floor > 0 && spent == i128::from(node.floor);
            let capped = spent == i128::from(node.cap);
            // A dearer region loosens caps and tightens floors; a cheaper one the other way round.
            let holds = match (raised, capped) {
                (false, true) => settled.price[at] > after,
                (true, false) => after > before || self.touched.is_empty(),
                _ => false,
            };
            if !holds {
                return Err(Unproved);
            }
            at = node.end;
        }
        Ok(())
    }

    fn floor(&self, item: usize) -> i64 {
        self.market.layout.columns.bound_of(item).floor
    }

    fn cap(&self, item: usize) -> i64 {
        self.market.layout.columns.bound_of(item).cap
    }

    fn gain(&self, item: usize, step: i64) -> f64 {
        let curve = self.market.curve(item);
        curve.exact_gain(step, self.market.layout.unit)
    }

    /// Counts the new curve's steps above the cut.
    fn replace(&mut self, item: usize, columns: &Columns) {
        let price = self.kept.settled.price[self.top];
        let above = f64::from_bits(price.max(f64::MIN_POSITIVE).to_bits() + u64::from(price > 0.0));
        let beyond = i64::try_from(self.total)
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let most = self.cap(item).min(beyond);
        let curve = self.market.curve(item);
        let own = curve.count(above, most, self.market.layout.unit);
        let own = own.max(self.floor(item) - 1);
        let held = columns.spend[item] / self.market.layout.unit.minor;
        self.shift(item, i128::from(own.max(self.floor(item)) - held));
        self.kept.settled.taken[item] = own;
        self.touched.push(item);
        if let Some(ladder) = &mut self.kept.ladder {
            // What the old curve gained must not come up again.
            ladder.next.retain(|&(_, _, other, _)| other != item);
            ladder.last.retain(|&(_, _, other, _)| other != item);
        }
        self.enter_next(item);
        self.enter_last(item);
    }

    /// Adds to what the nodes above an item spend, up to the region's top.
    fn shift(&mut self, item: usize, change: i128) {
        let mut at = self.market.node_of(item);
        loop {
            self.kept.spent[at] += change;
            if at == self.top {
                break;
            }
            at = self.market.layout.nodes[at].parent;
        }
    }

    fn position(&self, item: usize) -> u32 {
        self.market.layout.position[item]
    }

    fn enter_next(&mut self, item: usize) {
        let step = self.kept.settled.taken[item];
        if step < self.cap(item) {
            let gain = self.gain(item, step);
            self.enter(item, step, gain, true);
        }
    }

    fn enter_last(&mut self, item: usize) {
        let step = self.kept.settled.taken[item] - 1;
        if step >= (self.floor(item) - 1).max(0) {
            let gain = self.gain(item, step);
            self.enter(item, step, gain, false);
        }
    }

    fn enter(&mut self, item: usize, step: i64, gain: f64, next: bool) {
        let position = self.position(item);
        let Some(ladder) = &mut self.kept.ladder else {
            return;
        };
        let bits = gain.to_bits();
        if !next {
            ladder.last.push((Reverse(bits), position, item, step));
        } else if gain > 0.0 {
            // A step that adds nothing is never taken.
            ladder.next.push((bits, Reverse(position), item, step));
        }
    }

    /// The first step not taken, if there is one.
    fn peek_next(&mut self) -> Result<Option<Next>, Beyond> {
        let taken = &self.kept.settled.taken;
        let ladder = self.kept.ladder.as_mut().ok_or(Beyond)?;
        while let Some(&(bits, position, item, step)) = ladder.next.peek() {
            if taken[item] == step {
                let known = f64::from_bits(bits) >= ladder.low;
                return if known {
                    Ok(Some((bits, position, item, step)))
                } else {
                    Err(Beyond)
                };
            }
            ladder.next.pop();
        }
        if ladder.low <= 0.0 {
            Ok(None)
        } else {
            Err(Beyond)
        }
    }

    /// The last step taken, likewise.
    fn peek_last(&mut self) -> Result<Option<Last>, Beyond> {
        let taken = &self.kept.settled.taken;
        let ladder = self.kept.ladder.as_mut().ok_or(Beyond)?;
        while let Some(&(bits, position, item, step)) = ladder.last.peek() {
            if taken[item] == step + 1 {
                let known = f64::from_bits(bits.0) <= ladder.high;
                return if known {
                    Ok(Some((bits, position, item, step)))
                } else {
                    Err(Beyond)
                };
            }
            ladder.last.pop();
        }
        if ladder.high.is_infinite() {
            Ok(None)
        } else {
            Err(Beyond)
        }
    }

    /// Takes a step, or gives it back.
    fn pass(&mut self, item: usize, step: i64, gain: u64, take: bool) -> Result<(), Unproved> {
        self.moves_left = self.moves_left.checked_sub(1).ok_or(Unproved)?;
        self.kept.settled.taken[item] = if take { step + 1 } else { step };
        // Below the floor a step changes what limits the item, not what it spends.
        if step >= self.floor(item) {
            self.shift(item, if take { 1 } else { -1 });
        }
        self.touched.push(item);
        let gain = f64::from_bits(gain);
        self.enter(item, step, gain, !take);
        if take {
            self.enter_next(item);
        } else {
            self.enter_last(item);
        }
        Ok(())
    }

    /// Moves the cut until the total is met and the order holds; the price, or `None` if the ladder ends before.
    fn settle(&mut self) -> Result<Option<f64>, Unproved> {
        loop {
            while self.kept.spent[self.top] > self.total {
                let Ok(last) = self.peek_last() else {
                    return Ok(None);
                };
                let (gain, _, item, step) = last.ok_or(Unproved)?;
                self.pass(item, step, gain.0, false)?;
            }
            let Ok(next) = self.peek_next() else {
                return Ok(None);
            };
            let Some((gain, position, item, step)) = next else {
                return Ok(Some(0.0));
            };
            let swallowed = step < self.floor(item);
            if swallowed || self.kept.spent[self.top] < self.total {
                self.pass(item, step, gain, true)?;
                continue;
            }
            // The first step refused. It must not come before the last one taken.
            let Ok(last) = self.peek_last() else {
                // All last steps on the ladder's side are known to gain more than its upper end.
                let high = self.kept.ladder.as_ref().map_or(0.0, |ladder| ladder.high);
                if f64::from_bits(gain) < high {
                    return Ok(Some(f64::from_bits(gain)));
                }
                return Ok(None);
            };
            let Some((last_gain, last_position, ..)) = last else {
                return Ok(Some(f64::from_bits(gain)));
            };
            if (last_gain.0, Reverse(last_position)) >= (gain, position) {
                return Ok(Some(f64::from_bits(gain)));
            }
            self.pass(item, step, gain, true)?;
        }
    }

    /// Sets the ladder up around the present cut.
    fn set_up(&mut self) {
        let parts = self.parts();
        let count: usize = parts.iter().map(Range::len).sum();
        let mut ladder = Ladder {
            node: self.top,
            low: 0.0,
            high: f64::INFINITY,
            next: BinaryHeap::new(),
            last: BinaryHeap::new(),
        };
        let mut gains = Gains::new();
        if count > RUNGS {
            let stride = (count / (8 * RUNGS)).max(1);
            let (mut nexts, mut lasts) = (Vec::new(), Vec::new());
            self.look(&parts, stride, &mut gains, |_, next, last| {
                nexts.extend(next.map(|gain| -gain));
                lasts.extend(last);
            });
            ladder.low = -smallest(&mut nexts, RUNGS / stride).unwrap_or(0.0);
            ladder.high = smallest(&mut lasts, RUNGS / stride).unwrap_or(f64::INFINITY);
        }
        let (low, high) = (ladder.low, ladder.high);
        let (mut next_items, mut last_items) = (Vec::new(), Vec::new());
        self.look(&parts, 1, &mut gains, |item, next, last| {
            if next.is_some_and(|gain| gain >= low * (1.0 - BLUR)) {
                next_items.push(item);
            }
            if last.is_some_and(|gain| gain * (1.0 - BLUR) <= high) {
                last_items.push(item);
            }
        });
        self.kept.ladder = Some(ladder);
        for item in next_items {
            self.enter_next(item);
        }
        for item in last_items {
            self.enter_last(item);
        }
    }

    /// The items of the region, in runs of one family within one node.
    fn parts(&self) -> Vec<Range<usize>> {
        let settled = &self.kept.settled;
        let segments = self.market.layout.segments_below(self.top).iter();
        let own = segments.filter(|segment| {
            let mut at = segment.node;
            while at != self.top && !settled.binds[at] {
                at = self.market.layout.nodes[at].parent;
            }
            at == self.top
        });
        own.map(|segment| segment.items.clone()).collect()
    }

    /// Shows about what the next and the last step of every so-many-th chunk's items gain, where there is one.
    fn look(
        &self,
        parts: &[Range<usize>],
        stride: usize,
        gains: &mut Gains,
        mut show: impl FnMut(usize, Option<f64>, Option<f64>),
    ) {
        let all = parts.iter().flat_map(|items| chunks(items.clone()));
        let mut before = Vec::with_capacity(CHUNK);
        let mut lasts = Gains::new();
        for items in all.step_by(stride) {
            let own = &self.kept.settled.taken[items.clone()];
            let family = self.market.segment_of(items.start).family;
            gains.fill(self.market, family, items.clone(), own);
            // What a last step gained is what was next before it; the bound from below may be far from it.
            before.clear();
            before.extend(own.iter().map(|taken| (taken - 1).max(0)));
            lasts.fill(self.market, family, items.clone(), &before);
            for (at, item) in items.enumerate() {
                let next = (own[at] < self.cap(item)).then(|| gains.next(at));
                let has_last = own[at] > (self.floor(item) - 1).max(0);
                let last = has_last.then(|| lasts.next(at));
                show(item, next, last);
            }
        }
    }
}

/// The so-many-th smallest; `None` if there are not so many.
fn smallest(numbers: &mut [f64], rank: usize) -> Option<f64> {
    if numbers.len() <= rank {
        return None;
    }
    let (_, &mut found, _) = numbers.select_nth_unstable_by(rank, f64::total_cmp);
    Some(found)
}

#[cfg(test)]
mod tests;
