//! Chooses the codec of a protocol.

use bytes::Bytes;
use serde_json_borrow::Value;

use crate::event::{Event, Sink};
use crate::json::borrowed;
use crate::prompt::Place;
use crate::{
    Edits, Error, Operation, Piece, PieceKind, Protocol, ProviderProtocol, Request, SseEvent,
    UpstreamError,
};
use crate::{anthropic, gemini, openai, responses};

/// Translates a request into the protocol that its client does not speak.
pub(crate) fn translate_request(
    request: &Request,
    target: ProviderProtocol,
    edits: &Edits,
) -> Result<Bytes, Error> {
    if request.operation() == Operation::Embeddings {
        return Err(Place::new(target).field("input").refuse("it has no embeddings"));
    }
    let prompt = match request.protocol() {
        Protocol::OpenAiChat => openai::read_prompt(request, target)?,
        Protocol::OpenAiResponses => responses::read_prompt(request, target)?,
        Protocol::AnthropicMessages => anthropic::read_prompt(request, target)?,
    };
    let prompt = prompt.finished(request.protocol(), edits, target)?;
    match target {
        ProviderProtocol::OpenAiChat | ProviderProtocol::Groq => {
            openai::write_prompt(&prompt, target, edits)
        }
        ProviderProtocol::OpenAiResponses => responses::write_prompt(&prompt, edits),
        ProviderProtocol::AnthropicMessages => anthropic::write_prompt(&prompt),
        ProviderProtocol::Gemini => gemini::write_prompt(&prompt),
    }
}

/// Reads a complete answer into events, the end included.
pub(crate) fn read_answer(
    protocol: ProviderProtocol,
    answer: &Value<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), Error> {
    match protocol {
        ProviderProtocol::OpenAiChat | ProviderProtocol::Groq => openai::read_answer(answer, sink),
        ProviderProtocol::OpenAiResponses => responses::read_answer(answer, sink),
        ProviderProtocol::AnthropicMessages => anthropic::read_answer(answer, sink),
        ProviderProtocol::Gemini => gemini::read_answer(answer, sink),
    }
}

/// Reads the frames of a stream into events.
#[derive(Debug)]
pub(crate) enum Reader {
    OpenAiChat(openai::Reader),
    OpenAiResponses(responses::Reader),
    AnthropicMessages(anthropic::Reader),
    Gemini(gemini::Reader),
}

impl Reader {
    pub(crate) fn new(protocol: ProviderProtocol) -> Self {
        match protocol {
            ProviderProtocol::OpenAiChat | ProviderProtocol::Groq => {
                Self::OpenAiChat(openai::Reader::default())
            }
            ProviderProtocol::OpenAiResponses => {
                Self::OpenAiResponses(responses::Reader::default())
            }
            ProviderProtocol::AnthropicMessages => {
                Self::AnthropicMessages(anthropic::Reader::default())
            }
            ProviderProtocol::Gemini => Self::Gemini(gemini::Reader::default()),
        }
    }

    /// Reads one frame; the piece is that frame for a client of the same protocol.
    pub(crate) fn read(&mut self, frame: &SseEvent, sink: &mut Sink<'_>) -> Result<Piece, Error> {
        match self {
            Self::OpenAiChat(reader) => reader.read(frame, sink),
            Self::OpenAiResponses(reader) => reader.read(frame, sink),
            Self::AnthropicMessages(reader) => reader.read(frame, sink),
            Self::Gemini(reader) => reader.read(frame, sink),
        }
    }

    /// Says that the provider has closed the stream, which is the end of an answer only for those
    /// that have no terminal event.
    pub(crate) fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        match self {
            Self::OpenAiChat(_) | Self::OpenAiResponses(_) | Self::AnthropicMessages(_) => Ok(()),
            Self::Gemini(reader) => reader.close(sink),
        }
    }
}

/// Writes events as the frames of a stream.
#[derive(Debug)]
pub(crate) enum Writer {
    OpenAiChat(openai::Writer),
    OpenAiResponses(Box<responses::Writer>),
    AnthropicMessages(anthropic::Writer),
}

impl Writer {
    /// A writer of the answer to `request`, where that is known.
    pub(crate) fn new(protocol: Protocol, request: Option<&Request>) -> Self {
        match protocol {
            Protocol::OpenAiChat => Self::OpenAiChat(openai::Writer::default()),
            Protocol::OpenAiResponses => {
                let writer = request.map(responses::Writer::answering);
                Self::OpenAiResponses(Box::new(writer.unwrap_or_default()))
            }
            Protocol::AnthropicMessages => Self::AnthropicMessages(anthropic::Writer::default()),
        }
    }

    pub(crate) fn write(&mut self, event: &Event<'_>, out: &mut Vec<Piece>) -> Result<(), Error> {
        match self {
            Self::OpenAiChat(writer) => {
                writer.write(event, out);
                Ok(())
            }
            Self::OpenAiResponses(writer) => writer.write(event, out),
            Self::AnthropicMessages(writer) => writer.write(event, out),
        }
    }
}

/// What a frame says. None where it says nothing, as one that keeps a connection alive, or that the
/// stream is over, which some servers add to protocols that have an end of their own.
pub(crate) fn data(frame: &SseEvent) -> Result<Option<Value<'_>>, Error> {
    if frame.data.is_empty() || frame.data == b"[DONE]"[..] {
        return Ok(None);
    }
    let data = borrowed::parse(&frame.data)
        .map_err(|_| Error::Unreadable { what: "the data of an event is not json" })?;
    match UpstreamError::inside(&data) {
        Some(error) => Err(Error::Upstream(error)),
        None => Ok(Some(data)),
    }
}

/// A frame as it came, for a client of the same protocol.
pub(crate) fn same(frame: &SseEvent, kind: PieceKind) -> Piece {
    Piece { bytes: frame.raw.clone(), kind }
}
