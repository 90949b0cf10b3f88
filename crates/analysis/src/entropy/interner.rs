//! Numbers for words.

use rustc_hash::FxHashMap;

use super::hash;
use super::numbers::Numbers;
use crate::Span;

/// Words of up to this many bytes are told apart by one 128-bit number.
const SHORT: usize = 15;

/// The last byte of the number of a longer word; that of a short one is its length.
const LONG: u8 = 0xFF;

/// Gives each word, letter case folded, a number: the first 0, the next new one 1 and so on.
#[derive(Clone, Debug)]
pub(crate) struct Interner {
    /// The word itself with its length in the last byte, or its place among the long.
    keys: Numbers<u128>,
    long: FxHashMap<Box<str>, u32>,
    long_words: Vec<Box<str>>,
    long_bytes: usize,
    scratch: String,
}

/// A word with its letter case folded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Folded<'w> {
    /// Its bytes, and its length in the last byte.
    Short(u128),
    /// Longer than fifteen bytes.
    Long(&'w str),
}

impl Folded<'_> {
    /// The word itself; a short one is written into `buffer`.
    pub(crate) fn text<'b>(&'b self, buffer: &'b mut [u8; 16]) -> &'b str {
        match self {
            Folded::Short(key) => {
                *buffer = key.to_le_bytes();
                let length = usize::from(buffer[SHORT]);
                std::str::from_utf8(buffer.get(..length).unwrap_or_default()).unwrap_or_default()
            }
            Folded::Long(word) => word,
        }
    }

    /// A hash that is the same on every machine and in every run.
    pub(crate) fn fingerprint(self) -> u64 {
        match self {
            Folded::Short(key) => hash::fingerprint(&key.to_le_bytes()),
            Folded::Long(word) => hash::fingerprint(word.as_bytes()),
        }
    }
}

impl Interner {
    /// No word yet, and room for about so many different ones.
    pub(crate) fn with_room(kinds: usize) -> Self {
        Self {
            keys: Numbers::with_room(kinds),
            long: FxHashMap::default(),
            long_words: Vec::new(),
            long_bytes: 0,
            scratch: String::new(),
        }
    }

    /// How many different words there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What the words of more than fifteen bytes take.
    pub(crate) fn long_bytes(&self) -> usize {
        self.long_bytes
    }

    /// The number of a word.
    pub(crate) fn number(&mut self, word: &str) -> u32 {
        let mut scratch = std::mem::take(&mut self.scratch);
        let number = self.number_of(fold(word, &mut scratch));
        self.scratch = scratch;
        number
    }

    /// The number of the word that stands at `span` of `text`.
    pub(crate) fn number_at(&mut self, text: &str, span: Span) -> u32 {
        match loaded(text.as_bytes(), span).and_then(lower_ascii) {
            Some(key) => self.keys.number(key),
            None => self.number(span.of(text)),
        }
    }

    /// The word with a number that was given.
    pub(crate) fn word(&self, number: u32) -> Folded<'_> {
        let key = self.keys.key(number).unwrap_or_default();
        if key.to_le_bytes()[SHORT] != LONG {
            return Folded::Short(key);
        }
        let at = usize::try_from(hash::low(key)).unwrap_or(usize::MAX);
        Folded::Long(self.long_words.get(at).map_or("", |word| word))
    }

    /// The number of a folded word.
    pub(crate) fn number_of(&mut self, word: Folded<'_>) -> u32 {
        match word {
            Folded::Short(key) => self.keys.number(key),
            Folded::Long(word) => self.number_of_long(word),
        }
    }

    /// The number of a short word in small ASCII letters, if it came.
    pub(crate) fn known(&self, word: &str) -> Option<u32> {
        debug_assert!(word.len() <= SHORT, "{word}");
        self.keys.known(packed(word.as_bytes()))
    }

    fn number_of_long(&mut self, word: &str) -> u32 {
        if let Some(number) = self.long.get(word) {
            return *number;
        }
        let at = u128::try_from(self.long_words.len()).unwrap_or_default();
        let number = self.keys.number(at | u128::from(LONG) << (8 * SHORT));
        self.long.insert(word.into(), number);
        self.long_words.push(word.into());
        self.long_bytes += word.len();
        number
    }
}

/// Folds letter case: lower case as Unicode maps it, without regard to language. `scratch` holds
/// what is not short ASCII.
pub(crate) fn fold<'w>(word: &str, scratch: &'w mut String) -> Folded<'w> {
    if word.len() <= SHORT
        && let Some(key) = lower_ascii(packed(word.as_bytes()))
    {
        return Folded::Short(key);
    }
    scratch.clear();
    if word.is_ascii() {
        scratch.push_str(word);
        scratch.make_ascii_lowercase();
    } else {
        scratch.extend(word.chars().flat_map(char::to_lowercase));
    }
    if scratch.len() <= SHORT {
        Folded::Short(packed(scratch.as_bytes()))
    } else {
        Folded::Long(scratch)
    }
}

/// The number of a short word in small letters; none where it is not ASCII.
fn lower_ascii(key: u128) -> Option<u128> {
    const EACH: u128 = u128::from_le_bytes([1; 16]);
    let text = key & !(0xFF << (8 * SHORT));
    if text & (0x80 * EACH) != 0 {
        return None;
    }
    // Per byte: bit 7 shows whether it is at least 'A', and whether it is above 'Z'.
    let from_a = text + EACH * (0x80 - u128::from(b'A'));
    let above_z = text + EACH * (0x7F - u128::from(b'Z'));
    let upper = (from_a & !above_z) & (0x80 * EACH);
    Some(key | upper >> 2)
}

/// At most fifteen bytes and their number, read in at most three pieces that may overlap.
pub(crate) fn packed(word: &[u8]) -> u128 {
    let length = word.len();
    let value = if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
        let last = u128::from(u64::from_le_bytes(*last));
        u128::from(u64::from_le_bytes(*first)) | last << (8 * (length - 8))
    } else if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
        let last = u128::from(u32::from_le_bytes(*last));
        u128::from(u32::from_le_bytes(*first)) | last << (8 * (length - 4))
    } else {
        let byte = |at: usize| u128::from(word.get(at).copied().unwrap_or_default()) << (8 * at);
        byte(0) | byte(length / 2) | byte(length.saturating_sub(1))
    };
    // A word is never longer than fifteen bytes here.
    value | u128::try_from(length).unwrap_or_default() << (8 * SHORT)
}

/// The number of a word of at most fifteen bytes, read at once; none where the word is longer or the
/// text ends too soon behind it.
pub(crate) fn loaded(text: &[u8], span: Span) -> Option<u128> {
    let length = u8::try_from(span.end - span.start).ok().filter(|length| *length <= 15)?;
    let bytes = text.get(span.start..)?.first_chunk::<16>()?;
    let word = u128::from_le_bytes(*bytes) & ((1 << (8 * u32::from(length))) - 1);
    Some(word | u128::from(length) << (8 * SHORT))
}

#[cfg(test)]
mod tests;
