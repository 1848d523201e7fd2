//! The leaves of a proof: parts that cover the whole problem, each with prices at which it is worth no more than
//! the answer.
//!
//! What was dropped at the root is covered by one leaf for each run of dropped places, at the root's prices;
//! the rest by the leaves of the tree. Each is bounded anew here, in the whole problem, before it is handed out.

use super::branch::{Leaf, Part};
use super::dual;
use super::form::{Form, Kind, Span};

/// Leaves that a certificate holds at most.
const LEAVES: usize = 20_000;
/// Evaluations of a choice that checking them may take.
const CHECKS: usize = 40_000_000;
/// Half of the relative gap that counts as proved.
const PROVED: f64 = 5e-13;

/// The leaves in the whole's places; empty if there are too many, or one does not hold by itself.
pub(super) fn leaves(
    form: &Form<'_>,
    spans: &[Span],
    part: &Part<'_>,
    root: &[f64],
    inner: &[Leaf],
    value: f64,
) -> Vec<Leaf> {
    if inner.is_empty() || inner.len() > LEAVES {
        return Vec::new();
    }
    let kept = kept(spans, part);
    let mut leaves = dropped(form, spans, &kept, root);
    if (leaves.len() + inner.len()).saturating_mul(spans.len()) > CHECKS || leaves.len() > LEAVES {
        return Vec::new();
    }
    let enough = value + PROVED * value.abs();
    for leaf in inner {
        let mut narrowed = spans.to_vec();
        let mut listed = Vec::with_capacity(leaf.spans.len());
        for (choice, span) in &leaf.spans {
            let (place, _) = &part.places[*choice];
            let span = outer(part, *choice, *span);
            narrowed[*place] = span;
            listed.push((*place, span));
        }
        let mut bound = dual::evaluate(form, &narrowed, &leaf.prices);
        if bound.1 > enough {
            // What the root dropped is worth more at these prices: narrow those choices here too.
            for (place, at) in bound.0.taken.iter().enumerate() {
                if !kept[place].contains(*at) {
                    narrowed[place] = kept[place];
                    listed.retain(|(listed, _)| *listed != place);
                    listed.push((place, kept[place]));
                }
            }
            listed.sort_unstable_by_key(|(place, _)| *place);
            bound = dual::evaluate(form, &narrowed, &leaf.prices);
            if bound.1 > enough {
                return Vec::new();
            }
        }
        leaves.push(Leaf {
            spans: listed,
            prices: leaf.prices.clone(),
        });
    }
    leaves
}

/// The narrowest span of each choice that holds all that the root kept.
fn kept(spans: &[Span], part: &Part<'_>) -> Vec<Span> {
    let mut kept: Vec<Span> = part.base.iter().map(|at| Span::only(*at)).collect();
    for (choice, (place, _)) in part.places.iter().enumerate() {
        kept[*place] = outer(part, choice, part.form.choices[choice].span);
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

/// What lies outside the kept spans, each side of each choice at the root's prices.
fn dropped(form: &Form<'_>, spans: &[Span], kept: &[Span], root: &[f64]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut leaf = |choice: usize, span: Span| {
        leaves.push(Leaf {
            spans: vec![(choice, span)],
            prices: root.to_vec(),
        });
    };
    for (choice, (span, kept)) in spans.iter().zip(kept).enumerate() {
        debug_assert!(choice < form.choices.len());
        if span.zero && span.low > 0 && !kept.contains(0) {
            leaf(choice, Span::only(0));
        }
        // A kept zero alone leaves all that is above it.
        if kept.high < span.low {
            leaf(choice, Span::new(span.low, span.high));
            continue;
        }
        if kept.low > span.low {
            let from = if kept.zero && span.low == 0 {
                1
            } else {
                span.low
            };
            if from < kept.low {
                leaf(choice, Span::new(from, kept.low - 1));
            }
        }
        if kept.high < span.high {
            leaf(choice, Span::new(kept.high + 1, span.high));
        }
    }
    leaves
}
