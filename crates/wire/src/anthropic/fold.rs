//! From the frames of a stream to the complete answer that they add up to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::finish;
use crate::{Error, Finish, UpstreamError};

const BROKEN: Error = Error::Unreadable { what: "its events are out of order" };

/// Adds up the frames of one stream.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    message: Option<Map<String, Value>>,
    blocks: BTreeMap<u64, Block>,
}

/// A content block, and the JSON text of its input so far.
#[derive(Debug)]
struct Block {
    content: Map<String, Value>,
    input: String,
}

impl Folding {
    /// Adds one frame; true once it was `message_stop`. Unknown events add nothing.
    pub(crate) fn add(&mut self, mut frame: Value) -> Result<bool, Error> {
        let index = frame.get("index").and_then(Value::as_u64).unwrap_or(0);
        let kind = frame.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "message_start" => self.message = Some(take(&mut frame, "message")),
            "content_block_start" => {
                let content = take(&mut frame, "content_block");
                self.blocks.insert(index, Block { content, input: String::new() });
            }
            "content_block_delta" => {
                let block = self.blocks.get_mut(&index).ok_or(BROKEN)?;
                block.add(&take(&mut frame, "delta"))?;
            }
            "message_delta" => self.end(&mut frame)?,
            "message_stop" => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn end(&mut self, frame: &mut Value) -> Result<(), Error> {
        let message = self.message.as_mut().ok_or(BROKEN)?;
        message.extend(take(frame, "delta"));
        let reported = take(frame, "usage");
        let usage = message.entry("usage").or_insert_with(|| json!({}));
        for (key, value) in reported {
            // Numbers are cumulative; null says nothing about what was reported before.
            if !value.is_null() || usage.get(&key).is_none() {
                usage[&key] = value;
            }
        }
        let Some(members) = frame.as_object_mut() else { return Err(BROKEN) };
        let further = members.iter().filter(|(key, _)| !is_framing(key));
        message.extend(further.map(|(key, value)| (key.clone(), value.clone())));
        Ok(())
    }

    pub(crate) fn into_answer(self) -> Result<Value, Error> {
        let mut message = self.message.ok_or(BROKEN)?;
        let reason = message.get("stop_reason").and_then(Value::as_str).map(finish::read);
        let is_cut = reason == Some(Finish::Length);
        let blocks: Result<Vec<Value>, Error> =
            self.blocks.into_values().map(|block| block.into_content(is_cut)).collect();
        message.insert("content".to_owned(), Value::Array(blocks?));
        Ok(Value::Object(message))
    }
}

impl Block {
    fn add(&mut self, delta: &Map<String, Value>) -> Result<(), Error> {
        let text = |key: &str| delta.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "text_delta" => self.append("text", text("text")),
            "thinking_delta" => self.append("thinking", text("thinking")),
            "signature_delta" => self.append("signature", text("signature")),
            "input_json_delta" => self.input.push_str(text("partial_json")),
            "citations_delta" => {
                let citation = delta.get("citation").cloned().unwrap_or(Value::Null);
                match self.content.get_mut("citations") {
                    Some(Value::Array(citations)) => citations.push(citation),
                    _ => {
                        self.content.insert("citations".to_owned(), json!([citation]));
                    }
                }
            }
            _ => return Err(Error::Unreadable { what: "it has a delta of an unknown type" }),
        }
        Ok(())
    }

    fn append(&mut self, key: &str, more: &str) {
        if let Some(Value::String(text)) = self.content.get_mut(key) {
            text.push_str(more);
        } else {
            self.content.insert(key.to_owned(), more.into());
        }
    }

    /// The whole block. An input must be an object: where the answer `is_cut` by its limit, one that
    /// is not whole stays empty.
    fn into_content(mut self, is_cut: bool) -> Result<Value, Error> {
        if !self.input.is_empty() {
            let input = match serde_json::from_str(&self.input) {
                Ok(Value::Object(input)) => input,
                // Some models say so that there are no arguments.
                Ok(Value::Null) => Map::new(),
                _ if is_cut => Map::new(),
                _ => return Err(Error::Upstream(UpstreamError::malformed_call())),
            };
            self.content.insert("input".to_owned(), Value::Object(input));
        }
        Ok(Value::Object(self.content))
    }
}

fn take(frame: &mut Value, name: &str) -> Map<String, Value> {
    match frame.get_mut(name).map(Value::take) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn is_framing(key: &str) -> bool {
    matches!(key, "type" | "delta" | "usage")
}
