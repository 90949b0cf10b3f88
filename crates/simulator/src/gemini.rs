//! Gemini's own protocol, in literal JSON.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::ask::{Ask, Fields, Refusal, ToolCall, user_text};
use crate::prompt::Prompt;
use crate::protocol::quoted;
use crate::reply::{Finish, Reply, Usage, pieces};
use crate::request::Request;
use crate::tools;

const FIELDS: [&str; 7] = [
    "cachedContent",
    "contents",
    "generationConfig",
    "safetySettings",
    "systemInstruction",
    "toolConfig",
    "tools",
];
const CONFIGURATION: [&str; 8] = [
    "maxOutputTokens",
    "responseJsonSchema",
    "responseMimeType",
    "responseSchema",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topP",
];
const STREAMING: &str = ":streamGenerateContent";

/// The model that a path names; none where the path is not one of this protocol.
pub(crate) fn model_of(path: &str) -> Option<&str> {
    let (_, rest) = path.rsplit_once("/models/")?;
    let model = rest.strip_suffix(":generateContent").or_else(|| rest.strip_suffix(STREAMING))?;
    (!model.is_empty()).then_some(model)
}

pub(crate) fn ask(fields: &Map<String, Value>, request: &Request) -> Result<Ask, Refusal> {
    let is_stream = request.path.ends_with(STREAMING);
    if is_stream && request.query != "alt=sse" {
        return Err(Refusal::invalid("the simulator streams with alt=sse alone"));
    }
    check_names(fields, &FIELDS)?;
    let fields = Fields(fields);
    let empty = Map::new();
    let config = fields.get("generationConfig").and_then(Value::as_object).unwrap_or(&empty);
    check_names(config, &CONFIGURATION)?;
    Fields(config).temperature(2.0)?;
    let contents = check_contents(&fields)?;
    let model = Value::from(model_of(&request.path).unwrap_or_default());
    let parts = ["systemInstruction", "contents", "tools"];
    let parts = [&model].into_iter().chain(parts.iter().filter_map(|name| fields.get(name)));
    let declared = fields.get("tools").and_then(|tools| tools.get(0)?.get("functionDeclarations"));
    let declared = declared.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(Ask {
        model: model.as_str().unwrap_or_default().to_owned(),
        is_stream,
        wants_usage: true,
        max_output_tokens: Fields(config).count("maxOutputTokens")?,
        choices: 1,
        calls: tools::calls(&user_text(contents), &functions(declared)?),
        prompt: Prompt::of(parts),
        vectors: None,
    })
}

/// The provider refuses every name that it does not know.
fn check_names(members: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid(format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
        ))),
        None => Ok(()),
    }
}

/// Roles are known, and each call has a signature and its response in the next content.
fn check_contents<'a>(fields: &Fields<'a>) -> Result<&'a [Value], Refusal> {
    let contents = fields.get("contents").and_then(Value::as_array);
    let contents = contents.filter(|contents| !contents.is_empty());
    let contents = contents.ok_or_else(|| Refusal::invalid("contents: is not specified"))?;
    let mut open = 0;
    for content in contents {
        let parts = content["parts"].as_array().filter(|parts| !parts.is_empty());
        let parts = parts.ok_or_else(|| Refusal::invalid("contents.parts: must not be empty"))?;
        let count = |name: &str| parts.iter().filter(|part| part.get(name).is_some()).count();
        let (calls, responses) = (count("functionCall"), count("functionResponse"));
        if !matches!(content["role"].as_str(), Some("user" | "model")) {
            return Err(Refusal::invalid("Please use a valid role: user, model."));
        }
        if responses != open {
            return Err(Refusal::invalid(
                "the number of function response parts must be that of the function call parts",
            ));
        }
        let first = parts.iter().find(|part| part.get("functionCall").is_some());
        if first.is_some_and(|call| !call["thoughtSignature"].is_string()) {
            return Err(Refusal::invalid(
                "Function call is missing a thought_signature in functionCall parts.",
            ));
        }
        open = calls;
    }
    if open == 0 { Ok(contents) } else { Err(Refusal::invalid("a function call has no response")) }
}

/// Names and argument schemas.
fn functions(tools: &[Value]) -> Result<Vec<(&str, Option<&Value>)>, Refusal> {
    let read = |tool| {
        let tool: &Value = tool;
        let schema = tool.get("parametersJsonSchema").or_else(|| tool.get("parameters"));
        Some((tool.get("name")?.as_str()?, schema))
    };
    let refusal = || Refusal::invalid("functionDeclarations: each must have a name");
    tools.iter().map(|tool| read(tool).ok_or_else(refusal)).collect()
}

pub(crate) fn complete(reply: &Reply) -> String {
    let mut parts: Vec<String> = reply.texts.iter().map(|text| text_part(text)).collect();
    parts.extend(reply.calls.iter().enumerate().map(call_part));
    chunk(reply, &parts.join(","), true)
}

/// Chunks of the same form as the complete answer, of which the last says why it ended. Calls come
/// whole, and all chunks have the usage so far.
pub(crate) fn events(reply: &Reply) -> Vec<Bytes> {
    let texts = reply.texts.iter().flat_map(|text| pieces(text, reply.pieces));
    let mut parts: Vec<String> = texts.map(text_part).collect();
    parts.extend(reply.calls.iter().enumerate().map(call_part));
    let last = parts.len().saturating_sub(1);
    let event = |(index, part): (usize, &String)| {
        Bytes::from(format!("data: {}\r\n\r\n", chunk(reply, part, index == last)))
    };
    parts.iter().enumerate().map(event).collect()
}

fn text_part(text: &str) -> String {
    format!(r#"{{"text":{}}}"#, quoted(text))
}

/// Of calls side by side only the first is signed.
fn call_part((index, call): (usize, &ToolCall)) -> String {
    let (name, arguments) = (quoted(&call.name), &call.arguments);
    let signature = if index == 0 { r#","thoughtSignature":"c2ltdWxhdGVk""# } else { "" };
    format!(r#"{{"functionCall":{{"name":{name},"args":{arguments}}}{signature}}}"#)
}

fn chunk(reply: &Reply, parts: &str, is_last: bool) -> String {
    let finish = match (is_last, reply.finish) {
        (false, _) => "",
        (true, Finish::Length) => r#","finishReason":"MAX_TOKENS""#,
        (true, Finish::Stop | Finish::ToolCalls) => r#","finishReason":"STOP""#,
    };
    let usage = usage(reply.usage, is_last).repeat(reply.usage.times);
    let (id, model) = (reply.id, quoted(&reply.model));
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{parts}],"role":"model"}}{finish},"index":0}}]{usage},"modelVersion":{model},"responseId":"{id:016x}"}}"#
    )
}

fn usage(Usage { input, cached, output, .. }: Usage, is_last: bool) -> String {
    let cached = match cached {
        0 => String::new(),
        cached => format!(r#","cachedContentTokenCount":{cached}"#),
    };
    if !is_last {
        return format!(
            r#","usageMetadata":{{"promptTokenCount":{input}{cached},"totalTokenCount":{input}}}"#
        );
    }
    let total = input.saturating_add(output);
    format!(
        r#","usageMetadata":{{"promptTokenCount":{input}{cached},"candidatesTokenCount":{output},"totalTokenCount":{total}}}"#
    )
}

pub(crate) fn envelope(refusal: &Refusal) -> String {
    let status = match refusal.status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "UNKNOWN",
    };
    let status = quoted(refusal.code.as_deref().unwrap_or(status));
    let (code, message) = (refusal.status, quoted(&refusal.message));
    format!(r#"{{"error":{{"code":{code},"message":{message},"status":{status}}}}}"#)
}
