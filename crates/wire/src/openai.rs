//! OpenAI chat completions.

mod finish;
mod fold;
mod read;
mod read_prompt;
mod unfold;
mod usage;
mod usage_only;
mod write;
mod write_prompt;

pub(crate) use fold::Folding;
pub(crate) use read::{Reader, read_answer};
pub(crate) use read_prompt::read_prompt;
pub(crate) use unfold::unfold;
pub(crate) use usage_only::is_usage_only;
pub(crate) use write::Writer;
pub(crate) use write_prompt::write_prompt;

/// The most characters of a call's id that OpenAI takes.
const MAX_ID_CHARS: usize = 40;

/// The terminal frame.
const DONE: &[u8] = b"data: [DONE]\n\n";

/// A frame with `data`.
fn frame(data: &serde_json::Value) -> bytes::Bytes {
    bytes::Bytes::from(format!("data: {data}\n\n"))
}
