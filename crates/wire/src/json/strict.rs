//! A JSON reader that takes only what every reader understands alike.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::de::Read;
use serde_json::{Map, Number, Value};

use crate::Error;

/// The most values in a body: many small values take far more memory than bytes.
const MAX_VALUES: u32 = 1_000_000;

/// The most characters of a client's key that an error repeats.
const MAX_KEY_CHARS: usize = 64;

/// Reads one object and nothing after it. Refuses duplicate keys at every depth, more than 127
/// levels, and more than [`MAX_VALUES`] values.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    // As text it is checked to be UTF-8 once, as bytes each string would be by itself.
    match std::str::from_utf8(bytes) {
        Ok(text) => read_object(serde_json::Deserializer::from_str(text)),
        Err(_) => read_object(serde_json::Deserializer::from_slice(bytes)),
    }
}

fn read_object<'b>(
    mut deserializer: serde_json::Deserializer<impl Read<'b>>,
) -> Result<Map<String, Value>, Error> {
    let refusal = Refusal::default();
    let parsed = Strict(&refusal)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    match parsed {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::field("the body", "must be a json object")),
        Err(source) => Err(refusal.into_error().unwrap_or(Error::Json { source })),
    }
}

/// What was seen besides the values; a reader of serde can only fail with text.
#[derive(Default)]
struct Refusal {
    values: Cell<u32>,
    duplicate: RefCell<Option<String>>,
}

impl Refusal {
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        let values = self.values.get().saturating_add(1);
        self.values.set(values);
        if values > MAX_VALUES { Err(E::custom("too many values")) } else { Ok(()) }
    }

    fn into_error(self) -> Option<Error> {
        if self.values.get() > MAX_VALUES {
            return Some(Error::field("the body", "must hold at most 1,000,000 json values"));
        }
        let key = self.duplicate.into_inner()?;
        Some(Error::DuplicateKey { key: key.chars().take(MAX_KEY_CHARS).collect() })
    }
}

struct Strict<'r>(&'r Refusal);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a json value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Strict(self.0))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if members.contains_key(&key) {
                *self.0.duplicate.borrow_mut() = Some(key);
                return Err(A::Error::custom("duplicate key"));
            }
            let value = access.next_value_seed(Strict(self.0))?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests;
