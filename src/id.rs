//! Identifiers: opaque, compared byte by byte, and safe to print.

mod index;

use core::{
    borrow::Borrow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

pub(crate) use index::{IdIndex, tag};

/// Most bytes that an id may have.
pub const ID_BYTES_MOST: usize = 128;

/// Ids of at most this many bytes are kept in place, so that millions of them need no memory of their own.
const SHORT_BYTES: usize = 22;

/// An opaque identifier, cheap to clone: 24 bytes in place, or shared if it is longer than 22 bytes.
///
/// One to 128 bytes of UTF-8, with no control, bidirectional or invisible characters and no white space at
/// either end. Ids that differ only in case are different.
///
/// ```
/// use sortie::id::Id;
/// let id = Id::new("0015g00000XyZ")?;
/// assert_eq!(id.as_str(), "0015g00000XyZ");
/// assert!(Id::new(" padded").is_err());
/// # Ok::<(), sortie::id::IdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Id(Text);

/// One text has one form, so equality can be derived.
#[derive(Clone, PartialEq, Eq)]
enum Text {
    /// The bytes after `length` are 0.
    Short {
        length: u8,
        bytes: [u8; SHORT_BYTES],
    },
    Long(Arc<str>),
}

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
        "id {id:?} holds the character U+{code:04X}; control, bidirectional and invisible characters are not allowed"
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
        Ok(Self(Text::of(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // Made from a text and never changed, so the fallback is never taken.
            Text::Short { .. } => core::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Text::Long(text) => text,
        }
    }

    /// The bytes of the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Text::Long(text) => text.as_bytes(),
        }
    }

    /// The bytes of a short id as numbers that order and tell apart as the text does: no text holds a 0 byte, so
    /// the bytes that fill it up stand before any other.
    fn short_words(&self) -> Option<[u64; 3]> {
        let Text::Short { bytes, .. } = &self.0 else {
            return None;
        };
        let word = |at: usize| {
            let eight = bytes.get(at..at + 8).and_then(|part| part.try_into().ok());
            eight.map_or(0, u64::from_be_bytes)
        };
        // The last two overlap, which changes neither order nor equality.
        Some([word(0), word(8), word(SHORT_BYTES - 8)])
    }
}

impl Text {
    fn of(text: &str) -> Self {
        let mut bytes = [0; SHORT_BYTES];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(Arc::from(text)),
        }
    }
}

/// By bytes, which for UTF-8 is by code points.
impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.short_words(), other.short_words()) {
            (Some(mine), Some(its)) => mine.cmp(&its),
            _ => self.as_bytes().cmp(other.as_bytes()),
        }
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As its text, so that a map keyed by ids can be asked by a text.
impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Id").field(&self.as_str()).finish()
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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

/// Control characters, bidirectional controls, and characters that leave no mark by themselves, so that two
/// ids could look alike: zero-width marks, soft hyphens, fillers, tags, the byte-order mark.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        self.as_str()
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
        id.as_str().to_owned()
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
            "a\u{ad}b",
            "a\u{3164}b",
            "a\u{e0041}",
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

    #[test]
    fn short_and_long_ids_are_kept_alike() {
        assert_eq!(size_of::<Option<Id>>(), 24);
        for length in 1..=ID_BYTES_MOST {
            let text = "ä7".repeat(43).chars().take(length).collect::<String>();
            let Ok(id) = Id::new(&text) else { continue };
            assert_eq!(
                (id.as_str(), id.as_bytes()),
                (text.as_str(), text.as_bytes())
            );
            assert_eq!(id, id.clone());
            assert_eq!(AsRef::<str>::as_ref(&id), text);
            assert_eq!(String::from(id.clone()), text);
            assert_eq!(format!("{id:?}"), format!("Id({text:?})"));
            assert_eq!(
                matches!(id.0, Text::Short { .. }),
                text.len() <= SHORT_BYTES
            );
        }
    }

    proptest! {
        /// A map or set keyed by ids answers to texts, so order, equality and hash are those of the text.
        #[test]
        fn an_id_compares_and_hashes_as_its_text(a in "[a-cä]{1,30}", b in "[a-cä]{1,30}") {
            let (x, y) = (Id::new(&a).unwrap(), Id::new(&b).unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x == y, a == b);
            let set: std::collections::HashSet<Id> = [x].into();
            prop_assert!(set.contains(a.as_str()));
            prop_assert_eq!(set.contains(b.as_str()), a == b);
        }

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
