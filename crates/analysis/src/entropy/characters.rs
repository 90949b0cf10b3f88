//! Counts of characters and of their pairs.

use super::bigrams::Bigrams;
use super::bytes::ByteCounts;
use super::spectrum::Spectrum;

/// The characters that share all but their last eight bits.
type Page = Box<[u64; 256]>;

/// How often each Unicode scalar value came, and each pair of neighbours. ASCII is not counted
/// twice: there the characters are the bytes.
#[derive(Clone, Debug)]
pub(crate) struct CharacterCounts {
    bytes: ByteCounts,
    /// By all but the last eight bits; so a text of all of Unicode still takes 9 MB at most.
    pages: Vec<Option<Page>>,
    bigrams: Bigrams,
    first: Option<char>,
    last: Option<char>,
}

impl CharacterCounts {
    /// Nothing counted; at most `pair_kinds_max` different pairs will be counted exactly.
    pub(crate) fn new(pair_kinds_max: usize) -> Self {
        Self {
            bytes: ByteCounts::new(),
            pages: Vec::new(),
            bigrams: Bigrams::new(pair_kinds_max),
            first: None,
            last: None,
        }
    }

    /// Counts the bytes, the characters and their pairs, the one with what came before too.
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push(text.as_bytes());
        self.first = self.first.or_else(|| text.chars().next());
        let mut rest = text;
        while !rest.is_empty() {
            let (ascii, other) = rest.split_at(ascii_length(rest.as_bytes()));
            self.push_ascii(ascii);
            rest = self.push_others(other);
        }
    }

    fn push_ascii(&mut self, ascii: &str) {
        let bytes = ascii.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return };
        if let Some(before) = self.last {
            self.bigrams.push(before, char::from(*first));
        }
        self.bigrams.push_ascii(bytes);
        self.last = Some(char::from(*last));
    }

    /// Counts up to the next ASCII character and returns the text from there.
    fn push_others<'t>(&mut self, text: &'t str) -> &'t str {
        for (at, character) in text.char_indices() {
            if character.is_ascii() {
                return text.get(at..).unwrap_or_default();
            }
            self.add(character, 1);
            if let Some(before) = self.last {
                self.bigrams.push(before, character);
            }
            self.last = Some(character);
        }
        ""
    }

    fn add(&mut self, character: char, count: u64) {
        let code = usize::try_from(u32::from(character)).unwrap_or_default();
        let (page, at) = (code >> 8, code & 0xFF);
        if self.pages.len() <= page {
            self.pages.resize(page + 1, None);
        }
        if let Some(held) = self.pages.get_mut(page) {
            held.get_or_insert_with(|| Box::new([0; 256]))[at] += count;
        }
    }

    /// Adds what `other` counted, as if its text followed, with the pair at the border.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.bytes.merge(&other.bytes);
        if self.pages.len() < other.pages.len() {
            self.pages.resize(other.pages.len(), None);
        }
        for (held, more) in self.pages.iter_mut().zip(&other.pages) {
            let Some(more) = more else { continue };
            let held = held.get_or_insert_with(|| Box::new([0; 256]));
            held.iter_mut().zip(more.iter()).for_each(|(total, more)| *total += more);
        }
        if let (Some(last), Some(first)) = (self.last, other.first) {
            self.bigrams.push(last, first);
        }
        self.bigrams.merge(&other.bigrams);
        self.first = self.first.or(other.first);
        self.last = other.last.or(self.last);
    }

    /// Of the bytes.
    pub(crate) fn bytes(&self) -> Spectrum {
        Spectrum::of(self.bytes.counts().iter().copied())
    }

    /// Of the characters.
    pub(crate) fn characters(&self) -> Spectrum {
        let ascii = self.bytes.counts().iter().take(128);
        let others = self.pages.iter().flatten().flat_map(|page| page.iter());
        Spectrum::of(ascii.chain(others).copied())
    }

    /// Of the pairs.
    pub(crate) fn bigrams(&self) -> &Bigrams {
        &self.bigrams
    }
}

/// How many bytes at the start are ASCII.
fn ascii_length(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, _) = bytes.as_chunks::<8>();
    let whole = words.iter().take_while(|word| u64::from_le_bytes(**word) & HIGH == 0).count() * 8;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| byte.is_ascii()).count()
}
