//! Rows, reaches, and contradictions that are seen at the outset.

use super::super::made;
use super::*;

fn read(rest: &str) -> Problem {
    let text = format!(r#"{{"schema": "sortie/problem/1", "currency": "USD", {rest}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// An S-curve in cents, with more terms.
fn curve(id: &str, terms: &str) -> String {
    format!(
        r#"{{"id": "{id}", "response": {{"adbudg": {{"scale": 9, "exponent": 2, "half": 3}}}}{terms}}}"#
    )
}

#[test]
fn the_common_divisor_is_the_greatest() {
    assert_eq!(common(6, 4), 2);
    for a in 0..30_i128 {
        for b in 0..30_i128 {
            let greatest = (1..30).filter(|d| a % d == 0 && b % d == 0).max();
            let wanted = if (a, b) == (0, 0) { Some(0) } else { greatest };
            assert_eq!(Some(common(a, b)), wanted, "{a} {b}");
            assert_eq!(common(-a, b), common(a, b));
        }
    }
}

/// A floor of 6.00 in a group in a group: the tightest of what is above it is named, and the budget only where no cap
/// is tighter.
#[test]
fn a_floor_out_of_reach_names_the_tightest_limit() {
    for (inner, outer, budget, limit, excess) in [
        (
            "8.00",
            "5.00",
            "100.00",
            r#"cap of group "outer""#,
            "1.00 USD",
        ),
        (
            "4.00",
            "5.00",
            "100.00",
            r#"cap of group "inner""#,
            "2.00 USD",
        ),
        ("8.00", "5.00", "5.00", "budget", "1.00 USD"),
        ("8.00", "5.00", "3.00", "budget", "3.00 USD"),
        (
            "5.00",
            "8.00",
            "5.50",
            r#"cap of group "inner""#,
            "1.00 USD",
        ),
    ] {
        let activity = curve("a", r#", "floor": "6.00""#);
        let problem = read(&format!(
            r#""budget": "{budget}", "activities": [{activity}], "groups": [
                {{"id": "inner", "parent": "outer", "cap": "{inner}", "members": ["a"]}},
                {{"id": "outer", "cap": "{outer}"}}]"#
        ));
        let Err(Infeasible::Floors {
            floors,
            limit: named,
            excess: by,
            ..
        }) = form(&problem, budget_of(&problem))
        else {
            panic!("a floor of 6.00 fits neither {inner} nor {outer}");
        };
        assert_eq!(floors, r#"the floor of activity "a""#);
        assert_eq!((named.as_str(), by.as_str()), (limit, excess));
    }
}

/// Caps of 4.00 let a group spend 6.00 less than its floor of 10.00.
#[test]
fn a_floor_beyond_caps_names_the_shortfall() {
    let activity = curve("a", r#", "cap": "4.00""#);
    let problem = read(&format!(
        r#""budget": "50.00", "activities": [{activity}],
        "groups": [{{"id": "g", "floor": "10.00", "members": ["a"]}}]"#
    ));
    let wanted = Infeasible::Caps {
        group: "g".to_owned(),
        demanded: "10.00 USD".to_owned(),
        possible: "4.00 USD".to_owned(),
        shortfall: "6.00 USD".to_owned(),
    };
    assert_eq!(form(&problem, budget_of(&problem)).err(), Some(wanted));
}

/// A least spend that is all that fits may still be taken; one that does not fit leaves nothing.
#[test]
fn a_least_spend_up_to_the_cap_is_lawful() {
    let spans = |least: &str, ceiling: i64| {
        let terms = format!(r#", "minimum_if_any": "{least}", "cap": "5.00""#);
        let activity = curve("a", &terms);
        let problem = read(&format!(r#""budget": "50.00", "activities": [{activity}]"#));
        let terms = problem.activities()[0].as_spending().unwrap();
        curve_choice(&problem, terms, 100, ceiling).span
    };
    let some = |low| Span {
        low,
        high: 500,
        zero: true,
    };
    assert_eq!(spans("3.00", 5_000), some(300));
    assert_eq!(spans("5.00", 5_000), some(500));
    assert_eq!(spans("5.00", 500), some(500));
    assert_eq!(spans("5.00", 499), Span::only(0));
    assert_eq!(spans("0.01", 5_000), Span::new(0, 500));
}

/// Caps of 2.00 and 3.00 and floors of 1.00 each: a group's cap of 5.00 and its floor of 2.00 say nothing more.
#[test]
fn only_what_can_bind_has_a_row() {
    for (bounds, wanted) in [
        (r#""cap": "5.00", "floor": "2.00""#, vec![Limit::Budget]),
        (r#""cap": "4.99""#, vec![Limit::Budget, Limit::Cap(0)]),
        (r#""floor": "2.01""#, vec![Limit::Budget, Limit::Floor(0)]),
    ] {
        let one = curve("a", r#", "floor": "1.00", "cap": "2.00""#);
        let other = curve("b", r#", "floor": "1.00", "cap": "3.00""#);
        let problem = read(&format!(
            r#""budget": "50.00", "activities": [{one}, {other}],
            "groups": [{{"id": "g", {bounds}, "members": ["a", "b"]}}]"#
        ));
        let form = form(&problem, budget_of(&problem)).unwrap();
        let limits: Vec<Limit> = form.rows.iter().map(|row| row.limit).collect();
        assert_eq!(limits, wanted, "{bounds}");
    }
}

/// From 1 to 4 and from 2 to 9 in a group, and from 3 to 5 in one within: 6 to 18 in all of the outer one. What is in
/// no group counts for none.
#[test]
fn a_group_reaches_what_its_members_and_those_within_do() {
    let tree = made::tree(&[None, Some(0), None], &[Some(0), Some(0), Some(1), None]);
    let choice = |least, most| made::plain(&[(least, 0.0), (most, 1.0)], &[(0, 1)]);
    let choices = [choice(1, 4), choice(2, 9), choice(3, 5), choice(7, 8)];
    let (least, most) = reach_of_groups(&tree, &choices);
    assert_eq!((least, most), (vec![6, 3, 0], vec![18, 5, 0]));
}
