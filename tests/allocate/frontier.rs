//! The frontier against fresh solves, and its laws.

use proptest::prelude::*;
use sortie::allocate::{
    AllocateError, ChangeError, MenuPath, Objective, Problem, Status, frontier, solve,
};
use sortie::money::Money;

use crate::answer::{admitted, settled};
use crate::generate::{Mix, problem};
use crate::plain::Plain;

fn budgets(problem: &Problem, plain: &Plain, count: i64) -> Vec<Money> {
    let most = 2 * plain.budget().unwrap_or(20) + 4;
    (0..=count)
        .map(|share| Money::from_minor(most * share / count, problem.currency()))
        .collect()
}

/// Each point is a fresh solve's; infeasible exactly where the first budget is.
fn against_fresh_solves(plain: &Plain) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let mut budgets = budgets(&problem, plain, 13);
    let fresh =
        |budget: &Money| solve(&problem.with_objective(Objective::Budget(*budget)).unwrap());
    let mut infeasible = budgets.clone();
    infeasible.retain(|budget| fresh(budget).is_err());
    if let Some(first) = infeasible.first() {
        let error = frontier(&problem, &[*first]).unwrap_err();
        let is_infeasible = matches!(error, ChangeError::Allocate(AllocateError::Infeasible(_)));
        prop_assert!(is_infeasible, "{}", error);
    }
    budgets.retain(|budget| fresh(budget).is_ok());
    // Any order, and twice the same.
    let mut asked = budgets.clone();
    asked.reverse();
    asked.extend(budgets.first().copied());
    let points = frontier(&problem, &asked).unwrap();
    budgets.dedup();
    prop_assert_eq!(points.len(), budgets.len());
    for (point, budget) in points.iter().zip(&budgets) {
        let answer = fresh(budget).unwrap();
        prop_assert_eq!(point.budget, *budget);
        prop_assert_eq!(point.spent, answer.spent());
        prop_assert_eq!(point.value.to_bits(), answer.value().to_bits());
        prop_assert_eq!(point.bound.to_bits(), answer.bound().to_bits());
        prop_assert_eq!(
            point.shadow_price.to_bits(),
            answer.shadow_price().to_bits()
        );
        prop_assert_eq!(point.status, answer.status());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn points_of_concave_activities_are_fresh_solves(plain in problem(Mix::CONCAVE_TREE)) {
        against_fresh_solves(&plain)?;
    }

    #[test]
    fn points_of_menus_are_fresh_solves(plain in problem(Mix::MENUS)) {
        against_fresh_solves(&plain)?;
    }

    #[test]
    fn points_of_everything_are_fresh_solves(plain in problem(Mix::EVERYTHING)) {
        against_fresh_solves(&plain)?;
    }

    /// Law 5.
    #[test]
    fn value_is_monotone_and_concave_in_the_budget(plain in problem(Mix::CONCAVE)) {
        let problem = admitted(&plain);
        let most = 2 * plain.budget().unwrap_or(20) + 4;
        let all: Vec<Money> = (0..=most.min(60))
            .map(|minor| Money::from_minor(minor, problem.currency()))
            .collect();
        let points = frontier(&problem, &all).unwrap();
        let size = points.iter().fold(0.0_f64, |most, point| most.max(point.value.abs()));
        for three in points.windows(3) {
            let first = three[1].value - three[0].value;
            let second = three[2].value - three[1].value;
            prop_assert!(first >= 0.0 && second >= 0.0);
            prop_assert!(second <= first + 1e-14 * size, "{} after {}", second, first);
            prop_assert!(three[1].shadow_price <= three[0].shadow_price * (1.0 + 1e-12));
        }
    }

    /// Every point of the path is optimal for its spend, and what lies between keeps the bound.
    #[test]
    fn the_path_of_menus_is_optimal_at_its_points(plain in problem(Mix::MENUS)) {
        let problem = admitted(&plain);
        let path = MenuPath::of(&problem).unwrap().unwrap();
        let points: Vec<_> = path.points().collect();
        let at = |budget: Money| {
            solve(&problem.with_objective(Objective::Budget(budget)).unwrap())
        };
        for (place, point) in points.iter().enumerate() {
            let answer = at(point.spent).unwrap();
            prop_assert!(settled(&answer));
            let accuracy = 1e-12 * answer.value().abs().max(1.0);
            prop_assert!((answer.value() - point.value).abs() <= accuracy, "{:?}", point);
            prop_assert!((path.bound(point.spent).unwrap() - point.value).abs() <= accuracy);
            // The options are those that cost and return it.
            let (mut cost, mut value) = (0, 0.0);
            for (activity, option) in path.options(place) {
                let menu = &problem.activities()[problem.position(activity).unwrap()];
                let menu = menu.as_menu().unwrap();
                match menu.options().iter().find(|each| Some(each.id()) == option) {
                    Some(option) => {
                        cost += option.cost().minor();
                        value += option.value();
                    }
                    None => prop_assert!(!menu.is_required()),
                }
            }
            prop_assert_eq!(cost, point.spent.minor());
            prop_assert!((value - point.value).abs() <= accuracy);
        }
        for pair in points.windows(2) {
            prop_assert!(pair[0].spent.minor() < pair[1].spent.minor()
                && pair[0].price >= pair[1].price);
            let middle = (pair[0].spent.minor() + pair[1].spent.minor()) / 2;
            let middle = Money::from_minor(middle, problem.currency());
            let answer = at(middle).unwrap();
            let slack = 1e-12 * answer.value().abs().max(1.0);
            prop_assert!(path.bound(middle).unwrap() >= answer.value() - slack);
            prop_assert!(answer.value() >= pair[0].value - slack);
        }
        let first = points[0].spent.minor();
        if first > 0 {
            let below = Money::from_minor(first - 1, problem.currency());
            prop_assert_eq!(path.bound(below), None);
            prop_assert!(at(below).is_err());
        }
        let last = points[points.len() - 1];
        let far = Money::from_minor(last.spent.minor() + 1_000, problem.currency());
        let answer = at(far).unwrap();
        prop_assert_eq!(answer.status(), Status::Optimal);
        prop_assert!((answer.value() - last.value).abs() <= 1e-12 * last.value.abs().max(1.0));
    }
}

/// A path is for menus under a budget alone.
#[test]
fn other_constraints_have_no_path() {
    let text = r#"{"schema":"sortie/problem/1","currency":"JPY","budget":"9","activities":[
        {"id":"a","menu":[{"id":"o","cost":"3","value":2.0}]}],"groups":[{"id":"g","cap":"2","members":["a"]}]}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    assert!(MenuPath::of(&problem).unwrap().is_none());
}

/// Prices are per currency unit, whatever the minor unit.
#[test]
fn prices_of_a_path_are_per_currency_unit() {
    let text = r#"{"schema":"sortie/problem/1","currency":"EUR","budget":"9.00","activities":[
        {"id":"a","menu":[{"id":"o","cost":"2.00","value":8.0},{"id":"p","cost":"4.00","value":11.0}]}]}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let path = MenuPath::of(&problem).unwrap().unwrap();
    let prices: Vec<f64> = path.points().map(|point| point.price).collect();
    assert_eq!(prices, [f64::INFINITY, 4.0, 1.5]);
}
