//! One streamed answer and when its pieces came.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::bench::connection::Connection;
use crate::bench::series::now;

/// One streamed answer that ended as it should.
#[derive(Clone, Debug)]
pub(super) struct Streamed {
    pub(super) text: String,
    /// When each piece of the text was there, since the request was sent.
    pub(super) pieces: Vec<Duration>,
}

/// How many bytes had come by when.
type Marks = Vec<(usize, Duration)>;
/// Where each chunk begins in the body and in the answer as it came.
type Origins = Vec<(usize, usize)>;

impl Streamed {
    /// Sends `request` and reads its answer to the end.
    pub(super) fn ask(connection: &mut Connection, request: &[u8]) -> Result<Self> {
        let start: Instant = now();
        let mut marks = Marks::new();
        connection.send(request)?;
        let raw = connection.receive_chunked(|came| marks.push((came, start.elapsed())))?;
        Self::parse(raw, &marks)
            .with_context(|| format!("not a whole stream: {}", raw.escape_ascii()))
    }

    /// From the head and the chunks as they came.
    fn parse(raw: &[u8], marks: &Marks) -> Result<Self> {
        if !raw.starts_with(b"HTTP/1.1 200") {
            bail!("the status is not 200");
        }
        let (body, origins) = unchunk(raw)?;
        let body = std::str::from_utf8(&body)?;
        let mut streamed = Self { text: String::new(), pieces: Vec::new() };
        let mut end = 0;
        for event in body.split_inclusive("\n\n") {
            end += event.len();
            let Some(data) = event.strip_prefix("data: ") else { continue };
            if data.trim_end() == "[DONE]" {
                return Ok(streamed);
            }
            let value: Value = serde_json::from_str(data)?;
            let piece = value.pointer("/choices/0/delta/content").and_then(Value::as_str);
            let Some(piece) = piece.filter(|piece| !piece.is_empty()) else { continue };
            streamed.text.push_str(piece);
            let origin = origin(&origins, end);
            let mark = marks.iter().find(|(came, _)| *came >= origin);
            streamed.pieces.push(mark.context("bytes came at no time")?.1);
        }
        bail!("the end is missing");
    }

    /// From the request to the first piece.
    pub(super) fn first(&self) -> Duration {
        self.pieces.first().copied().unwrap_or_default()
    }

    /// From the request to the last piece.
    pub(super) fn last(&self) -> Duration {
        self.pieces.last().copied().unwrap_or_default()
    }

    /// Between one piece and the next.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Duration> {
        self.pieces.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))
    }
}

/// The body without its framing.
fn unchunk(raw: &[u8]) -> Result<(Vec<u8>, Origins)> {
    let line_end = |from: usize, pattern: &[u8]| {
        let found = raw[from..].windows(pattern.len()).position(|window| window == pattern);
        found.map(|at| from + at).context("a line does not end")
    };
    let mut at = line_end(0, b"\r\n\r\n")? + 4;
    let mut body = Vec::new();
    let mut origins = Origins::new();
    loop {
        let end = line_end(at, b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&raw[at..end])?, 16)?;
        if size == 0 {
            return Ok((body, origins));
        }
        at = end + 2;
        origins.push((body.len(), at));
        body.extend_from_slice(raw.get(at..at + size).context("a chunk is cut short")?);
        at += size + 2;
    }
}

/// How much of the raw answer there must be for the body's first `length` bytes.
fn origin(origins: &[(usize, usize)], length: usize) -> usize {
    let last = origins.iter().rev().find(|(begin, _)| *begin < length);
    last.map_or(0, |(begin, raw)| raw + length - begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

    fn chunk(text: &str) -> String {
        format!("{:x}\r\n{text}\r\n", text.len())
    }

    fn piece(text: &str) -> String {
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    }

    #[test]
    fn a_piece_is_there_when_its_last_byte_is() {
        let first = chunk("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n");
        let two = piece("one ") + &piece("two");
        let (begin, rest) = two.split_at(two.len() - 5);
        let parts = [
            HEAD.to_owned() + &first,
            chunk(begin),
            chunk(rest) + &chunk("data: [DONE]\n\n") + "0\r\n\r\n",
        ];
        let mut marks = Marks::new();
        for (part, at) in parts.iter().zip(1..) {
            let before = marks.last().map_or(0, |(came, _)| *came);
            marks.push((before + part.len(), Duration::from_millis(at)));
        }
        let streamed = Streamed::parse(parts.concat().as_bytes(), &marks).unwrap();
        assert_eq!(streamed.text, "one two");
        assert_eq!(streamed.pieces, [2, 3].map(Duration::from_millis));
        assert_eq!(streamed.gaps().collect::<Vec<_>>(), [Duration::from_millis(1)]);
    }

    #[track_caller]
    fn check_refused(raw: &str, expect: &str) {
        let marks = vec![(raw.len(), Duration::ZERO)];
        let error = Streamed::parse(raw.as_bytes(), &marks).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn what_is_not_a_whole_stream_is_an_error() {
        let cut = HEAD.to_owned() + &chunk(&piece("one")) + "0\r\n\r\n";
        check_refused(&cut, "the end is missing");
        check_refused(&(HEAD.to_owned() + "ff\r\nshort\r\n0\r\n\r\n"), "cut short");
        check_refused("HTTP/1.1 429 No\r\n\r\n0\r\n\r\n", "status");
    }
}
