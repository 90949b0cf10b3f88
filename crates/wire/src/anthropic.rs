//! Anthropic Messages.

mod billing;
mod finish;
mod fold;
mod read;
mod read_prompt;
mod unfold;
mod usage;
mod write;
mod write_prompt;

pub use billing::without_billing;
pub(crate) use fold::Folding;
pub(crate) use read::{Reader, read_answer};
pub(crate) use read_prompt::read_prompt;
pub(crate) use unfold::unfold;
pub(crate) use write::Writer;
pub(crate) use write_prompt::write_prompt;

use serde_json::Value;

/// A frame whose event has the name that its data has as `type`; clients drop frames without.
fn frame(data: &Value) -> bytes::Bytes {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    bytes::Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
