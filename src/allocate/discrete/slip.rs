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

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;
    use crate::allocate::{Activity, MenuOption, Objective, Problem};
    use crate::id::Id;
    use crate::money::{Currency, Money};

    /// An answer that is worth little may be made of what is worth much and what costs as much.
    #[test]
    fn what_may_be_worth_less_than_nothing_adds_to_the_slip() {
        let money = |minor: i64| Money::from_minor(minor, Currency::USD);
        let of = |value: f64| {
            let option =
                |id: &str, cost, value| MenuOption::new(Id::new(id).unwrap(), money(cost), value);
            let options = vec![option("o", 3, 1.0), option("p", 7, value)];
            let menu = Activity::menu(Id::new("a").unwrap(), options);
            let budget = Objective::Budget(money(10));
            let problem = Problem::new(Currency::USD, budget, vec![], vec![menu], vec![]).unwrap();
            let form = compile::form(&problem, 10).unwrap();
            let spans = form.spans();
            slip(&form, &spans, &[0.0], 0.0)
        };
        assert!(of(2.0) == 0.0);
        assert!(of(-1e6) >= f64::EPSILON * 1e6 && of(-1e6) <= f64::EPSILON * 1e8);
    }

    /// So are limits at their prices.
    #[test]
    fn what_is_paid_adds_to_the_slip() {
        let money = |minor: i64| Money::from_minor(minor, Currency::USD);
        let options = vec![MenuOption::new(Id::new("o").unwrap(), money(3), 1.0)];
        let menu = Activity::menu(Id::new("a").unwrap(), options);
        let budget = Objective::Budget(money(9));
        let problem = Problem::new(Currency::USD, budget, vec![], vec![menu], vec![]).unwrap();
        let form = compile::form(&problem, 9).unwrap();
        let spans = form.spans();
        let paid = |price: f64| slip(&form, &spans, &[price], 0.0);
        assert!(paid(1e3) >= f64::EPSILON * 9e3 && paid(1e3) <= f64::EPSILON * 9e5);
    }
}
