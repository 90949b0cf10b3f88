//! C4's clean-up, line by line: TensorFlow Datasets' `text/c4_utils.py`, and datatrove 0.10's
//! `c4_filters.py`, whose numbers differ.

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

use super::sheet::{Places, Sheet, float};
use super::{python, sentencizer};
use crate::{Dialect, Verdict};

/// Where the two differ.
pub(crate) struct Rules {
    dialect: Dialect,
    end_marks: &'static [char],
    words_min: usize,
    sentences_min: f64,
    /// Whether words are counted before citations are cut out.
    counts_citations: bool,
    names: [&'static str; 9],
}

/// The reference.
pub(crate) const TFDS: Rules = Rules {
    dialect: Dialect::C4Tfds,
    end_marks: &['.', '?', '!', '"'],
    words_min: 5,
    sentences_min: 3.0,
    counts_citations: false,
    names: [
        "lines-with-too-long-word",
        "lines-no-endmark",
        "lines-too-short",
        "filtered-page-loremipsum",
        "lines-javascript",
        "filtered-page-squigglybracket",
        "lines-policy",
        "lines-valid",
        "filtered-page-toofewsentences",
    ],
};

/// datatrove's, with its defaults.
pub(crate) const DATATROVE: Rules = Rules {
    dialect: Dialect::C4Datatrove,
    end_marks: &['.', '?', '!', '"', '\''],
    words_min: 3,
    sentences_min: 5.0,
    counts_citations: true,
    names: [
        "line-filter-too_long_word",
        "line-filter-no_terminal_punc",
        "line-filter-too_few_words",
        "lorem_ipsum",
        "line-filter-javascript",
        "curly_bracket",
        "line-filter-policy",
        "line-kept",
        "too_few_sentences",
    ],
};

/// Code points that a word may have.
const WORD_MAX: usize = 1000;
const POLICIES: [&str; 6] = [
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
];
static CITATION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[\d*\]|\[edit\]|\[citation needed\]").ok());

/// What becomes of a line, by its place in [`Rules::names`]. Lorem ipsum and brackets drop the
/// whole page.
const LONG_WORD: usize = 0;
const NO_END: usize = 1;
const FEW_WORDS: usize = 2;
const LOREM_IPSUM: usize = 3;
const JAVASCRIPT: usize = 4;
const BRACKET: usize = 5;
const POLICY: usize = 6;
const KEPT: usize = 7;
const FEW_SENTENCES: usize = 8;

pub(crate) fn verdict(rules: &Rules, text: &str) -> Verdict {
    let mut fates: [Places; 8] = Default::default();
    let mut sentences = 0;
    for span in python::split_lines(text) {
        let line = python::strip(span.of(text));
        let cut = cut_citations(line);
        let fate = fate(rules, line, &cut);
        fates[fate].push(span);
        if fate == KEPT {
            sentences += sentencizer::count(&cut);
        }
    }
    let mut sheet = Sheet::new(rules.dialect);
    for (fate, places) in fates.into_iter().enumerate() {
        let (name, count) = (rules.names[fate], float(places.count));
        if matches!(fate, LOREM_IPSUM | BRACKET) {
            sheet.at_most(name, count, 0.0, places.first);
        } else {
            sheet.measured(name, count, places.first);
        }
    }
    let name = rules.names[FEW_SENTENCES];
    sheet.at_least(name, float(sentences), rules.sentences_min, Vec::new());
    sheet.verdict()
}

fn cut_citations(line: &str) -> Cow<'_, str> {
    match &*CITATION {
        Some(citation) if line.contains('[') => citation.replace_all(line, ""),
        _ => Cow::Borrowed(line),
    }
}

fn fate(rules: &Rules, line: &str, cut: &str) -> usize {
    let is_too_long = |word: &str| word.len() > WORD_MAX && python::length(word) > WORD_MAX;
    if line.len() > WORD_MAX && python::split(line).any(|word| is_too_long(word.of(line))) {
        return LONG_WORD;
    }
    if !cut.ends_with(rules.end_marks) || cut.ends_with("...") {
        return NO_END;
    }
    let counted = if rules.counts_citations { line } else { cut };
    if python::split(counted).take(rules.words_min).count() < rules.words_min {
        return FEW_WORDS;
    }
    let lower = cut.to_lowercase();
    if lower.contains("lorem ipsum") {
        LOREM_IPSUM
    } else if lower.contains("javascript") {
        JAVASCRIPT
    } else if cut.contains('{') {
        BRACKET
    } else if POLICIES.iter().any(|policy| lower.contains(policy)) {
        POLICY
    } else {
        KEPT
    }
}
