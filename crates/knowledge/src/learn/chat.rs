//! Plain logs of chats.

use types::Timestamp;

use super::passage::Speaker;
use super::transcript::parse_moment;

/// The most letters of a name.
const NAME_MAX: usize = 32;

/// The most words of a name.
const NAME_WORDS_MAX: usize = 3;

/// The beginning of what somebody says: `name: text`, `**name:** text`, or with a moment in brackets
/// before it.
#[derive(Debug, PartialEq)]
pub(super) struct Beginning<'t> {
    pub(super) speaker: Speaker,
    pub(super) name: &'t str,
    pub(super) said_at: Option<Timestamp>,
    pub(super) text: &'t str,
}

/// Reads the line as the beginning of what somebody says; none where it goes on with what was said
/// before.
pub(super) fn speaker(line: &str) -> Option<Beginning<'_>> {
    let (said_at, line) = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((moment, rest)) => (Some(parse_moment(moment)?), rest.trim_start()),
        None => (None, line),
    };
    let (name, text) = line.split_once(':')?;
    let name = name.trim_matches(['*', '#', ' ', '_']);
    let is_name = !name.is_empty()
        && name.len() <= NAME_MAX
        && name.split(' ').count() <= NAME_WORDS_MAX
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|letter| letter.is_alphanumeric() || " ._-@".contains(letter));
    let lower = name.to_lowercase();
    let is_agent = matches!(
        lower.as_str(),
        "assistant" | "ai" | "agent" | "bot" | "claude" | "codex" | "chatgpt" | "gpt" | "model"
    );
    let is_person = matches!(lower.as_str(), "user" | "human" | "me" | "you" | "developer");
    // Any other name counts only as a log writes it: with a moment before it.
    if !is_name || !(is_agent || is_person || said_at.is_some()) {
        return None;
    }
    let speaker = if is_agent { Speaker::Agent } else { Speaker::Person };
    let text = text.trim_start_matches(['*', '_']).trim_start();
    Some(Beginning { speaker, name, said_at, text })
}
