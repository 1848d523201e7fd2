//! Strict reading of documents, whatever their serde format.
//!
//! Derived deserialisers accept more than is meant: arrays for objects, `null` for a missing field, the last
//! of two equal keys in a map. Every document of this crate is therefore read in two steps: into a [`Node`]
//! tree that refuses repeated keys, then through a [`Reader`] that knows its path, converts each field by
//! the constructor of its type, refuses keys that nobody asked for, and collects *all* faults.
//!
//! The tree is built through serde, so any format can carry a document, and the library depends on none.
//! Numbers are the nearest `f64` that the format's parser gives; with `serde_json`, turn on its
//! `float_roundtrip` feature.

mod node;
mod reader;
mod value;

use core::fmt;

use serde::{Deserialize, Deserializer};

pub use node::Node;
pub use reader::{Fields, Reader};

/// One thing wrong with a document: where, what was found, what the rule is, and so what to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    path: String,
    rule: String,
}

impl Fault {
    /// A fault at a path, such as `activities[3].cap`; the rule names the value and the remedy.
    #[must_use]
    pub fn new(path: impl Into<String>, rule: impl fmt::Display) -> Self {
        Self {
            path: path.into(),
            rule: rule.to_string(),
        }
    }

    /// Where: keys and indices from the root; empty for the whole document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was found and what is allowed.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.rule)
        } else {
            write!(f, "{}: {}", self.path, self.rule)
        }
    }
}

/// All that is wrong with a document, in the order of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", shown(.faults))]
pub struct DocumentError {
    faults: Vec<Fault>,
}

/// Faults shown in one message; the rest are counted.
const FAULTS_SHOWN: usize = 20;

fn shown(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults
        .iter()
        .take(FAULTS_SHOWN)
        .map(Fault::to_string)
        .collect();
    let more = faults.len().saturating_sub(FAULTS_SHOWN);
    let tail = if more > 0 {
        format!("; and {more} more faults")
    } else {
        String::new()
    };
    format!("{}{tail}", lines.join("; "))
}

impl DocumentError {
    /// An error of one or more faults.
    #[must_use]
    pub fn new(faults: Vec<Fault>) -> Self {
        Self { faults }
    }

    /// Every fault.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl From<Fault> for DocumentError {
    fn from(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
        }
    }
}

/// A document type: something that is read whole from a [`Node`], or refused with all its faults.
pub trait Document: Sized {
    /// The kind in `"schema": "sortie/<kind>/<version>"`.
    const KIND: &'static str;
    /// The newest version that is read.
    const VERSION: u32;

    /// Reads the fields; the schema has been checked already.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault found.
    fn from_fields(fields: Fields<'_>) -> Result<Self, DocumentError>;

    /// Reads a whole document, its schema first.
    ///
    /// # Errors
    /// [`DocumentError`]: another kind, a newer version, or the faults of its fields.
    fn from_node(node: &Node) -> Result<Self, DocumentError> {
        let mut fields = Reader::root(node).fields()?;
        check_schema(&mut fields, Self::KIND, Self::VERSION)?;
        Self::from_fields(fields)
    }

    /// The body of a `Deserialize` implementation.
    ///
    /// # Errors
    /// The format's own error, or every fault of the document in its message.
    fn deserialize_document<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        Self::from_node(&node).map_err(serde::de::Error::custom)
    }
}

/// The schema name of a document type.
#[must_use]
pub fn schema_name<D: Document>() -> String {
    format!("sortie/{}/{}", D::KIND, D::VERSION)
}

/// Characters of a schema's name that an error repeats.
const SCHEMA_SHOWN: usize = 40;

fn check_schema(fields: &mut Fields<'_>, kind: &str, newest: u32) -> Result<(), DocumentError> {
    let wanted = format!("sortie/{kind}/{newest}");
    let given = fields.required("schema")?.text()?;
    let shown: String = given.chars().take(SCHEMA_SHOWN).collect();
    let version = given
        .strip_prefix("sortie/")
        .and_then(|rest| rest.strip_prefix(kind))
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|text| {
            !text.is_empty()
                && !text.starts_with('0')
                && text.bytes().all(|byte| byte.is_ascii_digit())
        });
    let rule = match version.map(str::parse::<u32>) {
        Some(Ok(version)) if version <= newest => return Ok(()),
        Some(_) => format!(
            "schema {shown:?} is newer than {wanted:?}, the newest that is read; update the crate or write the older version"
        ),
        None => format!("schema is {shown:?}; it must be {wanted:?}"),
    };
    Err(Fault::new("schema", rule).into())
}

#[cfg(test)]
mod tests;
