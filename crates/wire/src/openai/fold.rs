//! From chunks to the complete answer that they add up to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::Error;

/// Fields of a delta that are sent whole, where other text comes in fragments.
const WHOLE: [&str; 7] = ["role", "id", "type", "name", "format", "signature", "finish_reason"];

/// Fields that hold a text or, of reasoning models of some servers, a list of parts with text inside;
/// one stream may have both.
const IN_PARTS: [&str; 2] = ["content", "thinking"];

/// Adds up the chunks of one stream.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    answer: Map<String, Value>,
    choices: BTreeMap<u64, Map<String, Value>>,
    has_choices: bool,
}

impl Folding {
    pub(crate) fn add(&mut self, chunk: Value) {
        let Value::Object(chunk) = chunk else { return };
        // Other events than chunks are no part of the answer.
        if !chunk.contains_key("choices") {
            return;
        }
        for (key, value) in chunk {
            match (key.as_str(), value) {
                ("choices", Value::Array(choices)) => {
                    self.has_choices = true;
                    choices.into_iter().for_each(|choice| self.choice(choice));
                }
                ("obfuscation", _) => {}
                ("object", _) => {
                    self.answer.insert(key, "chat.completion".into());
                }
                (_, Value::Null) => {
                    self.answer.entry(key).or_insert(Value::Null);
                }
                (_, value) => {
                    self.answer.insert(key, value);
                }
            }
        }
    }

    fn choice(&mut self, choice: Value) {
        let Value::Object(mut choice) = choice else { return };
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
        if let Some(delta) = choice.remove("delta") {
            choice.insert("message".to_owned(), delta);
        }
        merge(self.choices.entry(index).or_default(), choice);
    }

    pub(crate) fn into_answer(mut self) -> Result<Value, Error> {
        if !self.has_choices {
            return Err(Error::Unreadable { what: "it has no choices" });
        }
        let choices = self.choices.into_values().map(|mut choice| {
            strip_indices(&mut choice);
            Value::Object(choice)
        });
        let choices = choices.collect();
        // A usage of null belongs to chunks that are not the last.
        if self.answer.get("usage").is_some_and(Value::is_null) {
            self.answer.remove("usage");
        }
        self.answer.insert("choices".to_owned(), Value::Array(choices));
        Ok(Value::Object(self.answer))
    }
}

/// Complete answers number their tool calls by order alone.
fn strip_indices(choice: &mut Map<String, Value>) {
    let calls = choice.get_mut("message").and_then(|message| message.get_mut("tool_calls"));
    for call in calls.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(call) = call.as_object_mut() {
            call.shift_remove("index");
        }
    }
}

fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match into.get_mut(&key) {
            None | Some(Value::Null) => {
                into.insert(key, value);
            }
            Some(known) => merge_value(&key, known, value),
        }
    }
}

fn merge_value(key: &str, known: &mut Value, value: Value) {
    match (known, value) {
        (_, Value::Null) => {}
        (known, value) if IN_PARTS.contains(&key) && (known.is_array() || value.is_array()) => {
            let mut known_parts = parts(known.take());
            parts(value).into_iter().for_each(|part| merge_part(&mut known_parts, part));
            *known = Value::Array(known_parts);
        }
        (Value::String(text), Value::String(more)) if !WHOLE.contains(&key) => text.push_str(&more),
        (Value::String(_), Value::String(more)) if more.is_empty() => {}
        (Value::Object(members), Value::Object(more)) => merge(members, more),
        (Value::Array(items), Value::Array(more)) => {
            more.into_iter().for_each(|item| merge_item(items, item));
        }
        (known, value) => *known = value,
    }
}

/// The parts of content, of which a text is one.
fn parts(content: Value) -> Vec<Value> {
    match content {
        Value::Array(parts) => parts,
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => vec![other],
    }
}

/// Adds a part to others: to the last one that it continues, or at the end.
fn merge_part(parts: &mut Vec<Value>, part: Value) {
    let kind = |part: &Value| part.get("type").and_then(Value::as_str).map(str::to_owned);
    let next = kind(&part).filter(|kind| matches!(kind.as_str(), "text" | "thinking"));
    match (parts.last_mut().filter(|last| next.is_some() && kind(last) == next), part) {
        (Some(Value::Object(last)), Value::Object(part)) => merge(last, part),
        (_, part) => parts.push(part),
    }
}

/// Adds an item to a list: to the last one that it continues, or at the end.
fn merge_item(items: &mut Vec<Value>, item: Value) {
    let known = items.iter_mut().rev().find(|known| is_continued(known, &item));
    match (known, item) {
        (Some(Value::Object(known)), Value::Object(item)) => merge(known, item),
        (_, item) => items.push(item),
    }
}

/// Whether two items have the same `index` and not different ids (Gemini gives all calls one index).
fn is_continued(known: &Value, item: &Value) -> bool {
    let index = |value: &Value| value.get("index").and_then(Value::as_u64);
    let id = |value: &Value| value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let next = id(item);
    index(item).is_some() && index(known) == index(item) && (next.is_empty() || next == id(known))
}
