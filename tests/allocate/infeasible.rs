//! What an infeasible problem is told, in full: the constraints that contradict each other, and by how much.

use sortie::allocate::{Problem, solve};

const ADS: &str = r#"{"id":"ads","response":{"modified_exponential":{"scale":10,"rate":0.1}},"#;
const CALLS: &str = r#"{"id":"calls","response":{"logarithmic":{"scale":10,"half":3}},"#;

/// What the solver says of a problem in euros.
fn said(aim: &str, rest: &str) -> String {
    let text = format!(r#"{{"schema":"sortie/problem/1","currency":"EUR",{aim},{rest}}}"#);
    let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    solve(&problem).unwrap_err().to_string()
}

fn two(ads: &str, calls: &str) -> String {
    format!(r#""activities":[{ADS}{ads}}},{CALLS}{calls}}}]"#)
}

#[test]
fn floors_of_curves_above_the_budget() {
    let curves = two(r#""floor":"7.50""#, r#""floor":"5.25""#);
    assert_eq!(
        said(r#""budget":"10.00""#, &curves),
        "infeasible: a spend of 12.75 EUR is forced by the floor of activity \"ads\", the floor of activity \"calls\": \
         2.75 EUR more than the budget allows (10.00 EUR)"
    );
}

#[test]
fn floors_of_curves_above_the_cap_of_their_group() {
    let curves = two(r#""floor":"7.50""#, r#""floor":"5.25""#);
    let groups = r#""groups":[{"id":"north","cap":"12.00","members":["ads","calls"]}]"#;
    assert_eq!(
        said(r#""budget":"100.00""#, &format!("{curves},{groups}")),
        "infeasible: a spend of 12.75 EUR is forced by the floor of activity \"ads\", the floor of activity \"calls\": \
         0.75 EUR more than the cap of group \"north\" allows (12.00 EUR)"
    );
}

#[test]
fn the_first_three_of_many_floors_are_named() {
    let all: Vec<String> = (0..6)
        .map(|at| format!(r#"{{"id":"a{at}","floor":"1.00","response":{{"logarithmic":{{"scale":1,"half":1}}}}}}"#))
        .collect();
    let said = said(
        r#""budget":"5.00""#,
        &format!(r#""activities":[{}]"#, all.join(",")),
    );
    let named = said.matches("the floor of activity").count();
    assert!(
        said.contains(&format!(" and {} more floors: ", 6 - named)) && (1..6).contains(&named),
        "{said}"
    );
    assert!(said.ends_with("1.00 EUR more than the budget allows (5.00 EUR)"));
}

#[test]
fn a_floor_of_a_group_beyond_the_caps_in_it() {
    let groups = r#""groups":[{"id":"north","floor":"12.00","members":["ads","calls"]}]"#;
    let curves = two(r#""cap":"4.00""#, r#""cap":"5.50""#);
    let told = "infeasible: floor of group \"north\" demands 12.00 EUR, 2.50 EUR more than the caps of its members let it \
                spend (9.50 EUR)";
    assert_eq!(
        said(r#""budget":"100.00""#, &format!("{curves},{groups}")),
        told
    );
    // The same where a search is needed.
    let resources = r#""resources":[{"id":"hours","limit":"9"}]"#;
    let text = format!("{curves},{groups},{resources}");
    assert_eq!(said(r#""budget":"100.00""#, &text), told);
}

#[test]
fn more_of_a_resource_is_forced_than_there_is() {
    let menus = r#""resources":[{"id":"hours","limit":"2.25"}],"activities":[
        {"id":"a","required":true,"menu":[{"id":"o","cost":"1.00","value":1,"uses":{"hours":"1.5"}},
            {"id":"p","cost":"0.00","value":1,"uses":{"hours":"4"}}]},
        {"id":"b","floor":"2.50","response":{"logarithmic":{"scale":1,"half":1}},"uses_per_unit":{"hours":"0.5"}}]"#;
    assert_eq!(
        said(r#""budget":"100.00""#, menus),
        "infeasible: required options and floors force 2.75 of resource \"hours\", 0.5 more than its limit 2.25"
    );
}

/// Each option of a is kept by one constraint only.
#[test]
fn constraints_that_only_together_cannot_be_kept() {
    let menus = r#""resources":[{"id":"hours","limit":"2.25"}],"activities":[
        {"id":"a","required":true,"menu":[{"id":"o","cost":"1.00","value":1,"uses":{"hours":"3.5"}},
            {"id":"p","cost":"7.50","value":1,"uses":{"hours":"1"}}]}]"#;
    let said = said(r#""budget":"5.00""#, menus);
    assert!(
        said == "infeasible: budget, resource \"hours\" cannot be kept together; the closest attempt misses resource \
                 \"hours\" by 1.25"
            || said
                == "infeasible: budget, resource \"hours\" cannot be kept together; the closest attempt misses budget by \
                    2.50 EUR",
        "{said}"
    );
}

#[test]
fn caps_and_floors_of_groups_that_only_together_cannot_be_kept() {
    let menus = r#""activities":[{"id":"a","menu":[{"id":"o","cost":"3.00","value":1},{"id":"p","cost":"0.50","value":1}]}],
        "groups":[{"id":"north","floor":"1.25","cap":"2.50","members":["a"]}]"#;
    let said = said(r#""budget":"5.00""#, menus);
    assert!(
        said.starts_with("infeasible: ")
            && said.contains("cannot be kept together; the closest attempt misses "),
        "{said}"
    );
    assert!(
        said.ends_with("cap of group \"north\" by 0.50 EUR")
            || said.ends_with("floor of group \"north\" by 0.75 EUR")
            || said.ends_with("floor of group \"north\" by 1.25 EUR"),
        "{said}"
    );
}

#[test]
fn targets_beyond_all_curves_and_menus() {
    let capped = two(r#""cap":"0.00""#, r#""cap":"3.00""#);
    let most = 10.0 * core::f64::consts::LN_2;
    assert_eq!(
        said(r#""target":8"#, &capped),
        format!("infeasible: target 8 is out of reach; the most that can be reached is {most}")
    );
    let menus = r#""activities":[{"id":"a","menu":[{"id":"o","cost":"3.00","value":1.5}]},
        {"id":"b","menu":[{"id":"o","cost":"3.00","value":2},{"id":"p","cost":"4.00","value":0}]}]"#;
    assert_eq!(
        said(r#""target":4"#, menus),
        "infeasible: target 4 is out of reach; the most that can be reached is 3.5"
    );
}
