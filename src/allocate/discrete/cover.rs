//! The leaves of a proof: parts that cover the whole problem, each with prices at which it is worth no more than
//! the answer.
//!
//! What was dropped at the root is covered by one leaf for each run of dropped places, at the root's prices;
//! the rest by the leaves of the tree. Each is bounded anew here, in the whole problem, before it is handed out.

use super::branch::Leaf;
use super::dual;
use super::form::{Form, Kind, Span};
use super::part::Part;
use super::repair::Answer;
use super::split::cannot_fit;

/// Leaves that a certificate holds at most.
const LEAVES: usize = 20_000;
/// Evaluations of a choice that checking them may take.
const CHECKS: usize = 40_000_000;

/// What is to be shown: that nothing is worth more than `enough`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'w> {
    /// The best answer, in the whole's places.
    pub(super) answer: Option<&'w Answer>,
    pub(super) enough: f64,
}

/// What of a value's terms may be left besides, where they cancel: half of what whoever checks it allows.
const OF_TERMS: f64 = 4.0 * f64::EPSILON;

impl<'w> Known<'w> {
    /// That nothing is better than an answer, but for its accuracy.
    pub(super) fn best(form: &Form<'_>, answer: &'w Answer, relative: f64) -> Self {
        let close = (relative * answer.value.abs()).max(OF_TERMS * form.size(&answer.taken));
        Self {
            answer: Some(answer),
            enough: answer.value + close,
        }
    }

    /// That nothing is worth more than `enough`.
    pub(super) const fn short(enough: f64) -> Self {
        let answer = None;
        Self { answer, enough }
    }

    /// Whether prices show it. A leaf is only offered as a proof, and proved anew by whoever checks it: an allowance for
    /// rounding is no part of that, and what a sum of large values hides, differences from the answer show.
    pub(super) fn is_shown(&self, form: &Form<'_>, spans: &[Span], prices: &[f64]) -> bool {
        let Some(answer) = self.answer else {
            let shown = dual::evaluate(form, spans, prices);
            return shown.bound - shown.slip <= self.enough;
        };
        answer.value + dual::lead(form, spans, prices, &answer.taken) <= self.enough
    }
}

/// The leaves in the whole's places; empty if there are too many, or one alone does not show what is known.
pub(super) fn leaves(
    form: &Form<'_>,
    spans: &[Span],
    part: &Part<'_>,
    root: &[f64],
    inner: &[Leaf],
    known: &Known<'_>,
) -> Vec<Leaf> {
    if inner.is_empty() || inner.len() > LEAVES {
        return Vec::new();
    }
    let kept = kept(spans, part);
    let mut leaves = dropped(part, spans, &kept, root);
    let mut open: Vec<Leaf> = Vec::with_capacity(inner.len());
    for leaf in inner.iter().rev() {
        let listed = leaf
            .spans
            .iter()
            .map(|(choice, span)| (part.places[*choice].0, outer(part, *choice, *span)));
        open.push(Leaf {
            spans: listed.collect(),
            prices: leaf.prices.clone(),
        });
    }
    let mut narrowed = spans.to_vec();
    let mut checks = 0_usize;
    while let Some(leaf) = open.pop() {
        checks = checks.saturating_add(spans.len());
        if checks > CHECKS || leaves.len() >= LEAVES {
            return Vec::new();
        }
        narrowed.copy_from_slice(spans);
        for (place, span) in &leaf.spans {
            narrowed[*place] = *span;
        }
        if known.is_shown(form, &narrowed, &leaf.prices) {
            leaves.push(leaf);
            continue;
        }
        // Closed for want of room before the answer was known, at a price that the answer has not seen.
        if let Some(prices) = cannot_fit(form, &narrowed, known.enough) {
            if known.is_shown(form, &narrowed, &prices) {
                leaves.push(Leaf { prices, ..leaf });
                continue;
            }
        }
        let shown = dual::evaluate(form, &narrowed, &leaf.prices);
        // What the root dropped is worth more at these prices: it has leaves of its own, so leave it out here.
        let mut stray = (shown.column.taken.iter().zip(&kept))
            .enumerate()
            .filter(|(_, (at, kept))| !kept.contains(**at));
        let (place, at) = match stray.next() {
            Some((place, (at, _))) => (place, *at),
            None => return Vec::new(),
        };
        open.extend(
            kept[place]
                .around(narrowed[place], at)
                .into_iter()
                .map(|span| leaf.narrowed(place, span)),
        );
    }
    leaves
}

/// The places of one choice that the root kept, ascending, in runs.
struct Kept {
    runs: Vec<Span>,
    zero: bool,
}

impl Kept {
    fn contains(&self, at: i64) -> bool {
        (self.zero && at == 0) || self.runs.iter().any(|run| run.contains(at))
    }

    /// What a span has on both sides of a place that was dropped, up to the next kept places.
    fn around(&self, span: Span, at: i64) -> Vec<Span> {
        let below = self
            .runs
            .iter()
            .rev()
            .map(|run| run.high)
            .find(|high| *high < at);
        let above = self.runs.iter().map(|run| run.low).find(|low| *low > at);
        let mut sides = Vec::new();
        let zero = span.zero && self.zero;
        match below {
            Some(high) if high >= span.low => sides.push(Span { high, zero, ..span }),
            _ if zero => sides.push(Span::only(0)),
            _ => {}
        }
        if let Some(low) = above.filter(|low| *low <= span.high) {
            sides.push(Span::new(low, span.high));
        }
        sides
    }
}

impl Leaf {
    /// The same with another span for one choice.
    fn narrowed(&self, place: usize, span: Span) -> Self {
        let mut spans = self.spans.clone();
        spans.retain(|(known, _)| *known != place);
        spans.push((place, span));
        spans.sort_unstable_by_key(|(place, _)| *place);
        Self {
            spans,
            prices: self.prices.clone(),
        }
    }
}

/// What the root kept of each choice.
fn kept(spans: &[Span], part: &Part<'_>) -> Vec<Kept> {
    let only = |(at, span): (&i64, &Span)| {
        // Nothing, beside a least spend.
        let zero = *at == 0 && span.zero && span.low > 0;
        let runs = if zero {
            Vec::new()
        } else {
            vec![Span::only(*at)]
        };
        Kept { runs, zero }
    };
    let mut kept: Vec<Kept> = part.base.iter().zip(spans).map(only).collect();
    for ((place, places), choice) in part.places.iter().zip(&part.form.choices) {
        let mut runs: Vec<Span> = Vec::new();
        let mut zero = false;
        if matches!(choice.kind, Kind::Menu { .. }) {
            for at in places {
                match runs.last_mut() {
                    Some(run) if run.high + 1 == *at => run.high = *at,
                    _ => runs.push(Span::only(*at)),
                }
            }
        } else {
            zero = choice.span.zero;
            runs.push(Span {
                zero: false,
                ..choice.span
            });
        }
        kept[*place] = Kept { runs, zero };
    }
    debug_assert_eq!(kept.len(), spans.len());
    kept
}

/// A span of the part in the whole's places.
fn outer(part: &Part<'_>, choice: usize, span: Span) -> Span {
    match part.form.choices[choice].kind {
        Kind::Menu { .. } => {
            let kept = &part.places[choice].1;
            let at = |place: i64| {
                usize::try_from(place)
                    .ok()
                    .and_then(|place| kept.get(place))
                    .copied()
            };
            Span::new(at(span.low).unwrap_or(0), at(span.high).unwrap_or(0))
        }
        Kind::Curve(_) => span,
    }
}

/// What lies outside of what was kept, each run of each choice at the root's prices.
fn dropped(part: &Part<'_>, spans: &[Span], kept: &[Kept], root: &[f64]) -> Vec<Leaf> {
    debug_assert!(part.base.len() == spans.len());
    let mut leaves = Vec::new();
    let mut leaf = |choice: usize, span: Span| {
        leaves.push(Leaf {
            spans: vec![(choice, span)],
            prices: root.to_vec(),
        });
    };
    for (choice, (span, kept)) in spans.iter().zip(kept).enumerate() {
        if span.zero && span.low > 0 && !kept.contains(0) {
            leaf(choice, Span::only(0));
        }
        let mut from = span.low;
        if kept.zero && from == 0 {
            from = 1;
        }
        for run in kept.runs.iter().filter(|run| run.high >= span.low) {
            if from < run.low {
                leaf(choice, Span::new(from, run.low - 1));
            }
            from = from.max(run.high + 1);
        }
        if from <= span.high {
            leaf(choice, Span::new(from, span.high));
        }
    }
    leaves
}

#[cfg(test)]
mod tests;
