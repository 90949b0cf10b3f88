//! The normal form of RedPajama-V2: no ASCII punctuation, lower case, single spaces, NFD.

use unicode_normalization::UnicodeNormalization;

use crate::Span;
use crate::signals::{python, words::Words};

/// A text in normal form.
pub(crate) struct Normal {
    pub(crate) text: String,
    /// Each word, here and in the source.
    words: Vec<(Span, Span)>,
}

impl Normal {
    pub(crate) fn new(source: &str) -> Self {
        let mut normal = Self { text: String::with_capacity(source.len()), words: Vec::new() };
        for span in python::split(source) {
            let before = normal.text.len();
            if before > 0 {
                normal.text.push(' ');
            }
            let start = normal.text.len();
            append(&mut normal.text, span.of(source));
            if normal.text.len() == start {
                normal.text.truncate(before);
            } else {
                normal.words.push((Span::new(start, normal.text.len()), span));
            }
        }
        normal
    }

    pub(crate) fn words(&self, source_length: usize) -> Words<'_> {
        let mut words = Words::for_text(source_length);
        for (span, source) in &self.words {
            words.push(span.of(&self.text), *source);
        }
        words
    }

    /// Each sequence of `size` words, and where it stands in the source.
    pub(crate) fn sequences(&self, size: usize) -> impl Iterator<Item = (&str, Span)> {
        self.words.windows(size).filter_map(|words| {
            let ((first, from), (last, to)) = (words.first()?, words.last()?);
            let text = Span::new(first.start, last.end).of(&self.text);
            Some((text, Span::new(from.start, to.end)))
        })
    }

    pub(crate) fn each_word(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(span, _)| span.of(&self.text))
    }
}

fn append(text: &mut String, word: &str) {
    if word.is_ascii() {
        let kept = word.chars().filter(|c| !c.is_ascii_punctuation());
        text.extend(kept.map(|c| c.to_ascii_lowercase()));
    } else {
        let kept: String = word.chars().filter(|c| !c.is_ascii_punctuation()).collect();
        text.extend(kept.to_lowercase().nfd());
    }
}
