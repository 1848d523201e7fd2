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
    use super::super::{compile, made};
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

    /// Terms that the slip is counted in, where only the first row has a price: what is paid for it, twice.
    fn roundings(form: &Form<'_>, paid: f64) -> f64 {
        let mut prices = vec![0.0; form.rows.len()];
        let row = (form.rows.iter()).position(|row| matches!(row.limit, Limit::Floor(_)));
        prices[row.unwrap_or(0)] = 1e3;
        slip(form, &form.spans(), &prices, 0.0) / (f64::EPSILON * 2.0 * 1e3 * paid)
    }

    /// A sum of products errs by half an epsilon of their sizes for each: the deepest choice's rows and the resources come on
    /// top of four for value, price, their difference and the sum.
    #[test]
    fn each_row_and_each_resource_adds_a_rounding() {
        for (rows, resources, expected) in [
            (1, 0, 4.5),
            (3, 0, 5.5),
            (1, 1, 5.0),
            (4, 1, 6.5),
            (2, 2, 6.0),
        ] {
            let mut limits = vec![(Limit::Budget, 9)];
            limits.extend((1..rows).map(|at| (Limit::Cap(at), 9)));
            limits.extend((0..resources).map(|at| (Limit::Resource(at), 9)));
            let money = |rows: usize| -> Vec<(u32, i8)> {
                (0..rows).map(|row| (cast::u32_of_usize(row), 1)).collect()
            };
            let choices = [rows, 1].map(|rows| made::plain(&[(0, 0.0), (3, 1.0)], &money(rows)));
            let form = made::form(&limits, choices.to_vec());
            let found = roundings(&form, 9.0);
            assert!(
                (found - expected).abs() < 1e-9,
                "{rows} {resources}: {found}"
            );
        }
    }

    /// A floor's price is paid for all that its members spend: two of 30 each, but not more than the budget, nor less
    /// than the floor.
    #[test]
    fn a_price_of_a_floor_counts_what_its_members_can_spend() {
        for (budget, floor, paid) in [(100, 10, 60.0), (40, 10, 40.0), (100, 80, 80.0)] {
            let menu = made::plain(&[(0, 0.0), (30, 1.0)], &[(0, 1), (1, -1)]);
            let rows = [(Limit::Budget, budget), (Limit::Floor(0), -floor)];
            let form = made::form(&rows, vec![menu.clone(), menu]);
            let found = roundings(&form, paid);
            assert!((found - 5.0).abs() < 1e-9, "{budget} {floor}: {found}");
        }
    }
}
