//! Plain text of any size in bounded memory.

mod decoder;
mod windows;
mod words;

use serde::{Deserialize, Serialize};

pub use windows::{WINDOW_BYTES, window_end, windows};

use crate::entropy::CharacterCounts;
use crate::{Entropy, Position};
use decoder::Decoder;
use words::StreamWords;

/// At most so much is decoded before it is cut into windows.
const PIECE: usize = 64 << 10;

/// What a stream may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamSettings {
    /// Up to so many different words, different pairs of words, and different pairs of characters
    /// of which one is not ASCII, are counted exactly; beyond it they are estimated from a sample.
    /// The default takes about 12 MB. Default: 65,536.
    pub kinds_max: usize,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self { kinds_max: 1 << 16 }
    }
}

/// A window of the text, as `windows` cuts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<'t> {
    /// At most 64 KiB, ends on a character boundary.
    pub text: &'t str,
    /// Where it starts in the decoded text, in bytes.
    pub offset: u64,
    /// Where its first character stands.
    pub start: Position,
}

/// What a stream held.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Bytes as they came.
    pub bytes: u64,
    /// Byte sequences that are no text and count as U+FFFD.
    pub replaced: u64,
    /// Unicode scalar values.
    pub characters: u64,
    /// Lines, which end with LF, CRLF or CR.
    pub lines: u64,
    /// Words. One of more than 64 KiB counts as several.
    pub words: u64,
    /// Of the bytes of the decoded text: exact.
    pub byte_entropy: Entropy,
    /// Of its characters: exact.
    pub character_entropy: Entropy,
    /// Of pairs of characters: exact up to the budget.
    pub character_bigram_entropy: Entropy,
    /// Of words, letter case folded: exact up to the budget.
    pub word_entropy: Entropy,
    /// Of pairs of words: exact up to the budget.
    pub word_bigram_entropy: Entropy,
}

/// Reads plain text piece by piece. However it is cut, even inside a character, a line end or a
/// word, the report is the same to the last bit, and so are the windows.
///
/// ```
/// use forebay_analysis::{Stream, StreamSettings};
///
/// let mut windows = 0;
/// let mut stream = Stream::new(StreamSettings::default(), |_| windows += 1);
/// stream.push(b"one tw");
/// stream.push(b"o\nthree\n");
/// let report = stream.finish();
/// assert_eq!((report.lines, report.words, windows), (2, 3, 1));
/// ```
#[derive(Debug)]
pub struct Stream<F> {
    look: F,
    decoder: Decoder,
    /// Decoded and not yet cut.
    pending: String,
    offset: u64,
    start: Position,
    bytes: u64,
    characters: CharacterCounts,
    words: StreamWords,
}

impl<F: FnMut(Window<'_>)> Stream<F> {
    /// Nothing read. Each window of the text is handed to `look`, in order.
    pub fn new(settings: StreamSettings, look: F) -> Self {
        Self {
            look,
            decoder: Decoder::new(),
            pending: String::new(),
            offset: 0,
            start: Position { line: 1, column: 1 },
            bytes: 0,
            characters: CharacterCounts::new(settings.kinds_max),
            words: StreamWords::new(settings.kinds_max),
        }
    }

    /// Reads what comes next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        for piece in bytes.chunks(PIECE) {
            self.decoder.push(piece, &mut self.pending);
            self.cut();
        }
    }

    /// Reads the end.
    pub fn finish(mut self) -> StreamReport {
        self.decoder.finish(&mut self.pending);
        self.cut();
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.take(&rest);
        }
        let characters = self.characters.characters().entropy();
        let words = self.words.words();
        StreamReport {
            bytes: self.bytes,
            replaced: self.decoder.replaced(),
            characters: characters.units,
            lines: u64::try_from(self.start.line - usize::from(self.start.column == 1))
                .unwrap_or(u64::MAX),
            words: words.units,
            byte_entropy: self.characters.bytes().entropy(),
            character_entropy: characters,
            character_bigram_entropy: self.characters.bigrams().entropy(),
            word_entropy: words,
            word_bigram_entropy: self.words.bigrams(),
        }
    }

    /// Takes the windows whose ends are known.
    fn cut(&mut self) {
        if self.pending.len() <= WINDOW_BYTES {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_str();
        while rest.len() > WINDOW_BYTES {
            let (window, after) = rest.split_at(window_end(rest));
            self.take(window);
            rest = after;
        }
        let taken = pending.len() - rest.len();
        self.pending = pending;
        self.pending.drain(..taken);
    }

    fn take(&mut self, text: &str) {
        (self.look)(Window { text, offset: self.offset, start: self.start });
        self.characters.push(text);
        self.words.push(text);
        self.offset += u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.start = windows::position_after(self.start, text);
    }
}

#[cfg(test)]
mod tests;
