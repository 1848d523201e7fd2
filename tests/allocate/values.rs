//! Answers as values: what equals what, what is empty, and what a search tells of itself.

use std::ops::ControlFlow;

use sortie::allocate::{Allocation, Options, Problem, solve, solve_with};

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
