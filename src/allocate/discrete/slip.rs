//! What rounding can take from a bound.

use crate::numeric::cast;

use super::form::{Form, Limit, Span};

/// How far the rounding of its terms can carry a bound below what an answer is worth.
///
/// An answer's score in a choice, its value less the price of its uses, is off by a few roundings of these terms, and
/// the best score is no less than that score as computed. So what counts is the size of the *answer's* terms, and not
/// of every place's: its uses are within the rows, and its values add up to at most the bound, but for those below
/// nothing. To these come the terms of what is taken, and the limits at their prices. Standard: Higham (2002), *Accuracy
/// and Stability of Numerical Algorithms*, §3.1: a sum of products errs by no more than as many roundings as it is deep.
pub(super) fn slip(form: &Form<'_>, spans: &[Span], prices: &[f64], size: f64) -> f64 {
    let mut below = 0.0;
    let mut deep = 0;
    let mut highest = vec![0_i128; form.first_resource];
    for (choice, span) in form.choices.iter().zip(spans) {
        deep = deep.max(choice.money.len());
        below -= choice.below_nothing();
        let most = i128::from(choice.spend(span.high));
        for (row, _) in &choice.money {
            if let Some(sum) = highest.get_mut(cast::usize_of_u32(*row)) {
                *sum += most;
            }
        }
    }
    // A floor's group spends no more than the budget, if there is a row of it.
    let whole = (form.rows.iter())
        .find(|row| matches!(row.limit, Limit::Budget))
        .map_or(i128::MAX, |row| row.most.max(0));
    let paid: f64 = (form.rows.iter().zip(prices).enumerate())
        .map(|(at, (row, price))| {
            let used = match row.limit {
                Limit::Floor(_) => {
                    let most = highest.get(at).map_or(whole, |most| whole.min(*most));
                    most.max(row.most.saturating_abs())
                }
                _ => row.most.saturating_abs(),
            };
            price.abs() * cast::f64_of_i128(used)
        })
        .sum();
    let deep = 4.0 + 0.5 * cast::f64_of_usize(deep + form.resources());
    deep * f64::EPSILON * (size + 2.0 * below + 2.0 * paid)
}
