//! The sentences of the checker: an answer to one problem, checked against a problem that it does not answer.

use std::ops::ControlFlow;

use sortie::allocate::{Options, Problem, Verdict, solve, solve_with, verify};

/// Two activities in a group, and a resource; the answer to the loosest terms spends 6.00 and uses 3.25.
fn problem(budget: &str, limit: &str, group: &str) -> Problem {
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"EUR","budget":"{budget}","resources":[{{"id":"hours","limit":"{limit}"}}],
        "activities":[{{"id":"a","menu":[{{"id":"call","cost":"4.00","value":5,"uses":{{"hours":"2.25"}}}}]}},
            {{"id":"b","response":{{"logarithmic":{{"scale":3,"half":1}}}},"cap":"2.00","uses_per_unit":{{"hours":"0.5"}}}}],
        "groups":[{{"id":"north",{group}"members":["a","b"]}}]}}"#
    );
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// What the checker says of the loose answer under other terms.
fn said(budget: &str, limit: &str, group: &str) -> String {
    let loose = problem("9.00", "3.25", r#""cap":"9.00","#);
    let answer = solve(&loose).unwrap();
    assert_eq!(verify(&loose, &answer), Ok(Verdict::Proved));
    assert_eq!(answer.spent().to_string(), "6.00 EUR");
    match verify(&problem(budget, limit, group), &answer) {
        Ok(verdict) => format!("{verdict:?}"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn limits_that_are_broken_are_named_with_their_amounts() {
    assert_eq!(
        said("5.99", "3.25", ""),
        "budget is broken: 6.00 EUR against 5.99 EUR"
    );
    assert_eq!(
        said("9.00", "3.2", ""),
        "limit of resource \"hours\" is broken: 3.25 against 3.2"
    );
    assert_eq!(
        said("9.00", "3.25", r#""cap":"5.50","#),
        "cap of group \"north\" is broken: 6.00 EUR against 5.50 EUR"
    );
    assert_eq!(
        said("9.00", "3.25", r#""floor":"6.01","#),
        "floor of group \"north\" is broken: 6.00 EUR against 6.01 EUR"
    );
}

/// Limits that are just met are kept.
#[test]
fn limits_that_are_met_are_kept() {
    assert!(said("9.00", "3.25", r#""floor":"6.00","cap":"9.00","#).contains("Proved"));
    assert!(said("9.00", "3.25", r#""cap":"6.00","#).contains("Proved"));
}

#[test]
fn a_target_that_is_missed_is_named() {
    let of = |target: f64| -> Problem {
        let text = format!(
            r#"{{"schema":"sortie/problem/1","currency":"EUR","target":{target},
            "activities":[{{"id":"a","menu":[{{"id":"call","cost":"4.00","value":5}}]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let none = solve(&of(-1.0)).unwrap();
    assert_eq!(none.spent().minor(), 0);
    for target in [1e-9, 0.5, 2.0, 5.0] {
        let refusal = verify(&of(target), &none).unwrap_err().to_string();
        assert_eq!(refusal, format!("target is broken: 0 against {target}"));
    }
    // Met to the accuracy of evaluation.
    let all = solve(&of(5.0)).unwrap();
    assert_eq!(verify(&of(5.0 + 1e-12), &all), Ok(Verdict::Proved));
    assert!(verify(&of(5.0 + 1e-11), &all).is_err());
}

/// A group's price below zero stands for its floor: spending more than the floor asks is charged for.
#[test]
fn more_than_a_binding_floor_is_not_proved() {
    let of = |floor: &str, cap: &str| -> Problem {
        let text = format!(
            r#"{{"schema":"sortie/problem/1","currency":"JPY","budget":"10","activities":[
            {{"id":"a","response":{{"logarithmic":{{"scale":1,"half":9}}}},{cap}"step":"1"}},
            {{"id":"b","response":{{"logarithmic":{{"scale":50,"half":9}}}}}}],
            "groups":[{{"id":"north","floor":"{floor}","members":["a"]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    // The answer to a floor of 7, checked as one to a floor of 5: 2 are wasted, and the price of the floor says so.
    let higher = solve(&of("7", "")).unwrap();
    assert!(higher.groups()[0].shadow_price < 0.0);
    let best = solve(&of("5", "")).unwrap().value();
    match verify(&of("5", ""), &higher).unwrap() {
        Verdict::FeasibleWithin { gap } => assert!(
            higher.value() + gap >= best * (1.0 - 1e-12) && gap < 3.0 * (best - higher.value()),
            "{gap}"
        ),
        other => panic!("{other:?}"),
    }
}

/// A search for a target that is cut off may leave an enormous spend, whose gap is as exact as that spend can be. It did
/// here once; however far the search comes, its answer is not refused.
#[test]
fn a_gap_beside_an_enormous_spend_is_not_refused() {
    let text = r#"{"schema":"sortie/problem/1","currency":"JPY","target":3100000,"activities":[
        {"id":"a0","response":{"adbudg":{"scale":0.100001,"exponent":7,"half":100.0000000192}},"step":"22","floor":"44"},
        {"id":"a1","response":{"adbudg":{"scale":6.5,"exponent":2.2,"half":2100000.01}},"step":"22"},
        {"id":"a2","response":{"adbudg":{"scale":2100001,"exponent":2.2,"half":2100000.01}},"step":"22"},
        {"id":"a3","response":{"adbudg":{"scale":2100001,"exponent":2.2,"half":2100000.01}},"step":"22"},
        {"id":"a4","menu":[{"id":"o0","cost":"12345","value":2100000}]}],
        "groups":[{"id":"g0","members":["a2","a4"],"cap":"9000000063"}]}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let options = Options::default().with_nodes_most(200);
    let answer = solve_with(&problem, options, |_| ControlFlow::Continue(())).unwrap();
    assert!(answer.gap() > 0.0, "{}", answer.gap());
    assert_ne!(verify(&problem, &answer), Ok(Verdict::Proved));
    verify(&problem, &answer).unwrap();
}
