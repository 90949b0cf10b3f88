//! Telling the usage chunk from others.

use memchr::memmem;
use serde_json_borrow::Value;

use super::usage;
use crate::json::borrowed::member;

/// Whether a frame is the chunk that only `stream_options.include_usage` brings. Reads the JSON
/// only of frames that have an empty list of choices, because a replay asks this of every frame.
pub(crate) fn is_usage_only(frame: &[u8]) -> bool {
    has_no_choices(frame)
        && memmem::find(frame, b"{")
            .and_then(|start| {
                serde_json::from_slice::<Value<'_>>(frame.get(start..)?.trim_ascii()).ok()
            })
            .is_some_and(|chunk| usage::read(member(&chunk, "usage")).is_some())
}

fn has_no_choices(frame: &[u8]) -> bool {
    const KEY: &[u8] = b"\"choices\"";
    let Some(at) = memmem::find(frame, KEY) else { return false };
    let rest = frame.get(at + KEY.len()..).unwrap_or_default().iter();
    let mut marks = rest.filter(|byte| !byte.is_ascii_whitespace());
    b":[]".iter().all(|mark| marks.next() == Some(mark))
}
