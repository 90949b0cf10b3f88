//! OpenAI chat completions, in literal JSON.

mod messages;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::ask::{Ask, Fields, Refusal, ToolCall, user_text};
use crate::prompt::Prompt;
use crate::protocol::quoted;
use crate::reply::{Finish, Reply, Usage, pieces};
use crate::tools;

/// Fixed, so that the same request has the same answer.
const CREATED: u64 = 1_700_000_000;
/// Fields of the other protocol, which the provider does not know.
const FOREIGN: [&str; 4] = ["system", "stop_sequences", "top_k", "thinking"];
const MOST_CHOICES: u64 = 128;

pub(crate) fn ask(fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    let fields = Fields(fields);
    fields.refuse(&FOREIGN)?;
    let model = fields.model()?;
    let messages = fields.messages()?;
    messages::check(messages)?;
    check_tool_choice(&fields)?;
    fields.temperature(2.0)?;
    let is_stream = fields.flag("stream")?;
    let choices = fields.count("n")?.unwrap_or(1);
    if choices > MOST_CHOICES {
        return Err(Refusal::invalid(format!("n: must be at most {MOST_CHOICES}")));
    }
    let tools = fields.get("tools").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(Ask {
        model: model.to_owned(),
        is_stream,
        wants_usage: wants_usage(&fields, is_stream)?,
        max_output_tokens: max_output_tokens(&fields)?,
        choices,
        calls: tools::calls(&user_text(messages), &functions(tools)?),
        prompt: Prompt::of(
            ["model", "messages", "tools"].iter().filter_map(|name| fields.get(name)),
        ),
        vectors: None,
    })
}

fn wants_usage(fields: &Fields<'_>, is_stream: bool) -> Result<bool, Refusal> {
    let Some(options) = fields.get("stream_options") else { return Ok(false) };
    if !is_stream {
        return Err(Refusal::invalid("stream_options: only allowed when stream is true"));
    }
    let wanted = options.get("include_usage").filter(|value| !value.is_null());
    let refusal = || Refusal::invalid("stream_options.include_usage: must be true or false");
    wanted.map_or(Ok(false), |value| value.as_bool().ok_or_else(refusal))
}

fn max_output_tokens(fields: &Fields<'_>) -> Result<Option<u64>, Refusal> {
    match (fields.count("max_completion_tokens")?, fields.count("max_tokens")?) {
        (Some(_), Some(_)) => {
            Err(Refusal::invalid("max_tokens: not allowed together with max_completion_tokens"))
        }
        (newer, older) => Ok(newer.or(older)),
    }
}

fn check_tool_choice(fields: &Fields<'_>) -> Result<(), Refusal> {
    let Some(choice) = fields.get("tool_choice") else { return Ok(()) };
    let is_word = matches!(choice.as_str(), Some("none" | "auto" | "required"));
    if fields.get("tools").is_none() {
        Err(Refusal::invalid("tool_choice: only allowed when tools are given"))
    } else if is_word || choice["type"] == "function" && choice["function"]["name"].is_string() {
        Ok(())
    } else {
        Err(Refusal::invalid("tool_choice: must be none, auto, required or a function"))
    }
}

/// Names and argument schemas.
fn functions(tools: &[Value]) -> Result<Vec<(&str, Option<&Value>)>, Refusal> {
    fn read(tool: &Value) -> Option<(&str, Option<&Value>)> {
        let function = tool.get("function").filter(|_| tool["type"] == "function")?;
        Some((function.get("name")?.as_str()?, function.get("parameters")))
    }
    let refusal = || Refusal::invalid("tools: each must be a function with a name");
    tools.iter().map(|tool| read(tool).ok_or_else(refusal)).collect()
}

pub(crate) fn complete(reply: &Reply) -> String {
    let finish = finish(reply.finish);
    let choices = if reply.calls.is_empty() {
        let choice = |(index, text): (usize, &String)| {
            let text = quoted(text);
            format!(
                r#"{{"index":{index},"message":{{"role":"assistant","content":{text},"refusal":null}},"logprobs":null,"finish_reason":"{finish}"}}"#
            )
        };
        reply.texts.iter().enumerate().map(choice).collect::<Vec<_>>().join(",")
    } else {
        let call = |(index, call): (usize, &ToolCall)| {
            let (id, name) = (call_id(reply, index), quoted(&call.name));
            let arguments = quoted(&call.arguments);
            format!(
                r#"{{"id":"{id}","type":"function","function":{{"name":{name},"arguments":{arguments}}}}}"#
            )
        };
        let calls = reply.calls.iter().enumerate().map(call).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"index":0,"message":{{"role":"assistant","content":null,"tool_calls":[{calls}]}},"logprobs":null,"finish_reason":"{finish}"}}"#
        )
    };
    let usage = format!(r#","usage":{}"#, usage(reply.usage)).repeat(reply.usage.times);
    let (id, model) = (reply.id, quoted(&reply.model));
    format!(
        r#"{{"id":"chatcmpl-{id:016x}","object":"chat.completion","created":{CREATED},"model":{model},"choices":[{choices}]{usage}}}"#
    )
}

pub(crate) fn events(reply: &Reply) -> Vec<Bytes> {
    let (id, model) = (reply.id, quoted(&reply.model));
    let chunk = |choices: &str, usage: &str| -> Bytes {
        format!(
            "data: {{\"id\":\"chatcmpl-{id:016x}\",\"object\":\"chat.completion.chunk\",\"created\":{CREATED},\"model\":{model},\"choices\":[{choices}]{usage}}}\n\n"
        )
        .into()
    };
    let times = if reply.wants_usage { reply.usage.times } else { 0 };
    let no_usage = if reply.wants_usage { r#","usage":null"# } else { "" };
    let mut events: Vec<_> = deltas(reply).iter().map(|choices| chunk(choices, no_usage)).collect();
    let usage = format!(r#","usage":{}"#, usage(reply.usage));
    events.extend((0..times).map(|_| chunk("", &usage)));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

/// The `choices` of each chunk, in order.
fn deltas(reply: &Reply) -> Vec<String> {
    let last = finish(reply.finish);
    let delta = |index: usize, delta: &str| {
        format!(r#"{{"index":{index},"delta":{{{delta}}},"logprobs":null,"finish_reason":null}}"#)
    };
    let end = |index: usize| {
        format!(r#"{{"index":{index},"delta":{{}},"logprobs":null,"finish_reason":"{last}"}}"#)
    };
    let mut deltas = Vec::new();
    for (index, text) in reply.texts.iter().enumerate() {
        deltas.push(delta(index, r#""role":"assistant","content":"""#));
        let content = |piece| delta(index, &format!(r#""content":{}"#, quoted(piece)));
        deltas.extend(pieces(text, reply.pieces).map(content));
        deltas.push(end(index));
    }
    if reply.calls.is_empty() {
        return deltas;
    }
    deltas.push(delta(0, r#""role":"assistant","content":null"#));
    for (index, call) in reply.calls.iter().enumerate() {
        let (id, name) = (call_id(reply, index), quoted(&call.name));
        deltas.push(delta(
            0,
            &format!(
                r#""tool_calls":[{{"index":{index},"id":"{id}","type":"function","function":{{"name":{name},"arguments":""}}}}]"#
            ),
        ));
        deltas.extend(pieces(&call.arguments, reply.pieces).map(|piece| {
            let piece = quoted(piece);
            delta(
                0,
                &format!(
                    r#""tool_calls":[{{"index":{index},"function":{{"arguments":{piece}}}}}]"#
                ),
            )
        }));
    }
    deltas.push(end(0));
    deltas
}

pub(crate) fn envelope(refusal: &Refusal) -> String {
    let (kind, code) = kind_and_code(refusal.status);
    let message = quoted(&refusal.message);
    let code = refusal.code.as_deref().or(code).map_or_else(|| "null".to_owned(), quoted);
    format!(r#"{{"error":{{"message":{message},"type":"{kind}","param":null,"code":{code}}}}}"#)
}

/// The usual `type` and `code` of a status.
pub(crate) fn kind_and_code(status: u16) -> (&'static str, Option<&'static str>) {
    match status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        402 => ("insufficient_quota", Some("insufficient_quota")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    }
}

fn call_id(reply: &Reply, index: usize) -> String {
    format!("call_{:016x}_{index}", reply.id)
}

fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
    }
}

pub(crate) fn usage(Usage { input, cached, output, .. }: Usage) -> String {
    let total = input.saturating_add(output);
    format!(
        r#"{{"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{total},"prompt_tokens_details":{{"cached_tokens":{cached}}},"completion_tokens_details":{{"reasoning_tokens":0}}}}"#
    )
}

/// The list of `models`.
pub(crate) fn models(models: &[&str]) -> String {
    let model = |model: &&str| {
        let id = quoted(model);
        format!(r#"{{"id":{id},"object":"model","created":{CREATED},"owned_by":"simulator"}}"#)
    };
    let models = models.iter().map(model).collect::<Vec<_>>().join(",");
    format!(r#"{{"object":"list","data":[{models}]}}"#)
}
