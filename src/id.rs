//! Identifiers: opaque, compared byte by byte, and safe to print.

use core::{borrow::Borrow, fmt};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most bytes that an id may have.
pub const ID_BYTES_MOST: usize = 128;

/// An opaque identifier, cheap to clone.
///
/// One to 128 bytes of UTF-8, with no control or bidirectional-override characters and no white space at
/// either end. Ids that differ only in case are different.
///
/// ```
/// use sortie::id::Id;
/// let id = Id::new("0015g00000XyZ")?;
/// assert_eq!(id.as_str(), "0015g00000XyZ");
/// assert!(Id::new(" padded").is_err());
/// # Ok::<(), sortie::id::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Arc<str>);

/// An id that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// No characters at all.
    #[error("id is empty; give it at least one character")]
    Empty,
    /// More than [`ID_BYTES_MOST`] bytes.
    #[error("id starting {start:?} has {bytes} bytes; at most {ID_BYTES_MOST} are allowed")]
    TooLong {
        /// Its first characters.
        start: String,
        /// Its length.
        bytes: usize,
    },
    /// White space at an end.
    #[error("id {id:?} starts or ends with white space; trim it at the source")]
    Padded {
        /// The id.
        id: String,
    },
    /// A character that cannot be seen or that turns the text around.
    #[error(
        "id {id:?} holds the character U+{code:04X}; control and bidirectional characters are not allowed"
    )]
    Character {
        /// The id.
        id: String,
        /// The character's code point.
        code: u32,
    },
}

impl Id {
    /// Admits an identifier.
    ///
    /// # Errors
    /// [`IdError`], naming what is wrong with it.
    pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
        let text = text.as_ref();
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > ID_BYTES_MOST {
            let start = text.chars().take(16).collect();
            return Err(IdError::TooLong {
                start,
                bytes: text.len(),
            });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            check_characters(text)?;
        }
        Ok(Self(Arc::from(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The slow half of admission, for ids that are not plain printable ASCII.
fn check_characters(text: &str) -> Result<(), IdError> {
    if text.trim() != text {
        return Err(IdError::Padded {
            id: text.to_owned(),
        });
    }
    match text.chars().find(|c| is_hidden(*c)) {
        Some(c) => Err(IdError::Character {
            id: text.to_owned(),
            code: u32::from(c),
        }),
        None => Ok(()),
    }
}

/// Control characters, bidirectional controls, zero-width marks and the byte-order mark.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::new(text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(Id::new(""), Err(IdError::Empty));
        assert!(matches!(
            Id::new("x".repeat(129)),
            Err(IdError::TooLong { bytes: 129, .. })
        ));
        assert!(Id::new("x".repeat(128)).is_ok());
        for padded in [" a", "a ", "a\n", "\u{a0}a", " "] {
            assert!(
                matches!(Id::new(padded), Err(IdError::Padded { .. })),
                "{padded:?}"
            );
        }
        for hidden in [
            "a\u{0}b",
            "a\tb",
            "a\u{202e}b",
            "a\u{200b}",
            "\u{feff}a",
            "a\u{7f}",
        ] {
            assert!(
                matches!(Id::new(hidden), Err(IdError::Character { .. })),
                "{hidden:?}"
            );
        }
        assert!(Id::new("Größe 7, Łódź").is_ok());
    }

    #[test]
    fn order_is_by_bytes_and_case_counts() {
        let mut ids: Vec<Id> = ["b", "a", "B", "10", "9"]
            .map(|x| Id::new(x).unwrap())
            .to_vec();
        ids.sort();
        let texts: Vec<&str> = ids.iter().map(Id::as_str).collect();
        assert_eq!(texts, ["10", "9", "B", "a", "b"]);
    }

    proptest! {
        #[test]
        fn serde_round_trips_or_refuses(text in ".{0,12}") {
            let json = serde_json::to_string(&text).unwrap();
            match Id::new(&text) {
                Ok(id) => {
                    prop_assert_eq!(&serde_json::from_str::<Id>(&json).unwrap(), &id);
                    prop_assert_eq!(serde_json::to_string(&id).unwrap(), json);
                }
                Err(error) => {
                    let found = serde_json::from_str::<Id>(&json).unwrap_err().to_string();
                    prop_assert!(found.contains(&error.to_string()));
                }
            }
        }
    }
}
