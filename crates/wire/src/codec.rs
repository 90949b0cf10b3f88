//! Chooses the codec of a protocol.

use bytes::Bytes;
use serde_json::Value;

use crate::event::{Event, Sink};
use crate::prompt::Place;
use crate::{Edits, Error, Operation, Piece, PieceKind, Protocol, Request, SseEvent};
use crate::{anthropic, openai};

/// Translates a request into the protocol that its client does not speak.
pub(crate) fn translate_request(
    request: &Request,
    target: Protocol,
    edits: &Edits,
) -> Result<Bytes, Error> {
    if request.operation() == Operation::Embeddings {
        return Err(Place::new(target).field("input").refuse("it has no embeddings"));
    }
    let prompt = match request.protocol() {
        Protocol::OpenAiChat => openai::read_prompt(request, target)?,
        Protocol::AnthropicMessages => anthropic::read_prompt(request, target)?,
    };
    let prompt = prompt.finished(edits, target)?;
    match target {
        Protocol::OpenAiChat => openai::write_prompt(&prompt, edits),
        Protocol::AnthropicMessages => anthropic::write_prompt(&prompt),
    }
}

/// Reads a complete answer into events, the end included.
pub(crate) fn read_answer(
    protocol: Protocol,
    answer: &Value,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    match protocol {
        Protocol::OpenAiChat => openai::read_answer(answer, sink),
        Protocol::AnthropicMessages => anthropic::read_answer(answer, sink),
    }
}

/// Reads the frames of a stream into events.
#[derive(Debug)]
pub(crate) enum Reader {
    OpenAiChat(openai::Reader),
    AnthropicMessages(anthropic::Reader),
}

impl Reader {
    pub(crate) fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::OpenAiChat => Self::OpenAiChat(openai::Reader::default()),
            Protocol::AnthropicMessages => Self::AnthropicMessages(anthropic::Reader::default()),
        }
    }

    /// Reads one frame; the piece is that frame for a client of the same protocol.
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        match self {
            Self::OpenAiChat(reader) => reader.read(frame, sink),
            Self::AnthropicMessages(reader) => reader.read(frame, sink),
        }
    }
}

/// Writes events as the frames of a stream.
#[derive(Debug)]
pub(crate) enum Writer {
    OpenAiChat(openai::Writer),
    AnthropicMessages(anthropic::Writer),
}

impl Writer {
    pub(crate) fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::OpenAiChat => Self::OpenAiChat(openai::Writer::default()),
            Protocol::AnthropicMessages => Self::AnthropicMessages(anthropic::Writer::default()),
        }
    }

    pub(crate) fn write(&mut self, event: &Event<'_>, out: &mut Vec<Piece>) -> Result<(), Error> {
        match self {
            Self::OpenAiChat(writer) => {
                writer.write(event, out);
                Ok(())
            }
            Self::AnthropicMessages(writer) => writer.write(event, out),
        }
    }
}

/// A frame as it came, for a client of the same protocol.
pub(crate) fn same(frame: &SseEvent, kind: PieceKind) -> Piece {
    Piece { bytes: frame.raw.clone(), kind }
}
