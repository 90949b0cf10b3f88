//! From a complete answer to the frames of a stream.

use bytes::Bytes;
use serde_json::{Value, json};

use super::frames::Frames;
use crate::Error;

pub(crate) fn unfold(answer: &Value) -> Result<Vec<Bytes>, Error> {
    let Some(items) = answer.get("output").and_then(Value::as_array) else {
        return Err(Error::Unreadable { what: "it has no output" });
    };
    let end = match answer.get("status").and_then(Value::as_str) {
        Some("completed") => "response.completed",
        Some("incomplete") => "response.incomplete",
        _ => return Err(Error::Unreadable { what: "it has not ended" }),
    };
    let mut begun = answer.clone();
    for (name, value) in [
        ("status", json!("in_progress")),
        ("output", json!([])),
        ("usage", Value::Null),
        ("incomplete_details", Value::Null),
    ] {
        begun[name] = value;
    }
    let mut stream = Stream::default();
    stream.push(json!({"type": "response.created", "response": begun}));
    stream.push(json!({"type": "response.in_progress", "response": begun}));
    for (position, item) in items.iter().enumerate() {
        stream.item(position, item);
    }
    stream.push(json!({"type": end, "response": answer}));
    Ok(stream.out)
}

#[derive(Default)]
struct Stream {
    frames: Frames,
    out: Vec<Bytes>,
}

/// How the parts of a list of an item are streamed.
struct Parts {
    list: &'static str,
    /// Where a frame names the part's position.
    position: &'static str,
    /// How the events of a part begin that is added and done.
    part: &'static str,
}

const CONTENT: Parts =
    Parts { list: "content", position: "content_index", part: "response.content_part" };
const SUMMARY: Parts =
    Parts { list: "summary", position: "summary_index", part: "response.reasoning_summary_part" };

impl Stream {
    fn push(&mut self, data: Value) {
        self.out.push(self.frames.frame(data));
    }

    /// An item begins without what its deltas bring, and ends whole.
    fn item(&mut self, position: usize, item: &Value) {
        let mut begun = item.clone();
        if begun.get("status").is_some() {
            begun["status"] = "in_progress".into();
        }
        let id = item.get("id").cloned().unwrap_or(Value::Null);
        let place = json!({"item_id": id, "output_index": position});
        let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
        let lists: &[Parts] = match kind {
            "message" => &[CONTENT],
            "reasoning" => &[SUMMARY, CONTENT],
            _ => &[],
        };
        for parts in lists.iter().filter(|parts| item.get(parts.list).is_some()) {
            begun[parts.list] = json!([]);
        }
        let given = match kind {
            "custom_tool_call" => Some(("input", "response.custom_tool_call_input")),
            "function_call" => Some(("arguments", "response.function_call_arguments")),
            _ => None,
        };
        let given = given.and_then(|(field, event)| Some((field, event, item.get(field)?)));
        if let Some((field, ..)) = given {
            begun[field] = "".into();
        }
        let added = "response.output_item.added";
        self.push(json!({"type": added, "output_index": position, "item": begun}));
        for parts in lists {
            for (index, part) in
                item.get(parts.list).and_then(Value::as_array).into_iter().flatten().enumerate()
            {
                let mut place = place.clone();
                place[parts.position] = index.into();
                self.part(parts, &place, part);
            }
        }
        if let Some((field, event, text)) = given {
            self.text(event, &place, field, text);
        }
        let done = "response.output_item.done";
        self.push(json!({"type": done, "output_index": position, "item": item}));
    }

    /// A part with its text in one delta.
    fn part(&mut self, parts: &Parts, place: &Value, part: &Value) {
        let (name, field) = match part.get("type").and_then(Value::as_str) {
            Some("output_text") => ("response.output_text", "text"),
            Some("refusal") => ("response.refusal", "refusal"),
            Some("summary_text") => ("response.reasoning_summary_text", "text"),
            Some("reasoning_text") => ("response.reasoning_text", "text"),
            _ => ("", ""),
        };
        let mut begun = part.clone();
        if !field.is_empty() {
            begun[field] = "".into();
        }
        self.push(at(place, json!({"type": format!("{}.added", parts.part), "part": begun})));
        if let Some(text) = part.get(field) {
            self.text(name, place, field, text);
        }
        self.push(at(place, json!({"type": format!("{}.done", parts.part), "part": part})));
    }

    fn text(&mut self, name: &str, place: &Value, field: &str, text: &Value) {
        if text.as_str().is_some_and(|text| !text.is_empty()) {
            self.push(at(place, json!({"type": format!("{name}.delta"), "delta": text})));
        }
        self.push(at(place, json!({"type": format!("{name}.done"), field: text})));
    }
}

/// `data` with the place that it is about.
fn at(place: &Value, mut data: Value) -> Value {
    for (name, value) in place.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    data
}
