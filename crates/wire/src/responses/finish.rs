//! `status` and `incomplete_details`.

use serde_json::json;
use serde_json_borrow::Value;

use crate::Finish;
use crate::json::borrowed::member;

/// Why a response ended, tool calls apart, which it does not tell.
pub(super) fn read(response: &Value<'_>) -> Finish {
    match member(member(response, "incomplete_details"), "reason").as_str() {
        Some("max_output_tokens") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Stop,
    }
}

/// The status and the details that say the same.
pub(super) fn write(finish: Option<&Finish>) -> (&'static str, serde_json::Value) {
    match finish {
        Some(Finish::Length) => ("incomplete", json!({"reason": "max_output_tokens"})),
        Some(Finish::ContentFilter) => ("incomplete", json!({"reason": "content_filter"})),
        Some(Finish::Stop | Finish::ToolCalls | Finish::StopSequence | Finish::Other(_)) | None => {
            ("completed", serde_json::Value::Null)
        }
    }
}
