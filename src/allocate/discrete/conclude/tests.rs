//! Prices to and fro, and figures of answers worked out by hand.

use super::super::made;
use super::*;

/// In dollars: a curve that starts at -100 in a group with floor and cap, and hours.
fn problem(objective: &str) -> Problem {
    let text = format!(
        r#"{{"schema": "sortie/problem/1", "currency": "USD", {objective},
        "resources": [{{"id": "hours", "limit": "10"}}],
        "activities": [{{"id": "a", "response": {{"piecewise_linear": {{"points": [[0, -100], [10, 50]]}}}}}}],
        "groups": [{{"id": "g", "floor": "1.00", "cap": "10.00", "members": ["a"]}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

const BUDGET: &str = r#""budget": "5.00""#;

fn prices_of(budget: f64, hours: f64, group: f64) -> Prices {
    Prices {
        budget,
        resources: vec![hours],
        groups: vec![group],
    }
}

fn found(spend: i64, value: f64, bound: f64, complete: bool, prices: Prices) -> Found {
    Found {
        spend: vec![spend],
        value: vec![value],
        option: vec![0],
        total: value,
        bound,
        complete,
        stopped: false,
        prices,
        leaves: Vec::new(),
    }
}

/// Rows are in cents, and in millionths of an hour times the cents of a dollar: 2 a dollar is 0.02 a cent, 5 an hour
/// 5e-8. A group's price is its cap's if above 0, its floor's if below.
#[test]
fn prices_of_rows_are_those_of_constraints_in_small_units() {
    let problem = problem(BUDGET);
    let limits = [
        (Limit::Budget, 500),
        (Limit::Cap(0), 1_000),
        (Limit::Floor(0), -100),
        (Limit::Resource(0), 1_000_000_000),
    ];
    let form = made::form(&limits, vec![]);
    for (group, cap, floor) in [(3.0, 0.03, 0.0), (-4.0, 0.0, 0.04), (0.0, 0.0, 0.0)] {
        let stated = prices_of(2.0, 5.0, group);
        let rows = row_prices(&problem, &form, &stated);
        for (found, wanted) in rows.iter().zip([0.02, cap, floor, 5e-8]) {
            assert!((found - wanted).abs() <= 1e-15 * wanted, "{rows:?}");
        }
        // And back.
        let again = prices(&problem, &form, &rows);
        let pairs = [
            (again.budget, 2.0),
            (again.resources[0], 5.0),
            (again.groups[0], group),
        ];
        for (found, wanted) in pairs {
            assert!((found - wanted).abs() <= 1e-14, "{again:?}");
        }
    }
}

/// 3.00 are spent and 2.50 might do: a gap of 0.50.
#[test]
fn the_gap_of_a_target_is_what_might_be_saved() {
    let problem = problem(r#""target": -60"#);
    for (least, gap, status) in [
        (
            250,
            0.5,
            Status::Bounded {
                because: Unclosed::Nodes,
            },
        ),
        (300, 0.0, Status::Optimal),
    ] {
        let end = Reached {
            spend: vec![300],
            value: vec![-55.0],
            option: vec![0],
            total: -55.0,
            least,
            complete: true,
            prices: prices_of(4.0, 0.0, 0.0),
            leaves: Vec::new(),
        };
        let answer = reached(&problem, end, false).unwrap();
        let bound = cast::f64_of_i64(least) / 100.0;
        for (found, wanted) in [
            (answer.gap(), gap),
            (answer.bound(), bound),
            (answer.shadow_price(), 0.25),
        ] {
            assert!((found - wanted).abs() < 1e-12, "{answer:?}");
        }
        assert_eq!(answer.status(), status);
    }
}

/// A bound that is met proves the answer wherever the search ended; a search that ended by itself does not, while the
/// bound is above the value.
#[test]
fn an_answer_at_its_bound_is_best() {
    let problem = problem(BUDGET);
    let open = Status::Bounded {
        because: Unclosed::Nodes,
    };
    for (bound, complete, status) in [
        (50.0, false, Status::Optimal),
        (50.0, true, Status::Optimal),
        (51.0, false, open),
        (51.0, true, open),
    ] {
        let end = found(500, 50.0, bound, complete, prices_of(0.0, 0.0, 0.0));
        let (end, totals) = judged(&problem, end).unwrap();
        assert_eq!(totals.status, status);
        assert_eq!(end.complete, complete || status == Status::Optimal);
        assert!((totals.gap - (bound - 50.0)).abs() <= 0.0);
    }
}

/// From -100 to -100 nothing rises, to 0 a hundred, to 50 a hundred and fifty.
#[test]
fn the_size_of_a_value_is_its_start_and_its_rise() {
    let problem = problem(BUDGET);
    for (value, wanted) in [(-100.0, 100.0), (0.0, 200.0), (50.0, 250.0)] {
        assert!((size(&problem, &[value]) - wanted).abs() <= 0.0);
    }
}

/// With all of the budget spent the budget limits, though it has no price and a group with room has one.
#[test]
fn a_spent_budget_limits() {
    let problem = problem(BUDGET);
    for (spend, wanted) in [(500, Limited::Budget), (400, Limited::Group(0))] {
        let mut end = found(spend, 0.0, 0.0, true, prices_of(0.0, 0.0, 1.0));
        let columns = columns(&problem, &mut end, &[i128::from(spend)], &[0]);
        assert!(matches!(columns.limits, Limits::Each(each) if each == [wanted]));
    }
}
