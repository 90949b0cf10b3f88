//! `status` and `incomplete_details`.

use serde_json::{Value, json};

use crate::Finish;

/// Why a response ended, tool calls apart, which it does not tell.
pub(super) fn read(response: &Value) -> Finish {
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason"));
    match reason.and_then(Value::as_str) {
        Some("max_output_tokens") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Stop,
    }
}

/// The status and the details that say the same.
pub(super) fn write(finish: Option<&Finish>) -> (&'static str, Value) {
    match finish {
        Some(Finish::Length) => ("incomplete", json!({"reason": "max_output_tokens"})),
        Some(Finish::ContentFilter) => ("incomplete", json!({"reason": "content_filter"})),
        Some(Finish::Stop | Finish::ToolCalls | Finish::StopSequence | Finish::Other(_)) | None => {
            ("completed", Value::Null)
        }
    }
}
