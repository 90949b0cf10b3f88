//! A request that was found acceptable.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::embeddings::Vectors;
use crate::prompt::Prompt;

/// What an accepted request asks for, whatever its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) is_stream: bool,
    pub(crate) wants_usage: bool,
    pub(crate) max_output_tokens: Option<u64>,
    pub(crate) choices: u64,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) prompt: Prompt,
    /// What embeddings are asked for; none where a chat is.
    pub(crate) vectors: Option<Vectors>,
}

/// A call that the answer makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolCall {
    pub(crate) name: String,
    /// A JSON object.
    pub(crate) arguments: String,
}

/// Why a request is not answered; said in the envelope of its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The error's type or code, where it is not the usual one of the status.
    pub(crate) code: Option<String>,
    pub(crate) message: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: None, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }
}

/// A request's top-level fields, read with the provider's own strictness.
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The field, unless it is absent or null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Refuses every name of `foreign` that is present.
    pub(crate) fn refuse(&self, foreign: &[&str]) -> Result<(), Refusal> {
        match foreign.iter().find(|name| self.0.contains_key(**name)) {
            Some(name) => Err(Refusal::invalid(format!("{name}: unknown argument"))),
            None => Ok(()),
        }
    }

    pub(crate) fn model(&self) -> Result<&'a str, Refusal> {
        let model = self.get("model").and_then(Value::as_str).filter(|model| !model.is_empty());
        model.ok_or_else(|| Refusal::invalid("model: a non-empty string is required"))
    }

    pub(crate) fn messages(&self) -> Result<&'a [Value], Refusal> {
        let messages = self.get("messages").and_then(Value::as_array);
        let messages = messages.filter(|messages| !messages.is_empty());
        let refusal = || Refusal::invalid("messages: a non-empty array is required");
        messages.map(Vec::as_slice).ok_or_else(refusal)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        let refusal = || Refusal::invalid(format!("{name}: must be true or false"));
        self.get(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(refusal))
    }

    /// A whole number of at least 1.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, Refusal> {
        self.count_from(1, name)
    }

    /// A whole number of at least `least`.
    pub(crate) fn count_from(&self, least: u64, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_u64() {
            Some(count) if count >= least => Ok(Some(count)),
            Some(_) | None => {
                let rule = format!("{name}: must be a whole number of at least {least}");
                Err(Refusal::invalid(rule))
            }
        }
    }

    pub(crate) fn temperature(&self, most: f64) -> Result<(), Refusal> {
        let Some(value) = self.get("temperature") else { return Ok(()) };
        match value.as_f64() {
            Some(temperature) if (0.0..=most).contains(&temperature) => Ok(()),
            Some(_) | None => {
                Err(Refusal::invalid(format!("temperature: must be a number of 0 to {most}")))
            }
        }
    }
}

/// What the user says in the last message, instructions left aside; nothing where it is another's.
pub(crate) fn user_text(messages: &[Value]) -> String {
    let is_said =
        |message: &&Value| !matches!(message["role"].as_str(), Some("system" | "developer"));
    let last = messages.iter().rfind(is_said).filter(|message| message["role"] == "user");
    last.map(text_of).unwrap_or_default()
}

/// The text of a message: its content, or the text of its content's parts.
fn text_of(message: &Value) -> String {
    match message.get("content").or_else(|| message.get("parts")) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n")
        }
        Some(_) | None => String::new(),
    }
}
