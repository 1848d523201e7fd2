//! The tree that a document is read into.

use core::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::numeric::cast;

/// The key under which `serde_json` hands over numbers when its `arbitrary_precision` feature is on
/// anywhere in the host's build; such a number is read as the nearest `f64`, like any other.
const ARBITRARY_PRECISION_KEY: &str = "$serde_json::private::Number";

/// How deep objects and lists may be nested; no document of this crate is half as deep. Formats have such
/// limits too, but hosts may turn them off, and a tree is read and dropped by recursion.
const DEPTH_MOST: u32 = 64;

/// Characters of a text that an error repeats.
const TEXT_SHOWN: usize = 40;

/// A value of a document. Objects keep the order of their keys and have no repeats; numbers are finite.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`, which no document of this crate allows anywhere.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// What it is, with its value where that is short: for error messages.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => format!("the number {value}"),
            Self::Text(text) => format!("{:?}", text.chars().take(TEXT_SHOWN).collect::<String>()),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NodeVisitor { depth: 0 }.deserialize(deserializer)
    }
}

/// Reads what stands inside so many lists and objects.
#[derive(Clone, Copy)]
struct NodeVisitor {
    depth: u32,
}

impl NodeVisitor {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        if self.depth < DEPTH_MOST {
            Ok(Self {
                depth: self.depth + 1,
            })
        } else {
            Err(E::custom(format_args!(
                "nested deeper than {DEPTH_MOST}; no document is, so look for a bracket too many"
            )))
        }
    }
}

impl<'de> DeserializeSeed<'de> for NodeVisitor {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a document")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.inside()?.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.inside()?.deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(cast::f64_of_i64(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(cast::f64_of_u64(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        if value.is_finite() {
            Ok(Node::Number(value))
        } else {
            Err(E::custom(format_args!(
                "number {value} is not finite; every number of a document must be"
            )))
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let (mut list, inside) = (Vec::new(), self.inside()?);
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let (mut object, inside): (Vec<(String, Node)>, _) = (Vec::new(), self.inside()?);
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inside)?;
            object.push((key, value));
        }
        if let [(key, Node::Text(number))] = object.as_slice() {
            if key == ARBITRARY_PRECISION_KEY {
                return number_of(number);
            }
        }
        refuse_repeats(&object)?;
        Ok(Node::Object(object))
    }
}

fn number_of<E: de::Error>(text: &str) -> Result<Node, E> {
    match text.parse::<f64>() {
        Ok(value) => NodeVisitor { depth: 0 }.visit_f64(value),
        Err(_) => Err(E::custom(format_args!(
            "number {:?} cannot be read; write a plain JSON number",
            text.chars().take(TEXT_SHOWN).collect::<String>()
        ))),
    }
}

fn refuse_repeats<E: de::Error>(object: &[(String, Node)]) -> Result<(), E> {
    // Objects of documents are small; a large one is sorted, so that hostile input stays cheap.
    let mut keys: Vec<&str> = object.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let repeated = keys.iter().zip(keys.iter().skip(1)).find(|(a, b)| a == b);
    match repeated {
        Some((key, _)) => {
            let shown: String = key.chars().take(TEXT_SHOWN).collect();
            Err(E::custom(format_args!(
                "key {shown:?} stands twice in one object; remove one of the two"
            )))
        }
        None => Ok(()),
    }
}
