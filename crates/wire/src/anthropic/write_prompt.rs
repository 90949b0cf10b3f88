//! From the common form to a request.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::prompt::{
    FORMAT, Format, Image, Part, Place, Prompt, Role, Tool, ToolChoice, Turn, is_other_than_1,
};
use crate::{Error, ProviderProtocol};

/// The most characters of a user's name that Anthropic takes.
const MAX_USER_CHARS: usize = 256;

pub(crate) fn write_prompt(prompt: &Prompt) -> Result<Bytes, Error> {
    let place = Place::new(ProviderProtocol::AnthropicMessages);
    if prompt.stop.iter().any(|text| is_blank(text)) {
        let reason = "each must have more than white space";
        return Err(place.field("stop sequences").refuse(reason));
    }
    if prompt.max_output_tokens.is_none() {
        return Err(place.field("max_tokens").refuse("it must be set"));
    }
    let format = match &prompt.format {
        None => None,
        Some(Format::Schema(schema)) => Some(&schema.schema),
        Some(Format::Json) => return Err(place.field(FORMAT).refuse("it must have a schema")),
    };
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let has_tools = !prompt.tools.is_empty();
    set("model", Some(prompt.model.as_str().into()));
    set("max_tokens", prompt.max_output_tokens.map(Value::from));
    set("system", system(&prompt.system));
    set("messages", Some(messages(&prompt.turns, &place.field("messages"))?));
    set("tools", has_tools.then(|| prompt.tools.iter().map(tool).collect()));
    set("tool_choice", tool_choice(prompt).filter(|_| has_tools));
    let temperature = prompt.temperature.as_ref().and_then(temperature);
    // Newer models refuse both side by side.
    let has_place = |top_p: &&Value| temperature.is_none() && is_other_than_1(top_p);
    let top_p = prompt.top_p.as_ref().filter(has_place).cloned();
    set("temperature", temperature);
    set("top_p", top_p);
    set("stop_sequences", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    set("output_config", format.map(output_config));
    let user = prompt.user.as_deref().filter(|user| is_plain_user(user));
    set("metadata", user.map(|user| json!({"user_id": user})));
    set("stream", prompt.is_stream.then_some(Value::Bool(true)));
    Ok(Bytes::from(Value::Object(body).to_string()))
}

/// OpenAI's temperatures go to 2, Anthropic's to 1, which is what there is without one. Newer models
/// refuse any.
fn temperature(temperature: &Value) -> Option<Value> {
    let is_below = temperature.as_f64().is_none_or(|number| number < 1.0);
    is_below.then(|| temperature.clone())
}

/// Anthropic wants no names of people, and refuses addresses and telephone numbers.
fn is_plain_user(user: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    let is_number = (7..=20).contains(&user.len()) && user.chars().all(is_of_number);
    !user.contains('@') && !is_number && user.chars().count() <= MAX_USER_CHARS
}

/// Anthropic refuses text without anything to read.
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn output_config(schema: &Value) -> Value {
    json!({"format": {"type": "json_schema", "schema": schema}})
}

fn system(instructions: &[String]) -> Option<Value> {
    let told: Vec<&String> = instructions.iter().filter(|text| !is_blank(text)).collect();
    match told.as_slice() {
        [] => None,
        [only] => Some(only.as_str().into()),
        several => Some(several.iter().map(|text| json!({"type": "text", "text": text})).collect()),
    }
}

fn messages(turns: &[Turn], place: &Place) -> Result<Value, Error> {
    let said = said(turns);
    let is_user = |turn: Option<&Said<'_>>| turn.is_some_and(|(role, _)| *role == Role::User);
    if !is_user(said.first()) {
        return Err(place.refuse("the first one must be the user's"));
    }
    if !is_user(said.last()) {
        return Err(place.refuse("the last one must have more than white space"));
    }
    Ok(said.iter().map(message).collect())
}

/// Who speaks, and what has something to read.
type Said<'p> = (Role, Vec<&'p Part>);

/// The turns in which something is said.
fn said(turns: &[Turn]) -> Vec<Said<'_>> {
    let mut said: Vec<Said<'_>> = Vec::new();
    for turn in turns {
        let parts: Vec<&Part> = readable(&turn.parts).collect();
        match said.last_mut() {
            Some((role, known)) if *role == turn.role => known.extend(parts),
            _ if parts.is_empty() => {}
            _ => said.push((turn.role, parts)),
        }
    }
    said
}

fn readable(parts: &[Part]) -> impl Iterator<Item = &Part> {
    let is_readable = |part: &&Part| match part {
        Part::Text(text) | Part::Instruction(text) => !is_blank(text),
        Part::Image(_) | Part::ToolCall { .. } | Part::ToolResult { .. } => true,
    };
    parts.iter().filter(is_readable)
}

/// The results of tools come before everything else that a user says. Instructions are among that:
/// most models refuse a system's message there.
fn message((role, parts): &Said<'_>) -> Value {
    let role = match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let (results, rest): (Vec<&Part>, Vec<&Part>) =
        parts.iter().partition(|part| matches!(part, Part::ToolResult { .. }));
    match (results.as_slice(), rest.as_slice()) {
        ([], [Part::Text(text) | Part::Instruction(text)]) => {
            json!({"role": role, "content": text})
        }
        _ => {
            let blocks: Vec<Value> = results.into_iter().chain(rest).map(block).collect();
            json!({"role": role, "content": blocks})
        }
    }
}

fn block(part: &Part) -> Value {
    match part {
        Part::Text(text) | Part::Instruction(text) => json!({"type": "text", "text": text}),
        Part::Image(Image::Address(url)) => {
            json!({"type": "image", "source": {"type": "url", "url": url}})
        }
        Part::Image(Image::Data { media_type, base64 }) => {
            let source = json!({"type": "base64", "media_type": media_type, "data": base64});
            json!({"type": "image", "source": source})
        }
        Part::ToolCall { id, name, input } => {
            json!({"type": "tool_use", "id": plain_id(id), "name": name, "input": input})
        }
        Part::ToolResult { id, parts, is_error } => {
            let content: Vec<Value> = readable(parts).map(block).collect();
            let mut result =
                json!({"type": "tool_result", "tool_use_id": plain_id(id), "content": content});
            if *is_error {
                result["is_error"] = true.into();
            }
            result
        }
    }
}

/// An id in the characters that Anthropic takes.
fn plain_id(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    id.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

fn tool(tool: &Tool) -> Value {
    let mut schema = tool
        .schema
        .as_object()
        .cloned()
        .unwrap_or_else(|| Map::from_iter([("properties".to_owned(), json!({}))]));
    schema.entry("type").or_insert_with(|| "object".into());
    let mut written = json!({"name": tool.name, "input_schema": schema});
    if let Some(description) = &tool.description {
        written["description"] = description.as_str().into();
    }
    written
}

/// The choice, which also says whether tools may be called side by side.
fn tool_choice(prompt: &Prompt) -> Option<Value> {
    let mut written = match (&prompt.tool_choice, prompt.parallel_tools) {
        (None, None | Some(true)) => return None,
        (Some(ToolChoice::None), _) => return Some(json!({"type": "none"})),
        (None | Some(ToolChoice::Auto), _) => json!({"type": "auto"}),
        (Some(ToolChoice::Required), _) => json!({"type": "any"}),
        (Some(ToolChoice::Tool(name)), _) => json!({"type": "tool", "name": name}),
    };
    if prompt.parallel_tools == Some(false) {
        written["disable_parallel_tool_use"] = true.into();
    }
    Some(written)
}
