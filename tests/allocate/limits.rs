//! What an answer says of each activity where a search was needed: its marginal return, and what limits it.

use sortie::allocate::{Allocation, Problem, Status, solve};

/// The answer to a problem in euros; an option that costs nothing makes it one for a search.
fn answer(budget: &str, hours: Option<&str>, activities: &str, groups: &str) -> Allocation {
    let resources = hours.map_or_else(String::new, |hours| {
        format!(r#""resources":[{{"id":"hours","limit":"{hours}"}}],"#)
    });
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"EUR","budget":"{budget}",{resources}
        "activities":[{{"id":"free","menu":[{{"id":"o","cost":"0.00","value":1}}]}},{activities}],"groups":[{groups}]}}"#
    );
    let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let answer = solve(&problem).unwrap();
    assert_eq!(answer.status(), Status::Optimal);
    answer
}

/// An activity with a logarithmic response, half 1.00.
fn log(id: &str, scale: f64, terms: &str) -> String {
    format!(r#"{{"id":"{id}","response":{{"logarithmic":{{"scale":{scale},"half":1}}}}{terms}}}"#)
}

/// Spend and limit of each activity.
fn limits(answer: &Allocation) -> Vec<(String, String, String)> {
    let document = serde_json::to_value(answer).unwrap();
    let lines = document["activities"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    lines
        .iter()
        .map(|line| {
            (
                text(&line["id"]),
                text(&line["spend"]),
                text(&line["limited_by"]),
            )
        })
        .collect()
}

fn check(answer: &Allocation, expected: &[(&str, &str, &str)]) {
    let told = limits(answer);
    let told: Vec<(&str, &str, &str)> = told
        .iter()
        .map(|(id, spend, limit)| (id.as_str(), spend.as_str(), limit.as_str()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn floors_least_spends_caps_and_the_budget() {
    let all = [
        log("held", 10.0, r#","step":"0.50","floor":"2.00""#),
        log("least", 12.0, r#","step":"0.50","minimum_if_any":"1.50""#),
        log("capped", 500.0, r#","step":"0.50","cap":"1.25""#),
        log("open", 100.0, r#","step":"0.50""#),
        log("weak", 0.1, r#","step":"0.50""#),
    ];
    let all = all.join(",").replace(r#""cap":"1.25""#, r#""cap":"1.50""#);
    let answer = answer("13.00", None, &all, "");
    check(
        &answer,
        &[
            ("capped", "1.50", "cap"),
            ("free", "0.00", "saturated"),
            ("held", "2.00", "floor"),
            ("least", "0.00", "budget"),
            ("open", "9.50", "budget"),
            ("weak", "0.00", "budget"),
        ],
    );
    let marginal = |id: &str| {
        let mut lines = answer.lines();
        lines
            .find(|line| line.id.as_str() == id)
            .unwrap()
            .marginal
            .unwrap()
    };
    let near = |found: f64, expected: f64| {
        assert!(
            (found - expected).abs() <= 1e-13 * expected,
            "{found}, {expected}"
        );
    };
    near(marginal("open"), 200.0 * libm::log(11.0 / 10.5));
    near(marginal("held"), 20.0 * libm::log(3.5 / 3.0));
    near(marginal("capped"), 1000.0 * libm::log(3.0 / 2.5));
    assert!(
        answer
            .lines()
            .find(|line| line.id.as_str() == "free")
            .unwrap()
            .marginal
            .is_none()
    );
}

/// A least spend that is all there is room for; all that adds anything taken.
#[test]
fn a_least_spend_and_all_that_adds_anything() {
    let straight = r#"{"id":"straight","response":{"piecewise_linear":{"points":[[0,0],[2,6]]}},"step":"0.50"}"#;
    let least = log("least", 6.0, r#","step":"0.50","minimum_if_any":"1.50""#);
    let answer = answer("3.50", None, &format!("{straight},{least}"), "");
    check(
        &answer,
        &[
            ("free", "0.00", "saturated"),
            ("least", "1.50", "minimum_if_any"),
            ("straight", "2.00", "saturated"),
        ],
    );
}

/// The innermost group that refuses the next step, though it does not use up its cap.
#[test]
fn groups_that_leave_less_than_a_step() {
    let all = [
        log("a", 100.0, r#","step":"0.50""#),
        log("b", 1.0, r#","step":"0.50""#),
    ]
    .join(",");
    let groups = r#"{"id":"outer","cap":"4.00"},{"id":"inner","parent":"outer","cap":"2.75","members":["a"]}"#;
    check(
        &answer("6.00", None, &all, groups),
        &[
            ("a", "2.50", "group:inner"),
            ("b", "3.50", "budget"),
            ("free", "0.00", "saturated"),
        ],
    );
}

/// At its floor though its last step was worth it: the group's cap limits it, not the floor.
#[test]
fn a_floor_that_does_not_hold_up() {
    let all = [
        log(
            "a",
            100.0,
            r#","step":"0.50","floor":"2.00","uses_per_unit":{"hours":"0.5"}"#,
        ),
        log("b", 20.0, r#","step":"0.50","uses_per_unit":{"hours":"1"}"#),
    ]
    .join(",");
    let groups = r#"{"id":"north","cap":"2.00","members":["a"]}"#;
    for hours in ["4", "4.25"] {
        let answer = answer("50.00", Some(hours), &all, groups);
        check(
            &answer,
            &[
                ("a", "2.00", "group:north"),
                ("b", "3.00", "resource:hours"),
                ("free", "0.00", "saturated"),
            ],
        );
        // Hours may have no price here: what they leave to b is its span, and within that the bound is met at no price.
        assert_eq!(answer.resources()[0].used.to_string(), "4");
    }
}

/// Options that are better but dearer, in money and in hours.
#[test]
fn what_limits_a_menu() {
    let menus = r#"{"id":"a","menu":[{"id":"o","cost":"2.00","value":5},{"id":"p","cost":"9.00","value":6}]},
        {"id":"b","menu":[{"id":"o","cost":"1.00","value":4,"uses":{"hours":"1"}},{"id":"p","cost":"1.00","value":7,"uses":{"hours":"3"}}]}"#;
    let answer = answer("5.00", Some("2.5"), menus, "");
    check(
        &answer,
        &[
            ("a", "2.00", "budget"),
            ("b", "1.00", "resource:hours"),
            ("free", "0.00", "saturated"),
        ],
    );
    assert_eq!(answer.resources()[0].used.to_string(), "1");
}

/// A group's floor that whole steps overshoot forces the least number of them, and no more.
#[test]
fn a_floor_between_two_steps_forces_the_second() {
    let all = [
        log("poor", 1.0, r#","step":"0.02""#),
        log("rich", 100.0, r#","step":"0.04""#),
    ]
    .join(",");
    let groups = r#"{"id":"north","floor":"0.03","members":["poor"]}"#;
    check(
        &answer("20.00", None, &all, groups),
        &[
            ("free", "0.00", "saturated"),
            ("poor", "0.04", "budget"),
            ("rich", "19.96", "budget"),
        ],
    );
}
