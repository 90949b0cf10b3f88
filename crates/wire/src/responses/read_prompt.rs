//! From a request of this protocol to the common form.

use serde_json::{Map, Value, json};

use super::tool_name::ToolName;
use super::{custom_input, tools};
use crate::json::is_empty;
use crate::prompt::{Format, Image, Part, Place, Policy, Prompt, Role, Schema, ToolChoice};
use crate::{Error, ProviderProtocol, Request};

const POLICY: Policy = Policy {
    read: &[
        "model",
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_output_tokens",
        "temperature",
        "top_p",
        "text",
        "reasoning",
        "stream",
        "user",
        "safety_identifier",
    ],
    dropped: &[
        "client_metadata",
        "max_tool_calls",
        "metadata",
        "prompt_cache_key",
        "prompt_cache_retention",
        "service_tier",
        "store",
        "stream_options",
    ],
    is_neutral,
};

/// Whether a field that cannot be translated asks for what there is without it.
fn is_neutral(name: &str, value: &Value) -> bool {
    match (name, value) {
        // Reasoning is left out, and so is what would make it replayable.
        ("include", Value::Array(parts)) => {
            parts.iter().all(|part| part == "reasoning.encrypted_content")
        }
        // Where a cache is only to be filled, there is no answer.
        ("prompt_cache_options", options) => options.get("prewarm") != Some(&Value::Bool(true)),
        ("top_logprobs", _) => value.as_f64() == Some(0.0),
        ("truncation", _) => value == "disabled",
        _ => is_empty(value),
    }
}

pub(crate) fn read_prompt(request: &Request, target: ProviderProtocol) -> Result<Prompt, Error> {
    let root = Place::new(target);
    let fields = request.fields();
    POLICY.check(fields, &root)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| fields.get(name).filter(|value| value.is_number()).cloned();
    let effort = fields.get("reasoning").and_then(|reasoning| reasoning.get("effort")?.as_str());
    let format = fields.get("text").and_then(|text| text.get("format"));
    let mut prompt = Prompt {
        model: request.model().to_owned(),
        system: system(fields, &root)?,
        tools: tools::functions(fields, &root)?,
        tool_choice: tool_choice(fields.get("tool_choice"), &root.field("tool_choice"))?,
        parallel_tools: fields.get("parallel_tool_calls").and_then(Value::as_bool),
        max_output_tokens: request.max_output_tokens(),
        temperature: number("temperature"),
        top_p: number("top_p"),
        format: format_of(format, &root.field("text").field("format"))?,
        effort: effort.map(str::to_owned),
        is_stream: request.is_stream(),
        user: text("user").or_else(|| text("safety_identifier")),
        ..Prompt::default()
    };
    let place = root.field("input");
    match fields.get("input") {
        Some(Value::String(text)) => prompt.say(Role::User, vec![Part::Text(text.clone())]),
        Some(Value::Array(items)) => {
            for (position, item) in items.iter().enumerate() {
                read_item(&mut prompt, item, &place.item(position))?;
            }
        }
        _ => {}
    }
    Ok(prompt)
}

fn system(fields: &Map<String, Value>, root: &Place) -> Result<Vec<String>, Error> {
    let mut system = match fields.get("instructions") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(_) => return Err(root.field("instructions").refuse("it must be text")),
    };
    system.extend(tools::notes(fields, root));
    Ok(system)
}

fn read_item(prompt: &mut Prompt, item: &Value, place: &Place) -> Result<(), Error> {
    match item.get("type").and_then(Value::as_str) {
        None | Some("message") => read_message(prompt, item, place),
        Some("function_call") => {
            let call = tool_call(item, place)?;
            prompt.say(Role::Assistant, vec![call]);
            Ok(())
        }
        Some("custom_tool_call") => {
            let call = custom_call(item, place)?;
            prompt.say(Role::Assistant, vec![call]);
            Ok(())
        }
        Some("function_call_output" | "custom_tool_call_output") => {
            let id = place.text(item, "call_id")?;
            let parts = parts(item.get("output"), &place.field("output"))?;
            prompt.say(Role::User, vec![Part::ToolResult { id, parts, is_error: false }]);
            Ok(())
        }
        // No provider takes another's reasoning; tools are read with the request's own.
        Some("reasoning" | tools::ADDITIONAL) => Ok(()),
        Some(_) => Err(place.refuse("there is nothing like this item")),
    }
}

fn read_message(prompt: &mut Prompt, item: &Value, place: &Place) -> Result<(), Error> {
    let said = parts(item.get("content"), &place.field("content"))?;
    match item.get("role").and_then(Value::as_str).unwrap_or_default() {
        "system" | "developer" => {
            prompt.instruct(place.field("content").instructions(said)?);
        }
        "user" => prompt.say(Role::User, said),
        "assistant" => prompt.say(Role::Assistant, said),
        _ => return Err(place.field("role").refuse("there is no such role")),
    }
    Ok(())
}

fn tool_call(item: &Value, place: &Place) -> Result<Part, Error> {
    let arguments = place.text(item, "arguments")?;
    let input = match arguments.trim() {
        "" => json!({}),
        text => serde_json::from_str(text).unwrap_or(Value::Null),
    };
    if !input.is_object() {
        return Err(place.field("arguments").refuse("it must be the text of a json object"));
    }
    let name = ToolName::read(item, false, place)?.flat();
    Ok(Part::ToolCall { id: place.text(item, "call_id")?, name, input })
}

fn custom_call(item: &Value, place: &Place) -> Result<Part, Error> {
    let input = custom_input::arguments(&place.text(item, "input")?);
    let name = ToolName::read(item, true, place)?.flat();
    Ok(Part::ToolCall { id: place.text(item, "call_id")?, name, input })
}

fn parts(content: Option<&Value>, place: &Place) -> Result<Vec<Part>, Error> {
    let text = |text: &str| (!text.is_empty()).then(|| Part::Text(text.to_owned()));
    match content {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(said)) => Ok(text(said).into_iter().collect()),
        Some(Value::Array(items)) => {
            let mut parts = Vec::new();
            for (position, item) in items.iter().enumerate() {
                let place = place.item(position);
                match item.get("type").and_then(Value::as_str).unwrap_or_default() {
                    "input_text" | "output_text" => parts.extend(text(&place.text(item, "text")?)),
                    "refusal" => parts.extend(text(&place.text(item, "refusal")?)),
                    "input_image" => parts.push(Part::Image(image(item, &place)?)),
                    _ => return Err(place.refuse("only text and images can be")),
                }
            }
            Ok(parts)
        }
        Some(_) => Err(place.refuse("it must be text or a list of parts")),
    }
}

fn image(item: &Value, place: &Place) -> Result<Image, Error> {
    let url = place.text(item, "image_url")?;
    Image::of_url(url)
        .ok_or_else(|| place.field("image_url").refuse("it must be a web address or base64 data"))
}

fn tool_choice(choice: Option<&Value>, place: &Place) -> Result<Option<ToolChoice>, Error> {
    ToolChoice::of_openai(choice, place, |choice| {
        let is_custom = choice["type"] == "custom";
        let is_named = is_custom || choice["type"] == "function";
        is_named.then(|| Ok(ToolName::read(choice, is_custom, place)?.flat()))
    })
}

fn format_of(format: Option<&Value>, place: &Place) -> Result<Option<Format>, Error> {
    let Some(format) = format.filter(|format| !format.is_null()) else { return Ok(None) };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format::Json)),
        Some("json_schema") => Ok(Some(Format::Schema(Schema::of_openai(format, place)?))),
        _ => Err(place.refuse("there is no such format")),
    }
}
