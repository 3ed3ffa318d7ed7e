//! A value of a JSON file, with its place in it.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;
use serde_json::{Map, Value};

use crate::input::bytes::{Word, array_from_hex, from_hex};

/// Reads JSON. A name that an object has twice is an error: serde_json would take the last.
pub(super) fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|Json(value)| value)
}

struct Json(Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Json)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Json(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(de::Error::custom(format!("the field `{name}` for the second time")));
            }
            let Json(value) = object.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

/// A value and the way to it from the root.
#[derive(Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// What is not of a suite's form, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    path: String,
    message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.strip_prefix('.').unwrap_or(&self.path);
        if path.is_empty() { f.write_str(&self.message) } else { write!(f, "{path}: {}", self.message) }
    }
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// What is wrong with this value.
    pub(super) fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong { path: self.path.clone(), message: message.into() }
    }

    fn expected(&self, what: &str) -> Wrong {
        let found = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "a truth value".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(_) => "a text".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.wrong(format!("expected {what}, found {found}"))
    }

    /// A field of an object, if it is there.
    pub(super) fn optional(&self, name: &str) -> Result<Option<Self>, Wrong> {
        let Value::Object(fields) = self.value else { return Err(self.expected("an object")) };
        Ok(fields.get(name).map(|value| Self { value, path: format!("{}.{name}", self.path) }))
    }

    /// A field of an object.
    pub(super) fn field(&self, name: &str) -> Result<Self, Wrong> {
        self.optional(name)?.ok_or_else(|| self.wrong(format!("expected the field `{name}`")))
    }

    /// The fields of an object, by name.
    pub(super) fn fields(&self) -> Result<Vec<(&'a str, Self)>, Wrong> {
        let Value::Object(fields) = self.value else { return Err(self.expected("an object")) };
        let field = |(name, value): (&'a String, &'a Value)| {
            (name.as_str(), Self { value, path: format!("{}.{name}", self.path) })
        };
        Ok(fields.iter().map(field).collect())
    }

    /// Holds an object to these fields: one that is mistyped would say nothing.
    pub(super) fn has_only(&self, names: &[&str]) -> Result<(), Wrong> {
        match self.fields()?.iter().find(|(name, _)| !names.contains(name)) {
            Some((name, _)) => Err(self.wrong(format!("unknown field `{name}`"))),
            None => Ok(()),
        }
    }

    /// A value of a type that reads itself, as that type writes it: serde reads more, such as a list in an object's
    /// place, and `FromStr` of bytes other spellings.
    pub(super) fn typed<T: DeserializeOwned + Serialize>(&self) -> Result<T, Wrong> {
        let typed = T::deserialize(self.value).map_err(|error| self.wrong(error.to_string()))?;
        let written = serde_json::to_value(&typed).map_err(|error| self.wrong(error.to_string()))?;
        self.is_as(&written).map(|()| typed)
    }

    fn is_as(&self, written: &Value) -> Result<(), Wrong> {
        match (self.value, written) {
            (value, written) if value == written => Ok(()),
            (Value::Object(_), Value::Object(written)) => {
                self.fields()?.iter().try_for_each(|(name, field)| match written.get(*name) {
                    Some(written) => field.is_as(written),
                    None => Err(field.expected("no such field")),
                })
            }
            (_, Value::Object(_)) => Err(self.expected("an object")),
            (Value::String(_), _) => Err(self.wrong("expected 0x and lowercase hex digits")),
            _ => Err(self.expected("a text")),
        }
    }

    /// A text that says something.
    pub(super) fn words(&self) -> Result<&'a str, Wrong> {
        match self.text()? {
            "" => Err(self.wrong("expected words, found an empty text")),
            words => Ok(words),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The values of a list.
    pub(super) fn list(&self) -> Result<Vec<Self>, Wrong> {
        let Value::Array(values) = self.value else { return Err(self.expected("a list")) };
        let at = |(at, value)| Self { value, path: format!("{}[{at}]", self.path) };
        Ok(values.iter().enumerate().map(at).collect())
    }

    /// The values of a list that has any.
    pub(super) fn some(&self) -> Result<Vec<Self>, Wrong> {
        let values = self.list()?;
        if values.is_empty() { Err(self.wrong("expected at least one")) } else { Ok(values) }
    }

    pub(super) fn text(&self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.expected("a text"))
    }

    pub(super) fn texts(&self) -> Result<Vec<&'a str>, Wrong> {
        self.list()?.iter().map(Self::text).collect()
    }

    pub(super) fn truth(&self) -> Result<bool, Wrong> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// A number of 0 or more.
    pub(super) fn number(&self) -> Result<u64, Wrong> {
        self.value.as_u64().ok_or_else(|| self.expected("a number of 0 or more"))
    }

    /// Bytes in hex, with or without `0x`; an empty text is no bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Wrong> {
        match self.text()? {
            "" => Ok(Vec::new()),
            text => from_hex(text).map_err(|error| self.wrong(error.to_string())),
        }
    }

    /// 32 bytes in hex.
    pub(super) fn word(&self) -> Result<Word, Wrong> {
        array_from_hex(self.text()?).map(Word).map_err(|error| self.wrong(error.to_string()))
    }

    /// Holds a number of vectors to what the file says: a file that was cut may still be JSON.
    pub(super) fn holds_number(&self, name: &str, found: usize) -> Result<(), Wrong> {
        let said = self.field(name)?;
        if said.number()? != found as u64 {
            return Err(said.wrong(format!("says {}, the file has {found}", said.value)));
        }
        Ok(())
    }
}
