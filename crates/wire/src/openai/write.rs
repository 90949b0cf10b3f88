//! From events to chunks.

use bytes::Bytes;
use serde_json::{Value, json};
use types::TokenUsage;

use super::{DONE, finish, frame, usage};
use crate::event::Event;
use crate::{Piece, PieceKind};

/// Writes the chunks of one stream. Reasoning goes out as `reasoning_content`, the name that most
/// clients read; `created` is 0 because other protocols do not tell.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    id: String,
    model: String,
    usage: Option<TokenUsage>,
}

impl Writer {
    pub(crate) fn write(&mut self, event: &Event<'_>, out: &mut Vec<Piece>) {
        match event {
            Event::Start { id, model } => {
                self.id = id.unwrap_or("chatcmpl").to_owned();
                self.model = model.unwrap_or_default().to_owned();
                let delta = json!({"role": "assistant", "content": ""});
                out.push(self.delta(0, &delta, PieceKind::Preamble));
            }
            Event::Text { choice, text } => self.content(*choice, &json!({"content": text}), out),
            Event::Reasoning { choice, text } => {
                self.content(*choice, &json!({"reasoning_content": text}), out);
            }
            Event::Refusal { choice, text } => {
                self.content(*choice, &json!({"refusal": text}), out);
            }
            Event::ToolCall { choice, tool, id, name } => {
                let function = json!({"name": name, "arguments": ""});
                let call =
                    json!({"index": tool, "id": id, "type": "function", "function": function});
                self.content(*choice, &json!({"tool_calls": [call]}), out);
            }
            Event::ToolArguments { choice, tool, fragment } => {
                let call = json!({"index": tool, "function": {"arguments": fragment}});
                self.content(*choice, &json!({"tool_calls": [call]}), out);
            }
            Event::Opaque { .. } => {}
            Event::Finish { choice, finish, .. } => {
                let reason = finish::write(finish);
                let choices = json!([{"index": choice, "delta": {}, "finish_reason": reason}]);
                out.push(self.chunk(&choices, None, PieceKind::Content));
            }
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::End => self.end(out),
        }
    }

    fn content(&self, choice: u64, delta: &Value, out: &mut Vec<Piece>) {
        out.push(self.delta(choice, delta, PieceKind::Content));
    }

    fn delta(&self, choice: u64, delta: &Value, kind: PieceKind) -> Piece {
        let choices = json!([{"index": choice, "delta": delta, "finish_reason": null}]);
        self.chunk(&choices, None, kind)
    }

    fn chunk(&self, choices: &Value, usage: Option<Value>, kind: PieceKind) -> Piece {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": 0,
            "model": self.model,
            "choices": choices,
        });
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        Piece { bytes: frame(&chunk), kind }
    }

    fn end(&self, out: &mut Vec<Piece>) {
        if let Some(usage) = &self.usage {
            out.push(self.chunk(&json!([]), Some(usage::write(usage)), PieceKind::UsageOnly));
        }
        out.push(Piece { bytes: Bytes::from_static(DONE), kind: PieceKind::Terminal });
    }
}
