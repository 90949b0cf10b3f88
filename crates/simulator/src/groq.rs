//! OpenAI chat completions as Groq has them: with refusals and members of its own.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::ask::{Ask, Refusal};
use crate::openai;
use crate::reply::Reply;

const REFUSED: [&str; 3] = ["logit_bias", "logprobs", "top_logprobs"];

pub(crate) fn ask(fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    if let Some(name) = REFUSED.iter().find(|name| fields.contains_key(**name)) {
        return Err(Refusal::invalid(format!("'{name}' is not supported with this model")));
    }
    if fields.get("n").is_some_and(|count| *count != 1) {
        return Err(Refusal::invalid("'n' : number must be at most 1"));
    }
    let messages = fields.get("messages").and_then(Value::as_array).into_iter().flatten();
    for (index, message) in messages.enumerate() {
        if message.get("name").is_some() {
            let place = format!("messages.{index}");
            return Err(Refusal::invalid(format!("'{place}' : property 'name' is unsupported")));
        }
    }
    let mut ask = openai::ask(fields)?;
    // It tells the usage of every stream, in a member of its own.
    ask.wants_usage |= ask.is_stream;
    Ok(ask)
}

pub(crate) fn complete(reply: &Reply) -> String {
    with_member(&openai::complete(reply), &id(reply))
}

/// OpenAI's chunks, of which the first has the request's id, and the last one the usage too.
pub(crate) fn events(reply: &Reply) -> Vec<Bytes> {
    let mut events = openai::events(reply);
    let last = events.iter().rposition(|event| contains(event, b"\"finish_reason\":\""));
    let usage = format!(r#","usage":{}"#, openai::usage(reply.usage));
    let usage = if reply.usage.times == 0 { "" } else { &usage };
    for (index, more) in [(Some(0), ""), (last, usage)] {
        if let Some(event) = index.and_then(|index| events.get_mut(index)) {
            let text = String::from_utf8_lossy(event).into_owned();
            let member = format!("{}{more}", id(reply));
            *event = format!("{}\n\n", with_member(text.trim_end(), &member)).into();
        }
    }
    events
}

fn id(reply: &Reply) -> String {
    format!(r#""id":"req_{:016x}""#, reply.id)
}

/// An object with one more member.
fn with_member(object: &str, members: &str) -> String {
    let open = object.strip_suffix('}').unwrap_or(object);
    format!(r#"{open},"x_groq":{{{members}}}}}"#)
}

fn contains(event: &[u8], part: &[u8]) -> bool {
    event.windows(part.len()).any(|window| window == part)
}
