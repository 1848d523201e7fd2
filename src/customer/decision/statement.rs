//! Statements: what is said, in words that somebody could check.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most bytes that a statement may have.
pub const STATEMENT_BYTES_MOST: usize = 2_000;

/// A sentence somebody can check: not empty, no control characters, at least one letter or digit, trimmed.
///
/// ```
/// use sortie::customer::decision::Statement;
/// assert_eq!(Statement::new(" saves an hour a week ")?.as_str(), "saves an hour a week");
/// assert!(Statement::new("...").is_err());
/// # Ok::<(), sortie::customer::decision::StatementError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Statement(Box<str>);

/// A statement that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatementError {
    /// Nothing is said.
    #[error("statement {text:?} says nothing; state it in words that somebody could check")]
    Empty {
        /// What was given.
        text: String,
    },
    /// Longer than [`STATEMENT_BYTES_MOST`].
    #[error(
        "statement starting {start:?} has {bytes} bytes; at most {STATEMENT_BYTES_MOST} are allowed"
    )]
    TooLong {
        /// Its first characters.
        start: String,
        /// Its length.
        bytes: usize,
    },
    /// A control character inside.
    #[error("statement {text:?} holds the control character U+{code:04X}; write it on one line")]
    Control {
        /// What was given.
        text: String,
        /// The character's code point.
        code: u32,
    },
}

impl Statement {
    /// Admits a statement; white space at both ends is dropped.
    ///
    /// # Errors
    /// [`StatementError`], naming what is wrong with it.
    pub fn new(text: impl AsRef<str>) -> Result<Self, StatementError> {
        let text = text.as_ref().trim();
        if text.len() > STATEMENT_BYTES_MOST {
            return Err(StatementError::TooLong {
                start: text.chars().take(16).collect(),
                bytes: text.len(),
            });
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            return Err(StatementError::Control {
                text: text.to_owned(),
                code: u32::from(c),
            });
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(StatementError::Empty {
                text: text.to_owned(),
            });
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both say the same but for case, spacing and punctuation.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        self.words().eq(other.words())
    }

    /// Letters and digits in lower case, with one space for each run of anything else between them.
    fn words(&self) -> impl Iterator<Item = char> + '_ {
        self.0
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']))
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Statement {
    type Error = StatementError;

    fn try_from(text: String) -> Result<Self, StatementError> {
        Self::new(text)
    }
}

impl From<Statement> for String {
    fn from(statement: Statement) -> Self {
        statement.0.into()
    }
}
