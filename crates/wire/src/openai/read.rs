//! From chunks and complete answers to events.

use std::collections::HashMap;

use serde_json_borrow::{ObjectAsVec, Value};

use super::{MAX_ID_CHARS, finish, usage};
use crate::event::{Event, Sink};
use crate::json::borrowed::{is_empty, member, text, text_bytes};
use crate::prompt::short_id;
use crate::{Error, Piece, PieceKind, SseEvent, codec};

/// Reads the chunks of one stream.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    is_started: bool,
    /// The answer comes whole, with its tool calls in order and without numbers.
    is_whole: bool,
    /// The id of the answer, for tool calls that come without one of their own.
    id: String,
    /// The tool calls that each choice has begun, in order.
    calls: HashMap<u64, Vec<Call>>,
}

/// How the fragments of a tool call name it. Gemini leaves the index out, or gives all calls the
/// same one; others repeat the id in every fragment.
#[derive(Debug)]
struct Call {
    index: Option<u64>,
    id: String,
}

impl Call {
    fn is_meant(&self, index: Option<u64>, id: &str) -> bool {
        self.index == index && (id.is_empty() || self.id == id)
    }
}

impl Reader {
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        if frame.data.trim_ascii() == b"[DONE]" {
            if !self.is_started {
                return Err(Error::Unreadable { what: "it ends before it begins" });
            }
            sink(Event::End)?;
            return Ok(codec::same(frame, PieceKind::Terminal));
        }
        let Some(chunk) = codec::data(frame)? else {
            return Ok(codec::same(frame, PieceKind::Preamble));
        };
        Ok(codec::same(frame, self.chunk(&chunk, sink)?))
    }

    fn chunk(&mut self, chunk: &Value<'_>, sink: &mut Sink<'_>) -> Result<PieceKind, Error> {
        let choices = member(chunk, "choices").as_array();
        let usage = usage::read(member(chunk, "usage"))
            .or_else(|| usage::read(member(member(chunk, "x_groq"), "usage")));
        if choices.is_some() {
            self.start(chunk, sink)?;
        }
        let mut kind = match (choices, usage) {
            (Some([]), Some(_)) => PieceKind::UsageOnly,
            _ => PieceKind::Preamble,
        };
        for choice in choices.unwrap_or_default() {
            if self.choice(choice, "delta", sink)? {
                kind = PieceKind::Content;
            }
        }
        if let Some(usage) = usage {
            sink(Event::Usage(usage))?;
        }
        Ok(kind)
    }

    fn start(&mut self, answer: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_started, true) {
            return Ok(());
        }
        let known = |name| member(answer, name).as_str().filter(|text| !text.is_empty());
        self.id = known("id").unwrap_or("answer").to_owned();
        sink(Event::Start { id: known("id"), model: known("model") })
    }

    /// Reads one choice; true where it says more than who speaks.
    fn choice(
        &mut self,
        choice: &Value<'_>,
        part: &str,
        sink: &mut Sink<'_>,
    ) -> Result<bool, Error> {
        let index = member(choice, "index").as_u64().unwrap_or(0);
        let mut has_content = false;
        if let Some(message) = member(choice, part).as_object() {
            has_content = self.message(index, message, sink)?;
        }
        if let Some(reason) = member(choice, "finish_reason").as_str() {
            let finish = finish::read(reason);
            sink(Event::Finish { choice: index, finish, sequence: None })?;
            has_content = true;
        }
        Ok(has_content)
    }

    fn message(
        &mut self,
        choice: u64,
        message: &ObjectAsVec<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<bool, Error> {
        let mut has_content = false;
        // A whole message may have its reasoning behind the text that it led to.
        let is_reasoning = |(key, _): &(&str, &Value<'_>)| key.starts_with("reasoning");
        let rest = message.iter().filter(|member| !is_reasoning(member));
        let is_said_twice = message.contains_key("reasoning_content");
        for (key, value) in message.iter().filter(is_reasoning).chain(rest) {
            if key == "role" || is_empty(value) {
                continue;
            }
            has_content = true;
            match (key, value) {
                ("content", Value::Str(text)) => sink(Event::Text { choice, text })?,
                ("content", Value::Array(parts)) => read_parts(choice, parts, sink)?,
                ("refusal", Value::Str(text)) => sink(Event::Refusal { choice, text })?,
                ("reasoning_content", Value::Str(text)) => {
                    sink(Event::Reasoning { choice, text })?;
                }
                // Some servers send the same text under both names.
                ("reasoning", Value::Str(_)) if is_said_twice => {}
                ("reasoning", Value::Str(text)) => sink(Event::Reasoning { choice, text })?,
                ("tool_calls", Value::Array(calls)) => {
                    for (position, call) in (0..).zip(calls) {
                        let known = self.is_whole.then_some(position);
                        let index = member(call, "index").as_u64().or(known);
                        self.tool_call(
                            (choice, index),
                            text(call, "id"),
                            member(call, "function"),
                            sink,
                        )?;
                    }
                }
                ("function_call", function) => {
                    // The single call of old servers.
                    self.tool_call((choice, Some(0)), "", function, sink)?;
                }
                (_, other) => {
                    let is_answer = key != "reasoning_details";
                    sink(Event::Opaque { bytes: text_bytes(other), is_answer })?;
                }
            }
        }
        Ok(has_content)
    }

    fn tool_call(
        &mut self,
        (choice, index): (u64, Option<u64>),
        id: &str,
        function: &Value<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let calls = self.calls.entry(choice).or_default();
        let known = calls.iter().rposition(|call| call.is_meant(index, id));
        let position = known.unwrap_or(calls.len());
        let tool = u64::try_from(position).unwrap_or(u64::MAX);
        if known.is_none() {
            calls.push(Call { index, id: id.to_owned() });
            let name = text(function, "name");
            let minted = format!("call_{}_{choice}_{tool}", self.id);
            let minted = short_id(&minted, MAX_ID_CHARS);
            let id = if id.is_empty() { &minted } else { id };
            sink(Event::ToolCall { choice, tool, id, name })?;
        }
        match text(function, "arguments") {
            "" => Ok(()),
            fragment => sink(Event::ToolArguments { choice, tool, fragment }),
        }
    }
}

/// Reads content in parts, as reasoning models of some servers write it: text, and thinking that
/// has texts inside.
fn read_parts(choice: u64, parts: &[Value<'_>], sink: &mut Sink<'_>) -> Result<(), Error> {
    for part in parts {
        match text(part, "type") {
            "text" => match text(part, "text") {
                "" => {}
                text => sink(Event::Text { choice, text })?,
            },
            "thinking" => {
                let thoughts = member(part, "thinking");
                let inner = thoughts.as_array().unwrap_or_default().iter();
                let texts =
                    thoughts.as_str().into_iter().chain(inner.map(|part| text(part, "text")));
                for text in texts.filter(|text| !text.is_empty()) {
                    sink(Event::Reasoning { choice, text })?;
                }
            }
            _ => sink(Event::Opaque { bytes: text_bytes(part), is_answer: true })?,
        }
    }
    Ok(())
}

/// Reads a complete answer.
pub(crate) fn read_answer(answer: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Some(choices) = member(answer, "choices").as_array() else {
        return Err(Error::Unreadable { what: "it has no choices" });
    };
    let mut reader = Reader { is_whole: true, ..Reader::default() };
    reader.start(answer, sink)?;
    for choice in choices {
        reader.choice(choice, "message", sink)?;
    }
    if let Some(usage) = usage::read(member(answer, "usage")) {
        sink(Event::Usage(usage))?;
    }
    sink(Event::End)
}
