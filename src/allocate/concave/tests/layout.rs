//! Nodes in preorder, least spends of 0, and floors that are named.

use super::super::super::Solved;
use super::super::columns::CHUNK;
use super::*;

fn read(rest: &str) -> Problem {
    let text = format!(r#"{{"schema": "sortie/problem/1", "currency": "USD", {rest}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// A logarithmic curve with more terms.
fn log(id: &str, terms: &str) -> String {
    format!(r#"{{"id": "{id}", "response": {{"logarithmic": {{"scale": 9, "half": 2}}}}{terms}}}"#)
}

/// `a` over `d` and `b`, `d` over `c`; `e` alone: a node comes right before those below it, and says where they end.
#[test]
fn nodes_lie_in_preorder() {
    let problem = read(
        r#""budget": "5.00", "activities": [], "groups": [{"id": "a"}, {"id": "b", "parent": "a"},
        {"id": "c", "parent": "d"}, {"id": "d", "parent": "a"}, {"id": "e"}]"#,
    );
    let nodes = &problem.layout().unwrap().nodes;
    let found: Vec<_> = nodes
        .iter()
        .map(|node| (node.group, node.parent, node.end))
        .collect();
    // By position: a, b, d, c, e are 0, 1, 3, 2, 4, at nodes 1 to 5.
    let below = [(0, 0, 5), (1, 1, 3), (3, 1, 5), (2, 3, 5), (4, 0, 6)];
    assert_eq!(found[0].2, 6);
    assert_eq!(found[1..], below);
}

/// A least spend of 0 is none; one of a cent is, also of an activity that takes the place of one without.
#[test]
fn a_least_spend_of_nothing_is_none() {
    let market = |terms: &str| {
        read(&format!(
            r#""budget": "5.00", "activities": [{}]"#,
            log("a", terms)
        ))
    };
    for (terms, least) in [
        ("", false),
        (r#", "minimum_if_any": "0.00""#, false),
        (r#", "minimum_if_any": "0.01""#, true),
    ] {
        let problem = market(terms);
        let layout = problem.layout().unwrap();
        assert_eq!(
            layout.has_minimum(0, problem.activities()),
            least,
            "{terms}"
        );
        assert_eq!(layout.columns.segments[0].minimums, least, "{terms}");
        let mut other = market("").layout().unwrap().clone();
        assert!(other.replace(0, &problem.activities()[0]));
        assert_eq!(other.columns.segments[0].minimums, least, "{terms}");
    }
}

/// Floors and caps that take the place of others are kept to: as a problem made with them from the start.
#[test]
fn a_replaced_activity_has_its_own_bounds() {
    let with = |terms: &str| {
        let activities = [log("a", terms), log("b", "")].join(", ");
        read(&format!(
            r#""budget": "5.00", "activities": [{activities}]"#
        ))
    };
    let mut solved = Solved::new(with("")).unwrap();
    for terms in [
        r#", "floor": "4.00""#,
        r#", "cap": "1.00""#,
        "",
        r#", "floor": "1.00", "cap": "1.50""#,
    ] {
        let wanted = with(terms);
        solved.set_activity(wanted.activities()[0].clone()).unwrap();
        assert_eq!(solved.allocation(), &solve(&wanted).unwrap(), "{terms}");
        let (changed, made) = (solved.problem().layout().unwrap(), wanted.layout().unwrap());
        assert_eq!(
            changed.columns.segments[0].floors,
            made.columns.segments[0].floors
        );
        assert_eq!(
            changed.columns.segments[0].caps,
            made.columns.segments[0].caps
        );
    }
}

/// Floors that make up what is forced are named: a group's where it is more than its members', theirs where not, and
/// none of 0.
#[test]
fn the_floors_that_force_are_named() {
    let names = |members: [&str; 4], groups: [&str; 2]| {
        let floor = |amount: &str| {
            if amount.is_empty() {
                String::new()
            } else {
                format!(r#", "floor": "{amount}""#)
            }
        };
        let ids = ["a", "b", "c", "d"];
        let activities: Vec<String> = (ids.iter().zip(members))
            .map(|(id, amount)| log(id, &floor(amount)))
            .collect();
        let problem = read(&format!(
            r#""budget": "1.00", "activities": [{}], "groups": [
            {{"id": "g"{}, "members": ["a", "b"]}}, {{"id": "h"{}, "members": ["c"]}}]"#,
            activities.join(", "),
            floor(groups[0]),
            floor(groups[1])
        ));
        let market = Market::of(&problem).unwrap();
        market.check_feasible().unwrap_err().to_string()
    };
    for (members, groups, wanted) in [
        (
            ["1.00", "2.00", "", ""],
            ["5.00", ""],
            r#"a spend of 5.00 USD is forced by the floor of group "g":"#,
        ),
        (
            ["1.00", "2.00", "", ""],
            ["2.00", ""],
            r#"a spend of 3.00 USD is forced by the floor of activity "a", the floor of activity "b":"#,
        ),
        (
            ["", "2.00", "", "4.00"],
            ["", "0.50"],
            r#"a spend of 6.50 USD is forced by the floor of activity "d", the floor of activity "b", the floor of group "h":"#,
        ),
        (
            ["2.00", "", "1.00", ""],
            ["2.00", "0.00"],
            r#"a spend of 3.00 USD is forced by the floor of group "g", the floor of activity "c":"#,
        ),
    ] {
        let text = names(members, groups);
        assert!(
            text.starts_with(&format!("infeasible: {wanted} ")),
            "{text}"
        );
    }
}

/// Plain activities lie before those with bounds, and only these have rows for them; less than a chunk of plain ones joins
/// those with bounds, if there are any.
#[test]
fn rows_for_bounds_are_kept_where_bounds_are() {
    let rows = |plain: usize, bounded: usize| {
        let activities: Vec<String> = (0..plain + bounded)
            .map(|at| {
                let terms = if at < plain { "" } else { r#", "cap": "3.00""# };
                log(&format!("a{at:03}"), terms)
            })
            .collect();
        let problem = read(&format!(
            r#""budget": "5.00", "activities": [{}]"#,
            activities.join(",")
        ));
        let columns = &problem.layout().unwrap().columns;
        assert_eq!(columns.floor.len(), columns.cap.len());
        let segments: Vec<(usize, bool)> = (columns.segments.iter())
            .map(|segment| (segment.items.len(), segment.bounds.is_some()))
            .collect();
        (segments, columns.floor.len())
    };
    assert_eq!(rows(3, 0), (vec![(3, false)], 0));
    assert_eq!(rows(0, 3), (vec![(3, true)], 3));
    assert_eq!(rows(3, 2), (vec![(5, true)], 5));
    assert_eq!(rows(CHUNK - 1, 1), (vec![(CHUNK, true)], CHUNK));
    assert_eq!(rows(CHUNK, 1), (vec![(CHUNK, false), (1, true)], 1));
    assert_eq!(rows(CHUNK, 2), (vec![(CHUNK, false), (2, true)], 2));
}
