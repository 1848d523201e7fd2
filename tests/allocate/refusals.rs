//! Break a good document, one place at a time, and assert where the reader says it is broken.

/// The document of the format's page.
const GOOD: &str = include_str!("../../examples/data/problems/format.json");

/// What is replaced, by what, the path of the fault, and words that the message must have.
type Break = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const BREAKS: &[Break] = &[
    // The envelope.
    (
        r#""schema": "sortie/problem/1","#,
        "",
        "schema",
        &["missing"],
    ),
    (
        "sortie/problem/1",
        "sortie/problem/2",
        "schema",
        &["sortie/problem/2", "newer"],
    ),
    (
        "sortie/problem/1",
        "sortie/problem/0",
        "schema",
        &["sortie/problem/0"],
    ),
    (
        "sortie/problem/1",
        "sortie/plan/1",
        "schema",
        &["sortie/plan/1"],
    ),
    (
        "sortie/problem/1",
        "sortie/problem/01",
        "schema",
        &["sortie/problem/01"],
    ),
    (r#""currency": "USD","#, "", "currency", &["missing"]),
    (r#""USD""#, r#""usd""#, "currency", &["usd"]),
    (r#""USD""#, r#""DEM""#, "currency", &["DEM"]),
    (r#""USD""#, "840", "currency", &["840"]),
    // Keys.
    (
        r#""budget": "1000.00","#,
        r#""budget": "1000.00", "bugdet": "1.00","#,
        "bugdet",
        &["unknown"],
    ),
    (
        r#""budget": "1000.00","#,
        r#""budget": "1000.00", "budget": "1000.00","#,
        "",
        &["budget", "twice"],
    ),
    (
        r#""rate": 0.004"#,
        r#""rate": 0.004, "rate": 0.004"#,
        "",
        &["rate", "twice"],
    ),
    (
        r#""rate": 0.004"#,
        r#""rate": 0.004, "half": 1"#,
        "activities[0].response.modified_exponential.half",
        &["unknown"],
    ),
    (
        r#""rate": 0.004"#,
        r#""tempo": 0.004"#,
        "activities[0].response.modified_exponential.tempo",
        &["unknown"],
    ),
    (
        r#"{ "scale": 120.0, "rate": 0.004 }"#,
        r#"{ "scale": 120.0 }"#,
        "activities[0].response.modified_exponential.rate",
        &["missing"],
    ),
    (
        "modified_exponential",
        "exponential",
        "activities[0].response",
        &["exponential"],
    ),
    (
        r#""cost": "30.00","#,
        "",
        "activities[1].menu[0].cost",
        &["missing"],
    ),
    (
        r#""value": 55.0,"#,
        "",
        "activities[1].menu[0].value",
        &["missing"],
    ),
    (
        r#"{ "id": "call", "#,
        "{ ",
        "activities[1].menu[0].id",
        &["missing"],
    ),
    (r#""id": "company","#, "", "groups[0].id", &["missing"]),
    (r#""id": "hours","#, "", "resources[0].id", &["missing"]),
    (
        r#", "limit": "40.0""#,
        "",
        "resources[0].limit",
        &["missing"],
    ),
    // Null stands for nothing.
    (
        r#""cap": "500.00""#,
        r#""cap": null"#,
        "activities[0].cap",
        &["null"],
    ),
    (
        r#""budget": "1000.00""#,
        r#""budget": null"#,
        "budget",
        &["null"],
    ),
    (
        r#""value": 55.0"#,
        r#""value": null"#,
        "activities[1].menu[0].value",
        &["null"],
    ),
    (r#"["a", "b"]"#, "null", "groups[1].members", &["null"]),
    // Money.
    (
        r#""budget": "1000.00""#,
        r#""budget": 1000.00"#,
        "budget",
        &["1000", "text"],
    ),
    (
        r#""1000.00","#,
        r#""10.005","#,
        "budget",
        &["10.005", "decimals"],
    ),
    (r#""1000.00","#, r#""1_000.00","#, "budget", &["1_000.00"]),
    (r#""1000.00","#, r#""1,000.00","#, "budget", &["1,000.00"]),
    (r#""1000.00","#, r#""1e3","#, "budget", &["1e3"]),
    (r#""1000.00","#, r#""1000.","#, "budget", &["1000."]),
    (r#""1000.00","#, r#"".50","#, "budget", &[".50"]),
    (r#""1000.00","#, r#"" 1000.00","#, "budget", &[" 1000.00"]),
    (r#""1000.00","#, r#""+1000.00","#, "budget", &["+1000.00"]),
    (r#""1000.00","#, r#""$1000","#, "budget", &["$1000"]),
    (r#""1000.00","#, r#""(5)","#, "budget", &["(5)"]),
    (r#""1000.00","#, r#""-5.00","#, "budget", &["-5.00"]),
    (r#""1000.00","#, r#""NaN","#, "budget", &["NaN"]),
    (
        r#""1000.00","#,
        r#""99999999999999999999","#,
        "budget",
        &["range"],
    ),
    (
        r#""floor": "0.00", "cap": "500.00""#,
        r#""floor": "-1.00", "cap": "500.00""#,
        "activities[0].floor",
        &["-1.00"],
    ),
    (
        r#""cap": "500.00""#,
        r#""cap": "-500.00""#,
        "activities[0].cap",
        &["-500.00"],
    ),
    (
        r#""cost": "30.00""#,
        r#""cost": "-30.00""#,
        "activities[1].menu[0].cost",
        &["-30.00"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""minimum_if_any": "-50.00""#,
        "activities[0].minimum_if_any",
        &["-50.00"],
    ),
    (
        r#""cap": "400.00""#,
        r#""cap": "-400.00""#,
        "groups[1].cap",
        &["-400.00"],
    ),
    // Resources.
    (
        r#""limit": "40.0""#,
        r#""limit": 40.0"#,
        "resources[0].limit",
        &["40"],
    ),
    (
        r#""limit": "40.0""#,
        r#""limit": "-40.0""#,
        "resources[0].limit",
        &["-40.0"],
    ),
    (
        r#""limit": "40.0""#,
        r#""limit": "40.0000001""#,
        "resources[0].limit",
        &["40.0000001"],
    ),
    (
        r#""hours": "2.0""#,
        r#""hours": 2.0"#,
        "activities[1].menu[0].uses.hours",
        &["2"],
    ),
    (
        r#""hours": "2.0""#,
        r#""days": "2.0""#,
        "activities[1].menu[0].uses.days",
        &["no resource", "days"],
    ),
    (
        r#"{ "id": "hours", "limit": "40.0" }"#,
        r#"{ "id": "hours", "limit": "40.0" }, { "id": "hours", "limit": "4" }"#,
        "resources[1].id",
        &["hours"],
    ),
    // Numbers.
    ("120.0", "1e400", "", &["1e400|number out of range"]),
    (
        "120.0",
        "0",
        "activities[0].response.modified_exponential",
        &["scale"],
    ),
    (
        "120.0",
        "-120.0",
        "activities[0].response.modified_exponential",
        &["-120"],
    ),
    (
        "120.0",
        r#""120.0""#,
        "activities[0].response.modified_exponential.scale",
        &["120.0"],
    ),
    (
        "0.004",
        "0",
        "activities[0].response.modified_exponential",
        &["rate"],
    ),
    (
        "0.004",
        "-0.004",
        "activities[0].response.modified_exponential",
        &["-0.004"],
    ),
    ("55.0", "1e999", "", &["1e999|number out of range"]),
    ("55.0", r#""NaN""#, "activities[1].menu[0].value", &["NaN"]),
    ("55.0", "NaN", "", &["expected"]),
    // Activities.
    (
        r#""id": "b","#,
        r#""id": "a","#,
        "activities[1].id",
        &["\"a\""],
    ),
    (
        r#""id": "a","#,
        r#""id": " a","#,
        "activities[0].id",
        &["white space"],
    ),
    (
        r#""id": "a","#,
        r#""id": "","#,
        "activities[0].id",
        &["empty"],
    ),
    (r#""id": "a","#, r#""id": 7,"#, "activities[0].id", &["7"]),
    (
        r#""id": "visit""#,
        r#""id": "call""#,
        "activities[1].menu[1].id",
        &["call"],
    ),
    (
        r#""floor": "0.00", "cap": "500.00""#,
        r#""floor": "20.00", "cap": "500.00""#,
        "activities[0]",
        &["floor", "minimum_if_any"],
    ),
    (
        r#""floor": "0.00", "cap": "500.00", "minimum_if_any": "50.00""#,
        r#""floor": "600.00", "cap": "500.00""#,
        "activities[0]",
        &["600.00", "500.00"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""minimum_if_any": "500.01""#,
        "activities[0]",
        &["500.01", "500.00"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""step": "0.00""#,
        "activities[0].step",
        &["0 is no step"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""step": "-1.00""#,
        "activities[0].step",
        &["-1.00"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""step": "150.00""#,
        "activities[0]",
        &["500.00", "150.00"],
    ),
    (
        r#""cap": "500.00", "minimum_if_any": "50.00""#,
        r#""step": "150.00", "minimum_if_any": "50.00""#,
        "activities[0]",
        &["50.00", "150.00"],
    ),
    (
        r#""floor": "0.00", "cap": "500.00", "minimum_if_any": "50.00""#,
        r#""step": "150.00", "floor": "50.00""#,
        "activities[0]",
        &["50.00", "150.00"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""required": true"#,
        "activities[0].required",
        &[],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""uses_per_unit": { "days": "1" }"#,
        "activities[0].uses_per_unit.days",
        &["no resource"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""uses": { "hours": "1" }"#,
        "activities[0].uses",
        &["unknown"],
    ),
    (
        r#""minimum_if_any": "50.00""#,
        r#""menu": []"#,
        "activities[0]",
        &["menu", "response"],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "step": "1.00","#,
        "activities[1].step",
        &[],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "floor": "1.00","#,
        "activities[1].floor",
        &[],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "cap": "1.00","#,
        "activities[1].cap",
        &[],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "minimum_if_any": "1.00","#,
        "activities[1].minimum_if_any",
        &[],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "uses_per_unit": { "hours": "1" },"#,
        "activities[1].uses_per_unit",
        &[],
    ),
    (
        r#""id": "b","#,
        r#""id": "b", "required": "yes","#,
        "activities[1].required",
        &["yes"],
    ),
    // The aim.
    (r#""budget": "1000.00","#, "", "", &["budget", "target"]),
    (
        r#""budget": "1000.00","#,
        r#""budget": "1000.00", "target": 5,"#,
        "",
        &["budget", "target"],
    ),
    (
        r#""budget": "1000.00","#,
        r#""target": "5","#,
        "target",
        &["\"5\""],
    ),
    // Groups.
    (
        r#""parent": "company""#,
        r#""parent": "europe""#,
        "groups[1].parent",
        &["europe"],
    ),
    (
        r#""parent": "company""#,
        r#""parent": "north""#,
        "groups[1].parent",
        &["north"],
    ),
    (
        r#"{ "id": "company","#,
        r#"{ "id": "company", "parent": "north","#,
        "groups",
        &["\"company\"", "forest"],
    ),
    (
        r#""id": "north","#,
        r#""id": "company","#,
        "groups[1].id",
        &["company"],
    ),
    (
        r#"["a", "b"]"#,
        r#"["a", "c"]"#,
        "groups[1].members[1]",
        &["\"c\""],
    ),
    (
        r#"["a", "b"]"#,
        r#"["a", "a"]"#,
        "groups[1].members[1]",
        &["\"a\""],
    ),
    (
        r#"["a", "b"]"#,
        r#"["a", "north"]"#,
        "groups[1].members[1]",
        &["\"north\""],
    ),
    (
        r#""floor": "0.00", "cap": "1000.00" }"#,
        r#""floor": "0.00", "cap": "1000.00", "members": ["a"] }"#,
        "groups[1].members[0]",
        &["\"a\"", "groups[0]"],
    ),
    (
        r#""floor": "0.00", "cap": "1000.00" }"#,
        r#""floor": "1000.01", "cap": "1000.00" }"#,
        "groups[0]",
        &["1000.01", "1000.00"],
    ),
    // Shapes.
    (
        r#"["a", "b"]"#,
        r#"{ "a": "b" }"#,
        "groups[1].members",
        &["list"],
    ),
    (
        r#"[{ "id": "hours", "limit": "40.0" }]"#,
        r#"{ "id": "hours", "limit": "40.0" }"#,
        "resources",
        &["list"],
    ),
    (
        r#"{ "modified_exponential": { "scale": 120.0, "rate": 0.004 } }"#,
        r#"{ "modified_exponential": [120.0, 0.004] }"#,
        "activities[0].response.modified_exponential",
        &["object"],
    ),
    (
        r#"{ "modified_exponential": { "scale": 120.0, "rate": 0.004 } }"#,
        "{}",
        "activities[0].response",
        &[],
    ),
];

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
