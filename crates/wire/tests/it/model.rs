//! What a stream and an edited body must be, by the plainest code that could say so.

use forebay_wire::{Edits, Protocol};
use serde_json::{Map, Value, json};

/// The events of a whole stream: name and data. Reads lines as the standard describes them.
pub(crate) fn sse_events(stream: &[u8]) -> Vec<(Option<Vec<u8>>, Vec<u8>)> {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let mut events = Vec::new();
    let (mut name, mut data, mut is_any) = (None, Vec::<Vec<u8>>::new(), false);
    for line in lines(stream) {
        if line.is_empty() {
            if is_any {
                events.push((name.take(), data.join(&b'\n')));
            }
            (name, data, is_any) = (None, Vec::new(), false);
            continue;
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let field = halves.next().unwrap();
        let value = halves.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value).to_vec();
        match field {
            b"data" => data.push(value),
            b"event" => name = Some(value),
            b"id" | b"retry" => {}
            _ => continue,
        }
        is_any = true;
    }
    events
}

/// The lines that are ended, without their ends.
fn lines(stream: &[u8]) -> Vec<Vec<u8>> {
    let (mut lines, mut line, mut rest) = (Vec::new(), Vec::new(), stream);
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'\r' | b'\n' => {
                if *byte == b'\r' {
                    rest = rest.strip_prefix(b"\n").unwrap_or(rest);
                }
                lines.push(std::mem::take(&mut line));
            }
            other => line.push(*other),
        }
    }
    lines
}

/// A body with the edits made in its values rather than in its bytes.
pub(crate) fn edited(protocol: Protocol, body: &Value, edits: &Edits) -> Value {
    let mut fields: Map<String, Value> = body.as_object().unwrap().clone();
    if let Some(model) = &edits.model {
        fields.insert("model".to_owned(), json!(model));
    }
    let is_openai = protocol == Protocol::OpenAiChat;
    let is_anthropic = protocol == Protocol::AnthropicMessages;
    if let Some(bound) = edits.max_output_tokens {
        let names: &[&str] = match protocol {
            Protocol::OpenAiChat => &["max_tokens", "max_completion_tokens"],
            Protocol::OpenAiResponses => &["max_output_tokens"],
            Protocol::AnthropicMessages => &["max_tokens"],
        };
        let given: Vec<&&str> = names.iter().filter(|name| fields.contains_key(**name)).collect();
        let set: Vec<&&str> =
            given.iter().copied().filter(|name| !fields[**name].is_null()).collect();
        for name in &set {
            let limit = fields[**name].as_u64().unwrap();
            fields.insert((**name).to_string(), json!(std::cmp::min(limit, bound)));
        }
        if set.is_empty() {
            let name = given.first().map_or(names[0], |name| **name);
            fields.insert(name.to_owned(), json!(bound));
        }
    }
    if is_openai && edits.include_usage && fields.get("stream") == Some(&json!(true)) {
        let options = fields.get("stream_options").cloned().unwrap_or(Value::Null);
        let mut options = options.as_object().cloned().unwrap_or_default();
        options.insert("include_usage".to_owned(), json!(true));
        fields.insert("stream_options".to_owned(), Value::Object(options));
    }
    if let Some(key) = edits.prompt_cache_key.as_ref().filter(|_| !is_anthropic) {
        fields.entry("prompt_cache_key").or_insert_with(|| json!(key));
    }
    if let Some(Value::Array(items)) = fields.get_mut("input")
        && protocol == Protocol::OpenAiResponses
        && !items.iter().all(is_made_here)
    {
        items.retain(|item| !is_made_here(item));
    }
    Value::Object(fields)
}

/// A body without what Groq refuses of the model's own words.
pub(crate) fn for_groq(mut body: Value) -> Value {
    for message in body["messages"].as_array_mut().into_iter().flatten() {
        if message["role"] == "assistant" {
            message.as_object_mut().unwrap().remove("reasoning_content");
        }
    }
    body
}

/// Whether an item is reasoning of another protocol's provider, as a client was given it or
/// without its id, and with no more than a summary.
pub(crate) fn is_made_here(item: &Value) -> bool {
    let id = item["id"].as_str().unwrap_or_default();
    let position = id.rsplit('_').next().unwrap();
    let is_numbered = !position.is_empty() && position.chars().all(|c| c.is_ascii_digit());
    let is_named = id.starts_with("rs_resp") && id.len() > "rs_resp".len() && is_numbered;
    let nothing = [Value::Null, Value::from(""), Value::Array(Vec::new())];
    let says_no_more =
        ["encrypted_content", "content"].iter().all(|name| nothing.contains(&item[name]));
    (is_named || nothing.contains(&item["id"])) && item["type"] == "reasoning" && says_no_more
}
