//! Server-sent events, framed in bytes.

mod decoder;
mod event;

pub use decoder::{MAX_EVENT_BYTES, SseDecoder};
pub use event::SseEvent;
