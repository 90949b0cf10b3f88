//! The form that all requests have between a protocol that is read and a protocol that is written.

use serde_json::Value;

use crate::{Edits, Error, Protocol};

/// A request that both protocols can say.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    pub(crate) model: String,
    /// Instructions, in order.
    pub(crate) system: Vec<String>,
    pub(crate) turns: Vec<Turn>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: Option<ToolChoice>,
    /// Whether the model may call several tools at once.
    pub(crate) parallel_tools: Option<bool>,
    pub(crate) max_output_tokens: Option<u64>,
    pub(crate) temperature: Option<Value>,
    pub(crate) top_p: Option<Value>,
    pub(crate) stop: Vec<String>,
    pub(crate) is_stream: bool,
    /// The end user, for the provider's protection against abuse.
    pub(crate) user: Option<String>,
}

/// What one side says before the other speaks.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Assistant,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Image(Image),
    ToolCall {
        id: String,
        name: String,
        input: Value,
    },
    /// What a tool answered; text and images only.
    ToolResult {
        id: String,
        parts: Vec<Part>,
        is_error: bool,
    },
}

#[derive(Debug)]
pub(crate) enum Image {
    Address(String),
    Data { media_type: String, base64: String },
}

#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The JSON schema of its input.
    pub(crate) schema: Value,
}

#[derive(Debug)]
pub(crate) enum ToolChoice {
    Auto,
    None,
    Required,
    Tool(String),
}

impl Prompt {
    pub(crate) fn with_edits(mut self, edits: &Edits) -> Self {
        if let Some(model) = &edits.model {
            self.model.clone_from(model);
        }
        let limits = [self.max_output_tokens, edits.max_output_tokens];
        self.max_output_tokens = limits.into_iter().flatten().min();
        self
    }

    /// Adds to what is said, joining parts of one side in a row, as Anthropic wants them.
    pub(crate) fn say(&mut self, role: Role, parts: Vec<Part>) {
        match self.turns.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.turns.push(Turn { role, parts }),
        }
    }
}

/// Where in a request a reader is, for errors.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    path: String,
    target: Protocol,
}

impl Place {
    pub(crate) fn new(path: impl Into<String>, target: Protocol) -> Self {
        Self { path: path.into(), target }
    }

    pub(crate) fn field(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { path: format!("{}{dot}{name}", self.path), target: self.target }
    }

    pub(crate) fn item(&self, position: usize) -> Self {
        Self { path: format!("{}[{position}]", self.path), target: self.target }
    }

    /// The thing at this place cannot be translated.
    pub(crate) fn refuse(&self, reason: &'static str) -> Error {
        Error::Untranslatable { field: self.path.clone(), target: self.target, reason }
    }

    /// The text of a field that must have one.
    pub(crate) fn text(&self, object: &Value, name: &str) -> Result<String, Error> {
        match object.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(self.field(name).refuse("it must be text")),
        }
    }
}
