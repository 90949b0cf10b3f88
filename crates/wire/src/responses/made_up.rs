//! Which items of a request were made here.

use serde_json::Value;

use crate::json::is_empty;

/// Whether an item is reasoning as the writer makes it of another protocol's answer, be it that the
/// client left its id out: no provider of Responses has it stored, and it has nothing but a summary
/// that could be read in its place.
pub(crate) fn is_made_up(item: &Value) -> bool {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let has = |name: &str| item.get(name).is_some_and(|value| !is_empty(value));
    let id = text("id").strip_prefix("rs_resp").and_then(|rest| rest.rsplit_once('_'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_of_writer = id.is_some_and(|(_, position)| is_number(position));
    let is_nobodys = is_of_writer || !has("id");
    text("type") == "reasoning" && is_nobodys && !has("encrypted_content") && !has("content")
}
