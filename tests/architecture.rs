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
    ("id", &[]),
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

/// Whether some path climbs with `super::` as far as the crate's root, past the eyes of [`imports`].
fn climbs_out(code: &str, file: &Path, src: &Path) -> bool {
    let depth = file
        .strip_prefix(src)
        .map_or(0, |inside| inside.components().count());
    let is_mod = file.file_name().is_some_and(|name| name == "mod.rs");
    let to_root = depth - usize::from(is_mod);
    code.contains(&"super::".repeat(to_root.max(1)))
}

/// The code of a file without comments, and without what only tests see.
fn code(text: &str) -> String {
    let kept: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect();
    kept.join("\n")
}

/// The rooms that a piece of code names after `crate::`, in a path or in a braced list.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut in_path = false;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && (c.is_alphanumeric() || c == '_') && !in_path {
                    word.push(c);
                } else if !word.is_empty() {
                    rooms.push(std::mem::take(&mut word));
                    in_path = true;
                }
                if depth == 0 && c == ',' {
                    in_path = false;
                }
            }
            if !word.is_empty() {
                rooms.push(word);
            }
        } else {
            rooms.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
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
        if climbs_out(&code, &file, &src) {
            faults.push(format!("{} climbs to the root by super::", file.display()));
        }
        for other in imports(&code) {
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

#[test]
fn the_reader_of_imports_sees_what_it_should() {
    let text = "use crate::money::Money;\nuse crate::{id::Id, numeric::{cast, sum}, fraction};\nlet x = crate::census::Census;";
    let mut seen = imports(text);
    seen.sort();
    assert_eq!(seen, ["census", "fraction", "id", "money", "numeric"]);
    assert!(!allowed("allocate", "customer"));
    assert!(!allowed("customer", "response"));
    assert!(!allowed("money", "id"));
    assert!(!allowed("unheard_of", "money"));
    assert!(allowed("campaign", "allocate") && allowed("stance", "response"));
    let src = Path::new("src");
    assert!(climbs_out(
        "use super::super::id",
        Path::new("src/census/mod.rs"),
        src
    ));
    assert!(climbs_out("use super::id", Path::new("src/census.rs"), src));
    assert!(!climbs_out(
        "use super::id",
        Path::new("src/census/record.rs"),
        src
    ));
    assert_eq!(code("a // crate::b\n#[cfg(test)]\ncrate::c"), "a ");
}
