//! From a request of this protocol to the common form.

use serde_json::{Value, json};

use crate::json::is_empty;
use crate::prompt::{Format, Image, Part, Place, Policy, Prompt, Role, Schema, Tool, ToolChoice};
use crate::{Error, ProviderProtocol, Request};

const POLICY: Policy = Policy {
    read: &[
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "reasoning_effort",
        "response_format",
        "stop",
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "stream",
        "n",
        "user",
        "safety_identifier",
    ],
    dropped: &[
        "metadata",
        "prediction",
        "prompt_cache_key",
        "prompt_cache_retention",
        "seed",
        "service_tier",
        "store",
        "stream_options",
        "verbosity",
    ],
    is_neutral,
};

/// Whether a field that cannot be translated asks for what there is without it.
fn is_neutral(name: &str, value: &Value) -> bool {
    match name {
        "frequency_penalty" | "presence_penalty" | "top_logprobs" => value.as_f64() == Some(0.0),
        "modalities" => *value == json!(["text"]),
        // Where a cache is only to be filled, there is no answer.
        "prompt_cache_options" => value.get("prewarm") != Some(&Value::Bool(true)),
        // Whatever they are, they ask for a search.
        "web_search_options" => false,
        _ => is_empty(value),
    }
}

pub(crate) fn read_prompt(request: &Request, target: ProviderProtocol) -> Result<Prompt, Error> {
    let root = Place::new(target);
    let fields = request.fields();
    POLICY.check(fields, &root)?;
    if request.choices() != 1 {
        return Err(root.field("n").refuse("one request has one answer"));
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| fields.get(name).filter(|value| value.is_number()).cloned();
    let mut prompt = Prompt {
        model: request.model().to_owned(),
        tools: tools(fields.get("tools"), &root.field("tools"))?,
        tool_choice: tool_choice(fields.get("tool_choice"), &root.field("tool_choice"))?,
        parallel_tools: fields.get("parallel_tool_calls").and_then(Value::as_bool),
        max_output_tokens: request.max_output_tokens(),
        temperature: number("temperature"),
        top_p: number("top_p"),
        stop: stop(fields.get("stop"), &root.field("stop"))?,
        format: format_of(fields.get("response_format"), &root.field("response_format"))?,
        effort: text("reasoning_effort"),
        is_stream: request.is_stream(),
        user: text("user").or_else(|| text("safety_identifier")),
        ..Prompt::default()
    };
    let messages = fields.get("messages").and_then(Value::as_array).into_iter().flatten();
    for (position, message) in messages.enumerate() {
        read_message(&mut prompt, message, &root.field("messages").item(position))?;
    }
    Ok(prompt)
}

fn read_message(prompt: &mut Prompt, message: &Value, place: &Place) -> Result<(), Error> {
    let content = || parts(message.get("content"), &place.field("content"));
    match message.get("role").and_then(Value::as_str).unwrap_or_default() {
        "system" | "developer" => {
            prompt.instruct(place.field("content").instructions(content()?)?);
        }
        "user" => prompt.say(Role::User, content()?),
        "assistant" => prompt.say(Role::Assistant, assistant_parts(message, place)?),
        "tool" => {
            let id = place.text(message, "tool_call_id")?;
            let result = Part::ToolResult { id, parts: content()?, is_error: false };
            prompt.say(Role::User, vec![result]);
        }
        _ => return Err(place.field("role").refuse("there is no such role")),
    }
    Ok(())
}

/// What the model said before. Its reasoning is left out: no provider takes another's.
fn assistant_parts(message: &Value, place: &Place) -> Result<Vec<Part>, Error> {
    for name in ["audio", "function_call"] {
        if message.get(name).is_some_and(|value| !is_empty(value)) {
            return Err(place.field(name).refuse("there is nothing like it"));
        }
    }
    let mut said = parts(message.get("content"), &place.field("content"))?;
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        push_text(&mut said, refusal);
    }
    let place = place.field("tool_calls");
    let calls = message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
    for (position, call) in calls.enumerate() {
        said.push(tool_call(call, &place.item(position))?);
    }
    Ok(said)
}

fn tool_call(call: &Value, place: &Place) -> Result<Part, Error> {
    let id = place.text(call, "id")?;
    let Some(function) = call.get("function") else {
        return Err(place.refuse("only calls of functions can be"));
    };
    let place = place.field("function");
    let arguments = place.text(function, "arguments")?;
    let input = match arguments.trim() {
        "" => json!({}),
        text => serde_json::from_str(text).unwrap_or(Value::Null),
    };
    if !input.is_object() {
        return Err(place.field("arguments").refuse("it must be the text of a json object"));
    }
    Ok(Part::ToolCall { id, name: place.text(function, "name")?, input })
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    // Anthropic refuses empty text.
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn parts(content: Option<&Value>, place: &Place) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    match content {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => push_text(&mut parts, text),
        Some(Value::Array(items)) => {
            for (position, item) in items.iter().enumerate() {
                let place = place.item(position);
                match item.get("type").and_then(Value::as_str).unwrap_or_default() {
                    kind @ ("text" | "refusal") => {
                        push_text(&mut parts, &place.text(item, kind)?);
                    }
                    "image_url" => parts.push(Part::Image(image(item, &place)?)),
                    _ => return Err(place.refuse("only text and images can be")),
                }
            }
        }
        Some(_) => return Err(place.refuse("it must be text or a list of parts")),
    }
    Ok(parts)
}

fn image(item: &Value, place: &Place) -> Result<Image, Error> {
    let place = place.field("image_url");
    let url = place.text(item.get("image_url").unwrap_or(&Value::Null), "url")?;
    Image::of_url(url)
        .ok_or_else(|| place.field("url").refuse("it must be a web address or base64 data"))
}

fn tools(tools: Option<&Value>, place: &Place) -> Result<Vec<Tool>, Error> {
    let tools = tools.and_then(Value::as_array).into_iter().flatten();
    let read = tools.enumerate().map(|(position, tool)| {
        let place = place.item(position);
        let Some(function) = tool.get("function").filter(|_| tool["type"] == "function") else {
            return Err(place.refuse("only functions can be"));
        };
        Ok(Tool {
            name: place.field("function").text(function, "name")?,
            description: function.get("description").and_then(Value::as_str).map(str::to_owned),
            schema: function.get("parameters").cloned().unwrap_or(Value::Null),
            is_strict: function.get("strict").and_then(Value::as_bool).unwrap_or(false),
        })
    });
    read.collect()
}

fn tool_choice(choice: Option<&Value>, place: &Place) -> Result<Option<ToolChoice>, Error> {
    ToolChoice::of_openai(choice, place, |choice| {
        Some(place.field("function").text(choice.get("function")?, "name"))
    })
}

fn stop(stop: Option<&Value>, place: &Place) -> Result<Vec<String>, Error> {
    match stop {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(stop) => place.texts(stop),
    }
}

fn format_of(format: Option<&Value>, place: &Place) -> Result<Option<Format>, Error> {
    let Some(format) = format.filter(|format| !format.is_null()) else { return Ok(None) };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format::Json)),
        Some("json_schema") => {
            let place = place.field("json_schema");
            let schema = format.get("json_schema").unwrap_or(&Value::Null);
            Ok(Some(Format::Schema(Schema::of_openai(schema, &place)?)))
        }
        _ => Err(place.refuse("there is no such format")),
    }
}
