//! From events to the frames of a stream.

use serde_json::{Value, json};
use types::TokenUsage;

use super::custom_input::CustomInput;
use super::frames::Frames;
use super::tool_name::ToolName;
use super::tools::ToolNames;
use super::{finish, frames, usage};
use crate::event::Event;
use crate::{Error, Finish, Piece, PieceKind, Request};

/// Writes the frames of one stream. A response has one choice; reasoning goes out as the summary of
/// a reasoning item, without encrypted content, because no other provider's is OpenAI's.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    names: ToolNames,
    frames: Frames,
    id: String,
    model: String,
    /// The items that are whole.
    output: Vec<Value>,
    open: Option<Open>,
    finish: Option<Finish>,
    usage: Option<TokenUsage>,
}

/// The item that is being written, and its text so far.
#[derive(Debug)]
struct Open {
    kind: Kind,
    /// Its id.
    item: String,
    text: String,
    /// Takes the input of a custom tool out of the arguments.
    input: Option<CustomInput>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    Reasoning,
    Call { tool: u64, call_id: String, name: ToolName },
}

impl Writer {
    /// A writer of the answer to a request.
    pub(crate) fn answering(request: &Request) -> Self {
        Self { names: ToolNames::of(request), ..Self::default() }
    }

    pub(crate) fn write(&mut self, event: &Event<'_>, out: &mut Vec<Piece>) -> Result<(), Error> {
        match event {
            Event::Start { id, model } => self.start(*id, *model, out),
            Event::Text { choice: 0, text } => self.say(Kind::Text, text, out),
            Event::Refusal { choice: 0, text } => self.say(Kind::Refusal, text, out),
            Event::Reasoning { choice: 0, text } => self.say(Kind::Reasoning, text, out),
            Event::ToolCall { choice: 0, tool, id, name } => {
                let (call_id, name) = ((*id).to_owned(), self.names.of_function(name));
                self.begin(Kind::Call { tool: *tool, call_id, name }, out);
            }
            Event::ToolArguments { choice: 0, tool, fragment } => {
                let open = self.open.as_ref().map(|open| &open.kind);
                match open {
                    Some(Kind::Call { tool: open, .. }) if open == tool => {
                        self.argue(fragment, out)
                    }
                    _ => return Err(Error::Unreadable { what: "its tool calls are interleaved" }),
                }
            }
            Event::Finish { choice: 0, finish, .. } => self.finish = Some(finish.clone()),
            Event::Usage(usage) => self.usage = Some(*usage),
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

    fn start(&mut self, id: Option<&str>, model: Option<&str>, out: &mut Vec<Piece>) {
        let id = id.unwrap_or_default();
        self.id = if id.starts_with("resp") { id.to_owned() } else { format!("resp_{id}") };
        self.model = model.unwrap_or_default().to_owned();
        let begun = self.response("in_progress", &Value::Null);
        for name in ["response.created", "response.in_progress"] {
            let data = json!({"type": name, "response": begun});
            self.push(data, PieceKind::Preamble, out);
        }
    }

    fn push(&mut self, data: Value, kind: PieceKind, out: &mut Vec<Piece>) {
        out.push(Piece { bytes: self.frames.frame(data), kind });
    }

    /// A frame about the part that is being written.
    fn push_part(&mut self, event: &str, field: &str, value: Value, out: &mut Vec<Piece>) {
        let Some(open) = &self.open else { return };
        let is_delta = event == "delta";
        let name = match (&open.kind, field) {
            (Kind::Text | Kind::Refusal, "part") => "content_part",
            (Kind::Reasoning, "part") => "reasoning_summary_part",
            (Kind::Text, _) => "output_text",
            (Kind::Refusal, _) => "refusal",
            (Kind::Reasoning, _) => "reasoning_summary_text",
            (Kind::Call { name, .. }, _) if name.is_custom => "custom_tool_call_input",
            (Kind::Call { .. }, _) => "function_call_arguments",
        };
        let mut data = json!({
            "type": format!("response.{name}.{event}"),
            "item_id": open.item,
            "output_index": self.output.len(),
        });
        match open.kind {
            Kind::Text | Kind::Refusal => data["content_index"] = 0.into(),
            Kind::Reasoning => data["summary_index"] = 0.into(),
            Kind::Call { .. } => {}
        }
        data[field] = value;
        let kind = if is_delta { PieceKind::Content } else { PieceKind::Preamble };
        self.push(data, kind, out);
    }

    fn say(&mut self, kind: Kind, text: &str, out: &mut Vec<Piece>) {
        if self.open.as_ref().is_none_or(|open| open.kind != kind) {
            self.begin(kind, out);
        }
        self.delta(text, out);
    }

    fn begin(&mut self, kind: Kind, out: &mut Vec<Piece>) {
        self.close(out);
        let position = self.output.len();
        let (prefix, input) = match &kind {
            Kind::Text | Kind::Refusal => ("msg", None),
            Kind::Reasoning => ("rs", None),
            Kind::Call { name, .. } if name.is_custom => ("ctc", Some(CustomInput::default())),
            Kind::Call { .. } => ("fc", None),
        };
        let item = format!("{prefix}_{}_{position}", self.id);
        let open = Open { kind, item, text: String::new(), input };
        let is_call = matches!(open.kind, Kind::Call { .. });
        let added = json!({
            "type": "response.output_item.added",
            "output_index": position,
            "item": open.begun(),
        });
        let part = open.part();
        self.open = Some(open);
        let kind = if is_call { PieceKind::Content } else { PieceKind::Preamble };
        self.push(added, kind, out);
        if !is_call {
            self.push_part("added", "part", part, out);
        }
    }

    fn delta(&mut self, text: &str, out: &mut Vec<Piece>) {
        if let Some(open) = &mut self.open {
            open.text.push_str(text);
        }
        self.push_part("delta", "delta", text.into(), out);
    }

    /// A fragment of a call's arguments.
    fn argue(&mut self, fragment: &str, out: &mut Vec<Piece>) {
        match self.open.as_mut().and_then(|open| open.input.as_mut()) {
            Some(input) => {
                let text = input.push(fragment);
                self.custom_delta(&text, out);
            }
            None => self.delta(fragment, out),
        }
    }

    /// Input of a custom tool; most fragments of arguments hold some, not all.
    fn custom_delta(&mut self, text: &str, out: &mut Vec<Piece>) {
        if !text.is_empty() {
            self.delta(text, out);
        }
    }

    fn close(&mut self, out: &mut Vec<Piece>) {
        let rest = self.open.as_mut().and_then(|open| open.input.as_mut()).map(CustomInput::finish);
        self.custom_delta(&rest.unwrap_or_default(), out);
        let Some(open) = &self.open else { return };
        let (part, item) = (open.part(), open.whole());
        let (field, is_call) = match &open.kind {
            Kind::Text | Kind::Reasoning => ("text", false),
            Kind::Refusal => ("refusal", false),
            Kind::Call { name, .. } => (name.given(), true),
        };
        let text = Value::from(open.text.as_str());
        self.push_part("done", field, text, out);
        if !is_call {
            self.push_part("done", "part", part, out);
        }
        let position = self.output.len();
        let done = "response.output_item.done";
        let data = json!({"type": done, "output_index": position, "item": item});
        self.push(data, PieceKind::Preamble, out);
        self.output.push(item);
        self.open = None;
    }

    /// The usage may come after the reason to stop, so both wait for the end.
    fn end(&mut self, out: &mut Vec<Piece>) {
        self.close(out);
        let (status, details) = finish::write(self.finish.as_ref());
        let response = self.response(status, &details);
        let data = json!({"type": format!("response.{status}"), "response": response});
        self.push(data, PieceKind::Terminal, out);
    }

    fn response(&self, status: &str, incomplete_details: &Value) -> Value {
        let mut response = frames::response(&self.id, &self.model, status);
        response["incomplete_details"] = incomplete_details.clone();
        response["output"] = Value::Array(self.output.clone());
        response["usage"] = self.usage.as_ref().map_or(Value::Null, usage::write);
        response
    }
}

impl Open {
    /// The part as it is so far.
    fn part(&self) -> Value {
        match self.kind {
            Kind::Text => json!({"type": "output_text", "annotations": [], "text": self.text}),
            Kind::Refusal => json!({"type": "refusal", "refusal": self.text}),
            Kind::Reasoning | Kind::Call { .. } => {
                json!({"type": "summary_text", "text": self.text})
            }
        }
    }

    fn begun(&self) -> Value {
        self.item("in_progress", &json!([]))
    }

    fn whole(&self) -> Value {
        self.item("completed", &json!([self.part()]))
    }

    fn item(&self, status: &str, parts: &Value) -> Value {
        match &self.kind {
            Kind::Text | Kind::Refusal => json!({
                "id": self.item,
                "type": "message",
                "status": status,
                "role": "assistant",
                "content": parts,
            }),
            Kind::Reasoning => json!({"id": self.item, "type": "reasoning", "summary": parts}),
            Kind::Call { call_id, name, .. } => self.call(status, call_id, name),
        }
    }

    fn call(&self, status: &str, call_id: &str, name: &ToolName) -> Value {
        let kind = if name.is_custom { "custom_tool_call" } else { "function_call" };
        let mut call = json!({
            "id": self.item,
            "type": kind,
            "status": status,
            "call_id": call_id,
            "name": name.name,
            name.given(): self.text,
        });
        if let Some(namespace) = &name.namespace {
            call["namespace"] = namespace.as_str().into();
        }
        call
    }
}
