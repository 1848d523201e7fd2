//! Branch and bound: spans are split until every one is proved no better than the answer in hand.
//!
//! 1. Prices at the root, and a first answer repaired from what they suggest.
//! 2. Whatever loses more at these prices than the answer's gap is dropped; what is left is small ([`part`](super::part)).
//! 3. Curves of one bend under a budget alone: a few splits of the whole at their bends decide it ([`lone`](super::lone)).
//!    One row and narrow spans: the table proves it. Several rows: the search by rising loss. Otherwise spans are split
//!    ([`split`](super::split)).

use crate::numeric::cast;

use super::cover::{self, Known};
use super::dual::{self, Ask, Dual};
use super::form::{Form, Span};
use super::lone;
use super::part::{Part, reduce};
use super::repair::{self, Answer};
use super::settle;
use super::split::{Start, split};

/// What limits the search: counts of work, never time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) nodes: u64,
    pub(crate) work: u64,
    pub(crate) states: u64,
    /// Sets that the search by rising loss looks at.
    pub(crate) rising: u64,
    /// Nodes of a tree that is only grown to leave leaves behind, where a table or rising loss left none.
    pub(crate) leaves: u64,
    /// Those nodes times the choices, at most.
    pub(crate) leaves_work: u64,
}

impl Limits {
    /// What is worth doing where hardly anything is left to gain: a few splits decide that, or a great many do not.
    fn patient(self, weight: u64) -> Self {
        let few = FEW_SPLITS.saturating_mul(weight.saturating_mul(WEIGHTS_A_SPLIT));
        Self {
            work: self.work.min(few.max(self.work / HURRY)),
            ..self
        }
    }
}

/// The relative gap below which jumps of curves are only decided if it takes little.
const NEARLY: f64 = 1e-6;
/// What is left of the work then, or so many splits if they take more.
const HURRY: u64 = 16;
const FEW_SPLITS: u64 = 200;
/// Looks at all choices that a split takes.
const WEIGHTS_A_SPLIT: u64 = 8;

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

impl Ended {
    /// The value of the answer; minus infinity without one.
    pub(super) fn value(&self) -> f64 {
        (self.answer.as_ref()).map_or(f64::NEG_INFINITY, |answer| answer.value)
    }
}

/// The relative gap that is left open: well within what counts as proved, and no less, since the last steps of a curve
/// in cents can leave that much between the prices and any answer.
const TOLERANCE: f64 = 7e-13;
/// The same against a goal, which is itself lowered by the accuracy of values.
const TOLERANCE_OF_GOAL: f64 = 2e-13;

/// Searches the whole form for the best answer; with a goal, for any answer worth that much, or the proof that there
/// is none (then the answer, if any, is the best that happened to be seen).
pub(crate) fn search(
    form: &Form<'_>,
    goal: Option<f64>,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Ended {
    let spans = form.spans();
    let mut root = root(form, &spans, limits);
    let mut best: Option<Answer> = None;
    first_answers(form, &spans, &mut root, &mut best);
    if let Some(answer) = &best {
        let lead = dual::lead(form, &spans, &root.prices, &answer.taken).max(0.0);
        root.bound = root.bound.min(answer.value + lead + root.slip);
    }
    let hand = Hand::of(best.as_ref(), goal);
    let ended = Ended {
        bound: root.bound,
        prices: root.prices.clone(),
        complete: root.bound <= hand.value + hand.tolerance || hand.reached,
        leaves: Vec::new(),
        nodes: 1,
        work: root.work,
        closest: root.taken.clone(),
        answer: best,
    };
    let value = ended.answer.as_ref().map(|answer| answer.value);
    if ended.complete || !progress(value, root.bound) {
        return Ended {
            bound: root.bound.max(value.unwrap_or(f64::NEG_INFINITY)),
            ..ended
        };
    }
    within(form, &spans, &root, goal, ended, limits, progress)
}

/// The prices of least bound of the whole, as near as their part of the work allows.
pub(super) fn root(form: &Form<'_>, spans: &[Span], limits: Limits) -> Dual {
    let (prices, work) = dual::start(form, spans, limits.work / ROOT_SHARE);
    let ask = Ask {
        spans,
        prices: &prices,
        enough: f64::NEG_INFINITY,
        rounds: 60 * (form.rows.len() + 1),
        work: limits.work / ROOT_SHARE,
    };
    let mut root = dual::search(form, &ask, Vec::new());
    root.work += work;
    settle::settle(form, spans, &mut root);
    root
}

/// A sum of two, rounded upwards.
fn above(bound: f64, fixed: f64) -> f64 {
    let sum = bound + fixed;
    // What is exact stays so: rounding to nearest loses at most half of this.
    let lost = (bound - (sum - fixed)).max(fixed - (sum - bound));
    if lost > 0.0 {
        // At least one unit in the last place.
        sum + (sum.abs() * f64::EPSILON + f64::MIN_POSITIVE)
    } else {
        sum
    }
}

/// The part of all work that the root's prices may take.
const ROOT_SHARE: u64 = 4;

/// What an answer must beat.
#[derive(Clone, Copy, Debug)]
struct Hand {
    value: f64,
    tolerance: f64,
    /// The goal is reached.
    reached: bool,
}

impl Hand {
    fn of(best: Option<&Answer>, goal: Option<f64>) -> Self {
        let value = best.map_or(f64::NEG_INFINITY, |answer| answer.value);
        match goal {
            // What is closed is worth less than the goal, by more than the tolerance.
            Some(goal) => Self {
                value: value.max(goal - 2.0 * TOLERANCE_OF_GOAL * goal.abs()),
                tolerance: TOLERANCE_OF_GOAL * goal.abs(),
                reached: value >= goal,
            },
            None => Self {
                value,
                tolerance: best.map_or(0.0, |answer| TOLERANCE * answer.value.abs()),
                reached: false,
            },
        }
    }
}

/// The search of what the root's prices leave open.
fn within(
    form: &Form<'_>,
    spans: &[Span],
    root: &Dual,
    goal: Option<f64>,
    mut ended: Ended,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Ended {
    let mut best = ended.answer.take();
    let hand = Hand::of(best.as_ref(), goal);
    // Where only jumps are left to decide, few splits decide them, and a split of the whole is its own proof.
    let smooth = lone::is_smooth(form);
    let part = if smooth {
        Part::whole(form, root)
    } else {
        reduce(form, spans, root, hand.value)
    };
    let in_hand = hand.value - part.fixed;
    let mut told = |value: Option<f64>, bound: f64| {
        progress(
            value.map(|value| value + part.fixed),
            root.bound.min(above(bound, part.fixed)),
        )
    };
    let loss = root.bound - hand.value;
    let value = best.as_ref().map(|best| best.value - part.fixed);
    let mut told_bound = |bound: f64| told(value, bound);
    let listed = (!smooth)
        .then(|| part.listed(&root.prices, loss, hand.tolerance, limits, &mut told_bound))
        .flatten();
    let inner = match listed {
        Some(listed) if listed.complete => listed,
        listed => {
            let found = listed.as_ref().and_then(|listed| listed.answer.clone());
            let start = Start {
                prices: &root.prices,
                in_hand: found
                    .as_ref()
                    .map_or(in_hand, |answer| answer.value.max(in_hand)),
                tolerance: hand.tolerance,
                relative: if goal.is_some() { 0.0 } else { TOLERANCE },
                fixed: part.fixed,
                until: goal.map_or(f64::INFINITY, |goal| goal - part.fixed),
                reference: None,
            };
            let limits = if smooth && loss <= NEARLY * hand.value.abs() {
                limits.patient(form.weight())
            } else {
                limits
            };
            let mut inner = split(&part.form, &start, limits, &mut told);
            inner.answer = inner.answer.or(found);
            if let Some(listed) = listed {
                inner.bound = inner.bound.min(listed.bound);
                inner.work += listed.work;
            }
            inner
        }
    };
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
    let hand = Hand::of(best.as_ref(), goal);
    ended.bound = root
        .bound
        .min(above(inner.bound, part.fixed))
        .max(hand.value);
    if ended.complete && !hand.reached {
        // Short of a goal, an answer is worth less than what is to be shown.
        let known = match best.as_ref().filter(|_| goal.is_none()) {
            Some(answer) => Known::best(form, answer, PROVED),
            None => Known::short(hand.value + hand.tolerance),
        };
        let shown = known.is_shown(form, spans, &root.prices);
        if !shown || goal.is_some() {
            ended.leaves = cover::leaves(form, spans, &part, &root.prices, &inner.leaves, &known);
        }
        if !shown && ended.leaves.is_empty() {
            let (value, bound) = (best.as_ref().map(|best| best.value), ended.bound);
            let mut goes_on = || progress(value, bound);
            ended.leaves = grown(form, spans, root, &known, limits, &mut goes_on);
        }
    }
    ended.answer = best;
    ended
}

/// The leaves of a tree with the best answer in hand: less is left then, and the tree is small.
fn grown(
    form: &Form<'_>,
    spans: &[Span],
    root: &Dual,
    known: &Known<'_>,
    limits: Limits,
    goes_on: &mut dyn FnMut() -> bool,
) -> Vec<Leaf> {
    let few = Limits {
        nodes: limits
            .leaves
            .min(limits.leaves_work / cast::u64_of_usize(spans.len()).max(1)),
        ..limits
    };
    if few.nodes == 0 {
        return Vec::new();
    }
    let in_hand = known.answer.map_or(known.enough, |answer| answer.value);
    let close = (known.enough - in_hand) * (TOLERANCE / PROVED);
    let part = reduce(form, spans, root, in_hand);
    let reference = known.answer.and_then(|answer| part.inner(&answer.taken));
    // Leaves are proved anew by whoever checks them: by differences from the answer, if there is one.
    let (in_hand, tolerance) = match &reference {
        Some(taken) => (part.form.value(taken), close),
        None => (in_hand - part.fixed, close.max(root.slip)),
    };
    let start = Start {
        prices: &root.prices,
        in_hand,
        tolerance,
        relative: 0.0,
        fixed: 0.0,
        until: f64::INFINITY,
        reference: reference.as_deref(),
    };
    let tree = split(&part.form, &start, few, &mut |_, _| goes_on());
    cover::leaves(form, spans, &part, &root.prices, &tree.leaves, known)
}

/// The leaves that show an answer found elsewhere to be best, or short of a goal that nothing reaches.
pub(crate) fn leaves_of(
    form: &Form<'_>,
    prices: Vec<f64>,
    answer: &Answer,
    goal: Option<f64>,
    limits: Limits,
) -> Vec<Leaf> {
    let spans = form.spans();
    let root = Dual::at(form, &spans, prices);
    let known = match goal.filter(|goal| answer.value < *goal) {
        None => Known::best(form, answer, PROVED),
        Some(goal) => {
            let hand = Hand::of(None, Some(goal));
            Known::short(hand.value + hand.tolerance)
        }
    };
    if known.is_shown(form, &spans, &root.prices) {
        return Vec::new();
    }
    grown(form, &spans, &root, &known, limits, &mut || true)
}

/// The relative gap that a leaf may leave, below what counts as proved.
const PROVED: f64 = 8e-13;

/// Columns of the mixture, those of the largest shares, from which a first answer is sought.
const SUGGESTED: usize = 6;

fn first_answers(form: &Form<'_>, spans: &[Span], root: &mut Dual, best: &mut Option<Answer>) {
    let mut work = 0;
    let is_alone = lone::answers(form, spans, root, best, &mut work);
    if !(is_alone && lone::is_smooth(form)) {
        let mut suggestions = vec![repair::round_down(form, root), root.taken.clone()];
        let mut mixture = root.mixture.clone();
        mixture.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        suggestions.extend(
            mixture
                .iter()
                .take(SUGGESTED)
                .map(|(_, column)| root.pool[*column].taken.clone()),
        );
        suggestions.push(spans.iter().map(|span| span.least()).collect());
        for suggestion in suggestions {
            try_answer(
                form,
                spans,
                &root.prices,
                &suggestion,
                true,
                best,
                &mut work,
            );
        }
    }
    root.work += work;
}

pub(super) fn try_answer(
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

#[cfg(test)]
mod tests;
