//! Which tools an answer calls, and with what.

use serde_json::{Map, Value};

use crate::ask::ToolCall;

const MARKER: &str = "call:";

/// A call for each `call:<name>` in what the user said last, where the tool exists.
///
/// `tools` are names and the JSON schemas of their arguments.
pub(crate) fn calls(text: &str, tools: &[(&str, Option<&Value>)]) -> Vec<ToolCall> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let asked = text.split(MARKER).skip(1).map(|rest| {
        let length = rest.bytes().position(|byte| !is_name(byte)).unwrap_or(rest.len());
        &rest[..length]
    });
    let known = asked.filter_map(|name| tools.iter().find(|(known, _)| *known == name));
    known
        .map(|(name, schema)| ToolCall {
            name: (*name).to_owned(),
            arguments: schema.map_or_else(|| Value::Object(Map::new()), example).to_string(),
        })
        .collect()
}

/// A value of the schema's type; an object has every property.
fn example(schema: &Value) -> Value {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Value::from("simulated – naïve"),
        Some("integer" | "number") => Value::from(1),
        Some("boolean") => Value::from(true),
        Some("array") => Value::Array(Vec::new()),
        Some("null") => Value::Null,
        Some(_) | None => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let properties = properties.into_iter().flatten();
            properties.map(|(name, schema)| (name.clone(), example(schema))).collect()
        }
    }
}
