//! Reading a node through a type's own `Deserialize`, strictly and with the path to the fault.
//!
//! A derived deserialiser takes an array for a struct and `null` for an `Option` if its format lets it. This
//! one does not let it, so types with a derived (or `try_from`) implementation are read as strictly as those
//! that use a [`Reader`](super::Reader).

use core::fmt::{self, Write as _};

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::reader::push_key;
use super::{Fault, Node};
use crate::numeric::cast;

/// A fault whose path is completed on the way out.
#[derive(Debug)]
pub(super) struct ValueError {
    /// Innermost step first.
    steps: Vec<Step>,
    rule: String,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl ValueError {
    fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The fault, with the path of the value read put before the path inside it.
    pub(super) fn into_fault(self, outer: &str) -> Fault {
        let mut path = outer.to_owned();
        for step in self.steps.iter().rev() {
            match step {
                Step::Key(key) => push_key(&mut path, key),
                Step::Index(index) => {
                    let _ = write!(path, "[{index}]");
                }
            }
        }
        Fault::new(path, self.rule)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}

impl core::error::Error for ValueError {}

impl de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            steps: Vec::new(),
            rule: message.to_string(),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::custom(format_args!(
            "found {}; {wanted} is needed here",
            described(&found)
        ))
    }

    fn invalid_value(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn unknown_field(field: &str, allowed: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "unknown key; allowed here: {}",
            allowed.join(", ")
        ))
        .within(Step::Key(field.to_owned()))
    }

    fn unknown_variant(variant: &str, allowed: &'static [&'static str]) -> Self {
        let shown: String = variant.chars().take(VALUE_SHOWN).collect();
        Self::custom(format_args!(
            "found {shown:?}; one of {} is needed here",
            allowed.join(", ")
        ))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom("missing; this key is required").within(Step::Key(field.to_owned()))
    }
}

/// Characters of a value that an error repeats.
const VALUE_SHOWN: usize = 40;

/// As [`Node::described`]: short, and with control characters escaped.
fn described(found: &de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Str(text) => {
            format!("{:?}", text.chars().take(VALUE_SHOWN).collect::<String>())
        }
        de::Unexpected::Float(number) => format!("the number {number}"),
        de::Unexpected::Signed(number) => format!("the number {number}"),
        de::Unexpected::Unsigned(number) => format!("the number {number}"),
        other => other.to_string(),
    }
}

fn wrong(node: &Node, wanted: &str) -> ValueError {
    de::Error::custom(format_args!(
        "found {}; {wanted} is needed here",
        node.described()
    ))
}

/// A borrowed node as a deserialiser.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(pub(super) &'a Node);

impl<'de> Value<'de> {
    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Node::List(items) => visitor.visit_seq(Items {
                items: items.iter(),
                index: 0,
            }),
            other => Err(wrong(other, "a list")),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Node::Object(entries) => visitor.visit_map(Entries {
                entries: entries.iter(),
                value: None,
            }),
            other => Err(wrong(other, "an object")),
        }
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Node::Null => Err(wrong(self.0, "a value")),
            Node::Bool(flag) => visitor.visit_bool(*flag),
            Node::Number(number) => {
                // Integer types refuse floats, and whole numbers were made floats on the way in.
                match cast::i64_of_f64(*number) {
                    Some(whole) if cast::f64_of_i64(whole).to_bits() == number.to_bits() => {
                        visitor.visit_i64(whole)
                    }
                    _ => visitor.visit_f64(*number),
                }
            }
            Node::Text(text) => visitor.visit_borrowed_str(text),
            Node::List(_) => self.list(visitor),
            Node::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Node::Null => Err(wrong(self.0, "a value (leave the key out instead)")),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.0 {
            Node::Text(name) => visitor.visit_enum(Variant {
                name,
                content: None,
            }),
            Node::Object(entries) => match entries.as_slice() {
                [(name, content)] => visitor.visit_enum(Variant {
                    name,
                    content: Some(content),
                }),
                _ => Err(de::Error::custom(format_args!(
                    "found an object of {} keys; exactly one key must name the variant",
                    entries.len()
                ))),
            },
            other => Err(wrong(other, "a name, or an object of one key,")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    items: core::slice::Iter<'a, Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Value(node))
            .map(Some)
            .map_err(|error| error.within(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'a> {
    entries: core::slice::Iter<'a, (String, Node)>,
    value: Option<(&'a str, &'a Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some((key, node)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some((key, node));
        let text: de::value::BorrowedStrDeserializer<'de, ValueError> =
            de::value::BorrowedStrDeserializer::new(key);
        seed.deserialize(text).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ValueError> {
        let Some((key, node)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(Value(node))
            .map_err(|error| error.within(Step::Key(key.to_owned())))
    }
}

struct Variant<'a> {
    name: &'a str,
    content: Option<&'a Node>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ValueError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), ValueError> {
        let text: de::value::BorrowedStrDeserializer<'de, ValueError> =
            de::value::BorrowedStrDeserializer::new(self.name);
        Ok((seed.deserialize(text)?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<Value<'de>, ValueError> {
        self.content.map(Value).ok_or_else(|| {
            de::Error::custom(format_args!(
                "variant {:?} has no content; write it as an object",
                self.name
            ))
        })
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(de::Error::custom(format_args!(
                "variant {:?} has no content; write it as a text",
                self.name
            ))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        seed.deserialize(self.content()?)
            .map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.content()?
            .list(visitor)
            .map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.content()?
            .object(visitor)
            .map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }
}
