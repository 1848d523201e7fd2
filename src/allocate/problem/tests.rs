//! When problems are the same.

use super::*;

fn read(currency: &str, rest: &str) -> Problem {
    let text = format!(r#"{{"schema": "sortie/problem/1", "currency": "{currency}", {rest}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// Each part alone makes a difference: currency, objective, resources, activities, groups.
#[test]
fn problems_differ_by_any_part() {
    let parts = |target: u8, limit: u8, scale: u8, group: &str| {
        format!(
            r#""target": {target}, "resources": [{{"id": "hours", "limit": "{limit}"}}],
            "activities": [{{"id": "a", "response": {{"logarithmic": {{"scale": {scale}, "half": 2}}}}}}],
            "groups": [{{"id": "{group}", "members": ["a"]}}]"#
        )
    };
    let one = read("USD", &parts(5, 9, 3, "g"));
    assert_eq!(one, read("USD", &parts(5, 9, 3, "g")));
    for other in [
        read("EUR", &parts(5, 9, 3, "g")),
        read("USD", &parts(6, 9, 3, "g")),
        read("USD", &parts(5, 8, 3, "g")),
        read("USD", &parts(5, 9, 4, "g")),
        read("USD", &parts(5, 9, 3, "h")),
    ] {
        assert_ne!(one, other);
    }
    // What shares its parts differs by its objective alone.
    let more = one.with_objective(Objective::Target(6.0)).unwrap();
    assert_ne!(one, more);
    assert_eq!(one, more.with_objective(Objective::Target(5.0)).unwrap());
    assert_eq!(one, one.clone());
}
