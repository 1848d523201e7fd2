//! The least spend that reaches a target.
//!
//! The best value is a concave function of the total, and the price of a total is its slope to the right. So a
//! step along that slope never passes the least total that reaches the target: Newton from the left, exact in
//! whole steps. Where it is slow (a target near saturation) the range is halved instead.

use crate::numeric::ExactSum;
use crate::numeric::cast::i64_clamped;

use super::super::halving::middle;
use super::super::{AllocateError, Infeasible};
use super::bounds::bound_at;
use super::layout::Market;
use super::region::{Settled, settle};

/// How far below the target a value still counts as reaching it, relative to the target: half of what an answer is
/// allowed, which leaves the other half to whoever adds the values up again.
const REACH: f64 = 5e-13;

/// Newton steps before halving begins.
const NEWTON_MOST: u32 = 12;

/// What reaches the target, and what almost does: the solution for one step less, whose price is that of the
/// last step taken.
pub(super) struct Reached {
    pub(super) settled: Settled,
    /// `None` if the floors alone reach the target.
    pub(super) before: Option<Settled>,
}

/// The total of all values; the order of items does not matter.
pub(super) fn total_value(
    market: &Market<'_>,
    settled: &Settled,
    values: impl Fn(usize, i64) -> f64,
) -> f64 {
    let mut sum = ExactSum::new();
    let columns = &market.layout.columns;
    for segment in &columns.segments {
        let bounds = columns.bounds(segment, segment.items.clone());
        for (place, item) in segment.items.clone().enumerate() {
            let floor = bound_at(bounds, place).floor;
            sum.add(values(item, settled.taken[item].max(floor)));
        }
    }
    debug_assert_eq!(settled.taken.len(), market.layout.position.len());
    sum.value()
}

/// Finds the least total whose best value reaches the target.
///
/// # Errors
/// [`Infeasible::Target`] with the most that can be reached.
pub(super) fn reach(
    market: &Market<'_>,
    target: f64,
    forced: i64,
    values: impl Fn(usize, i64) -> f64 + Copy,
) -> Result<Reached, AllocateError> {
    let most = i64::MAX / market.layout.unit.minor;
    let solve = |total: i64| {
        let settled = settle(market, total, None);
        let value = total_value(market, &settled, values);
        (settled, value)
    };
    let goal = target - REACH * target.abs();
    let (mut settled, mut value) = solve(forced);
    if value >= goal {
        return Ok(Reached {
            settled,
            before: None,
        });
    }
    let (_, reachable) = solve(most);
    if reachable < goal {
        return Err(AllocateError::Infeasible(Infeasible::Target {
            target,
            most: reachable,
        }));
    }
    let (mut low, mut high) = (forced, most);
    for _ in 0..NEWTON_MOST {
        let price = settled.price.first().copied().unwrap_or(0.0);
        // A little less than the quotient, so that its rounding never carries past the least total.
        let stride = i64_clamped((goal - value) / price * (1.0 - 1e-9), 1, most);
        let next = low.saturating_add(stride).min(most);
        (settled, value) = solve(next);
        if value >= goal {
            high = next;
            break;
        }
        low = next;
    }
    while high - low > 1 {
        let middle = middle(low, high);
        if solve(middle).1 >= goal {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Reached {
        settled: settle(market, high, None),
        before: Some(settle(market, high - 1, None)),
    })
}

#[cfg(test)]
mod tests;
