//! From the chunks of a stream and complete answers, which have one form, to events.

use serde_json_borrow::Value;

use super::{finish, usage};
use crate::event::{Event, Sink};
use crate::json::borrowed::{is_empty, member, text, text_bytes};
use crate::{Error, Finish, Piece, PieceKind, SseEvent, codec};

/// Reads the chunks of one answer, of which only the first candidate counts.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    is_started: bool,
    /// The id of the answer, for tool calls that come without one of their own.
    id: String,
    /// How many tools were called.
    calls: u64,
    has_finished: bool,
}

impl Reader {
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        if let Some(chunk) = codec::data(frame)? {
            self.chunk(&chunk, sink)?;
        }
        Ok(codec::same(frame, PieceKind::Preamble))
    }

    /// The end of the stream is the end of the answer where the reason for it was given.
    pub(crate) fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.has_finished { sink(Event::End) } else { Ok(()) }
    }

    fn chunk(&mut self, chunk: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let known = |name| member(chunk, name).as_str().filter(|text| !text.is_empty());
        if !std::mem::replace(&mut self.is_started, true) {
            self.id = known("responseId").unwrap_or("answer").to_owned();
            sink(Event::Start { id: known("responseId"), model: known("modelVersion") })?;
        }
        self.candidate(member(chunk, "candidates").get(0), sink)?;
        if !is_empty(member(member(chunk, "promptFeedback"), "blockReason")) {
            self.finish(Finish::ContentFilter, sink)?;
        }
        match usage::read(member(chunk, "usageMetadata")) {
            Some(usage) => sink(Event::Usage(usage)),
            None => Ok(()),
        }
    }

    fn candidate(&mut self, candidate: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let parts = member(member(candidate, "content"), "parts").as_array();
        for part in parts.into_iter().flatten() {
            self.part(part, sink)?;
        }
        match member(candidate, "finishReason").as_str() {
            None | Some("" | "FINISH_REASON_UNSPECIFIED") => Ok(()),
            Some(reason) => self.finish(finish::read(reason, self.calls > 0)?, sink),
        }
    }

    /// A part holds one thing, and perhaps a signature, which only Gemini can read.
    fn part(&mut self, part: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let choice = 0;
        let is_thought = member(part, "thought").as_bool() == Some(true);
        if let Some(text) = member(part, "text").as_str() {
            return match (text, is_thought) {
                ("", _) => Ok(()),
                (_, true) => sink(Event::Reasoning { choice, text }),
                (_, false) => sink(Event::Text { choice, text }),
            };
        }
        let call = member(part, "functionCall");
        if !call.is_null() {
            return self.call(call, sink);
        }
        let known = ["thought", "thoughtSignature"];
        let members = part.as_object().into_iter().flat_map(|part| part.iter());
        let others = members.filter(|(name, _)| !known.contains(name));
        let bytes = others.map(|(_, value)| text_bytes(value)).sum();
        if bytes == 0 { Ok(()) } else { sink(Event::Opaque { bytes, is_answer: !is_thought }) }
    }

    /// A call comes whole, most often without an id.
    fn call(&mut self, call: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let tool = self.calls;
        self.calls += 1;
        let minted = format!("call_{}_{tool}", self.id);
        let id = if text(call, "id").is_empty() { &minted } else { text(call, "id") };
        sink(Event::ToolCall { choice: 0, tool, id, name: text(call, "name") })?;
        let arguments = member(call, "args");
        let arguments = if arguments.is_object() { arguments.to_string() } else { "{}".to_owned() };
        sink(Event::ToolArguments { choice: 0, tool, fragment: &arguments })
    }

    fn finish(&mut self, finish: Finish, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.has_finished = true;
        sink(Event::Finish { choice: 0, finish, sequence: None })
    }
}

/// Reads a complete answer.
pub(crate) fn read_answer(answer: &Value<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut reader = Reader::default();
    reader.chunk(answer, sink)?;
    if !reader.has_finished {
        return Err(Error::Unreadable { what: "it does not say why it ended" });
    }
    reader.close(sink)
}
