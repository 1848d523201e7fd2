//! Golden documents, one fault at a time.

use sortie::allocate::{AllocationDocument, Problem};
use sortie::campaign::Plan;
use sortie::campaign::what_if::Difference;
use sortie::census::Census;
use sortie::customer::Book;
use sortie::document::Node;
use sortie::evidence::Histories;
use sortie::stance::Stance;

use super::{check_error, hostile_values, read};

/// Where a value stands: keys and indices from the root.
type Place = Vec<usize>;

fn golden(name: &str) -> Node {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn children(node: &Node) -> Vec<&Node> {
    match node {
        Node::List(items) => items.iter().collect(),
        Node::Object(entries) => entries.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

/// Every place below a node, the node's own first.
fn places(node: &Node, here: &Place, found: &mut Vec<Place>) {
    found.push(here.clone());
    for (at, child) in children(node).into_iter().enumerate() {
        let mut below = here.clone();
        below.push(at);
        places(child, &below, found);
    }
}

/// What is done to the value at a place; the last three to a key of the object there.
#[derive(Clone, Copy)]
enum Fault<'a> {
    Replaced(&'a str),
    Removed(usize),
    Doubled(usize),
    Misspelt(usize),
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The document with a fault at one place.
fn printed(node: &Node, place: &[usize], fault: Option<Fault<'_>>) -> String {
    if let (Some(Fault::Replaced(text)), []) = (fault, place) {
        return text.to_owned();
    }
    let part = |at: usize, child: &Node| match place {
        [first, rest @ ..] if *first == at => printed(child, rest, fault),
        _ => printed(child, &[], None),
    };
    match node {
        Node::Null => "null".to_owned(),
        Node::Bool(flag) => flag.to_string(),
        Node::Number(number) => serde_json::to_string(number).unwrap(),
        Node::Text(text) => quoted(text),
        Node::List(items) => {
            let parts: Vec<String> = items
                .iter()
                .enumerate()
                .map(|(at, item)| part(at, item))
                .collect();
            format!("[{}]", parts.join(","))
        }
        Node::Object(entries) => {
            let mut parts = Vec::new();
            for (at, (key, value)) in entries.iter().enumerate() {
                let text = part(at, value);
                let pair = format!("{}:{text}", quoted(key));
                match fault.filter(|_| place.is_empty()) {
                    Some(Fault::Removed(gone)) if gone == at => {}
                    Some(Fault::Doubled(twice)) if twice == at => {
                        parts.extend([pair.clone(), pair]);
                    }
                    Some(Fault::Misspelt(wrong)) if wrong == at => {
                        parts.push(format!("{}:{text}", quoted(&format!("{key}\u{1b}x"))));
                    }
                    _ => parts.push(pair),
                }
            }
            format!("{{{}}}", parts.join(","))
        }
    }
}

fn keys(node: &Node, place: &[usize]) -> Vec<String> {
    let found = place
        .iter()
        .try_fold(node, |node, at| children(node).get(*at).copied());
    match found {
        Some(Node::Object(entries)) => entries.iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Documents whose keys at some place are data, such as ids of resources: a key changed there is another id.
fn is_data(path: &str) -> bool {
    path.contains("uses")
}

fn key_path(node: &Node, place: &[usize]) -> String {
    let mut text = String::new();
    let mut here = node;
    for at in place {
        if let Node::Object(entries) = here {
            text += &entries[*at].0;
            text.push('.');
        }
        here = children(here)[*at];
    }
    text
}

/// Breaks a document in every way, one at a time; `reader` reads it as its type.
fn break_document(name: &str, reader: impl Fn(&str) -> Result<(), String>) {
    let document = golden(name);
    reader(&printed(&document, &[], None)).unwrap();
    let (mut all, values) = (Vec::new(), hostile_values());
    places(&document, &Vec::new(), &mut all);
    let (mut read, mut refused) = (0, 0);
    for place in &all {
        let path = key_path(&document, place);
        for value in &values {
            let json = printed(&document, place, Some(Fault::Replaced(value)));
            let what = format!("{name} at {path} with {value:.40}");
            match reader(&json) {
                Ok(()) => {
                    read += 1;
                    assert_ne!(value, "null", "{what} is read");
                }
                Err(error) => {
                    refused += 1;
                    check_error(&what, &error);
                }
            }
        }
        for (at, key) in keys(&document, place).iter().enumerate() {
            let what = format!("{name} at {path}{key}");
            let doubled = printed(&document, place, Some(Fault::Doubled(at)));
            let error = reader(&doubled).unwrap_err();
            assert!(
                error.contains("stands twice") && error.contains(key),
                "{what}: {error}"
            );
            let misspelt = printed(&document, place, Some(Fault::Misspelt(at)));
            match reader(&misspelt) {
                Ok(()) => assert!(is_data(&path), "{what} is read misspelt"),
                Err(error) => check_error(&what, &error),
            }
            if let Err(error) = reader(&printed(&document, place, Some(Fault::Removed(at)))) {
                check_error(&what, &error);
            }
        }
    }
    assert!(
        read > 0 && refused > all.len() * 40,
        "{name}: {read} read, {refused} refused"
    );
}

macro_rules! broken {
    ($($test:ident: $name:literal as $kind:ty;)*) => {
        $(#[test]
        fn $test() {
            break_document($name, |json| read::<$kind>($name, json).map(drop));
        })*
    };
}

broken! {
    books_are_read_strictly: "book" as Book;
    censuses_are_read_strictly: "census" as Census;
    stances_are_read_strictly: "stance" as Stance;
    plans_are_read_strictly: "plan" as Plan;
    differences_are_read_strictly: "difference" as Difference;
    histories_are_read_strictly: "histories" as Histories;
    problems_are_read_strictly: "problem" as Problem;
    allocations_are_read_strictly: "allocation" as AllocationDocument;
}
