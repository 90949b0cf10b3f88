//! OpenAI Responses, in literal JSON.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::ask::{Ask, Fields, Refusal, user_text};
use crate::openai::kind_and_code;
use crate::prompt::Prompt;
use crate::protocol::quoted;
use crate::reply::{Finish, Reply, Usage, pieces};
use crate::tools;

/// Fixed, so that the same request has the same answer.
const CREATED: u64 = 1_700_000_000;
/// Fields of other protocols, which the provider does not know.
const FOREIGN: [&str; 8] = [
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "n",
    "response_format",
    "stop",
    "stop_sequences",
    "system",
];
/// Items that may stand in the input beside messages.
const ITEMS: [&str; 4] = ["additional_tools", "function_call", "function_call_output", "reasoning"];

pub(crate) fn ask(fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    let fields = Fields(fields);
    fields.refuse(&FOREIGN)?;
    let model = fields.model()?;
    let last_text = check_input(&fields)?;
    fields.temperature(2.0)?;
    let tools = fields.get("tools").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let parts = ["model", "instructions", "input", "tools"];
    Ok(Ask {
        model: model.to_owned(),
        is_stream: fields.flag("stream")?,
        wants_usage: true,
        max_output_tokens: fields.count("max_output_tokens")?,
        choices: 1,
        calls: tools::calls(&last_text, &functions(tools)?),
        prompt: Prompt::of(parts.iter().filter_map(|name| fields.get(name))),
        vectors: None,
    })
}

/// Checks that items are known and that calls and outputs match; gives the user's last words.
fn check_input(fields: &Fields<'_>) -> Result<String, Refusal> {
    let items = match fields.get("input") {
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(_) | None => return Err(Refusal::invalid("input: a text or items are required")),
    };
    let mut unanswered: Vec<&Value> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let refusal = |problem: &str| Refusal::invalid(format!("input[{index}]: {problem}"));
        match item["type"].as_str() {
            None | Some("message") => check_message(item).map_err(refusal)?,
            Some("function_call") if item["arguments"].is_string() && item["name"].is_string() => {
                unanswered.push(&item["call_id"]);
            }
            Some("custom_tool_call") if item["input"].is_string() && item["name"].is_string() => {
                unanswered.push(&item["call_id"]);
            }
            Some("function_call_output" | "custom_tool_call_output") => {
                let call = unanswered.iter().position(|call| **call == item["call_id"]);
                let call = call.ok_or_else(|| refusal("no tool call found for this output"))?;
                unanswered.swap_remove(call);
            }
            Some(kind) if ITEMS.contains(&kind) && kind != "function_call" => {}
            Some(_) => return Err(refusal("unknown type")),
        }
    }
    match unanswered.is_empty() {
        true => Ok(user_text(items)),
        false => Err(Refusal::invalid("input: no tool output found for a function call")),
    }
}

fn check_message(message: &Value) -> Result<(), &'static str> {
    let own = match message["role"].as_str() {
        Some("user" | "system" | "developer") => ["input_text", "input_image"],
        Some("assistant") => ["output_text", "refusal"],
        Some(_) | None => return Err("unknown role"),
    };
    let is_own = |part: &Value| part["type"].as_str().is_some_and(|kind| own.contains(&kind));
    let content = &message["content"];
    let parts = content.as_array().filter(|parts| !parts.is_empty());
    if content.is_string() || parts.is_some_and(|parts| parts.iter().all(is_own)) {
        Ok(())
    } else {
        Err("content must be a text or parts of the role's types")
    }
}

/// Names and argument schemas. Tools that the provider runs have no name.
fn functions(tools: &[Value]) -> Result<Vec<(&str, Option<&Value>)>, Refusal> {
    let own = tools.iter().filter(|tool| tool["type"] == "function");
    own.map(|tool| {
        let refusal = || Refusal::invalid("tools: a function must have a name and parameters");
        let name = tool["name"].as_str().ok_or_else(refusal)?;
        Ok((name, Some(tool.get("parameters").ok_or_else(refusal)?)))
    })
    .collect()
}

pub(crate) fn complete(reply: &Reply) -> String {
    let (status, _) = status(reply);
    response(reply, status, &items(reply).join(","), true)
}

/// The whole response; it has usage once it has ended.
fn response(reply: &Reply, status: &str, output: &str, has_ended: bool) -> String {
    let (id, model) = (reply.id, quoted(&reply.model));
    let details = match (has_ended, status) {
        (true, "incomplete") => r#"{"reason":"max_output_tokens"}"#,
        _ => "null",
    };
    let times = if has_ended { reply.usage.times } else { 0 };
    let Usage { input, cached, output: tokens, .. } = reply.usage;
    let total = input.saturating_add(tokens);
    let usage = format!(
        r#","usage":{{"input_tokens":{input},"input_tokens_details":{{"cached_tokens":{cached}}},"output_tokens":{tokens},"output_tokens_details":{{"reasoning_tokens":0}},"total_tokens":{total}}}"#
    )
    .repeat(times);
    format!(
        r#"{{"id":"resp_{id:016x}","object":"response","created_at":{CREATED},"status":"{status}","error":null,"incomplete_details":{details},"instructions":null,"metadata":{{}},"model":{model},"output":[{output}],"parallel_tool_calls":true,"store":false,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0{usage}}}"#
    )
}

fn status(reply: &Reply) -> (&'static str, &'static str) {
    match reply.finish {
        Finish::Length => ("incomplete", "response.incomplete"),
        Finish::Stop | Finish::ToolCalls => ("completed", "response.completed"),
    }
}

fn items(reply: &Reply) -> Vec<String> {
    let texts = reply.texts.iter().map(|text| message(reply, text));
    let calls = (0..reply.calls.len()).map(|index| {
        let arguments = &reply.calls[index].arguments;
        call(reply, index, "completed", arguments)
    });
    texts.chain(calls).collect()
}

fn part(text: &str) -> String {
    format!(r#"{{"type":"output_text","annotations":[],"logprobs":[],"text":{}}}"#, quoted(text))
}

fn message(reply: &Reply, text: &str) -> String {
    let (id, part) = (message_id(reply), part(text));
    format!(
        r#"{{"id":"{id}","type":"message","status":"completed","role":"assistant","content":[{part}]}}"#
    )
}

fn message_id(reply: &Reply) -> String {
    format!("msg_{:016x}", reply.id)
}

fn call_item_id(reply: &Reply, index: usize) -> String {
    format!("fc_{:016x}_{index}", reply.id)
}

fn call(reply: &Reply, index: usize, status: &str, arguments: &str) -> String {
    let (item, id, name) = (call_item_id(reply, index), reply.id, quoted(&reply.calls[index].name));
    let arguments = quoted(arguments);
    format!(
        r#"{{"id":"{item}","type":"function_call","status":"{status}","arguments":{arguments},"call_id":"call_{id:016x}_{index}","name":{name}}}"#
    )
}

pub(crate) fn events(reply: &Reply) -> Vec<Bytes> {
    let mut events = Events::default();
    let begun = response(reply, "in_progress", "", false);
    events.push("response.created", &format!(r#""response":{begun}"#));
    events.push("response.in_progress", &format!(r#""response":{begun}"#));
    for text in &reply.texts {
        text_events(&mut events, reply, text);
    }
    for index in 0..reply.calls.len() {
        call_events(&mut events, reply, index);
    }
    let (_, last) = status(reply);
    events.push(last, &format!(r#""response":{}"#, complete(reply)));
    events.done
}

fn text_events(events: &mut Events, reply: &Reply, text: &str) {
    let id = message_id(reply);
    let place = format!(r#""item_id":"{id}","output_index":0,"content_index":0"#);
    let begun = format!(
        r#"{{"id":"{id}","type":"message","status":"in_progress","role":"assistant","content":[]}}"#
    );
    events.push("response.output_item.added", &format!(r#""output_index":0,"item":{begun}"#));
    let empty = part("");
    events.push("response.content_part.added", &format!(r#"{place},"part":{empty}"#));
    for piece in pieces(text, reply.pieces) {
        let piece = quoted(piece);
        let data = format!(r#"{place},"delta":{piece},"logprobs":[]"#);
        events.push("response.output_text.delta", &data);
    }
    let whole = quoted(text);
    events.push("response.output_text.done", &format!(r#"{place},"text":{whole},"logprobs":[]"#));
    let whole = part(text);
    events.push("response.content_part.done", &format!(r#"{place},"part":{whole}"#));
    let item = message(reply, text);
    events.push("response.output_item.done", &format!(r#""output_index":0,"item":{item}"#));
}

fn call_events(events: &mut Events, reply: &Reply, index: usize) {
    let arguments = &reply.calls[index].arguments;
    let place = format!(r#""item_id":"{}","output_index":{index}"#, call_item_id(reply, index));
    let item = |status: &str, arguments: &str| {
        let item = call(reply, index, status, arguments);
        format!(r#""output_index":{index},"item":{item}"#)
    };
    events.push("response.output_item.added", &item("in_progress", ""));
    for piece in pieces(arguments, reply.pieces) {
        let data = format!(r#"{place},"delta":{}"#, quoted(piece));
        events.push("response.function_call_arguments.delta", &data);
    }
    let data = format!(r#"{place},"arguments":{}"#, quoted(arguments));
    events.push("response.function_call_arguments.done", &data);
    events.push("response.output_item.done", &item("completed", arguments));
}

/// Events in order, numbered from 0.
#[derive(Default)]
struct Events {
    done: Vec<Bytes>,
}

impl Events {
    fn push(&mut self, name: &str, members: &str) {
        let number = self.done.len();
        let event = format!(
            "event: {name}\ndata: {{\"type\":\"{name}\",{members},\"sequence_number\":{number}}}\n\n"
        );
        self.done.push(event.into());
    }
}

pub(crate) fn error_event(refusal: &Refusal) -> Bytes {
    let (kind, code) = kind_and_code(refusal.status);
    let code = quoted(refusal.code.as_deref().or(code).unwrap_or(kind));
    let message = quoted(&refusal.message);
    format!(
        "event: error\ndata: {{\"type\":\"error\",\"code\":{code},\"message\":{message},\"param\":null,\"sequence_number\":0}}\n\n"
    )
    .into()
}
