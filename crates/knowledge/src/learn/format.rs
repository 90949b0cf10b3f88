//! What is read to learn from.

use serde::{Deserialize, Serialize};

/// What is read to learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnFormat {
    /// A transcript of Claude Code: one JSON object a line, with `message`.
    ClaudeCode,
    /// A transcript of Codex: one JSON object a line, with `payload`, or bare items.
    Codex,
    /// A plain log of a chat: lines that begin with a name and a colon.
    Chat,
    /// Markdown.
    Markdown,
    /// Notes and other plain text.
    Plain,
}

impl LearnFormat {
    /// What a source of this name that begins with `beginning` is.
    pub fn detect(name: &str, beginning: &str) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mdx" | "mdown" => return Self::Markdown,
            "jsonl" | "ndjson" => return Self::of_transcript(beginning),
            _ => {}
        }
        if beginning.trim_start().starts_with('{') {
            return Self::of_transcript(beginning);
        }
        let spoken = beginning.lines().filter(|line| super::chat::speaker(line).is_some()).count();
        if spoken >= 2 { Self::Chat } else { Self::Plain }
    }

    fn of_transcript(beginning: &str) -> Self {
        let is_codex = |line: &str| {
            let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else { return false };
            value.get("message").is_none()
                && (value.get("payload").is_some()
                    || value.get("instructions").is_some()
                    || value.get("content").is_some())
        };
        let first = beginning.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if is_codex(first) { Self::Codex } else { Self::ClaudeCode }
    }

    /// Whether people or agents talk: what they repeat from the store is not learned again.
    pub const fn is_talk(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::Codex | Self::Chat)
    }
}
