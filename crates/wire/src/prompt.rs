//! The form that all requests have between a protocol that is read and a protocol that is written.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::digest::digest;
use crate::{Edits, Error, Protocol, ProviderProtocol};

/// The most characters of a client's field name that an error repeats.
const MAX_NAME_CHARS: usize = 64;

/// A request that every protocol can say.
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
    pub(crate) format: Option<Format>,
    /// How hard to think, in OpenAI's words; a hint that goes from one of its protocols to the other.
    pub(crate) effort: Option<String>,
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
    /// Instructions in the midst of a conversation, in the turns of the user.
    Instruction(String),
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
    /// Whether OpenAI holds the model to the schema; elsewhere a hint.
    pub(crate) is_strict: bool,
}

impl Tool {
    /// The schema as OpenAI takes it, which wants objects to have properties; none where there is
    /// none.
    pub(crate) fn openai_schema(&self) -> Option<Value> {
        let mut schema = Some(&self.schema).filter(|schema| !schema.is_null()).cloned()?;
        if schema["type"] == "object" && schema.get("properties").is_none() {
            schema["properties"] = Value::Object(Map::new());
        }
        Some(schema)
    }
}

/// What a text answer must be.
#[derive(Debug)]
pub(crate) enum Format {
    /// Any JSON object.
    Json,
    /// JSON of a schema.
    Schema(Schema),
}

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) schema: Value,
    pub(crate) strict: Option<bool>,
}

/// Whether OpenAI takes a schema as a strict one: each object in it names all of its properties as
/// required and allows no others. Anthropic holds models to schemas with optional properties too.
pub(crate) fn is_closed(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            let is_object = schema["type"] == "object" || schema["properties"].is_object();
            (!is_object || is_closed_object(schema)) && members.values().all(is_closed)
        }
        Value::Array(items) => items.iter().all(is_closed),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn is_closed_object(schema: &Value) -> bool {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names = schema["properties"].as_object().into_iter().flat_map(Map::keys);
    schema["additionalProperties"] == false
        && names.all(|name| required.iter().any(|item| item == name.as_str()))
}

impl Schema {
    /// Reads what both of OpenAI's protocols say of a schema.
    pub(crate) fn of_openai(format: &Value, place: &Place) -> Result<Self, Error> {
        let text = |name: &str| format.get(name).and_then(Value::as_str).map(str::to_owned);
        let schema = format.get("schema").filter(|schema| schema.is_object());
        Ok(Self {
            name: text("name"),
            description: text("description"),
            schema: schema.cloned().ok_or_else(|| place.refuse("it must have a schema"))?,
            strict: format.get("strict").and_then(Value::as_bool),
        })
    }

    /// Writes what both of OpenAI's protocols say of a schema.
    pub(crate) fn to_openai(&self) -> Map<String, Value> {
        let name = self.name.as_deref().unwrap_or("answer");
        let members = [
            ("name", Some(name.into())),
            ("description", self.description.as_deref().map(Value::from)),
            ("schema", Some(self.schema.clone())),
            ("strict", self.strict.map(Value::from)),
        ];
        let said = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        said.collect()
    }
}

/// What refusals call the format of an answer, which each protocol names differently.
pub(crate) const FORMAT: &str = "the format of the answer";

#[derive(Debug)]
pub(crate) enum ToolChoice {
    Auto,
    None,
    Required,
    Tool(String),
}

impl ToolChoice {
    /// A choice in the words of OpenAI's protocols. Each names a function in its own way: `named`
    /// gives the name, or none where another tool is chosen.
    pub(crate) fn of_openai(
        choice: Option<&Value>,
        place: &Place,
        named: impl FnOnce(&Value) -> Option<Result<String, Error>>,
    ) -> Result<Option<Self>, Error> {
        let Some(choice) = choice.filter(|choice| !choice.is_null()) else { return Ok(None) };
        match choice.as_str() {
            Some("auto") => Ok(Some(Self::Auto)),
            Some("none") => Ok(Some(Self::None)),
            Some("required") => Ok(Some(Self::Required)),
            Some(_) => Err(place.refuse("there is no such choice")),
            None => match named(choice) {
                Some(name) => Ok(Some(Self::Tool(name?))),
                None => Err(place.refuse("only a function can be chosen")),
            },
        }
    }
}

/// Whether a temperature or a `top_p` is other than 1, which OpenAI and Anthropic take where there
/// is none.
pub(crate) fn is_other_than_1(value: &&Value) -> bool {
    value.as_f64() != Some(1.0)
}

/// An id of at most `chars_max` characters, the same one for the same id: the beginning of a longer
/// one and a digest of all of it.
pub(crate) fn short_id(id: &str, chars_max: usize) -> Cow<'_, str> {
    if id.chars().count() <= chars_max {
        return Cow::Borrowed(id);
    }
    let end = format!("_{}", digest(id, 16));
    let begin: String = id.chars().take(chars_max.saturating_sub(end.len())).collect();
    Cow::Owned(begin + &end)
}

impl Image {
    /// The image at a web address, or the one that a `data:` address holds.
    pub(crate) fn of_url(url: String) -> Option<Self> {
        let data = url.strip_prefix("data:").and_then(|data| data.split_once(";base64,"));
        if let Some((media_type, base64)) = data {
            let (media_type, base64) = (media_type.to_owned(), base64.to_owned());
            return Some(Self::Data { media_type, base64 });
        }
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        is_web.then_some(Self::Address(url))
    }

    pub(crate) fn to_url(&self) -> String {
        match self {
            Self::Address(address) => address.clone(),
            Self::Data { media_type, base64 } => format!("data:{media_type};base64,{base64}"),
        }
    }
}

impl Prompt {
    /// Sets what the edits say. Refuses a conversation whose last word is the model's: one
    /// protocol goes on from there, the other begins anew.
    pub(crate) fn finished(
        mut self,
        client: Protocol,
        edits: &Edits,
        target: ProviderProtocol,
    ) -> Result<Self, Error> {
        if self.turns.last().is_none_or(|turn| turn.role != Role::User) {
            let is_input = client == Protocol::OpenAiResponses;
            let place = Place::new(target).field(if is_input { "input" } else { "messages" });
            return Err(place.refuse("the last one must be the user's or a tool's"));
        }
        if let Some(model) = &edits.model {
            self.model.clone_from(model);
        }
        let limits = [self.max_output_tokens, edits.max_output_tokens];
        let limit = limits.into_iter().flatten().min();
        self.max_output_tokens = limit.map(|limit| limit.max(target.output_limit_min()));
        Ok(self)
    }

    /// Adds instructions. Before the first turn they join the system's; later they keep their place,
    /// so that what a provider has cached of the conversation stays its beginning.
    pub(crate) fn instruct(&mut self, instructions: Vec<String>) {
        if self.turns.is_empty() {
            self.system.extend(instructions);
        } else if instructions.iter().any(|text| !text.is_empty()) {
            self.say(Role::User, vec![Part::Instruction(instructions.join("\n\n"))]);
        }
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
    target: ProviderProtocol,
}

impl Place {
    /// The request itself, on its way to `target`.
    pub(crate) fn new(target: ProviderProtocol) -> Self {
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

    /// Instructions, which are text alone.
    pub(crate) fn instructions(&self, parts: Vec<Part>) -> Result<Vec<String>, Error> {
        let texts = parts.into_iter().map(|part| match part {
            Part::Text(text) | Part::Instruction(text) => Ok(text),
            Part::Image(_) | Part::ToolCall { .. } | Part::ToolResult { .. } => {
                Err(self.refuse("instructions are text"))
            }
        });
        texts.collect()
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, list: &Value) -> Result<Vec<String>, Error> {
        let texts: Option<Vec<String>> = list
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        texts.ok_or_else(|| self.refuse("it must be a list of texts"))
    }
}
