//! The words of a document by number.

use crate::entropy::{Folded, Interner};
use crate::{Span, entropy};

/// The words of a document, each found once by what it is: words that differ in letter case alone
/// are of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    interner: Interner,
    numbers: Vec<u32>,
    counts: Vec<u32>,
}

impl Vocabulary {
    /// The `words` of `text`.
    pub(crate) fn new(text: &str, words: &[Span]) -> Self {
        // A third of the words of a page are new ones.
        let mut interner = Interner::with_room(std::cmp::min(words.len() / 2, 1 << 12));
        let mut counts = Vec::with_capacity(words.len() / 2);
        let number = |word: &Span| {
            let number = interner.number_at(text, *word);
            match counts.get_mut(entropy::index(number)) {
                Some(count) => *count += 1,
                None => counts.push(1),
            }
            number
        };
        let numbers = words.iter().map(number).collect();
        Self { interner, numbers, counts }
    }

    /// The kind of each word, in order; kinds are numbered by their first words.
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// How often each kind came.
    pub(crate) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The kinds, and how often each came.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (Folded<'_>, u32)> {
        (0..).zip(&self.counts).map(|(number, count)| (self.interner.word(number), *count))
    }

    /// By kind: whether it is one of `words`, which must be short and in small ASCII letters.
    pub(crate) fn marked(&self, words: &[&str]) -> Vec<bool> {
        let mut marked = vec![false; self.counts.len()];
        for number in words.iter().filter_map(|word| self.interner.known(word)) {
            if let Some(mark) = marked.get_mut(entropy::index(number)) {
                *mark = true;
            }
        }
        marked
    }
}
