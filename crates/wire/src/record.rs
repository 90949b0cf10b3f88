//! An answer recorded in one form and served in the other.

use bytes::Bytes;
use serde_json::Value;

use crate::json::borrowed;
use crate::{Error, Protocol, SseDecoder, UpstreamError, anthropic, openai, responses};

/// The complete answer that recorded frames add up to: all choices with content, reasoning,
/// refusal, tool calls and log probabilities, the usage and every field that is the same in both
/// forms. What only streams have (obfuscation, pings) is left out.
///
/// # Errors
/// [`Error::Truncated`] without the terminal event, [`Error::Upstream`] for an error event and for a
/// tool call whose input a complete answer has no place for, [`Error::Unreadable`] for what cannot be
/// added up without loss.
pub fn fold(protocol: Protocol, frames: &[Bytes]) -> Result<Bytes, Error> {
    let mut decoder = SseDecoder::default();
    let mut folding = Folding::new(protocol);
    for frame in frames {
        decoder.push(frame);
        while let Some(event) = decoder.next_event() {
            if folding.add(&event?.data)? {
                return Ok(Bytes::from(folding.into_answer()?.to_string()));
            }
        }
    }
    Err(Error::Truncated)
}

/// The frames of a stream that says what a complete answer says, terminal event included; for
/// OpenAI with the usage chunk only where `include_usage` says so.
///
/// # Errors
/// [`Error::Unreadable`] for what is no answer of the protocol.
pub fn unfold(protocol: Protocol, body: &Bytes, include_usage: bool) -> Result<Vec<Bytes>, Error> {
    let answer: Value = serde_json::from_slice(body)
        .map_err(|_| Error::Unreadable { what: "the body is not json" })?;
    match protocol {
        Protocol::OpenAiChat => openai::unfold(&answer, include_usage),
        Protocol::OpenAiResponses => responses::unfold(&answer),
        Protocol::AnthropicMessages => anthropic::unfold(&answer),
    }
}

/// Whether a recorded frame is nothing but the usage of an OpenAI stream, which only clients that
/// ask for it are shown.
pub fn is_usage_only(protocol: Protocol, frame: &[u8]) -> bool {
    protocol == Protocol::OpenAiChat && openai::is_usage_only(frame)
}

enum Folding {
    OpenAiChat(openai::Folding),
    OpenAiResponses(responses::Folding),
    AnthropicMessages(anthropic::Folding),
}

impl Folding {
    fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::OpenAiChat => Self::OpenAiChat(openai::Folding::default()),
            Protocol::OpenAiResponses => Self::OpenAiResponses(responses::Folding::default()),
            Protocol::AnthropicMessages => Self::AnthropicMessages(anthropic::Folding::default()),
        }
    }

    /// Adds one frame; true once it was the terminal one.
    fn add(&mut self, data: &[u8]) -> Result<bool, Error> {
        if data == b"[DONE]" {
            return Ok(matches!(self, Self::OpenAiChat(_)));
        }
        if data.is_empty() {
            return Ok(false);
        }
        let frame = borrowed::parse(data)
            .map_err(|_| Error::Unreadable { what: "the data of an event is not json" })?;
        if let Some(error) = UpstreamError::inside(&frame) {
            return Err(Error::Upstream(error));
        }
        let frame = Value::from(frame);
        match self {
            Self::OpenAiChat(folding) => {
                folding.add(frame);
                Ok(false)
            }
            Self::OpenAiResponses(folding) => folding.add(frame),
            Self::AnthropicMessages(folding) => folding.add(frame),
        }
    }

    fn into_answer(self) -> Result<Value, Error> {
        match self {
            Self::OpenAiChat(folding) => folding.into_answer(),
            Self::OpenAiResponses(folding) => folding.into_answer(),
            Self::AnthropicMessages(folding) => folding.into_answer(),
        }
    }
}
