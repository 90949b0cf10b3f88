//! From a complete answer to the frames of a stream.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::frame;
use crate::{Error, json};

/// What `message_start` leaves to `message_delta`.
const LATE: [&str; 2] = ["stop_reason", "stop_sequence"];

pub(crate) fn unfold(answer: &Value) -> Result<Vec<Bytes>, Error> {
    let unreadable = Error::Unreadable { what: "it has no content" };
    let Some(mut message) = answer.as_object().cloned() else { return Err(unreadable) };
    let Some(Value::Array(blocks)) = message.get_mut("content").map(Value::take) else {
        return Err(unreadable);
    };
    let usage = message.get("usage").cloned().unwrap_or_else(|| json!({}));
    let mut end = Map::new();
    for key in LATE {
        let late = message.insert(key.to_owned(), Value::Null);
        end.insert(key.to_owned(), late.unwrap_or(Value::Null));
    }
    message.insert("content".to_owned(), json!([]));
    if let Some(Value::Object(usage)) = message.get_mut("usage") {
        if let Some(output) = usage.get_mut("output_tokens") {
            *output = 0.into();
        }
        usage.remove("output_tokens_details");
    }
    let mut frames = vec![frame(&json!({"type": "message_start", "message": message}))];
    for (index, block) in blocks.into_iter().enumerate() {
        unfold_block(index, block, &mut frames);
    }
    frames.push(frame(&json!({"type": "message_delta", "delta": end, "usage": usage})));
    frames.push(frame(&json!({"type": "message_stop"})));
    Ok(frames)
}

/// Writes a block: it begins without what its deltas bring. A block of a kind that has no deltas
/// begins whole.
fn unfold_block(index: usize, mut block: Value, frames: &mut Vec<Bytes>) {
    let deltas = deltas(&mut block);
    frames.push(frame(
        &json!({"type": "content_block_start", "index": index, "content_block": block}),
    ));
    for delta in deltas {
        frames.push(frame(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
    }
    frames.push(frame(&json!({"type": "content_block_stop", "index": index})));
}

fn deltas(block: &mut Value) -> Vec<Value> {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut deltas = Vec::new();
    match kind.as_str() {
        "text" => {
            for citation in take_citations(block) {
                deltas.push(json!({"type": "citations_delta", "citation": citation}));
            }
            if let Some(text) = take_text(block, "text") {
                deltas.push(json!({"type": "text_delta", "text": text}));
            }
        }
        "thinking" => {
            if let Some(text) = take_text(block, "thinking") {
                deltas.push(json!({"type": "thinking_delta", "thinking": text}));
            }
            if let Some(signature) = take_text(block, "signature") {
                deltas.push(json!({"type": "signature_delta", "signature": signature}));
            }
        }
        _ => {
            if let Some(input) = block.get_mut("input").filter(|input| !json::is_empty(input)) {
                let text = std::mem::replace(input, json!({})).to_string();
                deltas.push(json!({"type": "input_json_delta", "partial_json": text}));
            }
        }
    }
    deltas
}

/// Takes the text that deltas bring, and leaves empty text behind.
fn take_text(block: &mut Value, key: &str) -> Option<String> {
    match block.get_mut(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(std::mem::take(text)),
        _ => None,
    }
}

fn take_citations(block: &mut Value) -> Vec<Value> {
    match block.get_mut("citations") {
        Some(Value::Array(citations)) => std::mem::take(citations),
        _ => Vec::new(),
    }
}
