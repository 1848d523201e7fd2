//! The direction of the arrows: who may import whom, read from the sources themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The ground, on which every room may stand.
const GROUND: [&str; 7] = [
    "money", "quantity", "calendar", "id", "fraction", "numeric", "document",
];

/// Rooms above the ground, and what each may import besides it.
const ROOMS: [(&str, &[&str]); 10] = [
    ("customer", &[]),
    ("response", &[]),
    ("allocate", &["response"]),
    ("evidence", &["customer"]),
    ("census", &["customer"]),
    ("virtual_budget", &["customer"]),
    ("stance", &["response"]),
    ("planting", &["customer"]),
    (
        "campaign",
        &[
            "customer",
            "response",
            "allocate",
            "evidence",
            "census",
            "virtual_budget",
            "stance",
            "planting",
        ],
    ),
    (
        "simulate",
        &[
            "customer",
            "response",
            "allocate",
            "evidence",
            "census",
            "virtual_budget",
            "stance",
            "campaign",
        ],
    ),
];

/// What parts of the ground may import of each other, so that the ground has no cycle either.
const BELOW_IN_GROUND: [(&str, &[&str]); 7] = [
    ("numeric", &[]),
    ("id", &["numeric"]),
    ("fraction", &[]),
    ("quantity", &[]),
    ("money", &["numeric"]),
    ("calendar", &["numeric"]),
    (
        "document",
        &["numeric", "id", "fraction", "quantity", "money", "calendar"],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn room_of(file: &Path, src: &Path) -> String {
    let first = file
        .strip_prefix(src)
        .ok()
        .and_then(|inside| inside.components().next());
    first.map_or_else(String::new, |first| {
        let name = first.as_os_str().to_string_lossy();
        name.trim_end_matches(".rs").to_owned()
    })
}

/// The module that a file is, from the root: `src/a/b.rs` and `src/a/b/mod.rs` are both `a::b`.
fn module_of(file: &Path, src: &Path) -> Vec<String> {
    let inside = file.strip_prefix(src).unwrap_or(file).with_extension("");
    let mut names: Vec<String> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if names.last().is_some_and(|last| last == "mod") {
        names.pop();
    }
    names
}

/// Where comments and texts of a file begin and end, so that only code is left; the texts are emptied.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            'r' if rest.starts_with("r#\"") => {
                rest[3..].find("\"#").map_or(rest.len(), |at| at + 5)
            }
            '\'' if rest.starts_with("'\"'") => 3,
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                end.map_or(rest.len(), |at| at + 2)
            }
            _ => {
                code.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// The end of the item that starts here: its semicolon, or the brace that closes it.
fn item_end(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The code of a file without comments, and without the items that only tests see.
fn code(text: &str) -> String {
    let mut kept = String::new();
    let plain = without_comments(text);
    let mut rest = plain.as_str();
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        rest = &after[item_end(after)..];
    }
    kept + rest
}

/// Words and marks of a piece of code: names, `::`, and single characters.
fn tokens(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        found.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    found
}

/// Every path that starts here, braced lists spread out; and how many tokens it takes.
fn spread(tokens: &[&str], prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(&"{") => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match *token {
                        "}" => return at + 1,
                        "," => at += 1,
                        _ => at += spread(&tokens[at..], &path, found).max(1),
                    }
                }
                return at;
            }
            Some(word)
                if word.starts_with(|c: char| c.is_alphanumeric() || c == '_') || *word == "*" =>
            {
                path.push((*word).to_owned());
                at += 1;
            }
            _ => break,
        }
        match tokens.get(at) {
            Some(&"::") => at += 1,
            _ => break,
        }
    }
    found.push(path);
    at
}

/// The rooms that a piece of code names, in imports or in the midst of expressions, whether it starts from
/// the root or climbs there with `super`. A path to the root itself names the room `*`.
fn imports(code: &str, module: &[String]) -> Vec<String> {
    let tokens = tokens(code);
    let mut rooms = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = matches!(tokens[at], "crate" | "super")
            || (tokens[at] == "self" && tokens.get(at + 1) == Some(&"::"));
        let continues = at > 0 && tokens[at - 1] == "::";
        // `pub(crate)` and `pub(super)` name nobody.
        let is_visibility = at > 0 && tokens[at - 1] == "(" && at > 1 && tokens[at - 2] == "pub";
        if !starts || continues || is_visibility {
            at += 1;
            continue;
        }
        let mut paths = Vec::new();
        at += spread(&tokens[at..], &[], &mut paths).max(1);
        for path in paths {
            let from_root = path.first().is_some_and(|word| word == "crate");
            let skipped = path
                .iter()
                .take_while(|word| ["crate", "super", "self"].contains(&word.as_str()))
                .count();
            let climbed = path
                .iter()
                .take(skipped)
                .filter(|word| *word == "super")
                .count();
            if from_root || climbed >= module.len() {
                rooms.push(path.get(skipped).map_or("*", String::as_str).to_owned());
            }
        }
    }
    rooms
}

fn allowed(room: &str, other: &str) -> bool {
    if room == other {
        return true;
    }
    let above = ROOMS.iter().find(|(name, _)| *name == room);
    let ground = BELOW_IN_GROUND.iter().find(|(name, _)| *name == room);
    match (above, ground) {
        (Some((_, below)), _) => GROUND.contains(&other) || below.contains(&other),
        (_, Some((_, below))) => below.contains(&other),
        _ => false,
    }
}

#[test]
fn imports_follow_the_architecture() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 30, "the sources were not found");
    let mut faults = Vec::new();
    let mut arrows: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let room = room_of(&file, &src);
        // Files of tests alone are declared under `cfg(test)`; they may look anywhere.
        let name = file.file_stem().unwrap().to_str().unwrap();
        if room == "lib" || name == "tests" || name == "strategies" || name.ends_with("_tests") {
            continue;
        }
        let code = code(&fs::read_to_string(&file).unwrap());
        if code.contains("extern crate") || code.contains("include!") {
            faults.push(format!("{} takes code from elsewhere", file.display()));
        }
        for other in imports(&code, &module_of(&file, &src)) {
            *arrows.entry(format!("{room} → {other}")).or_default() += 1;
            if !allowed(&room, &other) {
                faults.push(format!("{} imports crate::{other}", file.display()));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "imports against the architecture:\n{}",
        faults.join("\n")
    );
    assert!(
        arrows.contains_key("campaign → allocate"),
        "no arrows were read: {arrows:?}"
    );
}

fn seen(code_of_file: &str, file: &str) -> Vec<String> {
    let module = module_of(Path::new(file), Path::new("src"));
    let mut seen = imports(&code(code_of_file), &module);
    seen.sort();
    seen.dedup();
    seen
}

#[test]
fn the_reader_of_imports_sees_what_it_should() {
    let text = "use crate::money::Money;\nuse crate::{id::Id, numeric::{cast, sum}, fraction};\nlet x = crate::census::Census;";
    assert_eq!(
        seen(text, "src/stance/law.rs"),
        ["census", "fraction", "id", "money", "numeric"]
    );
    assert_eq!(
        module_of(Path::new("src/a/b/mod.rs"), Path::new("src")),
        ["a", "b"]
    );
    assert_eq!(
        module_of(Path::new("src/a/b.rs"), Path::new("src")),
        ["a", "b"]
    );
    assert!(!allowed("allocate", "customer"));
    assert!(!allowed("customer", "response"));
    assert!(!allowed("money", "id"));
    assert!(!allowed("unheard_of", "money"));
    assert!(!allowed("stance", "*"));
    assert!(allowed("campaign", "allocate") && allowed("stance", "response"));
}

/// Every way to reach another room that we know of, each seen from a file two modules deep.
#[test]
fn no_way_round_the_reader() {
    for way in [
        "use crate::campaign;",
        "pub use crate::campaign::Plan;",
        "pub(crate) use crate::campaign::{self as c, Plan};",
        "use crate::{money::Money, campaign::{Plan, models}};",
        "use crate::{\n    money::{Currency, Money},\n    campaign,\n};",
        "use crate :: campaign;",
        "fn f() -> crate::campaign::Plan { todo() }",
        "let x = <crate::campaign::Plan as Default>::default();",
        "macro_rules! m { () => { $crate::campaign::plan() } }",
        "use super::super::campaign;",
        "use super::{super::campaign, other};",
        "use super::{super::{campaign}};",
        "use self::super::super::campaign::Plan;",
        "let x = super::super::campaign::plan();",
        "let site = \"http://a\"; use crate::campaign;",
        "/* a */ use crate::campaign; // b",
        "let quote = '\"'; use crate::campaign; let other = '\"';",
        "#[cfg(test)]\nmod tests;\nuse crate::campaign;",
        "#[cfg(test)]\nmod tests { use super::*; fn f() {} }\nuse crate::campaign;",
        "#[cfg(test)]\nuse crate::evidence::{a, b};\nuse crate::campaign;",
    ] {
        let mut rooms = seen(way, "src/census/record.rs");
        rooms.retain(|room| room != "money");
        assert_eq!(rooms, ["campaign"], "{way}");
    }
    for way in [
        "use crate as root;",
        "use crate::*;",
        "use crate::{self as root};",
        "use super::super as root;",
    ] {
        let rooms = seen(way, "src/census/record.rs");
        assert!(
            rooms.iter().any(|room| !allowed("census", room)),
            "{way}: {rooms:?}"
        );
    }
    for harmless in [
        "// use crate::campaign;",
        "/// See [`crate::campaign`].",
        "let text = \"use crate::campaign;\";",
        "let text = r#\"use crate::campaign \" \"#;",
        "#[cfg(test)]\nmod tests { use crate::campaign::{a}; }",
        "pub(crate) struct S; pub(super) fn f() {} use super::other; use self::inner::X;",
        "let x = super::other::f();",
    ] {
        assert_eq!(
            seen(harmless, "src/census/record.rs"),
            [""; 0],
            "{harmless}"
        );
    }
    assert_eq!(seen("use super::campaign;", "src/census.rs"), ["campaign"]);
    assert_eq!(
        seen("use super::campaign;", "src/census/mod.rs"),
        ["campaign"]
    );
    assert_eq!(
        seen("use super::super::campaign;", "src/a/b/mod.rs"),
        ["campaign"]
    );
}
