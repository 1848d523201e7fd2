//! The tree of splits: the node of highest bound first, cut where the mixture of its relaxation disagrees with itself.

use std::collections::BinaryHeap;

use crate::numeric::cast;

use super::branch::{Ended, Leaf, Limits, Progress, try_answer};
use super::dual::{self, Ask, Column, Dual};
use super::form::{Form, Span};
use super::lone;
use super::repair::{self, Answer};

/// An open part of the problem.
#[derive(Clone, Debug)]
struct Node {
    bound: f64,
    serial: u64,
    parent: usize,
    prices: Vec<f64>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        // The highest bound first, and the younger among equals, which dives.
        self.bound
            .total_cmp(&other.bound)
            .then(self.serial.cmp(&other.serial))
    }
}

/// The tree of splits.
struct Tree<'f, 'a, 'p> {
    form: &'f Form<'a>,
    spans: Vec<Span>,
    /// Each split: its parent, the choice, and the span that it was narrowed to.
    splits: Vec<(usize, usize, Span)>,
    open: BinaryHeap<Node>,
    /// The best answer found here.
    best: Option<Answer>,
    /// The value of the best answer from elsewhere.
    in_hand: f64,
    /// An answer to form differences from, and its value.
    reference: Option<(f64, &'p [i64])>,
    pool: Vec<Column>,
    leaves: Vec<Leaf>,
    tolerance: f64,
    relative: f64,
    fixed: f64,
    serial: u64,
    nodes: u64,
    work: u64,
    work_most: u64,
    /// The highest bound of the parts that were closed.
    closed: f64,
}

const ROOT: usize = usize::MAX;
const POOL: usize = 80;

/// Where a tree starts, and where it may end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'p> {
    pub(super) prices: &'p [f64],
    /// The value of the best answer from elsewhere.
    pub(super) in_hand: f64,
    pub(super) tolerance: f64,
    /// The same as a share of the whole's value, for what is found on the way.
    pub(super) relative: f64,
    /// What the whole is worth beside the part that is searched.
    pub(super) fixed: f64,
    /// The search may stop at an answer of this value.
    pub(super) until: f64,
    /// An answer from which differences show what a sum of large values cannot. Bounds so shown hold but for the rounding
    /// of these differences: for leaves that are offered as a proof, and checked.
    pub(super) reference: Option<&'p [i64]>,
}

pub(super) fn split(
    form: &Form<'_>,
    start: &Start<'_>,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Ended {
    let Start {
        prices,
        in_hand,
        tolerance,
        relative,
        fixed,
        until,
        reference,
    } = *start;
    let mut tree = Tree {
        form,
        spans: form.spans(),
        splits: Vec::new(),
        open: BinaryHeap::new(),
        best: None,
        in_hand,
        reference: reference.map(|taken| (form.value(taken), taken)),
        pool: Vec::new(),
        leaves: Vec::new(),
        tolerance,
        relative,
        fixed,
        serial: 0,
        nodes: 0,
        work: 0,
        work_most: limits.work,
        closed: f64::NEG_INFINITY,
    };
    tree.open.push(Node {
        bound: f64::INFINITY,
        serial: 0,
        parent: ROOT,
        prices: prices.to_vec(),
    });
    let mut bound = f64::INFINITY;
    let mut complete = true;
    while let Some(node) = tree.open.pop() {
        bound = bound.min(node.bound.max(tree.closed));
        if node.bound <= tree.enough() {
            tree.leaf(&node, node.bound);
            continue;
        }
        let value = Some(tree.value()).filter(|value| value.is_finite());
        let found = tree.best.as_ref().map(|answer| answer.value);
        if found.is_some_and(|found| found >= until)
            || tree.nodes >= limits.nodes
            || tree.work >= limits.work
            || !progress(value, bound)
        {
            complete = false;
            break;
        }
        tree.nodes += 1;
        tree.visit(node);
    }
    if complete {
        bound = tree.value().max(tree.closed);
    }
    Ended {
        answer: tree.best,
        bound,
        prices: prices.to_vec(),
        complete,
        leaves: if complete { tree.leaves } else { Vec::new() },
        nodes: tree.nodes,
        work: tree.work,
        closest: Vec::new(),
    }
}

impl Tree<'_, '_, '_> {
    /// The value of the best answer, found here or elsewhere.
    fn value(&self) -> f64 {
        self.best
            .as_ref()
            .map_or(self.in_hand, |answer| answer.value.max(self.in_hand))
    }

    /// What a bound must exceed to be worth a look.
    fn enough(&self) -> f64 {
        let value = self.value();
        if !value.is_finite() {
            return value;
        }
        let share = self.relative * (value + self.fixed).abs();
        value + self.tolerance.max(share)
    }

    fn spans_of(&self, parent: usize) -> Vec<Span> {
        let mut spans = self.spans.clone();
        let mut seen = Vec::new();
        let mut at = parent;
        while let Some((before, choice, span)) = self.splits.get(at) {
            // The latest split of a choice is the narrowest.
            if !seen.contains(choice) {
                spans[*choice] = *span;
                seen.push(*choice);
            }
            at = *before;
        }
        spans
    }

    /// Closes a part in which nothing is worth more than `bound`.
    fn leaf(&mut self, node: &Node, bound: f64) {
        self.closed = self.closed.max(bound);
        let mut spans: Vec<(usize, Span)> = Vec::new();
        let mut at = node.parent;
        while let Some((before, choice, span)) = self.splits.get(at) {
            if !spans.iter().any(|(known, _)| known == choice) {
                spans.push((*choice, *span));
            }
            at = *before;
        }
        spans.sort_by_key(|(choice, _)| *choice);
        self.leaves.push(Leaf {
            spans,
            prices: node.prices.clone(),
        });
    }

    fn visit(&mut self, mut node: Node) {
        let spans = self.spans_of(node.parent);
        self.work += cast::u64_of_usize(100 + spans.len() * self.form.rows.len());
        if let Some(prices) = cannot_fit(self.form, &spans, self.value()) {
            node.prices = prices;
            self.leaf(&node, f64::NEG_INFINITY);
            return;
        }
        let rows = self.form.rows.len();
        let ask = Ask {
            spans: &spans,
            prices: &node.prices,
            enough: self.enough(),
            rounds: 12 * (rows + 1),
            work: self.work_most.saturating_sub(self.work),
        };
        let mut dual = dual::search(self.form, &ask, core::mem::take(&mut self.pool));
        self.work += dual.work;
        // The bound of what it was split from holds here too.
        if dual.bound < node.bound {
            node.bound = dual.bound;
            node.prices.clone_from(&dual.prices);
        }
        if let Some((value, taken)) = self.reference {
            let shown = value + dual::lead(self.form, &spans, &dual.prices, taken);
            self.work += self.form.weight();
            if shown < node.bound {
                node.bound = shown;
                node.prices.clone_from(&dual.prices);
            }
        }
        if node.bound > self.enough() {
            self.improve(&node, &spans, &dual);
        }
        if node.bound <= self.enough() {
            self.leaf(&node, node.bound);
        } else {
            self.divide(&node, &spans, &dual);
        }
        let drop = dual.pool.len().saturating_sub(POOL);
        dual.pool.drain(..drop);
        self.pool = dual.pool;
    }

    /// Seeks better answers near what the node's prices suggest.
    fn improve(&mut self, node: &Node, spans: &[Span], dual: &Dual) {
        let (best, work) = (&mut self.best, &mut self.work);
        if lone::answers(self.form, spans, dual, best, work) && lone::is_smooth(self.form) {
            return;
        }
        let whole: Vec<Span> = self.spans.clone();
        for suggestion in [repair::round_down(self.form, dual), dual.taken.clone()] {
            let prices = &node.prices;
            try_answer(self.form, &whole, prices, &suggestion, false, best, work);
        }
    }

    fn divide(&mut self, node: &Node, spans: &[Span], dual: &Dual) {
        let Some((choice, [low, high])) = self.split_of(spans, dual, &node.prices) else {
            // Every span is single: what is left is one answer, and it was tried. It fits, or this part would have been
            // closed before; what it leaves unspent needs no price.
            let free = Node {
                prices: vec![0.0; self.form.rows.len()],
                ..node.clone()
            };
            self.leaf(&free, self.form.value(&dual.taken));
            return;
        };
        for span in [low, high] {
            self.splits.push((node.parent, choice, span));
            self.serial += 1;
            self.open.push(Node {
                bound: node.bound,
                serial: self.serial,
                parent: self.splits.len() - 1,
                prices: node.prices.clone(),
            });
        }
    }

    /// The choice on which the mixture disagrees most in value, and its two halves.
    fn split_of(&self, spans: &[Span], dual: &Dual, prices: &[f64]) -> Option<(usize, [Span; 2])> {
        let mut best: Option<(f64, usize, i64)> = None;
        for (choice, span) in spans.iter().enumerate() {
            if span.is_single() {
                continue;
            }
            let places = || {
                dual.mixture
                    .iter()
                    .map(|(share, column)| (*share, dual.pool[*column].taken[choice]))
            };
            let (least, most) = places().fold((i64::MAX, i64::MIN), |(a, b), (_, at)| {
                (a.min(at), b.max(at))
            });
            if least >= most {
                continue;
            }
            let mean = places()
                .map(|(share, at)| share * cast::f64_of_i64(at - least))
                .sum::<f64>();
            let cut = match self.form.choices[choice].bend() {
                // Each side of a bend is settled by prices.
                Some(bend) if dual.level.is_some() && least < bend && bend <= most => bend - 1,
                _ => least + cast::i64_clamped(libm::floor(mean), 0, most - least - 1),
            };
            let spread: f64 = places()
                .map(|(share, at)| {
                    let money =
                        self.form.choices[choice].spend(at) - self.form.choices[choice].spend(cut);
                    share * (cast::f64_of_i64(money) * self.form.money_price(choice, prices)).abs()
                        + share
                            * (self.form.choices[choice].value(at)
                                - self.form.choices[choice].value(cut))
                            .abs()
                })
                .sum();
            if best.is_none_or(|(widest, _, _)| spread > widest) {
                best = Some((spread, choice, cut));
            }
        }
        if best.is_none() {
            // No disagreement left, yet a gap: the widest span, at what is taken.
            let widest = spans
                .iter()
                .enumerate()
                .filter(|(_, span)| !span.is_single())
                .max_by_key(|(choice, span)| {
                    (span.high - span.least(), core::cmp::Reverse(*choice))
                })?;
            let (choice, span) = widest;
            let cut = dual.taken[choice].clamp(span.least(), span.high - 1);
            best = Some((0.0, choice, cut));
        }
        let (_, choice, cut) = best?;
        Some((choice, halves(spans[choice], cut)))
    }
}

/// If even the least use of a row exceeds it: a price of that row at which everything in these spans is worth less
/// than `value`; before there is an answer, one at which it is worth nothing.
pub(super) fn cannot_fit(form: &Form<'_>, spans: &[Span], value: f64) -> Option<Vec<f64>> {
    let least = super::least_uses(form, spans);
    let over = least
        .iter()
        .zip(&form.rows)
        .position(|(least, row)| *least > row.most)?;
    let mut prices = vec![0.0; form.rows.len()];
    let excess = cast::f64_of_i128(least[over] - form.rows[over].most);
    let worth = dual::evaluate(form, spans, &prices).bound;
    let known = if value.is_finite() { value } else { 0.0 };
    // By as much less as the terms are large: a margin that no rounding of theirs uses up.
    let margin = worth.abs() + known.abs();
    prices[over] = ((worth - known).max(0.0) + margin) / excess;
    Some(prices)
}

/// A span cut after `cut`, or its zero apart from the rest.
fn halves(span: Span, cut: i64) -> [Span; 2] {
    let Span { low, high, zero } = span;
    if zero && low > 0 {
        return [Span::only(0), Span::new(low, high)];
    }
    let cut = cut.clamp(low, high - 1);
    [Span::new(low, cut), Span::new(cut + 1, high)]
}

#[cfg(test)]
mod tests;
