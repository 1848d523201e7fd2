//! Keys that are known, but belong to another kind of activity.

use crate::allocate::Problem;

fn refused(activity: &str) -> String {
    let text = format!(
        r#"{{"schema": "sortie/problem/1", "currency": "USD", "budget": "5.00", "activities": [{activity}]}}"#
    );
    match serde_json::from_str::<Problem>(&text) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_key_of_another_kind_is_refused_with_its_rule() {
    let curve = r#""response": {"logarithmic": {"scale": 9, "half": 2}}"#;
    let menu = r#""menu": [{"id": "x", "cost": "1.00", "value": 2}]"#;
    assert_eq!(
        refused(&format!(r#"{{"id": "a", {curve}, "floor": "1.00"}}"#)),
        ""
    );
    assert_eq!(
        refused(&format!(r#"{{"id": "a", {menu}, "required": true}}"#)),
        ""
    );
    let text = refused(&format!(r#"{{"id": "a", {curve}, "required": true}}"#));
    assert!(text.contains("activities[0].required"), "{text}");
    assert!(
        text.contains("only a menu can be required; to force a spend give it a floor"),
        "{text}"
    );
    for key in ["floor", "cap", "minimum_if_any", "step"] {
        let text = refused(&format!(r#"{{"id": "a", {menu}, "{key}": "1.00"}}"#));
        assert!(text.contains(&format!("activities[0].{key}")), "{text}");
        assert!(text.contains("belongs to a response"), "{text}");
    }
}
