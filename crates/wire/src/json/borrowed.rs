//! What a provider said, in the bytes that it came in.

use serde_json_borrow::Value;

/// Reads JSON. As text it is checked to be UTF-8 once, as bytes each string would be by itself;
/// what is no text still says what is wrong with it.
pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Value<'_>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    }
}

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

/// A member; null where there is none. Of several with this name the last counts, as for the
/// parsers of those who are given the same bytes.
pub(crate) fn member<'v>(value: &'v Value<'v>, name: &str) -> &'v Value<'v> {
    let mut members = value.as_object().into_iter().flat_map(|object| object.as_vec().iter().rev());
    members.find(|(known, _)| **known == *name).map_or(&Value::Null, |(_, value)| value)
}

/// The text of a member; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value<'v>, name: &str) -> &'v str {
    member(value, name).as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_members_with_one_name_the_last_counts() {
        let read = serde_json::from_str(r#"{"usage":null,"id":"a","usage":{"n":1},"id":"b"}"#);
        let read: Value<'_> = read.unwrap();
        assert_eq!(member(member(&read, "usage"), "n").as_u64(), Some(1));
        assert_eq!((text(&read, "id"), text(&read, "model")), ("b", ""));
        assert!(member(&Value::Array(vec![read.clone()]), "id").is_null());
    }
}
