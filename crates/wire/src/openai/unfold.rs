//! From a complete answer to chunks.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{DONE, frame};
use crate::Error;

/// Parts of a message that go out after its other fields, each in a chunk of its own and in this
/// order, as models write them.
const STREAMED: [&str; 5] = ["reasoning_content", "reasoning", "content", "refusal", "tool_calls"];

pub(crate) fn unfold(answer: &Value, include_usage: bool) -> Result<Vec<Bytes>, Error> {
    let unreadable = Error::Unreadable { what: "it has no choices" };
    let Some(Value::Array(choices)) = answer.get("choices") else { return Err(unreadable) };
    let Some(mut base) = answer.as_object().cloned() else { return Err(unreadable) };
    let usage = base.shift_remove("usage").filter(|usage| !usage.is_null());
    base.insert("object".to_owned(), "chat.completion.chunk".into());
    if include_usage {
        base.insert("usage".to_owned(), Value::Null);
    }
    let mut chunks = Chunks { base, frames: Vec::new() };
    for choice in choices {
        chunks.choice(choice);
    }
    if let Some(usage) = usage.filter(|_| include_usage) {
        chunks.base.insert("usage".to_owned(), usage);
        chunks.push(Value::Array(Vec::new()));
    }
    chunks.frames.push(Bytes::from_static(DONE));
    Ok(chunks.frames)
}

struct Chunks {
    /// The fields that every chunk repeats.
    base: Map<String, Value>,
    frames: Vec<Bytes>,
}

impl Chunks {
    fn push(&mut self, choices: Value) {
        let mut chunk = self.base.clone();
        chunk.insert("choices".to_owned(), choices);
        self.frames.push(frame(&Value::Object(chunk)));
    }

    /// Who speaks, what is said, why it ended.
    fn choice(&mut self, choice: &Value) {
        let Some(mut end) = choice.as_object().cloned() else { return };
        let index = end.get("index").cloned().unwrap_or_else(|| 0.into());
        let message = end.shift_remove("message").unwrap_or(Value::Null);
        let mut delta = message.as_object().cloned().unwrap_or_default();
        let mut streamed = Vec::new();
        for key in STREAMED {
            match delta.get_mut(key) {
                None | Some(Value::Null) => {}
                Some(value) => streamed.push((key, std::mem::take(value))),
            }
        }
        for (key, _) in &streamed {
            delta.shift_remove(*key);
        }
        self.delta(&index, &Value::Object(delta));
        for (key, value) in streamed {
            for part in parts(key, value) {
                self.delta(&index, &json!({ key: part }));
            }
        }
        end.insert("delta".to_owned(), json!({}));
        self.push(json!([end]));
    }

    fn delta(&mut self, index: &Value, delta: &Value) {
        self.push(json!([{"index": index, "delta": delta, "finish_reason": null}]));
    }
}

/// One part, or one part for each tool call.
fn parts(key: &str, mut value: Value) -> Vec<Value> {
    let calls = value.as_array_mut().filter(|_| key == "tool_calls").map(std::mem::take);
    let Some(calls) = calls else { return vec![value] };
    let numbered = calls.into_iter().enumerate().map(|(position, mut call)| {
        if let Some(call) = call.as_object_mut() {
            call.shift_insert(0, "index".to_owned(), position.into());
        }
        Value::Array(vec![call])
    });
    numbered.collect()
}
