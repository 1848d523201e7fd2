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
            "parts[0].large.count: found the number 1.5; u32 is needed here",
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
            "colour: unknown key; allowed here: size, parts, note",
        ),
        (r#"{"parts": []}"#, "size: missing; this key is required"),
        (
            r#"{"size": 1, "parts": ["vast"]}"#,
            "parts[0]: found \"vast\"; one of small, large is needed here",
        ),
        (
            r#"{"size": "x", "parts": []}"#,
            "size: found \"x\"; f64 is needed here",
        ),
    ] {
        assert_eq!(derived(json).unwrap_err(), expected);
    }
}

/// Keys and texts are the document's: an error shows a short piece of them and nothing that moves a terminal.
#[test]
fn hostile_keys_and_texts_are_shown_short_and_escaped() {
    let long = "x".repeat(100_000);
    let quote = |text: &str| serde_json::to_string(text).unwrap();
    for hostile in [
        long.as_str(),
        "a\u{1b}[2Jb",
        "a\nb",
        "a\u{202e}b",
        "",
        "a.b",
    ] {
        let key = quote(hostile);
        let value = r#"{"schema": "sortie/note/2", "amount": "1""#;
        for error in [
            read(&format!("{value}, {key}: 1}}")).unwrap_err(),
            read(&value.replace("\"1\"", &key)).unwrap_err()
                + &read(&format!("{value}, \"share\": {key}}}")).unwrap_err(),
            derived(&format!(r#"{{"size": 1, "parts": [], {key}: 1}}"#)).unwrap_err(),
            derived(&format!(r#"{{"size": 1, "parts": [{key}]}}"#)).unwrap_err(),
            derived(&format!(r#"{{"size": {key}, "parts": []}}"#)).unwrap_err(),
            derived(&format!(r#"{{"size": 1, "parts": [{{{key}: 1}}]}}"#)).unwrap_err(),
        ] {
            assert!(error.len() < 400, "{} bytes", error.len());
            assert!(
                !error.contains(char::is_control) && !error.contains('\u{202e}'),
                "{error}"
            );
        }
    }
}

/// Whatever limit the format has: nothing lawful is half as deep.
#[test]
fn deep_documents_are_refused_here_too() {
    struct Deep(usize);
    impl<'de> Deserializer<'de> for Deep {
        type Error = Error;
        fn deserialize_any<V: serde::de::Visitor<'de>>(
            self,
            visitor: V,
        ) -> Result<V::Value, Error> {
            match self.0 {
                0 => visitor.visit_bool(true),
                deeper => visitor.visit_some(Deep(deeper - 1)),
            }
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }
    assert!(Node::deserialize(Deep(60)).is_ok());
    let error = Node::deserialize(Deep(100_000)).unwrap_err().to_string();
    assert_eq!(
        error,
        "nested deeper than 64; no document is, so look for a bracket too many"
    );
    let nested = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
    assert!(serde_json::from_str::<Node>(&nested(32)).is_ok());
    assert!(
        serde_json::from_str::<Node>(&nested(33))
            .unwrap_err()
            .to_string()
            .contains("deeper than 64")
    );
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
