//! Answers as values: what equals what, what is empty, and what a search tells of itself.

use std::ops::ControlFlow;

use proptest::prelude::*;
use sortie::allocate::{
    Allocation, AllocationDocument, Options, Problem, Status, solve, solve_with,
};

use crate::answer::admitted;
use crate::generate::{Mix, problem as drawn};
use crate::plain::Plain;

fn problem(text: &str) -> Problem {
    let text = format!(r#"{{"schema":"sortie/problem/1","currency":"EUR",{text}}}"#);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

fn curves(scale: f64) -> Allocation {
    let text = format!(
        r#""budget":"10.00","activities":[
            {{"id":"a","response":{{"modified_exponential":{{"scale":{scale},"rate":0.1}}}}}},
            {{"id":"b","response":{{"modified_exponential":{{"scale":5,"rate":0.1}}}}}}]"#
    );
    solve(&problem(&text)).unwrap()
}

#[test]
fn answers_are_equal_only_if_their_lines_are() {
    assert!(curves(5.0) == curves(5.0));
    assert!(curves(5.0) != curves(5.5));
    let menu = |option: &str| {
        let text = format!(
            r#""budget":"1.00","activities":[{{"id":"a","menu":[{{"id":"{option}","cost":"1.00","value":1}}]}}]"#
        );
        solve(&problem(&text)).unwrap()
    };
    // All totals are the same.
    assert!(menu("call") == menu("call") && menu("call") != menu("visit"));
}

#[test]
fn an_answer_is_empty_only_without_activities() {
    assert!(!curves(5.0).is_empty());
    assert!(
        solve(&problem(r#""budget":"1.00","activities":[]"#))
            .unwrap()
            .is_empty()
    );
}

/// Nodes are counted from one, one by one, and the bound never rises.
#[test]
fn a_search_counts_its_nodes() {
    // No price closes the gap between these; one node would not do.
    let activities: Vec<String> = (0..7)
        .map(|at| {
            let half = 20 + 7 * at;
            format!(
                r#"{{"id":"a{at}","response":{{"adbudg":{{"scale":{},"exponent":3,"half":{half}}}}},"minimum_if_any":"{}.00","uses_per_unit":{{"hours":"{}"}}}}"#,
                50 + 11 * (at * 5 % 7),
                5 + at,
                1 + at * 3 % 5
            )
        })
        .collect();
    let text = format!(
        r#""budget":"100.00","resources":[{{"id":"hours","limit":"230"}}],"activities":[{}]"#,
        activities.join(",")
    );
    let mut told = Vec::new();
    solve_with(&problem(&text), Options::default(), |progress| {
        told.push((progress.work, progress.bound));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(told.len() > 1, "{told:?}");
    for (at, (nodes, _)) in (1_u64..).zip(&told) {
        assert_eq!(*nodes, at, "{told:?}");
    }
    assert!(
        told.windows(2).all(|pair| pair[1].1 <= pair[0].1),
        "{told:?}"
    );
}

/// Problems and answers, written and read again.
fn documents_are_read_back(plain: &Plain) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let written = serde_json::to_string(&problem).unwrap();
    let read: Problem = serde_json::from_str(&written).unwrap();
    prop_assert!(read == problem, "{}", written);
    let options = Options::default().with_nodes_most(1);
    let Ok(answer) = solve_with(&problem, options, |_| ControlFlow::Continue(())) else {
        return Ok(());
    };
    let written = serde_json::to_string(&answer).unwrap();
    let read: AllocationDocument = serde_json::from_str(&written).unwrap();
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), written);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_read_back(plain in drawn(Mix::EVERYTHING)) {
        documents_are_read_back(&plain)?;
    }

    #[test]
    fn any_document_of_a_target_is_read_back(plain in drawn(Mix::EVERYTHING.with_target())) {
        documents_are_read_back(&plain)?;
    }
}

/// A search that was broken off says so, in its document too.
#[test]
fn a_bounded_answer_is_read_back() {
    let activities: Vec<String> = (0..9)
        .map(|at| {
            let (cost, value, hours) = (7 + at * 5 % 11, 20 + at * 7 % 13, 3 + at * 3 % 7);
            format!(
                r#"{{"id":"a{at}","menu":[{{"id":"o","cost":"{cost}.00","value":{value},"uses":{{"hours":"{hours}"}}}}]}}"#
            )
        })
        .collect();
    let text = format!(
        r#""budget":"40.00","resources":[{{"id":"hours","limit":"17"}}],"activities":[{}]"#,
        activities.join(",")
    );
    let answer = solve_with(&problem(&text), Options::default(), |_| {
        ControlFlow::Break(())
    })
    .unwrap();
    assert!(matches!(answer.status(), Status::Bounded { .. }) && answer.gap() > 0.0);
    let written = serde_json::to_string(&answer).unwrap();
    assert!(written.contains(r#""status":"bounded""#));
    let read: AllocationDocument = serde_json::from_str(&written).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
}

/// What a further unit of value would cost: the price of the last step, turned over.
#[test]
fn the_price_of_a_target_is_spend_for_value() {
    let curves = r#""target":30,"activities":[{"id":"a","response":{"logarithmic":{"scale":10,"half":3}},"step":"0.50"}]"#;
    let answer = solve(&problem(curves)).unwrap();
    let spent = sortie::numeric::cast::f64_of_i64(answer.spent().minor()) / 100.0;
    let last = 10.0 * libm::log((3.0 + spent) / (2.5 + spent)) / 0.5;
    assert!(spent > 50.0 && (answer.shadow_price() * last - 1.0).abs() < 1e-12);
    let nothing =
        r#""target":0,"activities":[{"id":"a","response":{"logarithmic":{"scale":10,"half":3}}}]"#;
    assert!(solve(&problem(nothing)).unwrap().shadow_price() == 0.0);
    let menus = r#""target":7,"activities":[{"id":"a","menu":[{"id":"o","cost":"2.00","value":5}]},
        {"id":"b","menu":[{"id":"o","cost":"6.00","value":3}]}]"#;
    let answer = solve(&problem(menus)).unwrap();
    assert_eq!(answer.spent().to_string(), "8.00 EUR");
    assert!(
        (answer.shadow_price() - 2.0).abs() < 1e-12,
        "{}",
        answer.shadow_price()
    );
}
