//! A document that was read.

use crate::vocabulary::Vocabulary;
use crate::{Format, LineIndex, Outline, Position, Prose, Span, sentences, words};

/// A document that was read once, for everything that looks at it.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    /// The decoded text.
    pub text: &'t str,
    /// What it is written in.
    pub format: Format,
    /// Where its lines start.
    pub lines: LineIndex,
    /// Its prose.
    pub prose: Prose,
    /// What else it is made of.
    pub outline: Outline,
    /// The sentences of the prose, in the prose; each holds a word, and each word is in one.
    pub sentences: Vec<Span>,
    /// The words of the prose, in the prose: letters, digits and what joins them.
    pub words: Vec<Span>,
    /// The same words by number.
    pub(crate) vocabulary: Vocabulary,
}

impl<'t> Document<'t> {
    /// Reads `text`.
    pub fn new(text: &'t str, format: Format) -> Self {
        let (prose, outline) = Prose::of(text, format);
        let words = words::words(prose.text());
        let sentences = sentences::sentences(&prose, &words);
        let vocabulary = Vocabulary::new(prose.text(), &words);
        let lines = LineIndex::new(text);
        Self { text, format, lines, prose, outline, sentences, words, vocabulary }
    }

    /// The place of a byte of the text.
    pub fn position(&self, at: usize) -> Position {
        self.lines.position(self.text, at)
    }
}
