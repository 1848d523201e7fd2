//! Where in a JSON text a parser stopped, as a path: a parser knows only the line and the column.

use std::fmt::Write as _;

/// One open bracket on the way down.
enum Open {
    List(usize),
    Object(Option<String>),
}

/// The path of the value at or just before a line and a column (both from 1), with its text.
pub(crate) fn of(text: &str, line: usize, column: usize) -> (String, String) {
    let end = offset(text, line, column);
    let (mut open, mut at) = (Vec::new(), 0);
    let bytes = text.as_bytes();
    let mut token = String::new();
    while at < end {
        let start = at;
        match bytes[at] {
            b'{' => open.push(Open::Object(None)),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => {
                open.pop();
            }
            b',' => step(&mut open),
            b'"' => {
                at = string_end(bytes, at);
                name(&mut open, bytes, text, start, at);
            }
            _ => at = word_end(bytes, at),
        }
        at = (at + 1).min(bytes.len());
        let piece = text.get(start..at).unwrap_or_default().trim();
        if !piece.is_empty() && !matches!(piece, "{" | "[" | "}" | "]" | "," | ":") {
            token = piece.chars().take(40).collect();
        }
    }
    (path(&open), token)
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column).min(text.len())
}

fn step(open: &mut [Open]) {
    match open.last_mut() {
        Some(Open::List(index)) => *index += 1,
        Some(Open::Object(key)) => *key = None,
        None => {}
    }
}

/// A text directly before a colon is a key.
fn name(open: &mut [Open], bytes: &[u8], text: &str, start: usize, end: usize) {
    let rest = bytes.get(end + 1..).unwrap_or_default();
    let is_key = rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
    if let (Some(Open::Object(key)), true) = (open.last_mut(), is_key) {
        *key = text.get(start + 1..end).map(str::to_owned);
    }
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}[{\"".contains(byte);
    let length = bytes[start + 1..]
        .iter()
        .position(ends)
        .unwrap_or(bytes.len() - start - 1);
    start + length
}

fn path(open: &[Open]) -> String {
    let mut path = String::new();
    for step in open {
        match step {
            Open::List(index) => {
                let _ = write!(path, "[{index}]");
            }
            Open::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Open::Object(None) => {}
        }
    }
    path
}
