//! From the common form to a request.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::MAX_ID_CHARS;
use crate::prompt::{Format, Part, Place, Prompt, Role, Tool, ToolChoice, Turn, short_id};
use crate::{Edits, Error, ProviderProtocol};

/// OpenAI takes no more.
const MAX_STOPS: usize = 4;
const MAX_USER_BYTES: usize = 64;

/// The request for `target`, which is OpenAI's protocol or Groq's.
pub(crate) fn write_prompt(
    prompt: &Prompt,
    target: ProviderProtocol,
    edits: &Edits,
) -> Result<Bytes, Error> {
    let place = Place::new(target);
    // Groq refuses fields that it does not know, and efforts that differ from model to model.
    let is_openai = target == ProviderProtocol::OpenAiChat;
    if prompt.stop.len() > MAX_STOPS {
        return Err(place.field("stop sequences").refuse("there may be at most 4"));
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let has_tools = !prompt.tools.is_empty();
    set("model", Some(prompt.model.as_str().into()));
    set("messages", Some(messages(prompt, &place)?));
    set(
        "tools",
        has_tools.then(|| prompt.tools.iter().map(|asked| tool(asked, is_openai)).collect()),
    );
    set("tool_choice", prompt.tool_choice.as_ref().filter(|_| has_tools).map(tool_choice));
    set("parallel_tool_calls", prompt.parallel_tools.filter(|_| has_tools).map(Value::from));
    set(edits.output_limit.name(), prompt.max_output_tokens.map(Value::from));
    set("temperature", prompt.temperature.clone());
    set("top_p", prompt.top_p.clone());
    set("response_format", prompt.format.as_ref().map(response_format));
    set("reasoning_effort", prompt.effort.as_deref().filter(|_| is_openai).map(Value::from));
    set("stop", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    let user = prompt.user.as_deref().filter(|user| user.len() <= MAX_USER_BYTES);
    set("user", user.map(Value::from));
    let cache_key = edits.prompt_cache_key.as_deref().filter(|_| is_openai);
    set("prompt_cache_key", cache_key.map(Value::from));
    set("stream", prompt.is_stream.then_some(Value::Bool(true)));
    let wants_usage = prompt.is_stream && edits.include_usage;
    set("stream_options", wants_usage.then(|| json!({"include_usage": true})));
    Ok(Bytes::from(Value::Object(body).to_string()))
}

fn messages(prompt: &Prompt, place: &Place) -> Result<Value, Error> {
    let mut messages = Vec::new();
    if !prompt.system.is_empty() {
        // One text, because not every server takes a list here.
        messages.push(json!({"role": "system", "content": prompt.system.join("\n\n")}));
    }
    for turn in &prompt.turns {
        match turn.role {
            Role::User => user_messages(turn, &mut messages, &place.field("messages"))?,
            Role::Assistant => messages.extend(assistant_message(turn)),
        }
    }
    Ok(Value::Array(messages))
}

/// A message for each result of a tool, then one with what the user says. Instructions are among
/// that: templates of many models refuse a system's message after the first.
fn user_messages(turn: &Turn, messages: &mut Vec<Value>, place: &Place) -> Result<(), Error> {
    let mut said = Vec::new();
    for part in &turn.parts {
        match part {
            Part::ToolResult { id, parts, is_error: _ } => {
                if parts.iter().any(|part| !matches!(part, Part::Text(_))) {
                    return Err(place.refuse("the result of a tool must be text"));
                }
                let (id, content) = (short_id(id, MAX_ID_CHARS), joined_text(parts));
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
            }
            Part::Text(text) | Part::Instruction(text) => {
                said.push(json!({"type": "text", "text": text}));
            }
            Part::Image(image) => {
                said.push(json!({"type": "image_url", "image_url": {"url": image.to_url()}}));
            }
            Part::ToolCall { .. } => return Err(place.refuse("only the model calls tools")),
        }
    }
    match said.as_slice() {
        [] => {}
        [only] if only["type"] == "text" => {
            messages.push(json!({"role": "user", "content": only["text"]}));
        }
        _ => messages.push(json!({"role": "user", "content": said})),
    }
    Ok(())
}

fn assistant_message(turn: &Turn) -> Option<Value> {
    let calls: Vec<Value> = turn.parts.iter().filter_map(tool_call).collect();
    let text = joined_text(&turn.parts);
    match (text.is_empty(), calls.is_empty()) {
        (true, true) => None,
        (false, true) => Some(json!({"role": "assistant", "content": text})),
        (is_silent, false) => {
            let content = if is_silent { Value::Null } else { text.into() };
            Some(json!({"role": "assistant", "content": content, "tool_calls": calls}))
        }
    }
}

fn tool_call(part: &Part) -> Option<Value> {
    let Part::ToolCall { id, name, input } = part else { return None };
    let function = json!({"name": name, "arguments": input.to_string()});
    let id = short_id(id, MAX_ID_CHARS);
    Some(json!({"id": id, "type": "function", "function": function}))
}

fn joined_text(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Instruction(_) | Part::Image(_) | Part::ToolCall { .. } | Part::ToolResult { .. } => {
            None
        }
    });
    texts.collect::<Vec<&str>>().join("\n\n")
}

fn tool(tool: &Tool, is_openai: bool) -> Value {
    let mut function = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        function["description"] = description.as_str().into();
    }
    if let Some(schema) = tool.openai_schema() {
        function["parameters"] = schema;
    }
    if tool.is_strict && is_openai {
        function["strict"] = true.into();
    }
    json!({"type": "function", "function": function})
}

fn response_format(format: &Format) -> Value {
    match format {
        Format::Json => json!({"type": "json_object"}),
        Format::Schema(schema) => {
            json!({"type": "json_schema", "json_schema": schema.to_openai()})
        }
    }
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => json!({"type": "function", "function": {"name": name}}),
    }
}
