//! The text of a request, for estimating its tokens.

use serde_json::{Map, Value};

/// Keys and scalar values of all fields, one a line, without the data of images.
pub(super) fn session_text(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    object(fields, &mut text);
    text
}

pub(super) fn image_count(fields: &Map<String, Value>) -> u64 {
    fields.values().map(images).sum()
}

fn line(text: &mut String, part: &str) {
    text.push_str(part);
    text.push('\n');
}

fn object(members: &Map<String, Value>, text: &mut String) {
    let is_image = is_image(members);
    for (key, member) in members {
        line(text, key);
        if !(is_image && holds_image_data(key, member)) {
            value(member, text);
        }
    }
}

fn value(value: &Value, text: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => line(text, if *flag { "true" } else { "false" }),
        Value::Number(number) => line(text, &number.to_string()),
        Value::String(part) => line(text, part),
        Value::Array(items) => items.iter().for_each(|item| self::value(item, text)),
        Value::Object(members) => object(members, text),
    }
}

fn images(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(images).sum(),
        Value::Object(members) if is_image(members) => 1,
        Value::Object(members) => members.values().map(images).sum(),
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
