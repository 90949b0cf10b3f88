//! From the frames of a stream to the complete answer that they add up to.

use serde_json::{Map, Value};

use crate::{Error, json};

/// Adds up the frames of one stream. The terminal one holds the whole response; some servers leave
/// its output to the frames before.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    items: Vec<Value>,
    response: Option<Map<String, Value>>,
}

impl Folding {
    /// Adds one frame; true once it was the terminal one.
    pub(crate) fn add(&mut self, mut frame: Value) -> Result<bool, Error> {
        let kind = frame.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "response.output_item.done" => {
                self.items.extend(frame.get_mut("item").map(Value::take));
                Ok(false)
            }
            "response.completed" | "response.incomplete" => {
                let Some(Value::Object(response)) = frame.get_mut("response").map(Value::take)
                else {
                    return Err(Error::Unreadable { what: "its last event has no response" });
                };
                self.response = Some(response);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    pub(crate) fn into_answer(self) -> Result<Value, Error> {
        let mut response = self.response.ok_or(Error::Truncated)?;
        if response.get("output").is_none_or(json::is_empty) {
            response.insert("output".to_owned(), Value::Array(self.items));
        }
        Ok(Value::Object(response))
    }
}
