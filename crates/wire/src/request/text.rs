//! The text of a request, for estimating its tokens.

use serde_json::{Map, Value};

/// What a model is shown as images and what as text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Blocks of a conversation, images among them.
    Blocks,
    /// Text alone, whatever it looks like.
    Text,
}

impl Shown {
    /// How a member of an object is shown: what a model gave a tool is its own text.
    fn member(self, members: &Map<String, Value>, key: &str) -> Self {
        let kind = members.get("type").and_then(Value::as_str).unwrap_or_default();
        if key == "input" && kind.ends_with("tool_use") { Self::Text } else { self }
    }
}

/// The text of one part of a request, as [`Request::session_text`](crate::Request::session_text)
/// has that of all.
pub fn part_text(part: &Value) -> String {
    let mut text = String::new();
    value(part, Shown::Blocks, &mut text);
    text
}

/// How many images one part of a request holds.
pub fn part_images(part: &Value) -> u64 {
    images(part, Shown::Blocks)
}

/// Keys and scalar values of all fields, one a line, without the data of images.
pub(super) fn session_text(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    object(fields, Shown::Blocks, &mut text);
    text
}

pub(super) fn image_count(fields: &Map<String, Value>) -> u64 {
    fields.values().map(part_images).sum()
}

fn line(text: &mut String, part: &str) {
    text.push_str(part);
    text.push('\n');
}

fn object(members: &Map<String, Value>, shown: Shown, text: &mut String) {
    let is_image = shown == Shown::Blocks && is_image(members);
    for (key, member) in members {
        line(text, key);
        if !(is_image && holds_image_data(key, member)) {
            value(member, shown.member(members, key), text);
        }
    }
}

fn value(value: &Value, shown: Shown, text: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => line(text, if *flag { "true" } else { "false" }),
        Value::Number(number) => line(text, &number.to_string()),
        Value::String(part) => line(text, part),
        Value::Array(items) => items.iter().for_each(|item| self::value(item, shown, text)),
        Value::Object(members) => object(members, shown, text),
    }
}

fn images(value: &Value, shown: Shown) -> u64 {
    match value {
        _ if shown == Shown::Text => 0,
        Value::Array(items) => items.iter().map(|item| images(item, shown)).sum(),
        Value::Object(members) if is_image(members) => 1,
        Value::Object(members) => {
            members.iter().map(|(key, member)| images(member, shown.member(members, key))).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn is_image(members: &Map<String, Value>) -> bool {
    matches!(
        members.get("type").and_then(Value::as_str),
        Some("image" | "image_url" | "input_image")
    )
}

/// Whether a member of an image block is its data rather than text or an address.
fn holds_image_data(key: &str, member: &Value) -> bool {
    let text = |key: &str| member.get(key).and_then(Value::as_str).unwrap_or_default();
    match key {
        "image_url" => {
            let url = member.as_str().unwrap_or_else(|| text("url"));
            url.starts_with("data:image/")
        }
        "source" => text("type") == "base64" && text("media_type").starts_with("image/"),
        _ => false,
    }
}
