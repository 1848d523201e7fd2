//! Bounds at prices, and the searches of prices: against what is worked out by hand.

use super::super::form::Limit;
use super::super::{lone, made};
use super::*;

const MONEY: [(u32, i8); 1] = [(0, 1)];

/// One option that costs and is worth so much, or nothing.
fn option(cost: i64, value: f64) -> crate::allocate::discrete::form::Choice<'static> {
    made::plain(&[(0, 0.0), (cost, value)], &MONEY)
}

/// Ten thousand tenths: added one by one they come to 1.6e-10 more than a thousand.
#[test]
fn the_scores_of_many_choices_add_up_as_exactly_as_one() {
    let choices = vec![made::plain(&[(0, 0.1)], &MONEY); 10_000];
    let form = made::form(&[(Limit::Budget, 1)], choices);
    let shown = evaluate(&form, &form.spans(), &[0.0]);
    assert!((shown.bound - shown.slip - 1_000.0).abs() <= 1e-12);
    assert!(shown.bound >= 1_000.0);
}

/// At a price of 2e5 an option of cost 10 and value 3e6 scores 1e6, and the budget of 10 comes to 2e6. What is taken and the
/// bound are each 3e6, and what is paid counts twice; a spend in one row errs by four and a half roundings of these.
#[test]
fn the_slip_counts_the_bound_and_what_is_taken() {
    let form = made::form(&[(Limit::Budget, 10)], vec![option(10, 3e6)]);
    let shown = evaluate(&form, &form.spans(), &[2e5]);
    let roundings = shown.slip / (f64::EPSILON * (3e6 + 3e6 + 2.0 * 2e6));
    assert!((roundings - 4.5).abs() < 1e-9, "{roundings}");
    assert!((shown.bound - shown.slip - 3e6).abs() < 1e-6);
}

/// What is surely taken costs 2; one more of the given cost is worth twice its cost, and a budget.
fn mixture(cost: i64, budget: i128) -> Vec<(f64, usize)> {
    let choices = vec![option(2, 100.0), option(cost, 2.0 * cast::f64_of_i64(cost))];
    let form = made::form(&[(Limit::Budget, budget)], choices);
    let spans = form.spans();
    let level = lone::search(&form, &spans, 0.0).unwrap();
    let work = level.work;
    let dual = Dual::of_level(&form, &spans, level);
    // One look at what the price shows, and the search for it.
    assert_eq!(dual.work, form.weight() + work);
    dual.mixture
}

#[test]
fn both_sides_of_the_price_are_mixed_so_that_the_budget_is_spent() {
    // Three of the four.
    assert_eq!(mixture(4, 5), [(0.25, 0), (0.75, 1)]);
    // All there is, exactly, and with money left.
    assert_eq!(mixture(4, 6), [(1.0, 0)]);
    assert_eq!(mixture(4, 60), [(1.0, 0)]);
    // A share of a thousandth of a millionth is none.
    assert_eq!(mixture(1_000_000_000, 3), [(1.0 - 1e-9, 0)]);
    assert_eq!(mixture(1_000_000_000, 4), [(1.0 - 2e-9, 0), (2e-9, 1)]);
}

/// A budget that binds nothing, so many caps, of which the first allows half of an option worth 2, and so many resources,
/// of which the first allows half of another.
fn rows(caps: usize, resources: usize) -> Form<'static> {
    let mut rows = vec![(Limit::Budget, 100)];
    rows.extend((0..caps).map(|at| (Limit::Cap(at), if at == 0 { 1 } else { 100 })));
    rows.extend((0..resources).map(|at| (Limit::Resource(at), 1)));
    let inside = [(0, 1), (1, 1)];
    let choices = if resources == 1 {
        vec![
            made::using(&[(0, 0.0, 0), (2, 2.0, 0)], &inside),
            made::using(&[(0, 0.0, 0), (2, 2.0, 2)], &MONEY),
        ]
    } else {
        vec![made::plain(&[(0, 0.0), (2, 2.0)], &inside)]
    };
    made::form(&rows, choices)
}

#[test]
fn a_search_starts_from_the_prices_of_nested_rows() {
    let of = |caps, resources| {
        let form = rows(caps, resources);
        start(&form, &form.spans(), u64::MAX)
    };
    // Half an option of cost 2 and value 2 is allowed: a unit more is worth 1.
    for caps in [1, 2, 5] {
        let (prices, work) = of(caps, 0);
        assert!(work > 0 && prices[0] == 0.0 && (prices[1] - 1.0).abs() < 1e-9);
    }
    // A budget alone is left to the search, as are resources, up to 64 rows.
    let form = made::form(&[(Limit::Budget, 1)], vec![option(2, 2.0)]);
    assert_eq!(start(&form, &form.spans(), u64::MAX), (vec![0.0], 0));
    assert!(of(MASTER - 2, 1).0[MASTER - 1] == 0.0);
    let many = of(MASTER - 1, 1).0;
    assert!((many[1] - 1.0).abs() < 1e-9 && (many[MASTER] - 1.0).abs() < 1e-9);
}

fn searched(form: &Form<'_>, rounds: usize) -> Dual {
    let ask = Ask {
        spans: &form.spans(),
        prices: &vec![0.0; form.rows.len()],
        enough: f64::NEG_INFINITY,
        rounds,
        work: u64::MAX,
    };
    search(form, &ask, Vec::new())
}

/// Without prices all of the option is taken, worth 2; a cap allows half.
#[test]
fn up_to_64_rows_have_a_master_problem() {
    let dual = searched(&rows(MASTER - 1, 0), 10);
    assert!((dual.bound - 1.0).abs() < 1e-9, "{}", dual.bound);
    let dual = searched(&rows(MASTER, 0), 10);
    assert!((dual.bound - 2.0).abs() < 1e-9, "{}", dual.bound);
    assert!(dual.prices.iter().all(|price| *price == 0.0));
}

/// What is best keeps every row, so one look at the choices and one at the master problem is all: it is 200, 20 for each row,
/// and a sixth of the cube of the size of the basis that is inverted.
#[test]
fn a_look_at_the_master_problem_counts_its_inverse() {
    for (count, look) in [(2, 200 + 40 + 27 / 6), (40, 200 + 800 + 68_921 / 6)] {
        let mut form = rows(count - 1, 0);
        form.rows[1].most = 100;
        let columns = cast::u64_of_usize((count + 1) / 4);
        assert_eq!(searched(&form, 0).work, form.weight() + look + columns);
    }
}
