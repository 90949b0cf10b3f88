//! From the frames of a stream and complete answers to events.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json_borrow::Value;

use super::finish;
use super::usage::Usage;
use crate::event::{Event, Sink};
use crate::json::borrowed::{is_empty, member, text, text_bytes};
use crate::{Error, Piece, PieceKind, SseEvent, codec};

/// Reads the frames of one stream.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    is_started: bool,
    usage: Usage,
    /// The tool calls so far, by the index of their content block.
    tools: HashMap<u64, Tool>,
}

#[derive(Debug)]
struct Tool {
    number: u64,
    has_input: bool,
}

impl Reader {
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        let Some(data) = codec::data(frame)? else {
            return Ok(codec::same(frame, PieceKind::Preamble));
        };
        let kind = self.event(&data, sink)?;
        let name = member(&data, "type").as_str().filter(|_| frame.name.is_none());
        Ok(match name.filter(|name| is_plain(name)) {
            None => codec::same(frame, kind),
            Some(name) => {
                let line = format!("event: {name}\n");
                Piece { bytes: Bytes::from([line.as_bytes(), &frame.raw].concat()), kind }
            }
        })
    }

    fn event(&mut self, data: &Value<'_>, sink: &mut Sink<'_>) -> Result<PieceKind, Error> {
        let index = member(data, "index").as_u64().unwrap_or(0);
        let part = |name| member(data, name);
        match text(data, "type") {
            "message_start" => self.start(part("message"), sink).map(|()| PieceKind::Preamble),
            "content_block_start" => self.block(index, part("content_block"), sink),
            "content_block_stop" => self.stop(index, sink).map(|()| PieceKind::Preamble),
            "content_block_delta" => {
                self.delta(index, part("delta"), sink).map(|()| PieceKind::Content)
            }
            "message_delta" => {
                self.end(part("delta"), part("usage"), sink).map(|()| PieceKind::Content)
            }
            "message_stop" if !self.is_started => {
                Err(Error::Unreadable { what: "it ends before it begins" })
            }
            "message_stop" => sink(Event::End).map(|()| PieceKind::Terminal),
            _ => Ok(PieceKind::Preamble),
        }
    }

    fn start(&mut self, message: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.is_started = true;
        let known = |name| member(message, name).as_str();
        sink(Event::Start { id: known("id"), model: known("model") })?;
        self.report(member(message, "usage"), sink)
    }

    fn report(&mut self, usage: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.usage.update(usage).map_or(Ok(()), |usage| sink(Event::Usage(usage)))
    }

    /// Reads a block that begins: empty in a stream, whole in a complete answer.
    fn block(
        &mut self,
        index: u64,
        block: &Value<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<PieceKind, Error> {
        match text(block, "type") {
            "text" => written("text", text(block, "text"), sink),
            "thinking" => written("thinking", text(block, "thinking"), sink),
            "tool_use" => {
                let tool = u64::try_from(self.tools.len()).unwrap_or(u64::MAX);
                let input = input(block);
                self.tools.insert(index, Tool { number: tool, has_input: input.is_some() });
                let (id, name) = (text(block, "id"), text(block, "name"));
                sink(Event::ToolCall { choice: 0, tool, id, name })?;
                if let Some(fragment) = &input {
                    sink(Event::ToolArguments { choice: 0, tool, fragment })?;
                }
                Ok(PieceKind::Content)
            }
            "redacted_thinking" => {
                sink(Event::Opaque { bytes: text(block, "data").len(), is_answer: false })?;
                Ok(PieceKind::Content)
            }
            _ => {
                // What the model writes of a server's tool is its input; results are no output.
                let bytes = input(block).map_or(0, |input| input.len());
                sink(Event::Opaque { bytes, is_answer: true })?;
                Ok(PieceKind::Content)
            }
        }
    }

    fn delta(&mut self, index: u64, delta: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        match text(delta, "type") {
            "text_delta" => sink(Event::Text { choice: 0, text: text(delta, "text") }),
            "thinking_delta" => sink(Event::Reasoning { choice: 0, text: text(delta, "thinking") }),
            "input_json_delta" => {
                let fragment = text(delta, "partial_json");
                match self.tools.get_mut(&index) {
                    Some(tool) => {
                        tool.has_input |= !fragment.is_empty();
                        sink(Event::ToolArguments { choice: 0, tool: tool.number, fragment })
                    }
                    None => sink(Event::Opaque { bytes: fragment.len(), is_answer: true }),
                }
            }
            // No output that is paid for.
            "signature_delta" | "citations_delta" => Ok(()),
            _ => sink(Event::Opaque { bytes: text_bytes(delta), is_answer: true }),
        }
    }

    /// A tool without input has none in its deltas either; in other protocols it has `{}`.
    fn stop(&mut self, index: u64, sink: &mut Sink<'_>) -> Result<(), Error> {
        match self.tools.get(&index) {
            Some(&Tool { number: tool, has_input: false }) => {
                sink(Event::ToolArguments { choice: 0, tool, fragment: "{}" })
            }
            _ => Ok(()),
        }
    }

    fn end(
        &mut self,
        delta: &Value<'_>,
        usage: &Value<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        if let Some(reason) = member(delta, "stop_reason").as_str() {
            let sequence = member(delta, "stop_sequence").as_str();
            sink(Event::Finish { choice: 0, finish: finish::read(reason), sequence })?;
        }
        self.report(usage, sink)
    }
}

/// Reads a complete answer.
pub(crate) fn read_answer(answer: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let Some(blocks) = member(answer, "content").as_array() else {
        return Err(Error::Unreadable { what: "it has no content" });
    };
    let mut reader = Reader::default();
    reader.start(answer, sink)?;
    for (index, block) in (0..).zip(blocks) {
        reader.block(index, block, sink)?;
        reader.stop(index, sink)?;
    }
    reader.end(answer, &Value::Null, sink)?;
    sink(Event::End)
}

/// The JSON text of a tool's input, where it came with the beginning of its block.
fn input(block: &Value<'_>) -> Option<String> {
    let input = member(block, "input");
    (!is_empty(input)).then(|| input.to_string())
}

/// Text at the beginning of a block; most streams begin with none.
fn written(kind: &str, text: &str, sink: &mut Sink<'_>) -> Result<PieceKind, Error> {
    if text.is_empty() {
        return Ok(PieceKind::Preamble);
    }
    sink(match kind {
        "text" => Event::Text { choice: 0, text },
        _ => Event::Reasoning { choice: 0, text },
    })?;
    Ok(PieceKind::Content)
}

/// Whether a name can stand in a line of its own.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
