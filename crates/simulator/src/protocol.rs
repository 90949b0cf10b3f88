//! What the protocols have in common: an envelope for errors and a way to say an answer.

use bytes::Bytes;

use crate::answer::Body;
use crate::ask::{Ask, Refusal};
use crate::reply::Reply;
use crate::request::Request;
use crate::{anthropic, embeddings, gemini, groq, openai, responses};

/// The wire format of an endpoint at which a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    OpenAi,
    OpenAiEmbeddings,
    Groq,
    Responses,
    Anthropic,
    Gemini,
}

impl Protocol {
    /// Checks the request as the provider would.
    pub(crate) fn ask(self, request: &Request) -> Result<Ask, Refusal> {
        let body: serde_json::Value = serde_json::from_slice(request.body())
            .map_err(|_| Refusal::invalid("the body is not valid JSON"))?;
        let Some(fields) = body.as_object() else {
            return Err(Refusal::invalid("the body is not a JSON object"));
        };
        match self {
            Self::OpenAi => openai::ask(fields),
            Self::OpenAiEmbeddings => embeddings::ask(fields),
            Self::Groq => groq::ask(fields),
            Self::Responses => responses::ask(fields),
            Self::Anthropic => anthropic::ask(fields, request),
            Self::Gemini => gemini::ask(fields, request),
        }
    }

    /// The key that a request carries.
    pub(crate) fn key(self, request: &Request) -> Option<&str> {
        let bearer = || request.header("authorization")?.strip_prefix("Bearer ");
        match self {
            Self::OpenAi | Self::OpenAiEmbeddings | Self::Groq | Self::Responses => bearer(),
            Self::Anthropic => request.header("x-api-key").or_else(bearer),
            Self::Gemini => request.header("x-goog-api-key"),
        }
    }

    pub(crate) fn say(self, reply: &Reply, is_stream: bool) -> Body {
        match (self, is_stream) {
            (Self::OpenAi, false) => Body::Complete(openai::complete(reply).into()),
            (Self::OpenAiEmbeddings, _) => Body::Complete(embeddings::complete(reply).into()),
            (Self::OpenAi, true) => Body::Stream(openai::events(reply)),
            (Self::Groq, false) => Body::Complete(groq::complete(reply).into()),
            (Self::Groq, true) => Body::Stream(groq::events(reply)),
            (Self::Responses, false) => Body::Complete(responses::complete(reply).into()),
            (Self::Responses, true) => Body::Stream(responses::events(reply)),
            (Self::Anthropic, false) => Body::Complete(anthropic::complete(reply).into()),
            (Self::Anthropic, true) => Body::Stream(anthropic::events(reply)),
            (Self::Gemini, false) => Body::Complete(gemini::complete(reply).into()),
            (Self::Gemini, true) => Body::Stream(gemini::events(reply)),
        }
    }

    /// The body of an error answer.
    pub(crate) fn envelope(self, refusal: &Refusal) -> String {
        match self {
            Self::OpenAi | Self::OpenAiEmbeddings | Self::Groq | Self::Responses => {
                openai::envelope(refusal)
            }
            Self::Anthropic => anthropic::envelope(refusal),
            Self::Gemini => gemini::envelope(refusal),
        }
    }

    /// An error as an event of a stream.
    pub(crate) fn error_event(self, refusal: &Refusal) -> Bytes {
        let envelope = self.envelope(refusal);
        match self {
            Self::OpenAi | Self::OpenAiEmbeddings | Self::Groq => {
                format!("data: {envelope}\n\n").into()
            }
            Self::Responses => responses::error_event(refusal),
            Self::Anthropic => format!("event: error\ndata: {envelope}\n\n").into(),
            Self::Gemini => format!("data: {envelope}\r\n\r\n").into(),
        }
    }

    /// The error of a request that is longer than the model's context.
    pub(crate) fn context_length(self) -> Refusal {
        match self {
            Self::OpenAi | Self::OpenAiEmbeddings | Self::Groq | Self::Responses => {
                Refusal::invalid(
                    "This model's maximum context length is 128000 tokens. However, your messages \
                 resulted in 128001 tokens.",
                )
                .with_code("context_length_exceeded")
            }
            Self::Anthropic => {
                Refusal::invalid("prompt is too long: 200001 tokens > 200000 maximum")
            }
            Self::Gemini => Refusal::invalid(
                "The input token count (1048577) exceeds the maximum number of tokens allowed \
                 (1048576).",
            ),
        }
    }

    /// The response header that names a request.
    pub(crate) fn id_header(self) -> &'static str {
        match self {
            Self::OpenAi | Self::OpenAiEmbeddings | Self::Groq | Self::Responses | Self::Gemini => {
                "x-request-id"
            }
            Self::Anthropic => "request-id",
        }
    }
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        format!("\"{text}\"")
    } else {
        serde_json::Value::from(text).to_string()
    }
}
