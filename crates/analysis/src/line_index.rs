//! From offsets to lines.

use crate::Position;

/// How far apart the characters before a byte are remembered: counting less than this takes no
/// time worth naming.
const STRIDE: usize = 4096;

/// Where the lines of a text start.
///
/// A position costs a binary search over the lines and at most 4 KiB of counting, however long its
/// line is.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    /// How many characters start before each multiple of [`STRIDE`]; empty where all are ASCII.
    characters: Vec<usize>,
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
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut before = 0;
            for block in bytes.chunks(STRIDE) {
                characters.push(before);
                before += characters_of(block);
            }
        }
        Self { starts, characters }
    }

    /// How many lines there are; one that follows the last line end counts only if it holds
    /// something.
    pub fn count(&self, text: &str) -> usize {
        let is_last_empty = self.starts.last() == Some(&text.len());
        self.starts.len() - usize::from(is_last_empty)
    }

    /// The line of a byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }

    /// Where each line starts; one that follows the last line end is there, too.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The place of a byte of `text`, which must be the text that the index was made of. What lies
    /// behind the text is taken as its end.
    pub fn position(&self, text: &str, at: usize) -> Position {
        let at = std::cmp::min(at, text.len());
        let line = self.line(at);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self.characters_before(text, at) - self.characters_before(text, start) + 1;
        Position { line, column }
    }

    fn characters_before(&self, text: &str, at: usize) -> usize {
        let block = std::cmp::min(at / STRIDE, self.characters.len().saturating_sub(1));
        let Some(before) = self.characters.get(block) else { return at };
        before + text.as_bytes().get(block * STRIDE..at).map_or(0, characters_of)
    }
}

/// How many characters start in `bytes`.
fn characters_of(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::LineIndex;
    use crate::Position;

    /// Counts from the start of the text, character by character.
    fn position_by_walking(text: &str, at: usize) -> Position {
        let (mut line, mut column) = (1, 1);
        let mut rest = text[..at].chars().peekable();
        while let Some(character) = rest.next() {
            let next = rest.peek().copied().or_else(|| text[at..].chars().next());
            if character == '\n' || (character == '\r' && next != Some('\n')) {
                (line, column) = (line + 1, 1);
            } else {
                column += 1;
            }
        }
        Position { line, column }
    }

    #[test]
    fn agrees_with_walking() {
        proptest::proptest!(|(text in "[a\nß\r漢]{0,40}")| {
            let index = LineIndex::new(&text);
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                assert_eq!(index.position(&text, at), position_by_walking(&text, at), "{text:?} {at}");
            }
        });
    }

    #[test]
    fn counts_columns_across_checkpoints() {
        for unit in ["a", "é", "漢x"] {
            let text = format!("first\n{}", unit.repeat(9000));
            let index = LineIndex::new(&text);
            for at in [6, 4095, 4096, 4098, 8192, 8193, 12_288, text.len()] {
                if text.is_char_boundary(at) {
                    let column = text[6..at.max(6)].chars().count() + 1;
                    if at >= 6 {
                        assert_eq!(index.position(&text, at), Position { line: 2, column });
                    }
                }
            }
        }
    }

    #[test]
    fn counts_lines() {
        let count = |text: &str| LineIndex::new(text).count(text);
        assert_eq!(["", "a", "a\n", "a\nb", "a\r\nb\r", "\n\n"].map(count), [0, 1, 1, 2, 2, 2]);
    }
}
