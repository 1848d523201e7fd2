//! Branch and bound: spans are split until every one is proved no better than the answer in hand.
//!
//! 1. Prices at the root, and a first answer repaired from what they suggest.
//! 2. Whatever loses more at these prices than the answer's gap is dropped; what is left is small.
//! 3. One row and narrow spans: the table proves it. Otherwise spans are split where the mixture of the
//!    relaxation disagrees with itself, the node of highest bound first.

use std::collections::BinaryHeap;

use crate::numeric::cast;

use super::cover;
use super::dual::{self, Ask, Column, Dual};
use super::form::{Choice, Form, Kind, Place, Row, Span};
use super::knapsack::{self, Menus};
use super::repair::{self, Answer};

/// What limits the search: counts of work, never time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) nodes: u64,
    pub(crate) work: u64,
    pub(crate) states: u64,
}

/// Asked to go on with the value in hand and the bound proved so far.
pub(crate) type Progress<'p> = dyn FnMut(Option<f64>, f64) -> bool + 'p;

/// A span of the problem that was proved no better than the answer: the choices that it narrows, and prices.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) spans: Vec<(usize, Span)>,
    pub(crate) prices: Vec<f64>,
}

/// How the search ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// `None`: no answer was found; if besides `complete`, there is none.
    pub(crate) answer: Option<Answer>,
    pub(crate) bound: f64,
    pub(crate) prices: Vec<f64>,
    pub(crate) complete: bool,
    /// Cover the problem if the proof rests on splitting; empty if the root's prices are the proof, or a table.
    /// From [`search`] each lists every choice in the whole's own places.
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) nodes: u64,
    pub(crate) work: u64,
    /// Without an answer: what came closest to one.
    pub(crate) closest: Vec<i64>,
}

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

/// The relative gap that is left open: a fifth of what counts as proved.
const TOLERANCE: f64 = 2e-13;

/// Searches the whole form.
pub(crate) fn search(form: &Form<'_>, limits: Limits, progress: &mut Progress<'_>) -> Ended {
    let spans: Vec<Span> = form.choices.iter().map(|choice| choice.span).collect();
    let rows = form.rows.len();
    let mut work = 0;
    let ask = Ask {
        spans: &spans,
        prices: &vec![0.0; rows],
        enough: f64::NEG_INFINITY,
        rounds: 60 * (rows + 1),
    };
    let mut root = dual::search(form, &ask, Vec::new());
    dual::settle(form, &spans, &mut root);
    work += root.work;
    let mut best: Option<Answer> = None;
    first_answers(form, &spans, &root, &mut best, &mut work);
    let mut ended = Ended {
        bound: root.bound,
        prices: root.prices.clone(),
        complete: false,
        leaves: Vec::new(),
        nodes: 1,
        work,
        answer: None,
        closest: root.taken.clone(),
    };
    if let Some(answer) = &best {
        if root.bound <= answer.value + TOLERANCE * answer.value.abs() {
            ended.bound = root.bound.max(answer.value);
            ended.complete = true;
            ended.answer = best;
            return ended;
        }
    }
    if !progress(best.as_ref().map(|answer| answer.value), root.bound) {
        ended.answer = best;
        return ended;
    }
    let part = reduce(form, &spans, &root, best.as_ref());
    let tolerance = best
        .as_ref()
        .map_or(0.0, |answer| TOLERANCE * answer.value.abs());
    let in_hand = best
        .as_ref()
        .map_or(f64::NEG_INFINITY, |answer| answer.value - part.fixed);
    let mut told = |value: Option<f64>, bound: f64| {
        progress(
            value.map(|value| value + part.fixed),
            root.bound.min(bound + part.fixed),
        )
    };
    let inner = part.menus(best.is_some()).map_or_else(
        || {
            split(
                &part.form,
                &root.prices,
                in_hand,
                tolerance,
                limits,
                &mut told,
            )
        },
        |menus| part.pack(&menus, limits),
    );
    ended.nodes += inner.nodes;
    ended.work += inner.work;
    ended.complete = inner.complete;
    if let Some(answer) = &inner.answer {
        let taken = part.outer(&answer.taken);
        let value = form.value(&taken);
        if best.as_ref().is_none_or(|best| value > best.value) {
            best = Some(Answer { taken, value });
        }
    }
    let value = best
        .as_ref()
        .map_or(f64::NEG_INFINITY, |answer| answer.value);
    ended.bound = root
        .bound
        .min((inner.bound + part.fixed).max(value))
        .max(value);
    if ended.complete {
        ended.leaves = cover::leaves(form, &spans, &part, &root.prices, &inner.leaves, value);
    }
    ended.answer = best;
    ended
}

fn first_answers(
    form: &Form<'_>,
    spans: &[Span],
    root: &Dual,
    best: &mut Option<Answer>,
    work: &mut u64,
) {
    let mut suggestions = vec![repair::round_down(form, root), root.taken.clone()];
    suggestions.extend(
        root.mixture
            .iter()
            .map(|(_, column)| root.pool[*column].taken.clone()),
    );
    suggestions.push(spans.iter().map(|span| span.least()).collect());
    for suggestion in suggestions {
        try_answer(form, spans, &root.prices, &suggestion, true, best, work);
    }
}

fn try_answer(
    form: &Form<'_>,
    spans: &[Span],
    prices: &[f64],
    suggestion: &[i64],
    pairs: bool,
    best: &mut Option<Answer>,
    work: &mut u64,
) {
    let Some(answer) = repair::repair(form, spans, prices, suggestion, pairs, work) else {
        return;
    };
    let polished = repair::polish(form, spans, prices, &answer.taken, work);
    for answer in polished.into_iter().chain([answer]) {
        if best.as_ref().is_none_or(|best| answer.value > best.value) {
            *best = Some(answer);
        }
    }
}

/// What is left of a form when whatever loses too much is dropped.
pub(super) struct Part<'a> {
    pub(super) form: Form<'a>,
    /// For each choice of the part: its place in the whole, and for menus the whole's places.
    pub(super) places: Vec<(usize, Vec<i64>)>,
    /// What the others take.
    pub(super) base: Vec<i64>,
    /// The value of what the others take.
    fixed: f64,
}

fn reduce<'a>(form: &Form<'a>, spans: &[Span], root: &Dual, best: Option<&Answer>) -> Part<'a> {
    // An answer better than the one in hand loses less than this.
    let loss = best.map_or(f64::INFINITY, |answer| {
        (root.bound - answer.value) * (1.0 + 1e-9) + 1e-300
    });
    let mut part = Part {
        form: Form {
            rows: Vec::new(),
            first_resource: form.first_resource,
            choices: Vec::new(),
        },
        places: Vec::new(),
        base: root.taken.clone(),
        fixed: 0.0,
    };
    let mut sums = vec![0_i128; form.rows.len()];
    let mut fixed = crate::numeric::ExactSum::new();
    let resources = form.resources();
    for (place, (choice, span)) in form.choices.iter().zip(spans).enumerate() {
        let (_, top) = form.best(place, *span, &root.prices);
        let floor = top - loss;
        let (kept, kind, span) = match &choice.kind {
            Kind::Menu { options, uses } => {
                let kept: Vec<i64> = (span.low..=span.high)
                    .filter(|at| form.score(place, *at, &root.prices) >= floor)
                    .collect();
                let mut slim = (Vec::new(), Vec::new());
                for at in &kept {
                    let at = usize::try_from(*at).unwrap_or(0);
                    slim.0.push(Place {
                        ..options[at].clone()
                    });
                    slim.1
                        .extend_from_slice(&uses[at * resources..(at + 1) * resources]);
                }
                let high = cast::i64_of_usize(kept.len()) - 1;
                (
                    kept,
                    Kind::Menu {
                        options: slim.0,
                        uses: slim.1,
                    },
                    Span::new(0, high),
                )
            }
            Kind::Curve(_) => {
                let narrow = narrow(form, place, *span, &root.prices, floor);
                (vec![narrow.low], choice.kind.clone(), narrow)
            }
        };
        if span.is_single() {
            part.base[place] = kept.first().copied().unwrap_or(span.low);
            form.add_uses(place, part.base[place], 1, &mut sums);
            fixed.add(choice.value(part.base[place]));
        } else {
            part.places.push((place, kept));
            part.form.choices.push(Choice {
                kind,
                money: choice.money.clone(),
                span,
            });
        }
    }
    part.fixed = fixed.value();
    part.form.rows = form
        .rows
        .iter()
        .zip(&sums)
        .map(|(row, sum)| Row {
            limit: row.limit,
            most: row.most - sum,
        })
        .collect();
    part
}

/// The narrowest span outside of which a curve loses too much.
fn narrow(form: &Form<'_>, choice: usize, span: Span, prices: &[f64], floor: f64) -> Span {
    let Kind::Curve(steps) = &form.choices[choice].kind else {
        return span;
    };
    let Some(bend) = steps.bend() else {
        return span;
    };
    let keeps = |at: i64| form.score(choice, at, prices) >= floor;
    let zero = span.zero && keeps(0);
    let from = span.low.max(bend.min(span.high));
    let (peak, top) = form.best(choice, Span::new(from, span.high), prices);
    let joint = from - 1;
    let below = span.low < from && (keeps(span.low) || keeps(joint) || keeps(from));
    if top < floor {
        // Only the part of rising returns, or nothing, is left.
        return if below {
            Span {
                low: span.low,
                high: from,
                zero,
            }
        } else if zero {
            Span::only(0)
        } else {
            Span { zero, ..span }
        };
    }
    let high = last(peak, span.high, keeps);
    // Scores bend downwards from `from` to the peak, and are highest at an end below it.
    let low = if below {
        if keeps(span.low) {
            span.low
        } else if keeps(joint) {
            joint - last(0, joint - span.low, |back| keeps(joint - back))
        } else {
            from
        }
    } else {
        peak - last(0, peak - from, |back| keeps(peak - back))
    };
    Span { low, high, zero }
}

/// The largest place from `from` to `to` that holds, where what holds comes first, and `from` does.
fn last(from: i64, to: i64, holds: impl Fn(i64) -> bool) -> i64 {
    if holds(to) {
        return to;
    }
    let (mut good, mut bad) = (from, to);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// Places in all that are worth a table.
const TABLED: i64 = 300_000;

impl Part<'_> {
    fn outer(&self, taken: &[i64]) -> Vec<i64> {
        let mut all = self.base.clone();
        for (((place, kept), choice), at) in self.places.iter().zip(&self.form.choices).zip(taken) {
            all[*place] = match choice.kind {
                Kind::Menu { .. } => usize::try_from(*at)
                    .ok()
                    .and_then(|at| kept.get(at))
                    .copied()
                    .unwrap_or(0),
                Kind::Curve(_) => *at,
            };
        }
        all
    }

    /// All choices as menus under the one budget, if there is no other row and the spans are narrow.
    fn menus(&self, narrowed: bool) -> Option<Vec<Vec<(i64, f64, i64)>>> {
        if self.form.rows.len() != 1 || self.form.resources() != 0 {
            return None;
        }
        let total = self.form.choices.iter().try_fold(0_i64, |sum, choice| {
            sum.checked_add(choice.span.high.checked_sub(choice.span.low)?)
        });
        let most = if narrowed { TABLED } else { 4 * TABLED };
        if total.is_none_or(|total| total > most) {
            return None;
        }
        let menus = self.form.choices.iter().map(|choice| {
            let zero = (choice.span.zero && choice.span.low > 0).then_some(0);
            let mut menu: Vec<(i64, f64, i64)> = (choice.span.low..=choice.span.high)
                .chain(zero)
                .map(|at| (choice.spend(at), choice.value(at), at))
                .collect();
            menu.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
            menu
        });
        Some(menus.collect())
    }

    fn pack(&self, menus: &[Vec<(i64, f64, i64)>], limits: Limits) -> Ended {
        let mut flat = Menus::with_capacity(menus.len(), menus.iter().map(Vec::len).sum());
        for menu in menus {
            for (cost, value, _) in menu {
                flat.option(*cost, *value);
            }
            flat.close();
        }
        let budget = self.form.rows[0].most;
        if flat.least() > budget {
            return Ended {
                answer: None,
                bound: f64::NEG_INFINITY,
                prices: Vec::new(),
                complete: true,
                leaves: Vec::new(),
                nodes: 0,
                work: 0,
                closest: Vec::new(),
            };
        }
        let packing = knapsack::pack(&flat, budget, limits.states);
        let taken = packing
            .chosen
            .iter()
            .zip(menus)
            .map(|(option, menu)| menu[cast::usize_of_u32(*option)].2)
            .collect();
        Ended {
            complete: packing.complete,
            answer: Some(Answer {
                taken,
                value: packing.value,
            }),
            bound: packing.bound,
            prices: vec![packing.price],
            leaves: Vec::new(),
            nodes: 0,
            work: packing.work,
            closest: Vec::new(),
        }
    }
}

/// The tree of splits.
struct Tree<'f, 'a> {
    form: &'f Form<'a>,
    spans: Vec<Span>,
    /// Each split: its parent, the choice, and the span that it was narrowed to.
    splits: Vec<(usize, usize, Span)>,
    open: BinaryHeap<Node>,
    /// The best answer found here.
    best: Option<Answer>,
    /// The value of the best answer from elsewhere.
    in_hand: f64,
    pool: Vec<Column>,
    leaves: Vec<Leaf>,
    tolerance: f64,
    serial: u64,
    nodes: u64,
    work: u64,
    /// The highest bound of the parts that were closed.
    closed: f64,
}

const ROOT: usize = usize::MAX;
const POOL: usize = 80;

fn split(
    form: &Form<'_>,
    prices: &[f64],
    in_hand: f64,
    tolerance: f64,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Ended {
    let mut tree = Tree {
        form,
        spans: form.choices.iter().map(|choice| choice.span).collect(),
        splits: Vec::new(),
        open: BinaryHeap::new(),
        best: None,
        in_hand,
        pool: Vec::new(),
        leaves: Vec::new(),
        tolerance,
        serial: 0,
        nodes: 0,
        work: 0,
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
        if tree.nodes >= limits.nodes || tree.work >= limits.work || !progress(value, bound) {
            bound = bound.min(node.bound);
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

impl Tree<'_, '_> {
    /// The value of the best answer, found here or elsewhere.
    fn value(&self) -> f64 {
        self.best
            .as_ref()
            .map_or(self.in_hand, |answer| answer.value.max(self.in_hand))
    }

    /// What a bound must exceed to be worth a look.
    fn enough(&self) -> f64 {
        self.value() + self.tolerance
    }

    /// What a bound at very high prices can be off by, where that matters.
    fn rounding(&self, prices: &[f64]) -> f64 {
        let rows = self.form.rows.iter().zip(prices);
        let paid: f64 = rows
            .map(|(row, price)| (price * cast::f64_of_i128(row.most)).abs())
            .sum();
        let rounding = 4.0 * f64::EPSILON * paid;
        if rounding > 0.1 * self.tolerance {
            rounding
        } else {
            0.0
        }
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
        if let Some(prices) = self.cannot_fit(&spans) {
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
        };
        let mut dual = dual::search(self.form, &ask, core::mem::take(&mut self.pool));
        self.work += dual.work;
        if dual.bound < node.bound {
            node.bound = dual.bound + self.rounding(&dual.prices);
            node.prices.clone_from(&dual.prices);
        }
        if node.bound > self.enough() {
            let suggestion = repair::round_down(self.form, &dual);
            let whole: Vec<Span> = self.spans.clone();
            try_answer(
                self.form,
                &whole,
                &node.prices,
                &suggestion,
                false,
                &mut self.best,
                &mut self.work,
            );
            let taken = dual.taken.clone();
            try_answer(
                self.form,
                &whole,
                &node.prices,
                &taken,
                false,
                &mut self.best,
                &mut self.work,
            );
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

    /// If even the least use of a row exceeds it: a price of that row at which everything here is worth less
    /// than the answer in hand.
    fn cannot_fit(&self, spans: &[Span]) -> Option<Vec<f64>> {
        let least = super::least_uses(self.form, spans);
        let over = least
            .iter()
            .zip(&self.form.rows)
            .position(|(least, row)| *least > row.most)?;
        let mut prices = vec![0.0; self.form.rows.len()];
        let excess = cast::f64_of_i128(least[over] - self.form.rows[over].most);
        let (_, worth) = dual::evaluate(self.form, spans, &prices);
        let surplus = worth - self.value().max(-f64::MAX);
        prices[over] = (surplus.max(0.0) + worth.abs()) / excess;
        Some(prices)
    }

    fn divide(&mut self, node: &Node, spans: &[Span], dual: &Dual) {
        let Some((choice, [low, high])) = self.split_of(spans, dual, &node.prices) else {
            // Every span is single: what is left is one answer, and it was tried.
            let sums = self.form.sums(&dual.taken);
            let fits = self.form.fits(&sums);
            let value = if fits {
                self.form.value(&dual.taken)
            } else {
                f64::NEG_INFINITY
            };
            self.leaf(node, value);
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
            let cut = least + cast::i64_clamped(libm::floor(mean), 0, most - least - 1);
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

/// A span cut after `cut`, or its zero apart from the rest.
fn halves(span: Span, cut: i64) -> [Span; 2] {
    if span.zero && span.low > 0 {
        return [
            Span::only(0),
            Span {
                zero: false,
                ..span
            },
        ];
    }
    let span = if span.zero {
        Span {
            zero: false,
            ..span
        }
    } else {
        span
    };
    let cut = cut.clamp(span.low, span.high - 1);
    [Span::new(span.low, cut), Span::new(cut + 1, span.high)]
}
