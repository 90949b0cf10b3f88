//! From events to the frames of a stream.

use bytes::Bytes;
use serde_json::{Value, json};
use types::TokenUsage;

use super::{finish, frame, usage};
use crate::event::Event;
use crate::{Error, Finish, Piece, PieceKind};

/// Writes the frames of one stream. A message has one choice and no reasoning: Anthropic refuses
/// a conversation whose thinking it has not signed, so each step of reasoning is a ping.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    /// The index of the next content block.
    next: u64,
    open: Option<Open>,
    has_refused: bool,
    has_called: bool,
    stop: Option<(&'static str, Option<String>)>,
    usage: TokenUsage,
}

/// The content block that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Text,
    Tool(u64),
}

impl Writer {
    pub(crate) fn write(&mut self, event: &Event<'_>, out: &mut Vec<Piece>) -> Result<(), Error> {
        match event {
            Event::Start { id, model } => out.push(preamble(&start(*id, *model))),
            Event::Text { choice: 0, text } => self.text(text, out),
            Event::Refusal { choice: 0, text } => {
                self.has_refused = true;
                self.text(text, out);
            }
            Event::Reasoning { choice: 0, .. } => out.push(content(&json!({"type": "ping"}))),
            Event::ToolCall { choice: 0, tool, id, name } => {
                let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
                self.has_called = true;
                self.begin(Open::Tool(*tool), &block, out);
            }
            Event::ToolArguments { choice: 0, tool, fragment } => {
                if self.open != Some(Open::Tool(*tool)) {
                    return Err(Error::Unreadable { what: "its tool calls are interleaved" });
                }
                self.delta(&json!({"type": "input_json_delta", "partial_json": fragment}), out);
            }
            Event::Finish { choice: 0, finish, sequence } => {
                self.stop = Some((self.reason(finish), sequence.map(str::to_owned)));
            }
            Event::Usage(usage) => self.usage = *usage,
            Event::End => self.end(out),
            Event::Text { .. }
            | Event::Refusal { .. }
            | Event::Reasoning { .. }
            | Event::ToolCall { .. }
            | Event::ToolArguments { .. }
            | Event::Finish { .. }
            | Event::Opaque { .. } => {}
        }
        Ok(())
    }

    /// OpenAI ends a refusal with `stop`, and Gemini its tool calls too.
    fn reason(&self, finish: &Finish) -> &'static str {
        let is_stop = *finish == Finish::Stop;
        finish::write(if is_stop && self.has_refused {
            &Finish::ContentFilter
        } else if is_stop && self.has_called {
            &Finish::ToolCalls
        } else {
            finish
        })
    }

    fn text(&mut self, text: &str, out: &mut Vec<Piece>) {
        if self.open != Some(Open::Text) {
            self.begin(Open::Text, &json!({"type": "text", "text": ""}), out);
        }
        self.delta(&json!({"type": "text_delta", "text": text}), out);
    }

    fn begin(&mut self, open: Open, block: &Value, out: &mut Vec<Piece>) {
        self.close(out);
        self.open = Some(open);
        let index = self.next;
        out.push(content(
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        ));
    }

    fn delta(&self, delta: &Value, out: &mut Vec<Piece>) {
        let index = self.next;
        out.push(content(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
    }

    fn close(&mut self, out: &mut Vec<Piece>) {
        if self.open.take().is_some() {
            out.push(content(&json!({"type": "content_block_stop", "index": self.next})));
            self.next += 1;
        }
    }

    /// The usage of OpenAI comes after the reason to stop, so both wait for the end.
    fn end(&mut self, out: &mut Vec<Piece>) {
        self.close(out);
        let (reason, sequence) = self.stop.take().unzip();
        out.push(content(&json!({
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": sequence.flatten()},
            "usage": usage::write(&self.usage),
        })));
        let stop = json!({"type": "message_stop"});
        out.push(Piece { bytes: frame(&stop), kind: PieceKind::Terminal });
    }
}

fn start(id: Option<&str>, model: Option<&str>) -> Value {
    json!({
        "type": "message_start",
        "message": {
            "id": id.unwrap_or("msg"),
            "type": "message",
            "role": "assistant",
            "model": model.unwrap_or_default(),
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        },
    })
}

fn preamble(data: &Value) -> Piece {
    Piece { bytes: frame(data), kind: PieceKind::Preamble }
}

fn content(data: &Value) -> Piece {
    let bytes: Bytes = frame(data);
    Piece { bytes, kind: PieceKind::Content }
}
