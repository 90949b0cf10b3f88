//! From offsets to lines.

use crate::Position;

/// Where the lines of a text start.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// The lines of `text`, which end with LF, CRLF or CR.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let is_half_of_crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !is_half_of_crlf {
                starts.push(at + 1);
            }
        }
        Self { starts }
    }

    /// How many lines there are; one that follows the last line end counts only if it holds
    /// something.
    pub fn count(&self, text: &str) -> usize {
        let is_last_empty = self.starts.last() == Some(&text.len());
        self.starts.len() - usize::from(is_last_empty)
    }

    /// The place of a byte of `text`, which must be the text that the index was made of.
    pub fn position(&self, text: &str, at: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        Position { line, column }
    }
}
