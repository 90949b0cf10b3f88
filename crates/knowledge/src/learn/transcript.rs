//! Lines of agents' transcripts.

use serde_json::Value;
use types::Timestamp;

use super::passage::Speaker;

/// What a line of a transcript says.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    pub(super) speaker: Speaker,
    pub(super) text: String,
    pub(super) said_at: Option<Timestamp>,
}

/// What a line of a transcript of Claude Code says; nothing for what is not talk, for the output of
/// tools, which holds what they read, and for what the program itself put in.
pub(super) fn claude_code(line: &Value) -> Vec<Said> {
    let speaker = match line.get("type").and_then(Value::as_str) {
        Some("user") => Speaker::Person,
        Some("assistant") => Speaker::Agent,
        _ => return Vec::new(),
    };
    if line.get("isMeta").and_then(Value::as_bool) == Some(true) {
        return Vec::new();
    }
    let said_at = moment(line);
    let Some(content) = line.pointer("/message/content") else { return Vec::new() };
    texts(content)
        .into_iter()
        .map(|text| Said { speaker, text: without_reminders(&text), said_at })
        .collect()
}

/// What a line of a transcript of Codex says: `response_item`s that are messages or calls of a
/// shell, bare or in a `payload`. The events that repeat them for display are passed over.
pub(super) fn codex(line: &Value) -> Vec<Said> {
    let item = match line.get("type").and_then(Value::as_str) {
        Some("response_item") => line.get("payload").unwrap_or(line),
        Some("message" | "function_call") => line,
        _ => return Vec::new(),
    };
    let said_at = moment(line);
    let speaker = match (item.get("type").and_then(Value::as_str), item.get("role")) {
        (Some("function_call"), _) => Speaker::Agent,
        (Some("message"), Some(role)) if role == "user" => Speaker::Person,
        (Some("message"), Some(role)) if role == "assistant" => Speaker::Agent,
        _ => return Vec::new(),
    };
    let texts = match item.get("content") {
        Some(content) => texts(content),
        None => Vec::new(),
    };
    // What the program tells the model about its surroundings stands between tags.
    let spoken = texts.into_iter().filter(|text| !text.trim_start().starts_with('<'));
    spoken.map(|text| Said { speaker, text, said_at }).collect()
}

/// The texts of a message: a string, or a list of blocks. A call of a tool that says what its
/// command is for is a text of its own.
fn texts(content: &Value) -> Vec<String> {
    if let Some(text) = content.as_str() {
        return vec![text.to_owned()];
    }
    let blocks = content.as_array().map(Vec::as_slice).unwrap_or_default();
    blocks.iter().filter_map(text).collect()
}

fn text(block: &Value) -> Option<String> {
    match block.get("type").and_then(Value::as_str)? {
        "text" | "input_text" | "output_text" => {
            block.get("text").and_then(Value::as_str).map(str::to_owned)
        }
        "tool_use" => {
            let command = block.pointer("/input/command").and_then(Value::as_str)?;
            let purpose = block.pointer("/input/description").and_then(Value::as_str)?;
            let is_line = !command.contains('\n') && command.len() <= 200;
            is_line.then(|| format!("To {}: use `{command}`.", lower_first(purpose)))
        }
        _ => None,
    }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The text without what stands between `<system-reminder>` tags.
fn without_reminders(text: &str) -> String {
    const BEGIN: &str = "<system-reminder>";
    const END: &str = "</system-reminder>";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(BEGIN) {
        out.push_str(before);
        rest = behind.split_once(END).map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

fn moment(line: &Value) -> Option<Timestamp> {
    parse_moment(line.get("timestamp")?.as_str()?)
}

/// A moment written as RFC 3339, or as a date and a time, which then is taken for UTC.
pub(super) fn parse_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })?;
    u64::try_from(moment.as_millisecond()).ok().map(Timestamp::from_millis)
}
