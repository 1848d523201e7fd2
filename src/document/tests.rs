use proptest::prelude::*;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, MapDeserializer};

use super::*;
use crate::money::Currency;

#[derive(Debug, PartialEq)]
struct Note {
    amount: crate::money::Money,
    share: f64,
}

impl Document for Note {
    const KIND: &'static str = "note";
    const VERSION: u32 = 2;

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, DocumentError> {
        let amount = fields.read("amount", |amount| amount.money(Currency::USD));
        let share = fields.read_optional("share", |share| share.fraction());
        let value = amount.zip(share).map(|(amount, share)| Note {
            amount,
            share: share.map_or(1.0, crate::fraction::Fraction::get),
        });
        fields.finish_with(value)
    }
}

fn read(json: &str) -> Result<Note, String> {
    let node: Node = serde_json::from_str(json).map_err(|error| error.to_string())?;
    Note::from_node(&node).map_err(|error| error.to_string())
}

#[test]
fn a_lawful_document_is_read() {
    let note = read(r#"{"schema": "sortie/note/1", "amount": "1.50"}"#).unwrap();
    assert_eq!(note.amount.minor(), 150);
    assert_eq!(schema_name::<Note>(), "sortie/note/2");
}

#[test]
fn every_fault_is_named_at_once() {
    let error = read(r#"{"schema": "sortie/note/2", "amount": 1.5, "share": 75, "shares": 1}"#);
    assert_eq!(
        error.unwrap_err(),
        "amount: found the number 1.5; an amount of money as a decimal text, such as \"12.30\", is needed here; \
         share: fraction is 75; it must be a finite number from 0 to 1 (write 0.75 for 75 %); \
         shares: unknown key; allowed here: schema, amount, share"
    );
}

#[test]
fn null_arrays_and_repeats_are_refused() {
    let null = read(r#"{"schema": "sortie/note/2", "amount": "1", "share": null}"#).unwrap_err();
    assert_eq!(null, "share: found null; a number is needed here");
    assert!(
        read(r#"["sortie/note/2", "1"]"#)
            .unwrap_err()
            .contains("an object is needed")
    );
    let twice = read(r#"{"schema": "sortie/note/2", "amount": "1", "amount": "2"}"#).unwrap_err();
    assert!(
        twice.contains("key \"amount\" stands twice in one object"),
        "{twice}"
    );
    assert!(
        read(r#"{"schema": "sortie/note/2"}"#)
            .unwrap_err()
            .contains("amount: missing")
    );
}

#[test]
fn other_schemas_and_newer_versions_are_refused_by_name() {
    for (schema, expected) in [
        (
            "sortie/note/3",
            "schema \"sortie/note/3\" is newer than \"sortie/note/2\"",
        ),
        ("sortie/note/99999999999999", "is newer than"),
        ("sortie/book/1", "it must be \"sortie/note/2\""),
        ("sortie/note/", "it must be"),
        ("sortie/note/01", "it must be"),
        ("sortie/note/1 ", "it must be"),
        ("sortie/note/-1", "it must be"),
    ] {
        let json = format!(r#"{{"schema": "{schema}", "amount": "1"}}"#);
        let error = read(&json).unwrap_err();
        assert!(
            error.starts_with("schema: ") && error.contains(expected),
            "{error}"
        );
    }
    assert!(read("{}").unwrap_err().contains("schema: missing"));
}

#[test]
fn numbers_beyond_the_range_of_floats_are_refused() {
    assert!(read(r#"{"schema": "sortie/note/2", "amount": "1", "share": 1e400}"#).is_err());
}

#[test]
fn arbitrary_precision_numbers_of_the_host_are_numbers() {
    let entries = [("$serde_json::private::Number", "0.1")];
    let map = MapDeserializer::<_, Error>::new(entries.into_iter());
    assert_eq!(
        Node::deserialize(map.into_deserializer()),
        Ok(Node::Number(0.1))
    );
    let huge = [("$serde_json::private::Number", "1e999")];
    let map = MapDeserializer::<_, Error>::new(huge.into_iter());
    assert!(Node::deserialize(map.into_deserializer()).is_err());
}

#[test]
fn deep_documents_are_refused_by_the_format() {
    let deep = "[".repeat(100_000);
    assert!(serde_json::from_str::<Node>(&deep).is_err());
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Derived {
    size: crate::fraction::Fraction,
    parts: Vec<Part>,
    note: Option<String>,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Part {
    Small,
    Large { count: u32 },
}

fn derived(json: &str) -> Result<Derived, String> {
    let node: Node = serde_json::from_str(json).unwrap();
    Reader::root(&node)
        .value()
        .map_err(|error| error.to_string())
}

#[test]
fn derived_types_are_read_strictly_and_with_their_path() {
    let lawful = derived(r#"{"size": 0.5, "parts": ["small", {"large": {"count": 3}}]}"#).unwrap();
    assert_eq!(lawful.parts, [Part::Small, Part::Large { count: 3 }]);
    assert_eq!(lawful.note, None);
    for (json, expected) in [
        (
            r#"{"size": 75, "parts": []}"#,
            "size: fraction is 75; it must be a finite number from 0 to 1 (write 0.75 for 75 %)",
        ),
        (
            r#"{"size": 1, "parts": [], "note": null}"#,
            "note: found null; a value (leave the key out instead) is needed here",
        ),
        (
            r#"[0.5, [], "x"]"#,
            "found a list of 3; an object is needed here",
        ),
        (
            r#"{"size": 1, "parts": [{"large": {"count": 1.5}}]}"#,
            "parts[0].large.count: invalid type: floating point `1.5`, expected u32",
        ),
        (
            r#"{"size": 1, "parts": [{"large": [1]}]}"#,
            "parts[0].large: found a list of 1; an object is needed here",
        ),
        (
            r#"{"size": 1, "parts": [{"small": 1}]}"#,
            "parts[0]: variant \"small\" has no content; write it as a text",
        ),
        (
            r#"{"size": 1, "parts": [], "colour": 1}"#,
            "unknown field `colour`, expected one of `size`, `parts`, `note`",
        ),
    ] {
        assert_eq!(derived(json).unwrap_err(), expected);
    }
}

proptest! {
    #[test]
    fn any_text_is_a_node_or_an_error(json in "[\\[\\]{}\",:0-9a-e.n ]{0,40}") {
        if let Ok(node) = serde_json::from_str::<Node>(&json) {
            prop_assert!(!node.described().is_empty());
            let faults = Note::from_node(&node).unwrap_err();
            prop_assert!(!faults.faults().is_empty());
        }
    }
}
