//! Reading JSON strictly, and finding where its values stand.

pub(crate) mod borrowed;
mod outline;
mod strict;

pub(crate) use outline::{Outline, item_places, members};
pub(crate) use strict::parse_object;

use serde_json::Value;

/// Whether `value` says nothing: null, false, or empty.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}
