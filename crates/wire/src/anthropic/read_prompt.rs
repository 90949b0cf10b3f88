//! From a request of this protocol to the common form.

use serde_json::Value;

use super::without_billing;
use crate::json::is_empty;
use crate::prompt::{
    Format, Image, Part, Place, Policy, Prompt, Role, Schema, Tool, ToolChoice, is_closed,
};
use crate::{Error, ProviderProtocol, Request};

const POLICY: Policy = Policy {
    read: &[
        "model",
        "messages",
        "system",
        "max_tokens",
        "metadata",
        "output_config",
        "stop_sequences",
        "stream",
        "temperature",
        "top_p",
        "tools",
        "tool_choice",
    ],
    dropped: &["cache_control", "context_management", "diagnostics", "service_tier", "thinking"],
    is_neutral: |_, value| is_empty(value),
};

pub(crate) fn read_prompt(request: &Request, target: ProviderProtocol) -> Result<Prompt, Error> {
    let root = Place::new(target);
    let fields = request.fields();
    POLICY.check(fields, &root)?;
    if request.max_output_tokens() == Some(0) {
        let reason = "of 0 there is no answer: it must be at least 1";
        return Err(root.field("max_tokens").refuse(reason));
    }
    let number = |name: &str| fields.get(name).filter(|value| value.is_number()).cloned();
    let choice = fields.get("tool_choice").filter(|choice| !choice.is_null());
    let user = fields.get("metadata").and_then(|metadata| metadata.get("user_id")?.as_str());
    let system = root.field("system");
    let mut prompt = Prompt {
        model: request.model().to_owned(),
        system: instructions(fields.get("system"), &system)?,
        tools: tools(fields.get("tools"), &root.field("tools"))?,
        tool_choice: choice
            .map(|choice| tool_choice(choice, &root.field("tool_choice")))
            .transpose()?,
        parallel_tools: choice
            .and_then(|choice| choice.get("disable_parallel_tool_use")?.as_bool())
            .map(|is_disabled| !is_disabled),
        max_output_tokens: request.max_output_tokens(),
        temperature: number("temperature"),
        top_p: number("top_p"),
        stop: match fields.get("stop_sequences") {
            None | Some(Value::Null) => Vec::new(),
            Some(stop) => root.field("stop_sequences").texts(stop)?,
        },
        format: format_of(fields.get("output_config"), &root.field("output_config"))?,
        is_stream: request.is_stream(),
        user: user.map(str::to_owned),
        ..Prompt::default()
    };
    let messages = fields.get("messages").and_then(Value::as_array).into_iter().flatten();
    for (position, message) in messages.enumerate() {
        read_message(&mut prompt, message, &root.field("messages").item(position))?;
    }
    Ok(prompt)
}

fn instructions(system: Option<&Value>, place: &Place) -> Result<Vec<String>, Error> {
    let texts = place.instructions(parts(system, place)?)?;
    let told = texts.into_iter().filter_map(|text| {
        let told = without_billing(&text);
        (text.is_empty() || !told.is_empty()).then(|| told.to_owned())
    });
    Ok(told.collect())
}

fn read_message(prompt: &mut Prompt, message: &Value, place: &Place) -> Result<(), Error> {
    let content = place.field("content");
    let said = || parts(message.get("content"), &content);
    match message.get("role").and_then(Value::as_str).unwrap_or_default() {
        "user" => prompt.say(Role::User, said()?),
        "assistant" => prompt.say(Role::Assistant, said()?),
        "system" => prompt.instruct(content.instructions(said()?)?),
        _ => return Err(place.field("role").refuse("there is no such role")),
    }
    Ok(())
}

fn parts(content: Option<&Value>, place: &Place) -> Result<Vec<Part>, Error> {
    match content {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::Text(text.clone())]),
        Some(Value::Array(blocks)) => {
            let mut parts = Vec::new();
            for (position, block) in blocks.iter().enumerate() {
                parts.extend(part(block, &place.item(position))?);
            }
            Ok(parts)
        }
        Some(_) => Err(place.refuse("it must be text or a list of blocks")),
    }
}

/// Reads a block; none for thinking, which no other provider takes.
fn part(block: &Value, place: &Place) -> Result<Option<Part>, Error> {
    Ok(Some(match block.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => Part::Text(place.text(block, "text")?),
        "image" => Part::Image(image(block.get("source"), &place.field("source"))?),
        "tool_use" => Part::ToolCall {
            id: place.text(block, "id")?,
            name: place.text(block, "name")?,
            input: block.get("input").cloned().unwrap_or(Value::Null),
        },
        "tool_result" => Part::ToolResult {
            id: place.text(block, "tool_use_id")?,
            parts: parts(block.get("content"), &place.field("content"))?,
            is_error: block.get("is_error").and_then(Value::as_bool).unwrap_or(false),
        },
        "thinking" | "redacted_thinking" => return Ok(None),
        _ => return Err(place.refuse("there is nothing like this block")),
    }))
}

fn image(source: Option<&Value>, place: &Place) -> Result<Image, Error> {
    let source = source.unwrap_or(&Value::Null);
    match source.get("type").and_then(Value::as_str) {
        Some("url") => Ok(Image::Address(place.text(source, "url")?)),
        Some("base64") => Ok(Image::Data {
            media_type: place.text(source, "media_type")?,
            base64: place.text(source, "data")?,
        }),
        _ => Err(place.refuse("only a web address or base64 data can be")),
    }
}

fn tools(tools: Option<&Value>, place: &Place) -> Result<Vec<Tool>, Error> {
    let tools = tools.and_then(Value::as_array).into_iter().flatten();
    let read = tools.enumerate().map(|(position, tool)| {
        let place = place.item(position);
        match tool.get("type").and_then(Value::as_str) {
            None | Some("custom") => {
                let schema = tool.get("input_schema").cloned().unwrap_or(Value::Null);
                let is_strict = tool.get("strict").and_then(Value::as_bool).unwrap_or(false);
                Ok(Tool {
                    name: place.text(tool, "name")?,
                    description: tool.get("description").and_then(Value::as_str).map(str::to_owned),
                    is_strict: is_strict && is_closed(&schema),
                    schema,
                })
            }
            Some(_) => Err(place.refuse("only tools that the client runs can be")),
        }
    });
    read.collect()
}

fn tool_choice(choice: &Value, place: &Place) -> Result<ToolChoice, Error> {
    match choice.get("type").and_then(Value::as_str) {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("any") => Ok(ToolChoice::Required),
        Some("tool") => Ok(ToolChoice::Tool(place.text(choice, "name")?)),
        _ => Err(place.refuse("there is no such choice")),
    }
}

/// The format that a configuration of the output asks for; the effort in it is a hint.
fn format_of(config: Option<&Value>, place: &Place) -> Result<Option<Format>, Error> {
    let members = config.and_then(Value::as_object).into_iter().flatten();
    let mut format = None;
    for (name, value) in members.filter(|(_, value)| !value.is_null()) {
        match (name.as_str(), value.get("schema")) {
            ("effort", _) => {}
            ("format", Some(schema)) if value["type"] == "json_schema" && schema.is_object() => {
                format = Some(Format::Schema(Schema {
                    name: None,
                    description: None,
                    schema: schema.clone(),
                    strict: Some(is_closed(schema)),
                }));
            }
            _ => return Err(place.field(name).refuse("there is nothing like it")),
        }
    }
    Ok(format)
}
