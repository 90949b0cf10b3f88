//! The words of a text, each kind of word known by a number.

use rustc_hash::FxHashMap;

use super::{punctuation, python};
use crate::Span;
use crate::entropy::{Numbers, index, loaded, packed};

/// The words of a text in their order. What depends on the word alone is found out once per kind.
pub(crate) struct Words<'w> {
    /// The kind of each word; kinds are numbered by their first occurrence.
    pub(crate) ids: Vec<u32>,
    /// Where each word stands in the text; empty where that is not known.
    pub(crate) spans: Vec<Span>,
    pub(crate) kinds: Vec<Kind<'w>>,
    /// The words of at most fifteen bytes by their bytes; the others by their number among
    /// `by_text`.
    keys: Numbers<u128>,
    by_text: FxHashMap<&'w str, u32>,
}

/// A word, however often it occurs.
pub(crate) struct Kind<'w> {
    pub(crate) text: &'w str,
    /// How often it occurs.
    pub(crate) count: usize,
    /// In code points.
    pub(crate) length: usize,
    /// Whether a character is a letter.
    pub(crate) has_letter: bool,
    /// Whether all characters are punctuation for datatrove.
    pub(crate) is_symbol: bool,
}

impl<'w> Kind<'w> {
    fn new(text: &'w str) -> Self {
        let bytes = text.as_bytes();
        if bytes.iter().all(u8::is_ascii_alphanumeric) && !bytes.is_empty() {
            let has_letter = bytes.iter().any(u8::is_ascii_alphabetic);
            return Self { text, count: 0, length: text.len(), has_letter, is_symbol: false };
        }
        Self {
            text,
            count: 0,
            length: python::length(text),
            has_letter: text.chars().any(python::is_alpha),
            is_symbol: text.chars().all(punctuation::is_punctuation),
        }
    }
}

/// The key of a word that has its number in [`Words::by_text`] for the rest of it. No word that is
/// its own key has this bit: its last byte is its length.
const LONG: u128 = 1 << 127;

impl<'w> Words<'w> {
    /// Words to come from a text of `bytes`.
    pub(crate) fn for_text(bytes: usize) -> Self {
        Self::with_room(bytes / 5)
    }

    /// About so many words to come.
    pub(crate) fn with_room(expected: usize) -> Self {
        Self {
            ids: Vec::with_capacity(expected),
            spans: Vec::with_capacity(expected),
            kinds: Vec::with_capacity(std::cmp::min(expected / 3, 1 << 12)),
            keys: Numbers::with_room(std::cmp::min(expected / 3, 1 << 12)),
            by_text: FxHashMap::default(),
        }
    }

    /// The words that `tokens` gives, places found by walking along `text`.
    pub(crate) fn given(text: &str, tokens: &[&'w str]) -> Self {
        let mut words = Self::for_text(text.len());
        let mut at = 0;
        for token in tokens {
            at += text[at..].len() - python::strip_start(&text[at..]).len();
            let is_here = text[at..].starts_with(token);
            let end = if is_here { at + token.len() } else { at };
            words.push(token, Span::new(at, end));
            at = end;
        }
        words
    }

    /// The words between white space.
    pub(crate) fn between_spaces(text: &'w str) -> Self {
        let mut words = Self::for_text(text.len());
        for span in python::split(text) {
            words.push_at(text, span);
        }
        words
    }

    pub(crate) fn push(&mut self, word: &'w str, span: Span) {
        let key = self.key(word);
        self.add(key, || word, span);
    }

    /// Takes the word that stands at `span` of `text`.
    #[inline]
    pub(crate) fn push_at(&mut self, text: &'w str, span: Span) {
        match loaded(text.as_bytes(), span) {
            Some(key) => self.add(key, || span.of(text), span),
            None => self.push(span.of(text), span),
        }
    }

    #[inline]
    fn add(&mut self, key: u128, word: impl FnOnce() -> &'w str, span: Span) {
        let id = self.keys.number(key);
        match self.kinds.get_mut(index(id)) {
            Some(kind) => kind.count += 1,
            None => self.kinds.push(Kind { count: 1, ..Kind::new(word()) }),
        }
        self.ids.push(id);
        self.spans.push(span);
    }

    fn key(&mut self, word: &'w str) -> u128 {
        if word.len() <= 15 {
            return packed(word.as_bytes());
        }
        // A text has fewer words than bytes, and texts beyond 4 GiB are never held whole.
        let fresh = u32::try_from(self.by_text.len()).unwrap_or(u32::MAX);
        u128::from(*self.by_text.entry(word).or_insert(fresh)) | LONG
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The kind of the word at `index`.
    pub(crate) fn kind(&self, index: usize) -> &Kind<'w> {
        &self.kinds[self.id(index)]
    }

    pub(crate) fn id(&self, index: usize) -> usize {
        usize::try_from(self.ids[index]).unwrap_or(usize::MAX)
    }

    /// The word of a kind with its length in the last of sixteen bytes, if it has at most fifteen.
    pub(crate) fn short(&self, id: usize) -> Option<u128> {
        let key = self.keys.key(u32::try_from(id).unwrap_or(u32::MAX))?;
        (key & LONG == 0).then_some(key)
    }

    /// How many words are of kinds that `is_meant`.
    pub(crate) fn count(&self, is_meant: impl Fn(&Kind<'w>) -> bool) -> usize {
        self.kinds.iter().filter(|kind| is_meant(kind)).map(|kind| kind.count).sum()
    }

    /// Code points in all words.
    pub(crate) fn characters(&self) -> usize {
        self.kinds.iter().map(|kind| kind.count * kind.length).sum()
    }

    /// Code points in `many` words from `first` on.
    pub(crate) fn length_of(&self, first: usize, many: usize) -> usize {
        (first..first + many).map(|index| self.kind(index).length).sum()
    }

    /// From the start of the word `first` to the end of the last of `many`.
    pub(crate) fn span_of(&self, first: usize, many: usize) -> Span {
        match (self.spans.get(first), self.spans.get(first + many - 1)) {
            (Some(first), Some(last)) => Span::new(first.start, last.end),
            _ => Span::default(),
        }
    }

    /// Places of words of a kind that `is_meant`.
    pub(crate) fn places(&self, is_meant: impl Fn(&Kind<'w>) -> bool) -> Vec<Span> {
        (0..self.len())
            .filter(|index| is_meant(self.kind(*index)))
            .take(super::PLACES_MAX)
            .map(|index| self.spans[index])
            .collect()
    }
}
