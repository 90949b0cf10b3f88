//! The protocols of language models: framing, codecs, splices and translation, without I/O.
//!
//! - Same protocol in and out means the same bytes. The only splices of a request are those of
//!   [`Edits`], and that reasoning made here of another protocol's answer, and such as Groq refuses,
//!   is taken out where it comes back; the frames and the body of an answer are not touched at all.
//! - What is checked is what is sent: a request body is strict JSON without duplicate keys, and
//!   what is sent parses to what was checked with exactly the edits.
//! - Nothing that changes an answer is lost in silence: what the other protocol cannot say is
//!   [`Error::Untranslatable`].
//! - A stream is complete only when its protocol's own terminal event was seen. A truncated one
//!   never ends cleanly.
//! - Bytes from outside never panic, and every buffer has a limit.
//! - Embeddings are OpenAI's alone: a request for them goes to providers of that protocol, as the
//!   same bytes but for the model, and its answer has as many vectors as were asked for, in base64
//!   where that was asked for.
//!
//! Clients speak a [`Protocol`], providers a [`ProviderProtocol`]; every client can be answered by
//! every provider. Between them stand two internal forms, one for requests (`prompt`) and one for
//! answers (`event`). A further protocol is one more folder beside `openai` and `anthropic`.
//!
//! ```
//! use forebay_wire::{Edits, Protocol, Request};
//!
//! let body = br#"{ "model": "fast", "messages": [{"role": "user", "content": "hi"}] }"#;
//! let request = Request::decode(Protocol::OpenAiChat, body.as_slice().into())?;
//! let edits = Edits { model: Some("gpt-5-mini".to_owned()), ..Edits::default() };
//! let sent = request.encode_for(Protocol::OpenAiChat, &edits)?;
//! assert_eq!(&sent[..24], br#"{ "model": "gpt-5-mini","#);
//! # Ok::<(), forebay_wire::Error>(())
//! ```
#![forbid(unsafe_code)]

mod error;
mod operation;
mod protocol;
mod provider_protocol;

mod edits;
mod embeddings_ask;
mod embeddings_batch;
mod json;
mod request;

mod sse;

mod answer;
mod embeddings_answer;
mod event;
mod finish;
mod piece;
mod record;
mod stream;
mod summary;

mod anthropic;
mod codec;
mod digest;
mod gemini;
mod groq;
mod openai;
mod prompt;
mod responses;

mod reply;
mod upstream_error;

pub use answer::{Answer, decode_answer};
pub use anthropic::without_billing;
pub use edits::{Edits, OutputLimit};
pub use embeddings_answer::EmbeddingsAnswer;
pub use embeddings_ask::{EmbeddingsAsk, VectorEncoding};
pub use embeddings_batch::EmbeddingsBatch;
pub use error::Error;
pub use finish::Finish;
pub use operation::Operation;
pub use piece::{Piece, PieceKind};
pub use protocol::Protocol;
pub use provider_protocol::ProviderProtocol;
pub use record::{fold, is_usage_only, unfold};
pub use reply::{ReplyKind, error_body, error_frame, failed_response};
pub use request::{Request, part_images, part_text};
pub use sse::{MAX_EVENT_BYTES, SseDecoder, SseEvent};
pub use stream::StreamDecoder;
pub use summary::AnswerSummary;
pub use upstream_error::{UpstreamError, UpstreamErrorKind, decode_error};
