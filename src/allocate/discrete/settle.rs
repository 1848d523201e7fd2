//! Among prices that prove the same, the least.

use crate::numeric::cast;

use super::dual::{Dual, evaluate};
use super::form::{Form, Span};

/// Lowers every price as far as the bound allows: where a constraint is met exactly, a whole range of prices
/// proves the same, and the least is the one that means what a further unit is worth.
///
/// Rows are lowered from the last to the first, so that what the budget alone can explain is left to it.
pub(crate) fn settle(form: &Form<'_>, spans: &[Span], dual: &mut Dual) {
    let weight = form.weight();
    if cast::u64_of_usize(form.rows.len()).saturating_mul(weight) > SETTLED {
        return;
    }
    for row in (0..form.rows.len()).rev() {
        let high = dual.prices[row];
        if high <= 0.0 {
            continue;
        }
        let slack =
            1e-15 * (dual.bound.abs() + high * cast::f64_of_i128(form.rows[row].most).abs());
        let mut prices = dual.prices.clone();
        let mut try_at = |price: f64, dual: &mut Dual| {
            prices[row] = price;
            let shown = evaluate(form, spans, &prices);
            let bound = shown.bound;
            dual.work += weight;
            let kept = bound <= dual.bound + slack;
            if kept {
                dual.prices[row] = price;
                dual.bound = dual.bound.max(bound);
                dual.slip = dual.slip.max(shown.slip);
                dual.taken = shown.column.taken;
            }
            kept
        };
        if try_at(0.0, dual) || !try_at(high * (1.0 - 1e-6), dual) {
            continue;
        }
        let (mut low, mut high) = (0.0, dual.prices[row]);
        for _ in 0..60 {
            let middle = if low <= 0.0 {
                high / 8.0
            } else {
                low + (high - low) / 2.0
            };
            if high - low <= 1e-13 * high {
                break;
            }
            if try_at(middle, dual) {
                high = middle;
            } else {
                low = middle;
            }
        }
    }
}

/// Rows times the work of evaluating all choices up to which prices are settled.
const SETTLED: u64 = 400_000;

#[cfg(test)]
mod tests;
