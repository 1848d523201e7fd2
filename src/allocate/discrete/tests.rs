//! What is said of problems without an answer, and of menus under a budget alone.

use super::super::solve as solved;
use super::*;

fn problem(text: &str) -> Problem {
    serde_json::from_str(text).unwrap()
}

/// The one option spends the budget of 10.00 exactly and takes 5 hours, of which there are 3; the other fits the hours.
#[test]
fn what_is_kept_exactly_is_not_missed() {
    let problem = problem(
        r#"{"schema":"sortie/problem/1","currency":"USD","budget":"10.00",
        "resources":[{"id":"hours","limit":"3"}],
        "activities":[{"id":"a","required":true,"menu":[
            {"id":"o","cost":"10.00","value":1,"uses":{"hours":"5"}},
            {"id":"p","cost":"10.01","value":1,"uses":{"hours":"1"}}]}]}"#,
    );
    let form = compile::form(&problem, 1_000).unwrap();
    let of = |place| match together(&problem, &form, &[place]) {
        Infeasible::Together {
            constraints,
            detail,
        } => {
            assert_eq!(constraints, r#"budget, resource "hours""#);
            detail
        }
        other => panic!("{other:?}"),
    };
    let misses = "the closest attempt misses";
    assert_eq!(of(0), format!(r#"{misses} resource "hours" by 2"#));
    assert_eq!(of(1), format!("{misses} budget by 0.01 USD"));
}

/// A menu of what costs 5 and takes 7 hours or costs 8 and takes 2, and two curves of 2 to 6 steps of 3, which take 4 hours,
/// of which one may be nothing. A floor counts spends downwards, so that its least use is the highest spend.
#[test]
fn the_least_uses_are_each_row_by_itself() {
    let curve = crate::response::Logarithmic::new(1.0, 1.0).unwrap().into();
    let money = [(0, 1), (1, -1)];
    let span = Span::new(2, 6);
    let of = |span| made::curve(&curve, 3, vec![4], span, &money);
    let menu = made::using(&[(5, 1.0, 7), (8, 1.0, 2)], &money);
    let choices = vec![menu, of(span), of(Span { zero: true, ..span })];
    let rows = [
        (Limit::Budget, 50),
        (Limit::Floor(0), -1),
        (Limit::Resource(0), 50),
    ];
    let form = made::form(&rows, choices);
    assert_eq!(
        least_uses(&form, &form.spans()),
        [5 + 6, -(8 + 18 + 18), 2 + 8]
    );
}

/// Of a budget of 0.20 what is required leaves 0.10, which one option takes. Another, of 0.25, would be worth a great deal,
/// but a cent more does not buy it: money has no price.
#[test]
fn what_required_options_leave_no_room_for_sets_no_price() {
    let problem = problem(
        r#"{"schema":"sortie/problem/1","currency":"USD","budget":"0.20","activities":[
        {"id":"a","menu":[{"id":"near","cost":"0.10","value":5},{"id":"far","cost":"0.25","value":1000}]},
        {"id":"b","required":true,"menu":[{"id":"o","cost":"0.10","value":1}]}]}"#,
    );
    let answer = solved(&problem).unwrap();
    assert_eq!((answer.value(), answer.is_optimal()), (6.0, true));
    assert!(answer.shadow_price() == 0.0, "{}", answer.shadow_price());
}

/// Two menus that a price leaves a gap between, and others that change nothing.
fn menus(others: usize) -> Problem {
    let other =
        |at: usize| format!(r#"{{"id":"z{at}","menu":[{{"id":"o","cost":"0.02","value":0.1}}]}}"#);
    let others: Vec<String> = (0..others).map(other).collect();
    problem(&format!(
        r#"{{"schema":"sortie/problem/1","currency":"USD","budget":"0.02","activities":[
        {{"id":"a","menu":[{{"id":"o","cost":"0.01","value":2}}]}},
        {{"id":"b","menu":[{{"id":"o","cost":"0.02","value":2}}]}},{}]}}"#,
        others.join(",")
    ))
}

#[test]
fn the_proof_of_a_table_is_grown_as_a_tree_for_few_menus_alone() {
    for (others, has_leaves) in [(LEAVES_MENUS - 2, true), (LEAVES_MENUS - 1, false)] {
        let answer = solved(&menus(others)).unwrap();
        assert_eq!((answer.value(), answer.is_optimal()), (2.0, true));
        let leaves = &answer.certificate().leaves;
        assert_eq!(!leaves.is_empty(), has_leaves, "{others} others");
    }
}
