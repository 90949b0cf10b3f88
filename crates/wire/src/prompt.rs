//! The form that all requests have between a protocol that is read and a protocol that is written.

use serde_json::{Map, Value};

use crate::{Edits, Error, Protocol};

/// The most characters of a client's field name that an error repeats.
const MAX_NAME_CHARS: usize = 64;

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
    /// Sets what the edits say. Refuses a conversation whose last word is the model's: one
    /// protocol goes on from there, the other begins anew.
    pub(crate) fn finished(mut self, edits: &Edits, target: Protocol) -> Result<Self, Error> {
        if self.turns.last().is_none_or(|turn| turn.role != Role::User) {
            let place = Place::new(target).field("messages");
            return Err(place.refuse("the last one must be the user's or a tool's"));
        }
        if let Some(model) = &edits.model {
            self.model.clone_from(model);
        }
        let limits = [self.max_output_tokens, edits.max_output_tokens];
        self.max_output_tokens = limits.into_iter().flatten().min();
        Ok(self)
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

/// What becomes of the top-level fields of a request that is translated.
pub(crate) struct Policy {
    /// Translated.
    pub(crate) read: &'static [&'static str],
    /// Left out: hints, and what only concerns the provider that they are for.
    pub(crate) dropped: &'static [&'static str],
    /// Whether any other field asks for what there is without it.
    pub(crate) is_neutral: fn(&str, &Value) -> bool,
}

impl Policy {
    pub(crate) fn check(&self, fields: &Map<String, Value>, root: &Place) -> Result<(), Error> {
        for (name, value) in fields {
            let is_known =
                [self.read, self.dropped].iter().any(|list| list.contains(&name.as_str()));
            if !is_known && !value.is_null() && !(self.is_neutral)(name, value) {
                return Err(root.field(name).refuse("there is nothing like it"));
            }
        }
        Ok(())
    }
}

/// Where in a request a reader is, for errors.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    path: String,
    target: Protocol,
}

impl Place {
    /// The request itself, on its way to `target`.
    pub(crate) fn new(target: Protocol) -> Self {
        Self { path: String::new(), target }
    }

    pub(crate) fn field(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
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

    /// The texts of a list.
    pub(crate) fn texts(&self, list: &Value) -> Result<Vec<String>, Error> {
        let texts: Option<Vec<String>> = list
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        texts.ok_or_else(|| self.refuse("it must be a list of texts"))
    }
}
