//! Cuts a stream of bytes into events.

use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use super::SseEvent;
use crate::Error;

/// The most bytes of one event unless the decoder is told otherwise.
pub const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads server-sent events, in whatever chunks they come. The events do not depend on the chunks.
///
/// Lines end in LF, CRLF or CR. A CR at the end of a chunk waits for the next byte, which may be
/// its LF; so a stream with bare CRs lags by one event. Comments between events are dropped.
#[derive(Debug)]
pub struct SseDecoder {
    /// From the first byte of the event that is being read.
    buffer: BytesMut,
    line_start: usize,
    /// Bytes of the line that hold no line end.
    scanned: usize,
    fields: Fields,
    limit: usize,
    is_at_start: bool,
    is_ended: bool,
    has_failed: bool,
}

/// The fields of the event that is being read, as places in the buffer.
#[derive(Debug, Default)]
struct Fields {
    is_any: bool,
    name: Option<Range<usize>>,
    data: Vec<Range<usize>>,
}

struct Line {
    text: Range<usize>,
    end: usize,
}

impl Default for SseDecoder {
    fn default() -> Self {
        Self::new(MAX_EVENT_BYTES)
    }
}

impl SseDecoder {
    /// A decoder that refuses events of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            line_start: 0,
            scanned: 0,
            fields: Fields::default(),
            limit,
            is_at_start: true,
            is_ended: false,
            has_failed: false,
        }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.has_failed {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Says that no bytes follow. An event that lacks only its blank line is read as if it had one.
    pub fn finish(&mut self) {
        self.is_ended = true;
    }

    /// The next event that is complete.
    ///
    /// # Errors
    /// [`Error::EventTooLarge`], once; there are no events after it.
    pub fn next_event(&mut self) -> Option<Result<SseEvent, Error>> {
        if self.has_failed || !self.pass_byte_order_mark() {
            return None;
        }
        while let Some(line) = self.next_line() {
            if line.end > self.limit {
                return Some(Err(self.fail()));
            }
            if let Some(event) = self.take_line(&line) {
                return Some(Ok(event));
            }
        }
        if self.buffer.len() > self.limit {
            return Some(Err(self.fail()));
        }
        if self.is_ended { self.last_event().map(Ok) } else { None }
    }

    /// Whether the first bytes are known to be a mark or not; passes over the mark.
    fn pass_byte_order_mark(&mut self) -> bool {
        if !self.is_at_start {
            return true;
        }
        if self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.buffer.advance(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(&self.buffer) && !self.is_ended {
            return false;
        }
        self.is_at_start = false;
        true
    }

    fn next_line(&mut self) -> Option<Line> {
        let from = self.line_start + self.scanned;
        let Some(found) = memchr2(b'\r', b'\n', &self.buffer[from..]) else {
            self.scanned = self.buffer.len() - self.line_start;
            return None;
        };
        let at = from + found;
        let is_return = self.buffer[at] == b'\r';
        if is_return && at + 1 == self.buffer.len() && !self.is_ended {
            self.scanned = at - self.line_start;
            return None;
        }
        let is_pair = is_return && self.buffer.get(at + 1) == Some(&b'\n');
        Some(Line { text: self.line_start..at, end: at + if is_pair { 2 } else { 1 } })
    }

    fn take_line(&mut self, line: &Line) -> Option<SseEvent> {
        self.line_start = line.end;
        self.scanned = 0;
        if line.text.is_empty() {
            return self.dispatch();
        }
        self.fields.read(&self.buffer, line.text.clone());
        if !self.fields.is_any {
            self.forget();
        }
        None
    }

    /// Drops what was read before the first field.
    fn forget(&mut self) {
        self.buffer.advance(self.line_start);
        self.line_start = 0;
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        if !self.fields.is_any {
            self.forget();
            return None;
        }
        let raw = self.buffer.split_to(self.line_start).freeze();
        self.line_start = 0;
        Some(std::mem::take(&mut self.fields).into_event(raw))
    }

    fn last_event(&mut self) -> Option<SseEvent> {
        if self.line_start < self.buffer.len() {
            self.fields.read(&self.buffer, self.line_start..self.buffer.len());
            self.buffer.extend_from_slice(b"\n");
        }
        self.buffer.extend_from_slice(b"\n");
        self.line_start = self.buffer.len();
        self.scanned = 0;
        self.dispatch()
    }

    fn fail(&mut self) -> Error {
        self.has_failed = true;
        self.buffer = BytesMut::new();
        Error::EventTooLarge { limit: self.limit }
    }
}

impl Fields {
    /// Reads one line that is not empty. Names that are not the standard's are no fields.
    fn read(&mut self, buffer: &[u8], line: Range<usize>) {
        let text = &buffer[line.clone()];
        let colon = memchr::memchr(b':', text).unwrap_or(text.len());
        let has_space = text.get(colon + 1) == Some(&b' ');
        let start = line.start + colon + if has_space { 2 } else { 1 };
        let value = start.min(line.end)..line.end;
        match &text[..colon] {
            b"data" => self.data.push(value),
            b"event" => self.name = Some(value),
            b"id" | b"retry" => {}
            _ => return,
        }
        self.is_any = true;
    }

    fn into_event(self, raw: Bytes) -> SseEvent {
        let data = match self.data.as_slice() {
            [] => Bytes::new(),
            [only] => raw.slice(only.clone()),
            lines => {
                let lines: Vec<&[u8]> = lines.iter().map(|line| &raw[line.clone()]).collect();
                lines.join(&b'\n').into()
            }
        };
        SseEvent { name: self.name.map(|name| raw.slice(name)), data, raw }
    }
}
