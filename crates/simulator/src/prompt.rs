//! What a request asks, reduced to a length and a hash.

use serde_json::Value;

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
/// Bytes that count as one token.
const TOKEN_BYTES: u64 = 4;

/// Members that only tell what is what, each protocol in its own way.
const FRAMING: [&str; 9] = [
    "call_id",
    "id",
    "role",
    "status",
    "strict",
    "thoughtSignature",
    "tool_call_id",
    "tool_use_id",
    "type",
];

/// The text of a request: every JSON string inside the fields that a model reads, names of members
/// and [`FRAMING`] not counted. The length decides the input tokens, the hash the answer: it is the
/// sum of the FNV-1a hashes of all strings, because each protocol has its own order of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    bytes: u64,
    pub(crate) hash: u64,
}

impl Prompt {
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut prompt = Self { bytes: 0, hash: 0 };
        for part in parts {
            prompt.absorb(part);
        }
        prompt
    }

    /// Inputs to embed: texts, or tokens by their numbers.
    pub(crate) fn of_inputs(inputs: &[&Value]) -> Self {
        let mut prompt = Self::of(inputs.iter().copied());
        for tokens in inputs.iter().filter(|input| input.is_array()) {
            prompt.absorb_hash(tokens.to_string().as_bytes());
            let count = tokens.as_array().map_or(0, Vec::len);
            let bytes = u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(TOKEN_BYTES);
            prompt.bytes = prompt.bytes.saturating_add(bytes);
        }
        prompt
    }

    /// This one and what follows it, in this order.
    pub(crate) fn followed_by(self, next: Self) -> Self {
        let hash = (self.hash ^ next.hash.rotate_left(23)).wrapping_mul(FNV_PRIME);
        Self { bytes: self.bytes.saturating_add(next.bytes), hash }
    }

    /// One token per four bytes, rounded up.
    pub(crate) fn tokens(self) -> u64 {
        self.bytes.div_ceil(TOKEN_BYTES)
    }

    fn absorb(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.absorb_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.absorb(item)),
            Value::Object(members) => {
                let counted = members.iter().filter(|(name, _)| !FRAMING.contains(&name.as_str()));
                counted.for_each(|(name, member)| self.absorb_member(name, member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Some protocols have arguments as text, others as an object; and the response of a function
    /// repeats its name in one.
    fn absorb_member(&mut self, name: &str, member: &Value) {
        let parsed = match (name, member) {
            ("arguments", Value::String(text)) => serde_json::from_str(text).ok(),
            ("functionResponse", response) => response.get("response").cloned(),
            _ => None,
        };
        self.absorb(parsed.as_ref().unwrap_or(member));
    }

    fn absorb_text(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        self.absorb_hash(text.as_bytes());
    }

    fn absorb_hash(&mut self, text: &[u8]) {
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        self.hash = self.hash.wrapping_add(text.iter().fold(FNV_OFFSET, mix));
    }
}
