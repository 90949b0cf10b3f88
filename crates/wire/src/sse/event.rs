//! One server-sent event.

use bytes::Bytes;

/// An event as it stood in the stream, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// The value of its `event:` line.
    pub name: Option<Bytes>,
    /// The values of its `data:` lines, joined by line feeds; empty where there is none.
    pub data: Bytes,
    /// Its bytes with the blank line that ends it, without comments before its first field.
    pub raw: Bytes,
}
