//! The leaves of a proof in the problem's own terms.

use crate::numeric::cast;

use super::super::{Leaf, Problem, Restriction};
use super::form::{Form, Kind, Place, Span};
use super::{branch, conclude};

/// The leaves in spends and choices.
pub(super) fn leaves(problem: &Problem, form: &Form<'_>, leaves: &[branch::Leaf]) -> Vec<Leaf> {
    let restriction = |(place, span): &(usize, Span)| {
        let choice = &form.choices[*place];
        let (low, high) = match &choice.kind {
            Kind::Menu { options, .. } => menu_range(options, *span),
            Kind::Curve(_) => {
                // At the end of what is lawful a range is open, so that the leaves leave no hole.
                let high = if span.high == choice.span.high {
                    i64::MAX
                } else {
                    choice.spend(span.high)
                };
                (choice.spend(span.least()), high)
            }
        };
        Restriction {
            activity: cast::u32_of_usize(*place),
            low,
            high,
        }
    };
    leaves
        .iter()
        .map(|leaf| Leaf {
            restrictions: leaf.spans.iter().map(restriction).collect(),
            prices: conclude::prices(problem, form, &leaf.prices),
        })
        .collect()
}

/// A span of open options as a range of all choices; those that are closed go with the next open one.
fn menu_range(options: &[Place], span: Span) -> (i64, i64) {
    let choice = |at: i64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| options.get(at))
            .map(|option| i64::from(option.choice))
    };
    let low = choice(span.low - 1).map_or(0, |before| before + 1);
    let high = if choice(span.high + 1).is_none() {
        i64::MAX
    } else {
        choice(span.high).unwrap_or(i64::MAX)
    };
    (low, high)
}
