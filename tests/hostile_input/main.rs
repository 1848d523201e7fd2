//! Input as a stranger would give it: every document of the golden files with every value in it replaced,
//! removed, doubled and misspelt, and every small type fed what it is not made for.
//!
//! Nothing may panic. What is refused says where and why, shortly and without characters that move a
//! terminal; what is read is written and read again as itself.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod documents;
mod numbers;
mod values;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON values that are wrong nearly everywhere, or at an edge of what is right.
pub(crate) fn hostile_values() -> Vec<String> {
    let mut values: Vec<String> = [
        "null",
        "true",
        "0",
        "-0",
        "-0.0",
        "1",
        "0.5",
        "1.5",
        "-1",
        "75",
        "101",
        "1e400",
        "-1e400",
        "1e308",
        "5e-324",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "[]",
        "{}",
        "[[]]",
        r#"{"a":{}}"#,
        "[null]",
        r#""""#,
        r#"" ""#,
        r#"" padded""#,
        r#""padded ""#,
        r#""NaN""#,
        r#""inf""#,
        r#""1e400""#,
        r#""1e3""#,
        r#""1_000""#,
        r#""1,000.00""#,
        r#""€5""#,
        r#""(5)""#,
        r#""5.""#,
        r#"".5""#,
        r#""+5""#,
        r#""-1""#,
        r#""-0.01""#,
        r#""10.005""#,
        r#""12.3""#,
        r#""٣""#,
        r#""0x10""#,
        r#""2026-02-30""#,
        r#""26-01-01""#,
        r#""0000-01-01""#,
        r#""9999-12-31""#,
        r#""2026-1-1""#,
        r#""DEM""#,
        r#""usd""#,
        r#""JPY""#,
        r#""unknown""#,
        r#""a\u0000b""#,
        r#""a\u001bb""#,
        r#""a\u202eb""#,
        r#""\ufeffa""#,
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#""a\nb""#,
        r#""92233720368547758.07""#,
        r#""92233720368547758.08""#,
        r#""18446744073709.551615""#,
        r#""99999999999999999999999""#,
    ]
    .map(str::to_owned)
    .to_vec();
    values.push(format!("\"{}\"", "x".repeat(129)));
    values.push(format!("\"{}\"", "9".repeat(5_000)));
    values.push("[".repeat(200) + &"]".repeat(200));
    values.push(r#"{"a":"#.repeat(100) + "1" + &"}".repeat(100));
    values
}

/// What an error must be like, whatever was read.
pub(crate) fn check_error(what: &str, error: &str) {
    assert!(error.len() > 8, "{what}: {error:?} says nothing");
    assert!(
        error.len() < 8_000,
        "{what}: {} bytes: {}",
        error.len(),
        &error[..200]
    );
    assert!(
        !error.contains(|c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
        "{what}: {error:?}"
    );
}

/// Reads a text as a type: an error, or a value that is written and read again as itself.
pub(crate) fn read<T>(what: &str, json: &str) -> Result<T, String>
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    match serde_json::from_str::<T>(json) {
        Ok(value) => {
            let text = serde_json::to_string(&value).unwrap();
            let again: T = serde_json::from_str(&text)
                .unwrap_or_else(|error| unreachable!("{what}: wrote {text}, then {error}"));
            assert_eq!(again, value, "{what}: {text} is read as something else");
            Ok(value)
        }
        Err(error) => Err(error.to_string()),
    }
}
