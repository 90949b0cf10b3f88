//! Frames with names and sequence numbers.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::SseDecoder;

/// The id of a response that no provider has given one.
const ID: &str = "resp";

/// Numbers the frames of one stream.
#[derive(Debug, Default)]
pub(super) struct Frames {
    next: u64,
}

impl Frames {
    /// A frame whose event has the name that its data has as `type`.
    pub(super) fn frame(&mut self, mut data: Value) -> Bytes {
        data["sequence_number"] = self.next.into();
        self.next = self.next.saturating_add(1);
        let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
        Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
    }

    fn failed(&mut self, error: &Value) -> Bytes {
        let code = [&error["code"], &error["type"]].into_iter().find(|name| name.is_string());
        let mut response = response(ID, "", "failed");
        response["error"] = json!({"code": code, "message": error["message"]});
        self.frame(json!({"type": "response.failed", "response": response}))
    }
}

/// The frame of a response that fails for `error`, which has a `message` and perhaps a `code`, after
/// the frames `sent`.
pub(crate) fn failed(error: &Value, sent: &[u8]) -> Bytes {
    Frames { next: number_after(sent) }.failed(error)
}

/// The number of the frame after `sent`; 0 where those are not numbered.
fn number_after(sent: &[u8]) -> u64 {
    let mut decoder = SseDecoder::default();
    decoder.push(sent);
    let last = std::iter::from_fn(|| decoder.next_event()).flatten().last();
    let data = last.and_then(|last| serde_json::from_slice::<Value>(&last.data).ok());
    let number = data.and_then(|data| data.get("sequence_number")?.as_u64());
    number.and_then(|number| number.checked_add(1)).unwrap_or(0)
}

/// The stream of a response that fails for `error` before it begins. OpenAI's packages take no
/// stream whose first event is not that of a response that was created.
pub(crate) fn failed_at_once(error: &Value) -> Bytes {
    let mut frames = Frames::default();
    let begun = response(ID, "", "in_progress");
    let created = frames.frame(json!({"type": "response.created", "response": begun}));
    Bytes::from([created, frames.failed(error)].concat())
}

/// A response in which nothing has happened. `created_at` is 0 because other protocols do not tell.
pub(super) fn response(id: &str, model: &str, status: &str) -> Value {
    json!({
        "id": id,
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "store": false,
        "temperature": null,
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "usage": null,
    })
}
