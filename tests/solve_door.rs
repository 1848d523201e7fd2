//! The example that solves a document, run as anyone would run it: what goes to which stream, and the exit codes.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The binary beside this test; built first if only this test was.
fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
        let name = format!("solve{}", std::env::consts::EXE_SUFFIX);
        let binary = folder.join("examples").join(name);
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--offline", "--example", "solve"]);
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.is_ok_and(|status| status.success()) || binary.exists());
        binary
    })
}

/// What the program does with a document on its standard input.
fn piped(text: &[u8]) -> Output {
    let mut child = Command::new(binary())
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = text.to_vec();
    // A program that refuses early may not read to the end.
    let writer = std::thread::spawn(move || drop(input.write_all(&text)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn file(name: &str) -> Output {
    let path = format!(
        "{}/examples/data/problems/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    Command::new(binary()).arg(path).output().unwrap()
}

/// The exit code is 2, nothing is on standard output, and the error has all the words.
fn refused(output: &Output, words: &[&str]) {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
}

#[test]
fn a_file_and_standard_input_give_the_same_document() {
    let from_file = file("format.json");
    assert_eq!(from_file.status.code(), Some(0));
    let text = include_bytes!("../examples/data/problems/format.json");
    let from_input = piped(text);
    assert_eq!(from_input.status.code(), Some(0));
    assert_eq!(from_file.stdout, from_input.stdout);
    let answer: serde_json::Value = serde_json::from_slice(&from_file.stdout).unwrap();
    assert_eq!(answer["schema"], "sortie/allocation/1");
    assert_eq!(answer["status"], "optimal");
    assert_eq!(answer["activities"][1]["option"], "visit");
}

#[test]
fn a_target_is_answered_by_its_least_spend() {
    let output = file("target.json");
    assert_eq!(output.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["status"], "optimal");
    assert!(answer["value"].as_f64().unwrap() >= 40.0);
    assert!(answer.get("unspent").is_none());
}

#[test]
fn what_is_infeasible_names_its_constraints_and_the_amount() {
    refused(
        &file("infeasible.json"),
        &[
            "infeasible",
            "floors",
            "115.50 EUR",
            "15.50 EUR more than budget",
            "100.00 EUR",
        ],
    );
    let target =
        br#"{"schema": "sortie/problem/1", "currency": "EUR", "target": 40.0, "activities": [
        {"id": "a", "menu": [{"id": "x", "cost": "1.00", "value": 25.0}]}]}"#;
    refused(&piped(target), &["infeasible", "target 40", "25"]);
}

#[test]
fn what_is_invalid_names_path_value_and_rule() {
    refused(
        &file("invalid.json"),
        &[
            "activities[0].response.power: power exponent",
            "1.5",
            "activities[1].cap",
            "10.005",
        ],
    );
    refused(&piped(b""), &["invalid problem"]);
    refused(&piped(b"[]"), &["invalid problem"]);
    refused(
        &piped(b"{\"schema\": \"sortie/problem/9\"}"),
        &["sortie/problem/9"],
    );
    refused(&piped(&[b'{', 0xff, b'}']), &["UTF-8"]);
}

#[test]
fn what_cannot_be_read_is_no_fault_of_the_problem() {
    let missing = file("no such file.json");
    assert_eq!(missing.status.code(), Some(1));
    let nothing = Command::new(binary()).output().unwrap();
    assert_eq!(nothing.status.code(), Some(1));
    assert!(String::from_utf8(nothing.stderr).unwrap().contains("usage"));
}

/// Deep, huge and cyclic documents; each is refused well within the time that a patient reader would give it.
#[test]
fn hostile_documents_are_refused_quickly() {
    let problem = |groups: &str, activities: &str| {
        format!(
            r#"{{"schema": "sortie/problem/1", "currency": "EUR", "budget": "1.00",
                "activities": [{activities}], "groups": [{groups}]}}"#
        )
    };
    let deep = "[".repeat(200_000);
    let open = r#"{"a":"#.repeat(200_000);
    let mut ring = String::new();
    for at in 0..20_000 {
        let parent = (at + 1) % 20_000;
        write!(ring, r#"{{"id": "g{at}", "parent": "g{parent}"}},"#).unwrap();
    }
    let mut twins = String::new();
    for _ in 0..20_000 {
        twins.push_str(r#"{"id": "a", "menu": []},"#);
    }
    let digits = "9".repeat(1_000_000);
    let cases = [
        ("lists in lists", deep),
        ("objects in objects", open),
        ("a ring of groups", problem(ring.trim_end_matches(','), "")),
        (
            "one id, many times",
            problem("", twins.trim_end_matches(',')),
        ),
        (
            "a budget of a million digits",
            problem("", "").replace("1.00", &digits),
        ),
        (
            "an id of a million characters",
            problem(&format!(r#"{{"id": "{digits}"}}"#), ""),
        ),
    ];
    binary();
    for (what, text) in cases {
        let start = Instant::now();
        refused(&piped(text.as_bytes()), &["invalid problem"]);
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
    }
}
