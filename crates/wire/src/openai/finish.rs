//! `finish_reason`.

use crate::Finish;

pub(super) fn read(reason: &str) -> Finish {
    match reason {
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    }
}

/// The reason in OpenAI's words; clients refuse words that they do not know, so other reasons
/// become the nearest one.
pub(super) fn write(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence | Finish::Other(_) => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}
