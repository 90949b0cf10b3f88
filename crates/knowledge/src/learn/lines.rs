//! Whole lines of a source, and where they are in it.

use std::io::{self, BufRead};

/// The most bytes of a line that is read; longer ones are passed over.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A line of a source, or what is left at its end.
pub(super) struct Line {
    /// Without its end; empty where it was too long.
    pub(super) text: String,
    /// Whether it ended; the last one may still be written to.
    pub(super) is_whole: bool,
    pub(super) is_too_long: bool,
}

/// Reads lines, counting and hashing what was read.
pub(super) struct Lines<R> {
    input: R,
    hasher: blake3::Hasher,
    pub(super) position: u64,
    /// Lines read so far.
    pub(super) line: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, hasher: blake3::Hasher::new(), position: 0, line: 0 }
    }

    /// Of all that was read.
    pub(super) fn digest(&self) -> [u8; 16] {
        let mut digest = [0; 16];
        self.hasher.finalize_xof().fill(&mut digest);
        digest
    }

    pub(super) fn into_inner(self) -> R {
        self.input
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut read = 0_u64;
        let mut is_whole = false;
        while !is_whole {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            is_whole = end.is_some();
            let taken = end.map_or(buffer.len(), |end| end + 1);
            let piece = buffer.get(..taken).unwrap_or_default();
            self.hasher.update(piece);
            if bytes.len() <= LINE_BYTES_MAX {
                bytes.extend_from_slice(piece);
            }
            read += u64::try_from(taken).unwrap_or(u64::MAX);
            self.input.consume(taken);
        }
        if read == 0 {
            return Ok(None);
        }
        self.position += read;
        self.line += 1;
        let is_too_long = bytes.len() > LINE_BYTES_MAX;
        let text = if is_too_long { String::new() } else { text_of(&bytes) };
        Ok(Some(Line { text, is_whole, is_too_long }))
    }
}

/// A line as text; what is not UTF-8 shows as U+FFFD, a byte order mark goes.
fn text_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(['\n', '\r']);
    text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
}
