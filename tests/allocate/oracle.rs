//! The library's answers against brute force, for every kind of constraint alone and mixed.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use sortie::allocate::Verdict;

use crate::answer::{lawful, line, number, picks, settled, solved, spends, text};
use crate::brute::{self, Pick, Reach};
use crate::generate::{Mix, problem, problem_of_any_mix};
use crate::greedy;
use crate::plain::{Aim, Plain};

/// Cases of each kind; `PROPTEST_CASES` sets another number.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(256)
}

fn for_all(mix: Mix, check: impl Fn(&Plain)) {
    for_every(&problem(mix), check);
}

fn for_every(problems: &impl Strategy<Value = Plain>, check: impl Fn(&Plain)) {
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(cases())
    };
    let result = TestRunner::new(config).run(problems, |plain| {
        check(&plain);
        Ok(())
    });
    if let Err(error) = result {
        let text = match &error {
            proptest::test_runner::TestError::Fail(_, plain) => plain.text(),
            proptest::test_runner::TestError::Abort(_) => String::new(),
        };
        panic!("{error}\n{text}");
    }
}

/// Law 4, and the words of `status`: bound ≥ true optimum ≥ value, and optimal only if it is.
fn against_brute_force(plain: &Plain) {
    let best = brute::most_value(plain);
    let Some((allocation, document)) = solved(plain) else {
        assert_eq!(best, None, "feasible after all");
        return;
    };
    let Some(best) = best else {
        panic!("infeasible, but answered: {document}")
    };
    let verdict = lawful(plain, &allocation, &document);
    let picks = picks(plain, &document);
    let accuracy = brute::accuracy(&picks.iter().collect::<Vec<&Pick>>()).max(1e-12 * best.abs());
    let (value, bound) = (number(&document, "value"), number(&document, "bound"));
    assert!(
        bound >= best - accuracy,
        "bound {bound} below the optimum {best}"
    );
    assert!(
        value <= best + accuracy,
        "value {value} above the optimum {best}"
    );
    match (text(&document, "status"), verdict) {
        ("optimal", Verdict::Proved) => {
            assert!(
                (value - best).abs() <= accuracy,
                "optimal at {value}, but {best} is possible"
            );
        }
        ("bounded", Verdict::FeasibleWithin { gap }) => {
            assert!(
                value + gap >= best - accuracy,
                "verified within {gap}, but {best} is possible"
            );
        }
        // The search stopped for its own reasons; the prices were good enough.
        ("bounded", _) => {}
        other => panic!("{other:?}"),
    }
    // So few activities are always within reach of the search.
    assert!(settled(&allocation), "{value} of {best}, bound {bound}");
}

/// Concave curves with equal steps and no resources: the one canonical answer, its prices and its reasons.
fn against_the_greedy(plain: &Plain) {
    let Some((allocation, document)) = solved(plain) else {
        assert!(greedy::canonical(plain).is_none(), "feasible after all");
        return;
    };
    let Some(canonical) = greedy::canonical(plain) else {
        panic!("infeasible, but answered")
    };
    assert_eq!(lawful(plain, &allocation, &document), Verdict::Proved);
    assert_eq!(text(&document, "status"), "optimal");
    let value = number(&document, "value");
    let accuracy = 1e-12 * canonical.size;
    assert!(
        (value - canonical.value).abs() <= accuracy,
        "{value}, not {}",
        canonical.value
    );
    if canonical.doubtful {
        return;
    }
    assert_eq!(spends(plain, &document), canonical.spends, "{document}");
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    for (activity, marginal) in plain.activities.iter().zip(&canonical.marginals) {
        let line = line(&document, &activity.id);
        assert!(
            near(number(line, "marginal"), *marginal),
            "marginal {marginal} in {line}"
        );
    }
    let price = number(&document, "shadow_price");
    assert!(
        near(price, canonical.shadow_price),
        "price {price}, not {}",
        canonical.shadow_price
    );
    for (group, price) in plain.groups.iter().zip(&canonical.group_prices) {
        let groups = document["groups"].as_array().unwrap();
        let line = groups
            .iter()
            .find(|line| line["id"] == group.id.as_str())
            .unwrap();
        let stated = number(line, "shadow_price");
        // A group's price is a difference of full prices, whose accuracy it has.
        let scale = canonical
            .group_prices
            .iter()
            .fold(price.abs(), |most, p| most.max(p.abs()));
        let scale = scale.max(canonical.shadow_price);
        assert!(
            (stated - price).abs() <= 1e-12 * scale,
            "price {price} of {}, not {stated}: {document}",
            group.id
        );
    }
    for (activity, limit) in plain.activities.iter().zip(&canonical.limits) {
        let line = line(&document, &activity.id);
        let stated = text(line, "limited_by");
        assert!(
            limit.split('|').any(|limit| limit == stated),
            "{limit}: {line} in {document}"
        );
    }
}

#[test]
fn concave_activities_are_exact() {
    for_all(Mix::CONCAVE, against_the_greedy);
    for_all(Mix::CONCAVE, against_brute_force);
}

#[test]
fn floors_and_caps_are_exact() {
    for_all(Mix::CONCAVE_BOUNDED, against_the_greedy);
    for_all(Mix::CONCAVE_BOUNDED, against_brute_force);
}

#[test]
fn a_tree_of_budgets_is_exact() {
    for_all(Mix::CONCAVE_TREE, against_the_greedy);
    for_all(Mix::CONCAVE_TREE, against_brute_force);
}

#[test]
fn menus_are_exact() {
    for_all(Mix::MENUS, against_brute_force);
}

#[test]
fn menus_beside_curves_are_exact() {
    for_all(Mix::MENUS_AND_CURVES, against_brute_force);
}

#[test]
fn menus_in_a_tree_are_exact() {
    for_all(Mix::MENU_TREE, against_brute_force);
}

#[test]
fn menus_with_resources_are_exact() {
    for_all(Mix::MENU_RESOURCES, against_brute_force);
}

#[test]
fn s_curves_are_exact() {
    for_all(Mix::S_CURVES, against_brute_force);
}

#[test]
fn least_spends_are_exact() {
    for_all(Mix::MINIMUMS, against_brute_force);
}

#[test]
fn unequal_steps_are_exact() {
    for_all(Mix::STEPS, against_brute_force);
}

#[test]
fn resources_are_exact() {
    for_all(Mix::RESOURCES, against_brute_force);
}

#[test]
fn everything_together_is_exact() {
    for_all(Mix::EVERYTHING, against_brute_force);
}

#[test]
fn any_mix_is_exact() {
    for_every(&problem_of_any_mix(false), against_brute_force);
}

/// The least spend that reaches a target, or the most that can be reached.
fn against_least_spend(plain: &Plain) {
    let reach = brute::least_spend(plain, 50);
    let answer = solved(plain);
    match (reach, answer) {
        (Reach::Least(least), Some((allocation, document))) => {
            let verdict = lawful(plain, &allocation, &document);
            let Aim::Target(target) = plain.aim else {
                unreachable!()
            };
            assert!(number(&document, "value") >= target - 1e-12 * target.abs());
            let bound = number(&document, "bound");
            let spent = plain.units(crate::plain::minor(
                text(&document, "spent"),
                plain.decimals(),
            ));
            let least = plain.units(least);
            assert!(
                bound <= least * (1.0 + 1e-12),
                "bound {bound} above the least spend {least}"
            );
            assert!((number(&document, "gap") - (spent - bound)).abs() <= 1e-12 * spent);
            assert_eq!(text(&document, "status"), "optimal", "{document}");
            assert_eq!(verdict, Verdict::Proved, "{document}");
            assert!(
                (spent - least).abs() < 1e-9 * least.max(1e-9),
                "{spent} spent, {least} is enough"
            );
        }
        (Reach::TooFar(_) | Reach::Infeasible, None) => {}
        (reach, answer) => panic!("{reach:?}, answered {:?}", answer.map(|answer| answer.1)),
    }
}

#[test]
fn targets_of_concave_activities_are_exact() {
    for_all(Mix::CONCAVE_BOUNDED.with_target(), against_least_spend);
    for_all(Mix::CONCAVE_TREE.with_target(), against_least_spend);
}

#[test]
fn targets_of_menus_are_exact() {
    for_all(Mix::MENUS.with_target(), against_least_spend);
}

#[test]
fn targets_of_everything_are_exact() {
    for_all(Mix::EVERYTHING.with_target(), against_least_spend);
}

#[test]
fn targets_of_any_mix_are_exact() {
    for_every(&problem_of_any_mix(true), against_least_spend);
}
