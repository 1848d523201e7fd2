//! Break a good document, one place at a time, and assert where the reader says it is broken.

mod breaks;

use breaks::BREAKS;

/// The document of the format's page.
const GOOD: &str = include_str!("../../examples/data/problems/format.json");

/// What is replaced, by what, the path of the fault, and words that the message must have.
type Break = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Responses that no constructor admits.
const RESPONSES: &[(&str, &str, &[&str])] = &[
    (
        r#"{ "power": { "scale": 1, "exponent": 1 } }"#,
        "power",
        &["exponent", "1"],
    ),
    (
        r#"{ "power": { "scale": 1, "exponent": 0 } }"#,
        "power",
        &["exponent", "0"],
    ),
    (
        r#"{ "power": { "scale": 1, "exponent": 1.5 } }"#,
        "power",
        &["1.5"],
    ),
    (
        r#"{ "power": { "scale": 0, "exponent": 0.5 } }"#,
        "power",
        &["scale"],
    ),
    (
        r#"{ "logarithmic": { "scale": 1, "half": 0 } }"#,
        "logarithmic",
        &["half"],
    ),
    (
        r#"{ "logarithmic": { "scale": -1, "half": 3 } }"#,
        "logarithmic",
        &["-1"],
    ),
    (
        r#"{ "adbudg": { "scale": 1, "exponent": 0, "half": 3 } }"#,
        "adbudg",
        &["exponent"],
    ),
    (
        r#"{ "adbudg": { "scale": 1, "exponent": 2, "half": -3 } }"#,
        "adbudg",
        &["-3"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [] } }"#,
        "piecewise_linear",
        &["point"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[1, 0], [2, 1]] } }"#,
        "piecewise_linear",
        &["1"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[0, 0], [2, 1], [2, 3]] } }"#,
        "piecewise_linear",
        &["2"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[0, 5], [2, 4]] } }"#,
        "piecewise_linear",
        &["4"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[0, 5, 1]] } }"#,
        "piecewise_linear.points[0]",
        &[],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[0, null]] } }"#,
        "piecewise_linear.points[0][1]",
        &["null"],
    ),
    (
        r#"{ "piecewise_linear": { "points": [[-1, 0]] } }"#,
        "piecewise_linear",
        &["-1"],
    ),
];

fn refusal(text: &str) -> String {
    match serde_json::from_str::<sortie::allocate::Problem>(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

/// A message names a place if one of its faults begins with the path.
fn names(message: &str, path: &str) -> bool {
    path.is_empty() || message.split("; ").any(|fault| fault.starts_with(path))
}

/// What a message lacks, if anything.
fn lacking(name: &str, message: &str, path: &str, words: &[&str]) -> Option<String> {
    if !names(message, path) {
        return Some(format!("{name}: no fault at {path:?} in: {message}"));
    }
    let word = words
        .iter()
        .find(|word| !word.split('|').any(|word| message.contains(word)))?;
    Some(format!("{name}: {word:?} is not in: {message}"))
}

fn check(name: &str, message: &str, path: &str, words: &[&str]) {
    assert_eq!(lacking(name, message, path, words), None);
}

#[test]
fn the_good_document_is_good() {
    serde_json::from_str::<sortie::allocate::Problem>(GOOD).unwrap();
}

#[test]
fn each_break_is_named_by_path_value_and_rule() {
    let lacks = BREAKS.iter().filter_map(|(from, to, path, words)| {
        assert!(GOOD.contains(from), "the good document has no {from}");
        let message = refusal(&GOOD.replacen(from, to, 1));
        lacking(&format!("{from} -> {to}"), &message, path, words)
    });
    let lacks: Vec<String> = lacks.collect();
    assert!(
        lacks.is_empty(),
        "{}",
        lacks.join(
            "
"
        )
    );
}

#[test]
fn responses_outside_their_ranges_are_refused() {
    let good = r#"{ "modified_exponential": { "scale": 120.0, "rate": 0.004 } }"#;
    for (response, path, words) in RESPONSES {
        let message = refusal(&GOOD.replacen(good, response, 1));
        check(
            response,
            &message,
            &format!("activities[0].response.{path}"),
            words,
        );
    }
}

#[test]
fn decimals_follow_the_currency() {
    let yen = |budget: &str| {
        format!(
            r#"{{"schema":"sortie/problem/1","currency":"JPY","budget":"{budget}","activities":[]}}"#
        )
    };
    assert!(serde_json::from_str::<sortie::allocate::Problem>(&yen("12")).is_ok());
    check(
        "yen",
        &refusal(&yen("10.5")),
        "budget",
        &["10.5", "decimals"],
    );
    let dinar = yen("10.005").replace("JPY", "BHD");
    assert!(serde_json::from_str::<sortie::allocate::Problem>(&dinar).is_ok());
    let dinar = yen("10.0005").replace("JPY", "BHD");
    check(
        "dinar",
        &refusal(&dinar),
        "budget",
        &["10.0005", "decimals"],
    );
}

#[test]
fn all_faults_are_reported_together() {
    let broken = GOOD
        .replacen("0.004", "-1", 1)
        .replacen(r#""cap": "500.00""#, r#""cap": "5.001""#, 1)
        .replacen("\"2.0\"", "2", 1)
        .replacen(r#""cap": "400.00""#, r#""cap": null"#, 1);
    let message = refusal(&broken);
    for path in [
        "activities[0].response.modified_exponential",
        "activities[0].cap",
        "activities[1].menu[0].uses.hours",
        "groups[1].cap",
    ] {
        assert!(names(&message, path), "{path}: {message}");
    }
}

#[test]
fn what_is_lawful_though_odd_is_accepted() {
    for (from, to) in [
        // A cap, a minimum or a cost above the budget.
        (r#""1000.00","#, r#""10.00","#),
        (r#""1000.00","#, r#""0.00","#),
        (r#""1000.00","#, r#""0","#),
        // An option that costs nothing, or is worth less than nothing.
        (r#""30.00""#, r#""0.00""#),
        ("55.0", "-55.0"),
        ("55.0", "0"),
        // Empty lists, and no lists.
        (r#"["a", "b"]"#, "[]"),
        (r#", "members": ["a", "b"]"#, ""),
        (r#", "uses": { "hours": "2.0" }"#, ""),
        (r#"{ "hours": "2.0" }"#, "{}"),
        // Children may stand before their parents; a step may be stated.
        (r#""minimum_if_any": "50.00""#, r#""step": "50.00""#),
        (
            r#""minimum_if_any": "50.00""#,
            r#""minimum_if_any": "500.00""#,
        ),
        (
            r#""minimum_if_any": "50.00""#,
            r#""uses_per_unit": { "hours": "0.02" }"#,
        ),
        (
            r#""minimum_if_any": "50.00""#,
            r#""minimum_if_any": "0.00""#,
        ),
        (r#""id": "b","#, r#""id": "b", "required": true,"#),
        (r#""id": "b","#, r#""id": "b", "required": false,"#),
        (r#""id": "b","#, r#""id": "A","#),
    ] {
        assert!(GOOD.contains(from), "the good document has no {from}");
        let text = GOOD
            .replacen(from, to, 1)
            .replacen(r#"["a", "A"]"#, r#"["a"]"#, 1);
        let text = if to.contains("\"A\"") {
            text.replacen(r#"["a", "b"]"#, r#"["a", "A"]"#, 1)
        } else {
            text
        };
        if let Err(error) = serde_json::from_str::<sortie::allocate::Problem>(&text) {
            panic!("{from} -> {to}: {error}");
        }
    }
}
