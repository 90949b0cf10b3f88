//! The name of a request in the cache.

use std::fmt;

use serde_json::{Map, Number, Value};
use types::{ModelId, TenantId};

#[cfg(test)]
mod tests;

/// What the hash begins with. Changing the canonical form means changing the number in it, so that
/// rows of another form are never found.
const FORM: &[u8] = b"forebay cache key, form 1";

/// The hash of everything that can change the answer to a request, its tenant included.
///
/// Made by [`key`] alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

/// What a [`Key`] is made from.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    /// Whose request it is, from authentication.
    pub tenant: &'a TenantId,
    /// The path that was asked, such as `/v1/chat/completions`.
    pub endpoint: &'a str,
    /// The model after aliases are resolved.
    pub model: &'a ModelId,
    /// Every top-level field of the request, unknown ones included.
    pub fields: &'a Map<String, Value>,
    /// The top-level fields that do not change the answer: `stream`, `stream_options`, and `model`,
    /// for which the resolved name stands.
    pub excluded: &'a [&'a str],
}

/// The key of a request: BLAKE3 over a canonical form of `parts`.
///
/// The form is `forebay cache key, form 1`, then tenant, endpoint and model, then the fields that
/// are not excluded as an object. Every value is a tag byte, then a length or count of eight bytes where it has one,
/// then its content; numbers are little-endian:
///
/// | value | tag | content |
/// |---|---|---|
/// | null, false, true | `n` `f` `t` | |
/// | integer ≥ 0, integer < 0, other number | `u` `i` `d` | `u64`, `i64`, bits of the `f64` |
/// | string | `s` | length, bytes as they are |
/// | array | `a` | count, values in order |
/// | object | `o` | count, then name (as a string) and value by name in byte order |
pub fn key(parts: &KeyParts<'_>) -> Key {
    let mut form = Canonical { hasher: blake3::Hasher::new() };
    form.bytes(FORM);
    form.string(parts.tenant.as_str());
    form.string(parts.endpoint);
    form.string(parts.model.as_str());
    form.object(parts.fields.iter().filter(|(name, _)| !parts.excluded.contains(&name.as_str())));
    Key(form.hasher.finalize().into())
}

impl Key {
    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({self})")
    }
}

/// Writes the canonical form into the hash.
struct Canonical {
    hasher: blake3::Hasher,
}

impl Canonical {
    fn bytes(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// A tag and eight bytes, in one piece because each piece costs the hasher a call.
    fn tagged(&mut self, tag: u8, content: [u8; 8]) {
        let mut piece = [tag; 9];
        piece[1..].copy_from_slice(&content);
        self.bytes(&piece);
    }

    fn counted(&mut self, tag: u8, count: usize) {
        self.tagged(tag, (count as u64).to_le_bytes());
    }

    fn string(&mut self, string: &str) {
        self.counted(b's', string.len());
        self.bytes(string.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Number(number) => self.number(number),
            Value::String(string) => self.string(string),
            Value::Array(values) => {
                self.counted(b'a', values.len());
                values.iter().for_each(|value| self.value(value));
            }
            Value::Object(fields) => self.object(fields.iter()),
        }
    }

    fn number(&mut self, number: &Number) {
        if let Some(number) = number.as_u64() {
            self.tagged(b'u', number.to_le_bytes());
        } else if let Some(number) = number.as_i64() {
            self.tagged(b'i', number.to_le_bytes());
        } else {
            let number = number.as_f64().unwrap_or(f64::NAN);
            self.tagged(b'd', number.to_bits().to_le_bytes());
        }
    }

    fn object<'a>(&mut self, fields: impl Iterator<Item = (&'a String, &'a Value)>) {
        let mut fields: Vec<_> = fields.collect();
        fields.sort_unstable_by_key(|(name, _)| name.as_str());
        self.counted(b'o', fields.len());
        for (name, value) in fields {
            self.string(name);
            self.value(value);
        }
    }
}
