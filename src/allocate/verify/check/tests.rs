//! What is refused before any price is looked at.

use super::*;
use crate::allocate::{LineParts, Totals, solve, verify};

const HEAD: &str = r#"{"schema": "sortie/problem/1", "currency": "USD", "#;

/// A floor, a least spend, and nothing of either.
fn problem(objective: &str) -> Problem {
    let curve = r#""response": {"logarithmic": {"scale": 9, "half": 2}}"#;
    let text = format!(
        r#"{HEAD}{objective}, "activities": [
            {{"id": "a", {curve}, "floor": "2.00"}},
            {{"id": "b", {curve}, "minimum_if_any": "3.00"}},
            {{"id": "c", {curve}}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// The answer, with its totals and lines changed.
fn changed(answer: &Allocation, change: impl FnOnce(&mut Totals, &mut [LineParts])) -> Allocation {
    let mut totals = Totals {
        status: answer.status(),
        value: answer.value(),
        bound: answer.bound(),
        gap: answer.gap(),
        spent: answer.spent(),
        unspent: answer.unspent(),
        shadow_price: answer.shadow_price(),
    };
    let lines = answer.lines().map(|line| LineParts {
        id: line.id.clone(),
        spend: line.spend,
        value: line.value,
        marginal: line.marginal,
        option: line.option.cloned(),
        limited_by: line.limited_by,
    });
    let mut lines: Vec<LineParts> = lines.collect();
    change(&mut totals, &mut lines);
    Allocation::from_parts(
        answer.currency(),
        totals,
        answer.resources().to_vec(),
        answer.groups().to_vec(),
        lines,
        answer.certificate().clone(),
    )
}

#[test]
fn lists_match_only_id_by_id() {
    let ids = |text: &str| -> Vec<Id> { text.split(' ').map(|id| Id::new(id).unwrap()).collect() };
    let refused = |wanted: &str, found: &str| {
        same_ids("groups", ids(wanted).iter(), ids(found).iter())
            .map_err(|refusal| refusal.to_string())
            .err()
    };
    assert_eq!(refused("a b", "a b"), None);
    for (wanted, found, due, stands) in [
        ("a b", "a c", "b", "c"),
        ("a b", "b a", "a", "b"),
        ("a b", "a", "b", "nothing"),
        ("a", "a b", "nothing", "b"),
    ] {
        let text = format!(
            "groups of the answer do not match the problem: {stands:?} stands where {due:?} is due"
        );
        assert_eq!(refused(wanted, found), Some(text));
    }
}

/// The answer of another problem of the same shape is refused by the first name that differs.
#[test]
fn an_answer_to_other_activities_is_refused() {
    let problem = problem(r#""budget": "20.00""#);
    let answer = solve(&problem).unwrap();
    assert!(verify(&problem, &answer).is_ok());
    let other = changed(&answer, |_, lines| lines[1].id = Id::new("bb").unwrap());
    let refusal = verify(&problem, &other).unwrap_err();
    assert!(
        matches!(
            refusal,
            Refusal::Mismatch {
                list: "activities",
                ..
            }
        ),
        "{refusal}"
    );
}

/// Below a floor nothing is lawful; below a least spend, nothing alone.
#[test]
fn a_spend_below_its_least_is_refused() {
    let problem = problem(r#""budget": "20.00""#);
    let answer = solve(&problem).unwrap();
    let model = Model::of(&problem);
    let currency = problem.currency();
    let places = |at: usize, minor: i64| {
        let line = answer.lines().nth(at).unwrap();
        let spend = Money::from_minor(minor, currency);
        place(
            &problem.activities()[at],
            &model.activities[at],
            &Line { spend, ..line },
        )
        .ok()
    };
    let less = |at: usize, minor: i64| places(at, minor).is_none();
    for (at, minor, refused) in [
        (0, 0, true),
        (0, 199, true),
        (0, 200, false),
        (1, 0, false),
        (1, 1, true),
        (1, 299, true),
        (1, 300, false),
        (2, 0, false),
        (2, 1, false),
    ] {
        assert_eq!(less(at, minor), refused, "{minor} of activity {at}");
    }
}

/// Hundredths: whole parts and decimals by long division, without zeros at the end.
#[test]
fn amounts_are_shown_as_decimals() {
    for (amount, text) in [
        (0, "0"),
        (5, "0.05"),
        (50, "0.5"),
        (100, "1"),
        (925, "9.25"),
        (1_000, "10"),
        (123_456, "1234.56"),
    ] {
        assert_eq!(decimal(amount, 100), text);
    }
    assert_eq!(decimal(9_000_001, 1_000_000), "9.000001");
}

/// The gap is bound less value, or spend less bound: a stated one that is neither, or below zero, is refused.
#[test]
fn a_gap_that_is_not_the_distance_to_the_bound_is_refused() {
    for (objective, more) in [(r#""budget": "20.00""#, 1.0), (r#""target": 20"#, -1.0)] {
        let problem = problem(objective);
        let answer = solve(&problem).unwrap();
        let figure = |gap: f64, bound: f64| {
            let other = changed(&answer, |totals, _| {
                totals.gap = gap;
                totals.bound += more * bound;
            });
            verify(&problem, &other).map_err(|refusal| refusal.to_string())
        };
        assert!(figure(answer.gap(), 0.0).is_ok(), "{objective}");
        assert!(figure(answer.gap() + 3.0, 3.0).is_ok(), "{objective}");
        for (gap, bound) in [(3.0, 0.0), (0.0, 3.0), (3.0, 2.0), (f64::NAN, 0.0)] {
            let text = figure(gap, bound).unwrap_err();
            assert!(text.starts_with("gap is stated as"), "{objective}: {text}");
        }
        let text = figure(-1.0, -1.0).unwrap_err();
        assert!(
            text.ends_with("recomputed it is at least 0"),
            "{objective}: {text}"
        );
    }
}
