//! From the frames of a stream and complete answers to events.

use std::collections::{HashMap, HashSet};

use serde_json_borrow::Value;

use super::{finish, usage};
use crate::event::{Event, Sink};
use crate::json::borrowed::{member, text, text_bytes};
use crate::{Error, Finish, Piece, PieceKind, SseEvent, UpstreamError, codec};

/// Items with which the model waits for the client, functions apart.
const CLIENT_CALLS: [&str; 6] = [
    "custom_tool_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "computer_call",
    "mcp_approval_request",
];

/// Reads the frames of one stream.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    is_started: bool,
    waits_for_client: bool,
    /// The calls of functions so far, by the index of their item.
    tools: HashMap<u64, Tool>,
    /// The indices of items whose content is metered as it comes.
    metered: HashSet<u64>,
}

#[derive(Debug)]
struct Tool {
    number: u64,
    has_arguments: bool,
}

impl Reader {
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        let Some(data) = codec::data(frame)? else {
            return Ok(codec::same(frame, PieceKind::Preamble));
        };
        Ok(codec::same(frame, self.event(&data, sink)?))
    }

    fn event(&mut self, data: &Value<'_>, sink: &mut Sink<'_>) -> Result<PieceKind, Error> {
        let index = member(data, "output_index").as_u64().unwrap_or(0);
        let delta = text(data, "delta");
        match text(data, "type") {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.start(member(data, "response"), sink)?;
                return Ok(PieceKind::Preamble);
            }
            "response.output_item.added" => {
                return self.item_added(index, member(data, "item"), sink);
            }
            "response.output_item.done" => {
                return self.item_done(index, member(data, "item"), sink);
            }
            "response.output_text.delta" => sink(Event::Text { choice: 0, text: delta })?,
            "response.refusal.delta" => sink(Event::Refusal { choice: 0, text: delta })?,
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                sink(Event::Reasoning { choice: 0, text: delta })?;
            }
            "response.function_call_arguments.delta" => self.arguments(index, delta, sink)?,
            "response.completed" | "response.incomplete" => {
                self.end(member(data, "response"), sink)?;
                return Ok(PieceKind::Terminal);
            }
            "response.failed" => {
                let error = UpstreamError::inside(member(data, "response"));
                return Err(Error::Upstream(
                    error.unwrap_or_else(|| UpstreamError::said("the response failed")),
                ));
            }
            other if other.ends_with(".delta") => {
                self.metered.insert(index);
                let bytes = text_bytes(member(data, "delta"));
                sink(Event::Opaque { bytes, is_answer: true })?;
            }
            _ => return Ok(PieceKind::Preamble),
        }
        Ok(PieceKind::Content)
    }

    fn start(&mut self, response: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_started, true) {
            return Ok(());
        }
        let known = |name| member(response, name).as_str();
        sink(Event::Start { id: known("id"), model: known("model") })
    }

    fn item_added(
        &mut self,
        index: u64,
        item: &Value<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<PieceKind, Error> {
        if text(item, "type") != "function_call" {
            return Ok(PieceKind::Preamble);
        }
        let tool = u64::try_from(self.tools.len()).unwrap_or(u64::MAX);
        self.tools.insert(index, Tool { number: tool, has_arguments: false });
        let id = [text(item, "call_id"), text(item, "id")];
        let id = id.into_iter().find(|id| !id.is_empty()).unwrap_or("call");
        sink(Event::ToolCall { choice: 0, tool, id, name: text(item, "name") })?;
        self.arguments(index, text(item, "arguments"), sink)?;
        Ok(PieceKind::Content)
    }

    fn arguments(&mut self, index: u64, fragment: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(tool) = self.tools.get_mut(&index).filter(|_| !fragment.is_empty()) else {
            return Ok(());
        };
        tool.has_arguments = true;
        sink(Event::ToolArguments { choice: 0, tool: tool.number, fragment })
    }

    /// Some servers send arguments only with the whole item. Content that no delta brought is that
    /// of tools which only this protocol knows.
    fn item_done(
        &mut self,
        index: u64,
        item: &Value<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<PieceKind, Error> {
        let kind = text(item, "type");
        self.waits_for_client |= CLIENT_CALLS.contains(&kind);
        match kind {
            "message" | "reasoning" => Ok(PieceKind::Preamble),
            "function_call" => {
                if !self.tools.contains_key(&index) {
                    self.item_added(index, item, sink)?;
                } else if self.tools.get(&index).is_some_and(|tool| !tool.has_arguments) {
                    self.arguments(index, text(item, "arguments"), sink)?;
                }
                Ok(PieceKind::Content)
            }
            _ => {
                let is_metered = self.metered.contains(&index);
                let bytes = if is_metered { 0 } else { text_bytes(item) };
                sink(Event::Opaque { bytes, is_answer: true })?;
                Ok(PieceKind::Content)
            }
        }
    }

    fn end(&mut self, response: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.start(response, sink)?;
        let mut finish = finish::read(response);
        if finish == Finish::Stop && (self.waits_for_client || !self.tools.is_empty()) {
            finish = Finish::ToolCalls;
        }
        sink(Event::Finish { choice: 0, finish, sequence: None })?;
        if let Some(usage) = usage::read(member(response, "usage")) {
            sink(Event::Usage(usage))?;
        }
        sink(Event::End)
    }
}

/// Reads a complete answer.
pub(crate) fn read_answer(answer: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Some(items) = member(answer, "output").as_array() else {
        return Err(Error::Unreadable { what: "it has no output" });
    };
    if !matches!(text(answer, "status"), "completed" | "incomplete") {
        return Err(Error::Unreadable { what: "it has not ended" });
    }
    let mut reader = Reader::default();
    reader.start(answer, sink)?;
    for (index, item) in (0..).zip(items) {
        for list in ["summary", "content"] {
            for part in member(item, list).as_array().into_iter().flatten() {
                read_part(part, sink)?;
            }
        }
        reader.item_done(index, item, sink)?;
    }
    reader.end(answer, sink)
}

/// Reads a part of an item; empty text is none, as it is none in a stream.
fn read_part(part: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let choice = 0;
    match (text(part, "type"), text(part, "text"), text(part, "refusal")) {
        ("output_text", text, _) if !text.is_empty() => sink(Event::Text { choice, text }),
        ("refusal", _, text) if !text.is_empty() => sink(Event::Refusal { choice, text }),
        ("summary_text" | "reasoning_text", text, _) if !text.is_empty() => {
            sink(Event::Reasoning { choice, text })
        }
        _ => Ok(()),
    }
}
