//! From the common form to a request.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::prompt::{Format, Part, Place, Prompt, Role, Tool, ToolChoice, Turn};
use crate::{Edits, Error, ProviderProtocol};

const MAX_USER_BYTES: usize = 64;

/// The request. Nothing of it is to be stored: whoever translates sends the whole conversation.
pub(crate) fn write_prompt(prompt: &Prompt, edits: &Edits) -> Result<Bytes, Error> {
    let place = Place::new(ProviderProtocol::OpenAiResponses);
    if !prompt.stop.is_empty() {
        return Err(place.field("stop sequences").refuse("there is nothing like them"));
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let has_tools = !prompt.tools.is_empty();
    let has_system = !prompt.system.is_empty();
    set("model", Some(prompt.model.as_str().into()));
    set("instructions", has_system.then(|| prompt.system.join("\n\n").into()));
    set("input", Some(prompt.turns.iter().flat_map(items).collect()));
    set("tools", has_tools.then(|| prompt.tools.iter().map(tool).collect()));
    set("tool_choice", prompt.tool_choice.as_ref().filter(|_| has_tools).map(tool_choice));
    set("parallel_tool_calls", prompt.parallel_tools.filter(|_| has_tools).map(Value::from));
    set("max_output_tokens", prompt.max_output_tokens.map(Value::from));
    set("temperature", prompt.temperature.clone());
    set("top_p", prompt.top_p.clone());
    set("text", prompt.format.as_ref().map(|format| json!({"format": written_format(format)})));
    set("reasoning", prompt.effort.as_deref().map(|effort| json!({"effort": effort})));
    let user = prompt.user.as_deref().filter(|user| user.len() <= MAX_USER_BYTES);
    set("user", user.map(Value::from));
    set("prompt_cache_key", edits.prompt_cache_key.as_deref().map(Value::from));
    set("store", Some(false.into()));
    set("stream", prompt.is_stream.then_some(Value::Bool(true)));
    Ok(Bytes::from(Value::Object(body).to_string()))
}

/// The items of a turn: the results of tools, right after their calls, then the rest in its order,
/// parts of one message in a row and calls alone.
fn items(turn: &Turn) -> Vec<Value> {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let mut items = Vec::new();
    let mut said: Vec<Value> = Vec::new();
    let flush = |said: &mut Vec<Value>, items: &mut Vec<Value>| {
        if !said.is_empty() {
            let content = std::mem::take(said);
            items.push(json!({"type": "message", "role": role, "content": content}));
        }
    };
    let is_result = |part: &&Part| matches!(part, Part::ToolResult { .. });
    let (results, rest): (Vec<&Part>, Vec<&Part>) = turn.parts.iter().partition(is_result);
    for part in results.into_iter().chain(rest) {
        match part {
            Part::Text(_) | Part::Image(_) => said.extend(content(turn.role, part)),
            Part::Instruction(text) => {
                flush(&mut said, &mut items);
                let content = json!([{"type": "input_text", "text": text}]);
                items.push(json!({"type": "message", "role": "developer", "content": content}));
            }
            Part::ToolCall { id, name, input } => {
                flush(&mut said, &mut items);
                items.push(json!({
                    "type": "function_call",
                    "call_id": id,
                    "name": name,
                    "arguments": input.to_string(),
                }));
            }
            Part::ToolResult { id, parts, is_error: _ } => {
                flush(&mut said, &mut items);
                let output = output(parts);
                items
                    .push(json!({"type": "function_call_output", "call_id": id, "output": output}));
            }
        }
    }
    flush(&mut said, &mut items);
    items
}

fn content(role: Role, part: &Part) -> Option<Value> {
    match (role, part) {
        (Role::User, Part::Text(text)) => Some(json!({"type": "input_text", "text": text})),
        (Role::Assistant, Part::Text(text)) => Some(json!({"type": "output_text", "text": text})),
        (_, Part::Image(image)) => {
            Some(json!({"type": "input_image", "image_url": image.to_url()}))
        }
        (_, Part::Instruction(_) | Part::ToolCall { .. } | Part::ToolResult { .. }) => None,
    }
}

/// The result of a tool: text alone where there is nothing else.
fn output(parts: &[Part]) -> Value {
    match parts {
        [] => "".into(),
        [Part::Text(text)] => text.as_str().into(),
        _ => parts.iter().filter_map(|part| content(Role::User, part)).collect(),
    }
}

fn tool(tool: &Tool) -> Value {
    let mut written = json!({"type": "function", "name": tool.name});
    if let Some(description) = &tool.description {
        written["description"] = description.as_str().into();
    }
    let schema = tool.openai_schema();
    written["parameters"] = schema.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
    written["strict"] = tool.is_strict.into();
    written
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => json!({"type": "function", "name": name}),
    }
}

fn written_format(format: &Format) -> Value {
    match format {
        Format::Json => json!({"type": "json_object"}),
        Format::Schema(schema) => {
            let mut written = json!({"type": "json_schema"});
            for (name, value) in schema.to_openai() {
                written[name] = value;
            }
            written
        }
    }
}
