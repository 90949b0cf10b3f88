//! Frames with names and sequence numbers.

use bytes::Bytes;
use serde_json::{Value, json};

/// Numbers the frames of one stream.
#[derive(Debug, Default)]
pub(super) struct Frames {
    next: u64,
}

impl Frames {
    /// A frame whose event has the name that its data has as `type`.
    pub(super) fn frame(&mut self, mut data: Value) -> Bytes {
        data["sequence_number"] = self.next.into();
        self.next += 1;
        let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
        Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
    }
}

/// The frame of a response that fails for `error`, which has a `message` and perhaps a `code`. It
/// stands alone, so its number is 0.
pub(crate) fn failed(error: &Value) -> Bytes {
    let code = [&error["code"], &error["type"]].into_iter().find(|name| name.is_string());
    let response = json!({
        "id": "resp",
        "object": "response",
        "status": "failed",
        "error": {"code": code, "message": error["message"]},
        "output": [],
    });
    Frames::default().frame(json!({"type": "response.failed", "response": response}))
}
