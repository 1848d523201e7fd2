//! Figures, limits and amounts of documents, and the prices that they come to.

use super::*;

const PROBLEM: &str = r#""currency": "USD", "resources": [{"id": "hours", "limit": "9"}],
    "activities": [{"id": "a", "response": {"logarithmic": {"scale": 9, "half": 2}}}],
    "groups": [{"id": "g", "members": ["a"]}]"#;

fn problem(objective: &str) -> Problem {
    let text = format!(r#"{{"schema": "sortie/problem/1", {objective}, {PROBLEM}}}"#);
    serde_json::from_str(&text).unwrap()
}

fn document(spent: &str, price: &str, limited_by: &str) -> Result<AllocationDocument, String> {
    let text = format!(
        r#"{{"schema": "sortie/allocation/1", "status": "bounded", "value": 5, "bound": 6, "gap": 1,
        "spent": "{spent}", "shadow_price": {price},
        "resources": [{{"id": "hours", "used": "0", "shadow_price": 0.5}}],
        "groups": [{{"id": "g", "spent": "3.00", "shadow_price": -2.5}}],
        "activities": [{{"id": "a", "spend": "3.00", "value": 5, "marginal": 1.5, "limited_by": "{limited_by}"}}]}}"#
    );
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[test]
fn zero_has_one_text() {
    for (figure, text) in [(0.0, "0.0"), (-0.0, "0.0"), (-1.5, "-1.5"), (2.5, "2.5")] {
        assert_eq!(format!("{:?}", plain(figure)), text);
    }
}

#[test]
fn every_limit_is_read_as_it_is_written() {
    let id = || Id::new("north").unwrap();
    for limit in [
        LimitedBy::Floor,
        LimitedBy::MinimumIfAny,
        LimitedBy::Cap,
        LimitedBy::Saturated,
        LimitedBy::Budget,
        LimitedBy::Group(id()),
        LimitedBy::Resource(id()),
    ] {
        assert_eq!(limit_of(&limit_text(&limit)), Ok(limit.clone()));
        assert!(document("3.00", "1", &limit_text(&limit)).is_ok());
    }
    for text in ["", "Floor", "group", "activity:north", "group:"] {
        assert!(limit_of(text).is_err(), "{text}");
    }
}

/// Digits, and digits behind a point if there is one.
#[test]
fn amounts_are_plain_decimals() {
    for text in ["3", "3.00", "0", "12.345"] {
        assert!(document(text, "1", "cap").is_ok(), "{text}");
    }
    for text in [
        "", ".", ".5", "5.", "x", "x.5", "5.x", "-1", "1.2.3", "1e3", "+1", " 1",
    ] {
        let error = document(text, "1", "cap").unwrap_err();
        assert!(
            error.contains("is no plain decimal of at least 0"),
            "{text}: {error}"
        );
    }
}

/// For a target a document states spend per unit of value; its prices are in value per unit of money, the inverse. What
/// has no price has none either way.
#[test]
fn the_prices_of_a_target_are_inverted() {
    for (objective, stated, wanted) in [
        (r#""budget": "9.00""#, "4", 4.0),
        (r#""budget": "9.00""#, "0", 0.0),
        (r#""target": 5"#, "4", 0.25),
        (r#""target": 5"#, "0", 0.0),
        (r#""target": 5"#, "0.5", 2.0),
    ] {
        let problem = problem(objective);
        let answer = document("3.00", stated, "cap")
            .unwrap()
            .answer_to(&problem)
            .unwrap();
        let prices = Prices {
            budget: wanted,
            resources: vec![0.5],
            groups: vec![-2.5],
        };
        assert_eq!(answer.certificate().prices, prices, "{objective} {stated}");
    }
}

/// An answer has the document's figures, in the problem's currency; decimals that the currency lacks are refused.
#[test]
fn an_answer_is_what_its_document_says() {
    let problem = problem(r#""budget": "9.00""#);
    let answer = document("3.00", "4", "group:g")
        .unwrap()
        .answer_to(&problem)
        .unwrap();
    assert_eq!(answer.spent().to_string(), "3.00 USD");
    let line = answer.lines().next().unwrap();
    assert_eq!(line.limited_by, LimitedBy::Group(Id::new("g").unwrap()));
    assert_eq!(
        (line.spend.to_string().as_str(), line.marginal),
        ("3.00 USD", Some(1.5))
    );
    let refused = document("3.001", "4", "cap").unwrap().answer_to(&problem);
    let text = refused.unwrap_err().to_string();
    assert!(text.starts_with("spent: "), "{text}");
}
