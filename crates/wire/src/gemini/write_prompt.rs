//! From the common form to a request. The model's name and streaming stand in its address.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::prompt::{Format, Image, Part, Place, Prompt, Role, Tool, ToolChoice, Turn};
use crate::{Error, ProviderProtocol};

/// Gemini takes no more.
const MAX_STOPS: usize = 5;

/// What Google documents for calls whose signature is not there: models from 3 on refuse a call
/// without any.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// How the generations are named that know no such word.
const WITHOUT_SIGNATURES: [&str; 3] = ["gemini-1", "gemini-2", "gemma-"];

/// Gemini has no field for it.
const ONE_TOOL: &str = "Call at most one tool at a time.";

pub(crate) fn write_prompt(prompt: &Prompt) -> Result<Bytes, Error> {
    let place = Place::new(ProviderProtocol::Gemini);
    if prompt.stop.len() > MAX_STOPS {
        return Err(place.field("stop sequences").refuse("there may be at most 5"));
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let has_tools = !prompt.tools.is_empty();
    set("systemInstruction", system(prompt));
    set("contents", Some(contents(prompt, &place)?));
    let declarations: Vec<Value> = prompt.tools.iter().map(tool).collect();
    set("tools", has_tools.then(|| json!([{"functionDeclarations": declarations}])));
    set("toolConfig", prompt.tool_choice.as_ref().filter(|_| has_tools).map(tool_choice));
    set("generationConfig", generation(prompt));
    Ok(Bytes::from(Value::Object(body).to_string()))
}

fn system(prompt: &Prompt) -> Option<Value> {
    let is_single = prompt.parallel_tools == Some(false) && !prompt.tools.is_empty();
    let single = is_single.then_some(ONE_TOOL);
    let texts = prompt.system.iter().map(String::as_str).chain(single);
    let parts: Vec<Value> = texts.map(|text| json!({"text": text})).collect();
    (!parts.is_empty()).then(|| json!({"parts": parts}))
}

fn generation(prompt: &Prompt) -> Option<Value> {
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    set("maxOutputTokens", prompt.max_output_tokens.map(Value::from));
    set("temperature", prompt.temperature.clone());
    set("topP", prompt.top_p.clone());
    set("stopSequences", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    set("responseMimeType", prompt.format.as_ref().map(|_| "application/json".into()));
    if let Some(Format::Schema(schema)) = &prompt.format {
        // The field that takes JSON Schema as it is; `responseSchema` takes a part of it.
        set("responseJsonSchema", Some(schema.schema.clone()));
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

/// A call of a tool that may still get its result.
struct Call<'p> {
    name: &'p str,
    /// Which one it is of all calls.
    position: usize,
}

fn contents(prompt: &Prompt, place: &Place) -> Result<Value, Error> {
    let place = place.field("the conversation");
    let needs_signature =
        !WITHOUT_SIGNATURES.iter().any(|generation| prompt.model.contains(generation));
    let mut calls = HashMap::new();
    let mut position = 0;
    let mut contents = Vec::new();
    for turn in &prompt.turns {
        match turn.role {
            Role::User => user_contents(turn, &calls, &mut contents, &place)?,
            Role::Assistant => {
                let mut parts: Vec<Value> = Vec::new();
                let mut has_called = false;
                for part in &turn.parts {
                    let mut written = model_part(part, &place)?;
                    if let Part::ToolCall { id, name, .. } = part {
                        calls.insert(id.as_str(), Call { name, position });
                        position += 1;
                        // Of calls side by side only the first has a signature.
                        if needs_signature && !std::mem::replace(&mut has_called, true) {
                            written["thoughtSignature"] = NO_SIGNATURE.into();
                        }
                    }
                    parts.push(written);
                }
                contents.push(json!({"role": "model", "parts": parts}));
            }
        }
    }
    Ok(Value::Array(contents))
}

/// The results of tools in a content of their own, right after the calls and in their order, which
/// alone tells calls of one function apart; then what the user says.
fn user_contents<'p>(
    turn: &'p Turn,
    calls: &HashMap<&'p str, Call<'p>>,
    contents: &mut Vec<Value>,
    place: &Place,
) -> Result<(), Error> {
    let (mut results, mut said) = (Vec::new(), Vec::new());
    for part in &turn.parts {
        match part {
            Part::Text(text) | Part::Instruction(text) => said.push(json!({"text": text})),
            Part::Image(Image::Data { media_type, base64 }) => {
                said.push(json!({"inlineData": {"mimeType": media_type, "data": base64}}));
            }
            Part::Image(Image::Address(_)) => {
                return Err(place.refuse("an image must be base64 data"));
            }
            Part::ToolResult { id, parts, is_error } => {
                let Some(Call { name, position }) = calls.get(id.as_str()) else {
                    return Err(place.refuse("the result of a tool must follow its call"));
                };
                let text = result_text(parts, place)?;
                let key = if *is_error { "error" } else { "output" };
                let response = json!({"name": name, "response": {key: text}});
                results.push((*position, json!({"functionResponse": response})));
            }
            Part::ToolCall { .. } => return Err(place.refuse("only the model calls tools")),
        }
    }
    results.sort_by_key(|(position, _)| *position);
    let results = results.into_iter().map(|(_, result)| result).collect();
    for parts in [results, said] {
        if !parts.is_empty() {
            contents.push(json!({"role": "user", "parts": parts}));
        }
    }
    Ok(())
}

fn result_text(parts: &[Part], place: &Place) -> Result<String, Error> {
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Instruction(_)
            | Part::Image(_)
            | Part::ToolCall { .. }
            | Part::ToolResult { .. } => None,
        })
        .collect();
    let texts = texts.ok_or_else(|| place.refuse("the result of a tool must be text"))?;
    Ok(texts.join("\n\n"))
}

fn model_part(part: &Part, place: &Place) -> Result<Value, Error> {
    match part {
        Part::Text(text) => Ok(json!({"text": text})),
        Part::ToolCall { name, input, .. } => {
            Ok(json!({"functionCall": {"name": name, "args": input}}))
        }
        Part::Instruction(_) | Part::Image(_) | Part::ToolResult { .. } => {
            Err(place.refuse("the model says text and calls tools"))
        }
    }
}

fn tool(tool: &Tool) -> Value {
    let mut written = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        written["description"] = description.as_str().into();
    }
    if !tool.schema.is_null() {
        written["parametersJsonSchema"] = tool.schema.clone();
    }
    written
}

fn tool_choice(choice: &ToolChoice) -> Value {
    let config = match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Tool(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    json!({"functionCallingConfig": config})
}
