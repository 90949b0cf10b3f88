//! What a provider said, in the bytes that it came in.

use serde_json_borrow::Value;

/// All bytes of strings inside `value`, a measure of how much it says.
pub(crate) fn text_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Array(items) => items.iter().map(text_bytes).sum(),
        Value::Object(members) => members.values().map(text_bytes).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Whether `value` says nothing: null, false, or empty.
pub(crate) fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Str(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}

/// The text of a member; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value<'v>, name: &'static str) -> &'v str {
    value.get(name).as_str().unwrap_or_default()
}
