//! A checker of answers that shares no code with the solver.
//!
//! It recomputes everything from the problem: that the spends are lawful and keep every limit, what they are worth by
//! formulas of its own, and how far from the best they can be, at the prices that the certificate carries. Prices
//! need not be believed: *any* prices give a true bound, good ones a tight one. Where a search closed what
//! prices leave open, its leaves must cover the problem, and each is bounded anew.

mod bound;
mod check;
mod cover;
mod formula;
mod model;
mod refusal;
mod tighten;

use crate::allocate::{Allocation, Leaf, Prices, Problem};
use crate::numeric::cast::{f64_of_i64, i64_of_f64, usize_of_u32};

use bound::{Lead, Point, lead, plain_lead};
use check::{ACCURACY, check};
use cover::{Area, covers};
use formula::Range;
use model::Model;

pub use refusal::Refusal;

/// What an answer was found to be.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Best: the certificate leaves nothing to gain, to the accuracy of evaluation (10⁻¹² of the value); for a
    /// target, not one grain of money to save.
    Proved,
    /// Feasible, and no further from the best than this.
    FeasibleWithin {
        /// In value; for a target, in currency units of spend. Infinite if the prices bound nothing.
        gap: f64,
    },
}

/// Judges an answer to a problem.
///
/// ```
/// use sortie::allocate::{Problem, Verdict, solve, verify};
/// let problem: Problem = serde_json::from_str(
///     r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "100.00", "activities": [
///         {"id": "a", "response": {"modified_exponential": {"scale": 100, "rate": 0.02}}},
///         {"id": "b", "response": {"modified_exponential": {"scale": 60, "rate": 0.05}}}]}"#,
/// )?;
/// let answer = solve(&problem)?;
/// assert_eq!(verify(&problem, &answer)?, Verdict::Proved);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One pass over the activities, and one more for each leaf of the certificate.
///
/// # Errors
/// [`Refusal`], naming the first thing that is wrong: a list that is not the problem's, an unlawful spend, a broken
/// limit, a figure that the spends do not give, a price that cannot bound.
pub fn verify(problem: &Problem, answer: &Allocation) -> Result<Verdict, Refusal> {
    let mut model = Model::of(problem);
    let point = check(problem, &model, answer)?;
    // Whatever beats a target's answer spends at least a grain less.
    let most = match model.budget {
        Some(budget) => budget,
        None => point.spent.saturating_sub(model.grain.max(1)),
    };
    model.tighten(most);
    let certificate = answer.certificate();
    check_prices(problem, &model, &certificate.prices)?;
    let whole = |at: usize| places(&model, at);
    let gap = gap_at(&model, &point, &certificate.prices, whole);
    if is_closed(&model, &point, gap) {
        return Ok(Verdict::Proved);
    }
    for leaf in &certificate.leaves {
        check_prices(problem, &model, &leaf.prices)?;
    }
    let gap = match leaves_gap(&model, &point, &certificate.leaves) {
        Some(of_leaves) => gap.min(of_leaves),
        None => gap,
    };
    if is_closed(&model, &point, gap) {
        Ok(Verdict::Proved)
    } else {
        Ok(Verdict::FeasibleWithin { gap })
    }
}

/// Nothing left to gain, to the accuracy of evaluation: of the value, and, where values cancel, of its parts. For a
/// target, nothing less to spend.
fn is_closed(model: &Model<'_>, point: &Point, gap: f64) -> bool {
    if model.target.is_some() {
        // `target_gap` counts whole grains.
        gap <= 0.0
    } else {
        gap <= ACCURACY * point.value.abs() + 8.0 * f64::EPSILON * point.size
    }
}

fn places(model: &Model<'_>, at: usize) -> Range {
    let nothing = Range { low: 0, high: -1 };
    model
        .activities
        .get(at)
        .map_or(nothing, |domain| domain.offer.places())
}

/// How far from the best the point can be, if each activity keeps to its places.
fn gap_at(
    model: &Model<'_>,
    point: &Point,
    prices: &Prices,
    places: impl Fn(usize) -> Range,
) -> f64 {
    let over = lead(model, point, prices, &places);
    let Some(target) = model.target else {
        return over.most.max(0.0);
    };
    let gap = target_gap(model, point.spent, prices, (point, over), target);
    if gap <= 0.0 {
        return gap;
    }
    // What reaches the target may be worth so much that the figures of what falls short drown in it. Seen from the least
    // that the places allow, they do not.
    let least = Point::least(model, &places);
    let over = plain_lead(model, &least, prices, &places);
    gap.min(target_gap(
        model,
        point.spent,
        prices,
        (&least, over),
        target,
    ))
}

/// What a target's spend can be undercut by, in currency units, as seen from a point, feasible or not.
///
/// Any allocation that reaches the target spends at least `(target − value − lead)/price` more than the point does: its
/// value is at most the point's, plus the lead, plus the price of what it spends more. Spends differ by whole
/// grains, so a saving below one grain is none.
fn target_gap(
    model: &Model<'_>,
    spent: i64,
    prices: &Prices,
    (point, lead): (&Point, Lead),
    target: f64,
) -> f64 {
    let units = |minor: i64| f64_of_i64(minor) / f64_of_i64(model.scale);
    // What floors force cannot be undercut.
    let most = units((spent - model.forced).max(0));
    if lead.most.is_infinite() && lead.most < 0.0 {
        return 0.0;
    }
    let grain = units(model.grain.max(1));
    // A hair more, for the rounding of the totals.
    let hair = 4.0 * f64::EPSILON * (point.size + lead.size + target.abs());
    let spare = lead.most + (point.value - target) + hair;
    let saved = if prices.budget > 0.0 {
        let (apart, worth) = (
            units(spent.saturating_sub(point.spent)),
            spare / prices.budget,
        );
        apart + worth + 4.0 * f64::EPSILON * (apart.abs() + worth.abs())
    } else if spare < 0.0 {
        // Nothing that spends less reaches the target.
        return 0.0;
    } else {
        f64::INFINITY
    };
    if saved < grain {
        return 0.0;
    }
    let whole = i64_of_f64((saved / grain).floor()).map_or(f64::INFINITY, f64_of_i64);
    (whole * grain).min(most)
}

/// The gap that the leaves of a search leave; `None` if there are none, or they do not cover the problem.
fn leaves_gap(model: &Model<'_>, point: &Point, leaves: &[Leaf]) -> Option<f64> {
    if leaves.is_empty() {
        return None;
    }
    let areas: Vec<Area> = leaves
        .iter()
        .map(|leaf| area(model, leaf))
        .collect::<Option<_>>()?;
    if !covers(&areas, |at| places(model, at)) {
        return None;
    }
    let gaps = leaves.iter().zip(&areas).map(|(leaf, area)| {
        let within = |at: usize| area.get(&at).copied().unwrap_or_else(|| places(model, at));
        gap_at(model, point, &leaf.prices, within)
    });
    Some(gaps.fold(0.0, f64::max))
}

/// A leaf's restrictions as places; `None` if they name no activity of the problem.
fn area(model: &Model<'_>, leaf: &Leaf) -> Option<Area> {
    let mut area = Area::new();
    for restriction in &leaf.restrictions {
        let at = usize_of_u32(restriction.activity);
        let domain = model.activities.get(at)?;
        let range = domain.offer.restricted(restriction.low, restriction.high);
        area.entry(at)
            .and_modify(|known| {
                known.low = known.low.max(range.low);
                known.high = known.high.min(range.high);
            })
            .or_insert(range);
    }
    Some(area)
}

/// Prices that give a bound: finite, not negative but for groups, positive for a group only under a cap.
fn check_prices(problem: &Problem, model: &Model<'_>, prices: &Prices) -> Result<(), Refusal> {
    let refuse = |constraint: String, price: f64, rule| {
        Err(Refusal::Price {
            constraint,
            price,
            rule,
        })
    };
    let count = |list: &'static str, found: usize, wanted: usize| {
        if found == wanted {
            return Ok(());
        }
        let (found, wanted) = (format!("{found} prices"), format!("{wanted} prices"));
        Err(Refusal::Mismatch {
            list,
            found,
            wanted,
        })
    };
    count("groups", prices.groups.len(), model.groups.len())?;
    count("resources", prices.resources.len(), model.limits.len())?;
    let lawful = |price: f64| price.is_finite() && price >= 0.0;
    if !lawful(prices.budget) {
        return refuse(
            "the budget".to_owned(),
            prices.budget,
            "it must be finite and at least 0",
        );
    }
    for (resource, &price) in problem.resources().iter().zip(&prices.resources) {
        if !lawful(price) {
            let constraint = format!("resource {:?}", resource.id().as_str());
            return refuse(constraint, price, "it must be finite and at least 0");
        }
    }
    for ((group, node), &price) in problem
        .groups()
        .iter()
        .zip(&model.groups)
        .zip(&prices.groups)
    {
        let constraint = || format!("group {:?}", group.id().as_str());
        if !price.is_finite() {
            return refuse(constraint(), price, "it must be finite");
        }
        if price > 0.0 && node.cap.is_none() && model.budget.is_none() {
            return refuse(constraint(), price, "only a cap can have a price above 0");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
