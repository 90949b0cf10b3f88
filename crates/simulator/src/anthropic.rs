//! Anthropic messages, in literal JSON.

mod messages;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::ask::{Ask, Fields, Refusal, user_text};
use crate::prompt::Prompt;
use crate::protocol::quoted;
use crate::reply::{Finish, Reply, pieces};
use crate::request::Request;
use crate::tools;

/// Fields of the other protocol, which the provider does not know.
const FOREIGN: [&str; 8] = [
    "frequency_penalty",
    "logit_bias",
    "max_completion_tokens",
    "n",
    "presence_penalty",
    "prompt_cache_key",
    "response_format",
    "stream_options",
];

/// What allows instructions between the messages.
const MID_CONVERSATION_SYSTEM: &str = "mid-conversation-system-2026-04-07";

pub(crate) fn ask(fields: &Map<String, Value>, request: &Request) -> Result<Ask, Refusal> {
    if request.header("anthropic-version").is_none_or(str::is_empty) {
        return Err(Refusal::invalid("anthropic-version: header is required"));
    }
    let fields = Fields(fields);
    fields.refuse(&FOREIGN)?;
    let model = fields.model()?;
    let messages = fields.messages()?;
    messages::check(messages, has_beta(request, MID_CONVERSATION_SYSTEM))?;
    check_shapes(&fields)?;
    let Some(max_output_tokens) = fields.count_from(0, "max_tokens")? else {
        return Err(Refusal::invalid("max_tokens: field required"));
    };
    fields.temperature(1.0)?;
    let tools = fields.get("tools").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let parts = ["model", "system", "messages", "tools"];
    Ok(Ask {
        model: model.to_owned(),
        is_stream: fields.flag("stream")?,
        wants_usage: true,
        max_output_tokens: Some(max_output_tokens),
        choices: 1,
        calls: tools::calls(&user_text(messages), &named(tools)?),
        prompt: Prompt::of(parts.iter().filter_map(|name| fields.get(name))),
        vectors: None,
    })
}

fn has_beta(request: &Request, wanted: &str) -> bool {
    let betas = request.header("anthropic-beta").unwrap_or_default();
    betas.split(',').any(|beta| beta.trim() == wanted)
}

/// Optional fields whose shape differs from the other protocol's.
fn check_shapes(fields: &Fields<'_>) -> Result<(), Refusal> {
    let is_text = |block: &Value| block["type"] == "text" && block["text"].is_string();
    let is_system = |value: &Value| {
        value.is_string() || value.as_array().is_some_and(|blocks| blocks.iter().all(is_text))
    };
    if !fields.get("system").is_none_or(is_system) {
        return Err(Refusal::invalid("system: must be a string or an array of text blocks"));
    }
    let is_choice = |value: &Value| match value["type"].as_str() {
        Some("auto" | "any" | "none") => true,
        Some("tool") => value["name"].is_string(),
        Some(_) | None => false,
    };
    if !fields.get("tool_choice").is_none_or(is_choice) {
        return Err(Refusal::invalid("tool_choice: must be of type auto, any, tool or none"));
    }
    Ok(())
}

/// Names and argument schemas. Tools that the provider runs have a type of their own and no schema.
fn named(tools: &[Value]) -> Result<Vec<(&str, Option<&Value>)>, Refusal> {
    fn read(tool: &Value) -> Option<(&str, Option<&Value>)> {
        let schema = tool.get("input_schema");
        let is_own = tool.get("type").is_none_or(|kind| kind == "custom");
        let name = tool.get("name")?.as_str()?;
        (schema.is_some() || !is_own).then_some((name, schema))
    }
    let refusal = || Refusal::invalid("tools: each must have a name and an input_schema");
    tools.iter().map(|tool| read(tool).ok_or_else(refusal)).collect()
}

pub(crate) fn complete(reply: &Reply) -> String {
    let texts =
        reply.texts.iter().map(|text| format!(r#"{{"type":"text","text":{}}}"#, quoted(text)));
    let calls = reply.calls.iter().enumerate().map(|(index, call)| {
        let (id, name, input) = (call_id(reply, index), quoted(&call.name), &call.arguments);
        format!(r#"{{"type":"tool_use","id":"{id}","name":{name},"input":{input}}}"#)
    });
    let content = texts.chain(calls).collect::<Vec<_>>().join(",");
    let (id, model, finish) = (reply.id, quoted(&reply.model), finish(reply.finish));
    let usage = full_usage(reply, reply.usage.output).repeat(reply.usage.times);
    format!(
        r#"{{"id":"msg_{id:016x}","type":"message","role":"assistant","model":{model},"content":[{content}],"stop_reason":"{finish}","stop_sequence":null{usage}}}"#
    )
}

pub(crate) fn events(reply: &Reply) -> Vec<Bytes> {
    let (id, model, finish) = (reply.id, quoted(&reply.model), finish(reply.finish));
    let times = reply.usage.times;
    // The provider has counted the input and, as it says, one token when the message starts.
    let usage = full_usage(reply, reply.usage.output.signum()).repeat(times.clamp(0, 1));
    let mut events = vec![
        event(
            "message_start",
            &format!(
                r#""message":{{"id":"msg_{id:016x}","type":"message","role":"assistant","model":{model},"content":[],"stop_reason":null,"stop_sequence":null{usage}}}"#
            ),
        ),
        event("ping", ""),
    ];
    for text in &reply.texts {
        let deltas = pieces(text, reply.pieces)
            .map(|piece| format!(r#"{{"type":"text_delta","text":{}}}"#, quoted(piece)));
        block(&mut events, 0, r#"{"type":"text","text":""}"#, deltas);
    }
    for (index, call) in reply.calls.iter().enumerate() {
        let (id, name) = (call_id(reply, index), quoted(&call.name));
        let start = format!(r#"{{"type":"tool_use","id":"{id}","name":{name},"input":{{}}}}"#);
        let deltas = pieces(&call.arguments, reply.pieces).map(|piece| {
            format!(r#"{{"type":"input_json_delta","partial_json":{}}}"#, quoted(piece))
        });
        block(&mut events, index, &start, deltas);
    }
    let usage = format!(r#","usage":{{"output_tokens":{}}}"#, reply.usage.output);
    let usage = if times == 0 { "" } else { &usage };
    let delta = format!(r#""delta":{{"stop_reason":"{finish}","stop_sequence":null}}{usage}"#);
    events.extend((0..times.max(1)).map(|_| event("message_delta", &delta)));
    events.push(event("message_stop", ""));
    events
}

fn block(events: &mut Vec<Bytes>, index: usize, start: &str, deltas: impl Iterator<Item = String>) {
    events
        .push(event("content_block_start", &format!(r#""index":{index},"content_block":{start}"#)));
    let delta = |delta: String| {
        event("content_block_delta", &format!(r#""index":{index},"delta":{delta}"#))
    };
    events.extend(deltas.map(delta));
    events.push(event("content_block_stop", &format!(r#""index":{index}"#)));
}

fn event(name: &str, members: &str) -> Bytes {
    let comma = if members.is_empty() { "" } else { "," };
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{comma}{members}}}\n\n").into()
}

pub(crate) fn envelope(refusal: &Refusal) -> String {
    let kind = quoted(refusal.code.as_deref().unwrap_or(kind(refusal.status)));
    let message = quoted(&refusal.message);
    format!(
        r#"{{"type":"error","error":{{"type":{kind},"message":{message}}},"request_id":"req_simulated"}}"#
    )
}

/// The usual error type of a status.
fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

fn call_id(reply: &Reply, index: usize) -> String {
    format!("toolu_{:016x}_{index}", reply.id)
}

fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
    }
}

fn full_usage(reply: &Reply, output: i64) -> String {
    // The other input is told without what was cached.
    let (input, cached) = (reply.usage.input - reply.usage.cached, reply.usage.cached);
    format!(
        r#","usage":{{"input_tokens":{input},"cache_creation_input_tokens":0,"cache_read_input_tokens":{cached},"output_tokens":{output}}}"#
    )
}

/// The list of `models`.
pub(crate) fn models(models: &[&str]) -> String {
    let model = |model: &&str| {
        let id = quoted(model);
        format!(
            r#"{{"type":"model","id":{id},"display_name":{id},"created_at":"2023-11-14T22:13:20Z"}}"#
        )
    };
    let ends = |model: Option<&&str>| model.map_or_else(|| "null".to_owned(), |id| quoted(id));
    let (first, last) = (ends(models.first()), ends(models.last()));
    let models = models.iter().map(model).collect::<Vec<_>>().join(",");
    format!(r#"{{"data":[{models}],"has_more":false,"first_id":{first},"last_id":{last}}}"#)
}
