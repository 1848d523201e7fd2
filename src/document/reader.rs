//! A place in a document, with its path.

use core::fmt::{self, Write as _};

use serde::Deserialize;

use super::value::Value;
use super::{DocumentError, Fault, Node};
use crate::calendar::Date;
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast;
use crate::quantity::Quantity;

/// One value of a document and the path to it.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    node: &'a Node,
    path: Path<'a>,
}

/// A path as a linked list of borrowed steps would need lifetimes in every signature; a short vector of
/// steps is copied only where a reader is made, and turned into text only for a fault.
type Path<'a> = Vec<Step<'a>>;

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn path_text(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => push_key(&mut text, key),
            Step::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
        }
    }
    text
}

/// Characters of a key that a path repeats.
const KEY_SHOWN: usize = 40;

/// Puts a key after a path. Keys are the document's, so those that are no plain words are quoted, with their
/// control characters escaped, and cut short.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !key.is_empty() && key.len() <= KEY_SHOWN && key.chars().all(is_plain) {
        path.push_str(key);
    } else {
        let _ = write!(
            path,
            "{:?}",
            key.chars().take(KEY_SHOWN).collect::<String>()
        );
    }
}

impl<'a> Reader<'a> {
    /// The root of a document.
    #[must_use]
    pub fn root(node: &'a Node) -> Self {
        Self {
            node,
            path: Vec::new(),
        }
    }

    /// The path as text, `activities[3].cap`; empty at the root.
    #[must_use]
    pub fn path(&self) -> String {
        path_text(&self.path)
    }

    /// The value itself.
    #[must_use]
    pub const fn node(&self) -> &'a Node {
        self.node
    }

    /// A fault here.
    #[must_use]
    pub fn fault(&self, rule: impl fmt::Display) -> Fault {
        Fault::new(self.path(), rule)
    }

    fn wrong(&self, wanted: &str) -> DocumentError {
        self.fault(format_args!(
            "found {}; {wanted} is needed here",
            self.node.described()
        ))
        .into()
    }

    /// The text here.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn text(&self) -> Result<&'a str, DocumentError> {
        match self.node {
            Node::Text(text) => Ok(text),
            _ => Err(self.wrong("a text")),
        }
    }

    /// The finite number here.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn number(&self) -> Result<f64, DocumentError> {
        match self.node {
            Node::Number(number) => Ok(*number),
            _ => Err(self.wrong("a number")),
        }
    }

    /// The whole number from 0 to 2⁵³ here.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn count(&self) -> Result<u64, DocumentError> {
        match self.node {
            Node::Number(number) => cast::u64_of_f64(*number)
                .filter(|count| {
                    *count <= 1 << 53
                        && cast::f64_of_u64(*count).to_bits() == (*number + 0.0).to_bits()
                })
                .ok_or_else(|| self.wrong("a whole number from 0 to 2^53")),
            _ => Err(self.wrong("a whole number")),
        }
    }

    /// The truth value here.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn flag(&self) -> Result<bool, DocumentError> {
        match self.node {
            Node::Bool(flag) => Ok(*flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// The id here.
    ///
    /// # Errors
    /// The fault of [`Id::new`], at this path.
    pub fn id(&self) -> Result<Id, DocumentError> {
        self.through(self.text()?, Id::new)
    }

    /// The date here.
    ///
    /// # Errors
    /// The fault of parsing a [`Date`], at this path.
    pub fn date(&self) -> Result<Date, DocumentError> {
        self.through(self.text()?, str::parse)
    }

    /// The currency here.
    ///
    /// # Errors
    /// The fault of [`Currency::from_code`], at this path.
    pub fn currency(&self) -> Result<Currency, DocumentError> {
        self.through(self.text()?, Currency::from_code)
    }

    /// The amount here: a decimal text in the document's currency.
    ///
    /// # Errors
    /// The fault of [`Money::parse`], at this path; a JSON number is refused.
    pub fn money(&self, currency: Currency) -> Result<Money, DocumentError> {
        match self.node {
            Node::Text(text) => self.through(text, |text| Money::parse(text, currency)),
            _ => Err(self.wrong("an amount of money as a decimal text, such as \"12.30\",")),
        }
    }

    /// The resource amount here: a decimal text.
    ///
    /// # Errors
    /// The fault of [`Quantity::parse`], at this path; a JSON number is refused.
    pub fn quantity(&self) -> Result<Quantity, DocumentError> {
        match self.node {
            Node::Text(text) => self.through(text.as_str(), Quantity::parse),
            _ => Err(self.wrong("an amount as a decimal text, such as \"6.5\",")),
        }
    }

    /// The fraction here.
    ///
    /// # Errors
    /// The fault of [`Fraction::new`], at this path.
    pub fn fraction(&self) -> Result<Fraction, DocumentError> {
        self.through(self.number()?, Fraction::new)
    }

    /// Passes a raw value through a constructor, putting this path before its fault.
    ///
    /// # Errors
    /// The constructor's.
    pub fn through<V, T, E: fmt::Display>(
        &self,
        raw: V,
        constructor: impl FnOnce(V) -> Result<T, E>,
    ) -> Result<T, DocumentError> {
        constructor(raw).map_err(|error| self.fault(error).into())
    }

    /// Reads a value through its own `Deserialize`, as strictly as the rest: no array for a struct, no
    /// `null`, and the path to the fault. For types whose implementation goes through their constructor.
    ///
    /// # Errors
    /// The type's, with the path completed down to the field at fault.
    pub fn value<T: Deserialize<'a>>(&self) -> Result<T, DocumentError> {
        T::deserialize(Value(self.node)).map_err(|error| error.into_fault(&self.path()).into())
    }

    /// The items of the list here, each with its path.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn items(
        &self,
    ) -> Result<impl ExactSizeIterator<Item = Reader<'a>> + use<'a>, DocumentError> {
        match self.node {
            Node::List(items) => {
                let path = self.path.clone();
                Ok(items.iter().enumerate().map(move |(index, node)| Reader {
                    node,
                    path: extended(&path, Step::Index(index)),
                }))
            }
            _ => Err(self.wrong("a list")),
        }
    }

    /// Reads every item of the list here, collecting the faults of all.
    ///
    /// # Errors
    /// All faults of all items.
    pub fn each<T>(
        &self,
        mut read: impl FnMut(Reader<'a>) -> Result<T, DocumentError>,
    ) -> Result<Vec<T>, DocumentError> {
        let items = self.items()?;
        let mut values = Vec::with_capacity(items.len());
        let mut faults = Vec::new();
        for item in items {
            match read(item) {
                Ok(value) => values.push(value),
                Err(error) => faults.extend(error.faults),
            }
        }
        if faults.is_empty() {
            Ok(values)
        } else {
            Err(DocumentError::new(faults))
        }
    }

    /// The object here, field by field.
    ///
    /// # Errors
    /// If something else stands here.
    pub fn fields(&self) -> Result<Fields<'a>, DocumentError> {
        match self.node {
            Node::Object(entries) => Ok(Fields {
                entries,
                asked: Vec::with_capacity(entries.len()),
                path: self.path.clone(),
                faults: Vec::new(),
            }),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The one entry of an object that names a variant: `{"power": {…}}`.
    ///
    /// # Errors
    /// If it is no object, or not of exactly one key.
    pub fn variant(&self) -> Result<(&'a str, Reader<'a>), DocumentError> {
        match self.node {
            Node::Object(entries) => match entries.as_slice() {
                [(key, node)] => Ok((
                    key,
                    Reader {
                        node,
                        path: extended(&self.path, Step::Key(key)),
                    },
                )),
                _ => Err(self
                    .fault(format_args!(
                        "found an object of {} keys; exactly one key must name the variant",
                        entries.len()
                    ))
                    .into()),
            },
            _ => Err(self.wrong("an object of one key")),
        }
    }

    /// The keys and values of an object whose keys are data (such as resource ids).
    ///
    /// # Errors
    /// If something else stands here.
    pub fn entries(
        &self,
    ) -> Result<impl ExactSizeIterator<Item = (&'a str, Reader<'a>)> + use<'a>, DocumentError> {
        match self.node {
            Node::Object(entries) => {
                let path = self.path.clone();
                Ok(entries.iter().map(move |(key, node)| {
                    (
                        key.as_str(),
                        Reader {
                            node,
                            path: extended(&path, Step::Key(key)),
                        },
                    )
                }))
            }
            _ => Err(self.wrong("an object")),
        }
    }
}

fn extended<'a>(path: &[Step<'a>], step: Step<'a>) -> Path<'a> {
    let mut longer = Vec::with_capacity(path.len() + 1);
    longer.extend_from_slice(path);
    longer.push(step);
    longer
}

/// The fields of one object: each is asked for by name; [`Fields::finish`] refuses those nobody asked for.
///
/// Faults found on the way are kept, so that a reader of an object can go on and report them all:
///
/// ```
/// use sortie::document::{Fields, Node, Reader};
/// let node: Node = serde_json::from_str(r#"{"name": "", "size": 3, "colour": "red"}"#)?;
/// let mut fields = Reader::root(&node).fields()?;
/// let name = fields.read("name", |name| name.id());
/// let size = fields.read("size", |size| size.fraction());
/// let error = fields.finish().unwrap_err();
/// assert!(name.is_none() && size.is_none());
/// assert_eq!(error.faults().len(), 3);
/// assert_eq!(error.faults()[2].to_string(), "colour: unknown key; allowed here: name, size");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fields<'a> {
    entries: &'a [(String, Node)],
    asked: Vec<&'static str>,
    path: Path<'a>,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// The reader of a field if the key is there.
    pub fn optional(&mut self, key: &'static str) -> Option<Reader<'a>> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|(name, _)| name == key)?;
        Some(Reader {
            node: &entry.1,
            path: extended(&self.path, Step::Key(key)),
        })
    }

    /// The reader of a field.
    ///
    /// # Errors
    /// If the key is missing.
    pub fn required(&mut self, key: &'static str) -> Result<Reader<'a>, DocumentError> {
        let path = path_text(&extended(&self.path, Step::Key(key)));
        self.optional(key)
            .ok_or_else(|| Fault::new(path, "missing; this key is required").into())
    }

    /// Reads a required field; `None` means that a fault was kept, which [`Fields::finish`] returns.
    pub fn read<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Reader<'a>) -> Result<T, DocumentError>,
    ) -> Option<T> {
        let value = self.required(key).and_then(read);
        self.keep(value)
    }

    /// Reads a field that may be missing; `Some(None)` if it is, `None` if a fault was kept.
    pub fn read_optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Reader<'a>) -> Result<T, DocumentError>,
    ) -> Option<Option<T>> {
        match self.optional(key) {
            None => Some(None),
            Some(reader) => {
                let value = read(reader);
                self.keep(value).map(Some)
            }
        }
    }

    /// Keeps the faults of a failed step, and goes on.
    pub fn keep<T>(&mut self, result: Result<T, DocumentError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.extend(error.faults);
                None
            }
        }
    }

    /// Adds a fault about the object as a whole, or about one of its keys.
    pub fn fault(&mut self, key: Option<&'static str>, rule: impl fmt::Display) {
        let path = match key {
            Some(key) => path_text(&extended(&self.path, Step::Key(key))),
            None => path_text(&self.path),
        };
        self.faults.push(Fault::new(path, rule));
    }

    /// The path of the object.
    #[must_use]
    pub fn path(&self) -> String {
        path_text(&self.path)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every fault kept, and every key that was never asked for.
    pub fn finish(mut self) -> Result<(), DocumentError> {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.as_str()) {
                let path = path_text(&extended(&self.path, Step::Key(key)));
                let mut allowed = self.asked.clone();
                allowed.dedup();
                let rule = format!("unknown key; allowed here: {}", allowed.join(", "));
                self.faults.push(Fault::new(path, rule));
            }
        }
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(DocumentError::new(self.faults))
        }
    }

    /// Ends the reading with the value built from the fields; `None` where a fault was kept.
    ///
    /// # Errors
    /// As [`Fields::finish`].
    pub fn finish_with<T>(self, value: Option<T>) -> Result<T, DocumentError> {
        let path = path_text(&self.path);
        self.finish()?;
        value.ok_or_else(|| Fault::new(path, "could not be read; every field must be given").into())
    }
}
