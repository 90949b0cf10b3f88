//! `stop_reason`.

use crate::Finish;

pub(super) fn read(reason: &str) -> Finish {
    match reason {
        "end_turn" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "stop_sequence" => Finish::StopSequence,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    }
}

/// The reason in Anthropic's words; others become the nearest one.
pub(super) fn write(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Other(_) => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::ContentFilter => "refusal",
        Finish::StopSequence => "stop_sequence",
    }
}
