//! What may be answered from the cache, and what may be kept in it.

use serde_json::{Map, Value};

use crate::Refusal;

#[cfg(test)]
mod tests;

/// The policy. By default only what any caller would get again may be kept: complete answers to
/// requests with no temperature or temperature 0 and one choice, that end normally and not in a
/// tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whether any temperature is admitted. Default: no.
    pub any_temperature: bool,
    /// Whether answers that call the client's tools are admitted. Default: no.
    pub tool_calls: bool,
    /// The most bytes an answer may have, all frames together. Default: 4 MiB.
    pub max_answer_bytes: u64,
}

impl Default for Admission {
    fn default() -> Self {
        Self { any_temperature: false, tool_calls: false, max_answer_bytes: 4 * 1024 * 1024 }
    }
}

/// What a request says that bears on caching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestFacts {
    /// Whether a temperature other than 0 is set.
    pub samples: bool,
    /// Whether more than one choice is asked for.
    pub several_choices: bool,
    /// Whether the answer depends on more than the request.
    pub stateful: bool,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself or at one of the request's stop sequences.
    Normal,
    /// In calls of the client's tools.
    ToolCalls,
    /// At the token limit.
    Length,
    /// By a content filter.
    ContentFilter,
    /// In another way, or no reason was given.
    Unknown,
}

/// What an answer shows that bears on storing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerFacts {
    /// Whether the protocol's own terminal event was seen, or the body was whole.
    pub complete: bool,
    /// How it ended.
    pub ending: Ending,
    /// Whether it calls tools.
    pub has_tool_calls: bool,
    /// Whether it has any content.
    pub has_content: bool,
    /// All its frames, in bytes.
    pub bytes: u64,
}

impl Admission {
    /// Whether a request may be looked up, joined with its equals in flight, and have its answer
    /// considered for storing.
    pub fn request(&self, facts: &RequestFacts) -> Result<(), Refusal> {
        if facts.stateful {
            Err(Refusal::Stateful)
        } else if facts.several_choices {
            Err(Refusal::Choices)
        } else if facts.samples && !self.any_temperature {
            Err(Refusal::Temperature)
        } else {
            Ok(())
        }
    }

    /// Whether the answer to an admitted request may be stored.
    pub fn answer(&self, facts: &AnswerFacts) -> Result<(), Refusal> {
        if !facts.complete {
            return Err(Refusal::Incomplete);
        }
        match facts.ending {
            Ending::Normal => {}
            Ending::ToolCalls if self.tool_calls => {}
            Ending::ToolCalls => return Err(Refusal::ToolCalls),
            Ending::Length => return Err(Refusal::Length),
            Ending::ContentFilter => return Err(Refusal::ContentFilter),
            Ending::Unknown => return Err(Refusal::UnknownEnding),
        }
        if facts.has_tool_calls && !self.tool_calls {
            Err(Refusal::ToolCalls)
        } else if !facts.has_content && !facts.has_tool_calls {
            Err(Refusal::Empty)
        } else if facts.bytes > self.max_answer_bytes {
            Err(Refusal::TooLarge)
        } else {
            Ok(())
        }
    }
}

/// Fields whose presence makes an answer depend on what the provider keeps or looks up. `null`,
/// `false` and empty arrays ask for nothing.
const STATEFUL_FIELDS: [&str; 8] = [
    "background",
    "container",
    "conversation",
    "mcp_servers",
    "previous_response_id",
    "store",
    "thread_id",
    "web_search_options",
];

/// Tools that the provider runs itself. Their versions follow the name, as in
/// `web_search_20250305`.
const SERVER_TOOLS: [&str; 6] =
    ["code_execution", "code_interpreter", "file_search", "mcp", "web_fetch", "web_search"];

impl RequestFacts {
    /// The facts of a chat-completions or messages request, from its top-level fields.
    ///
    /// A `temperature` or `n` that is not a number counts against the request.
    pub fn of(fields: &Map<String, Value>) -> Self {
        let is = |name: &str, plain: fn(&Value) -> bool| {
            fields.get(name).is_none_or(|value| value.is_null() || plain(value))
        };
        Self {
            samples: !is("temperature", |value| value.as_f64() == Some(0.0)),
            several_choices: !is("n", |value| value.as_u64() == Some(1)),
            stateful: STATEFUL_FIELDS.iter().any(|name| !is(name, asks_nothing))
                || fields.get("tools").is_some_and(has_server_tool),
        }
    }
}

fn asks_nothing(value: &Value) -> bool {
    value.as_bool() == Some(false) || value.as_array().is_some_and(Vec::is_empty)
}

fn has_server_tool(tools: &Value) -> bool {
    let kinds =
        tools.as_array().into_iter().flatten().filter_map(|tool| tool.get("type")?.as_str());
    kinds.into_iter().any(|kind| SERVER_TOOLS.iter().any(|name| kind.starts_with(name)))
}
