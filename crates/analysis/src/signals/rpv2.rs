//! RedPajama-V2: the signals that need no model, after
//! `app/src/core/quality_signals` of its source. It only measures and demands nothing.
//! The hits of a block list are counted beside it, because the list is the user's.

mod lines;
mod normal;
mod stop_words;

use super::repeats::Repeats;
use super::sheet::{Places, Sheet, float, ratio};
use super::{gopher_datatrove::occurrences, python, words::Words};
use crate::{Dialect, Span, Verdict};
pub use lines::{LineSignals, line_signals};
pub(crate) use normal::Normal;

pub(crate) fn verdict(text: &str) -> Verdict {
    let normal = Normal::new(text);
    let words = normal.words(text.len());
    let raw = RawWords::of(text);
    let mut sheet = Sheet::new(Dialect::Rpv2);
    content(&mut sheet, text, &normal, &raw);
    natural_language(&mut sheet, text, &words, &raw);
    repetitions(&mut sheet, &words);
    lines::mean_of_lines(&mut sheet, text);
    sheet.verdict()
}

fn content(sheet: &mut Sheet, text: &str, normal: &Normal, raw: &RawWords) {
    let hits = normal.text.matches("lorem ipsum").count();
    let share = python::round_8(ratio(hits, python::length(&normal.text)));
    sheet.measured("rps_doc_lorem_ipsum", share, Vec::new());
    let mut brackets = Places::default();
    for at in memchr::memchr2_iter(b'{', b'}', text.as_bytes()) {
        brackets.push(Span::new(at, at + 1));
    }
    let share = python::round_8(ratio(brackets.count, python::length(text)));
    sheet.measured("rps_doc_curly_bracket", share, brackets.first);
    let stop_words = if normal.text.is_empty() { 0.0 } else { ratio(raw.stop_words, raw.count) };
    sheet.measured("rps_doc_stop_word_fraction", python::round_8(stop_words), Vec::new());
}

fn natural_language(sheet: &mut Sheet, text: &str, words: &Words<'_>, raw: &RawWords) {
    sheet.measured("rps_doc_num_sentences", float(sentences(text)), Vec::new());
    sheet.measured("rps_doc_word_count", float(words.len()), Vec::new());
    let mut measured = |name: &'static str, value: f64, places| {
        sheet.measured(name, python::round_8(value), places);
    };
    measured("rps_doc_mean_word_length", ratio(words.characters(), words.len()), Vec::new());
    let symbols: Vec<Places> = ["#", "...", "\u{2026}"].map(|it| occurrences(text, it)).into();
    let count = symbols.iter().map(|places| places.count).sum();
    let first = symbols.into_iter().flat_map(|places| places.first).take(super::PLACES_MAX);
    measured("rps_doc_symbol_to_word_ratio", ratio(count, raw.count), first.collect());
    let (ellipses, lines) = lines::ending_with_ellipsis(text);
    let share = ratio(ellipses.count, lines);
    measured("rps_doc_frac_lines_end_with_ellipsis", share, ellipses.first);
    let without = if raw.count == 0 { 0.0 } else { 1.0 - ratio(raw.with_letter, raw.count) };
    measured("rps_doc_frac_no_alph_words", without, Vec::new());
    measured("rps_doc_frac_unique_words", ratio(words.kinds.len(), words.len()), Vec::new());
    measured("rps_doc_unigram_entropy", entropy(words), Vec::new());
    measured("rps_doc_frac_all_caps_words", ratio(raw.capitals, raw.count), Vec::new());
}

/// −Σ p·ln p over the kinds of words, in nats.
fn entropy(words: &Words<'_>) -> f64 {
    let total = float(words.len());
    words.kinds.iter().map(|kind| float(kind.count) / total).map(|p| -p * p.ln()).sum()
}

/// The matches of `\b[^.!?]+[.!?]*`: from a word character to the marks behind it.
pub(crate) fn sentences(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(start) = rest.find(python::is_word) {
        count += 1;
        let is_mark = |c: char| matches!(c, '.' | '!' | '?');
        let from_mark = rest[start..].find(is_mark).map_or("", |end| &rest[start + end..]);
        rest = from_mark.trim_start_matches(is_mark);
    }
    count
}

fn repetitions(sheet: &mut Sheet, words: &Words<'_>) {
    let characters = words.characters();
    let mut repeats = Repeats::words(words);
    for size in 2..=4 {
        repeats = repeats.longer(words);
        let name = format!("rps_doc_frac_chars_top_{size}gram");
        let Some((first, count)) = repeats.most_common() else {
            sheet.measured(name, 0.0, Vec::new());
            continue;
        };
        let share = ratio(words.length_of(first, size) * count, characters);
        let places = repeats.occurrences(first).map(|at| words.span_of(at, size)).collect();
        sheet.measured(name, python::round_8(share), places);
    }
    for size in 5..=10 {
        repeats = repeats.longer(words);
        let mut places = Places::default();
        let (mut covered, mut next) = (0, 0);
        for start in repeats.starts() {
            // Overlapping n-grams count their common words once.
            let from = std::cmp::max(start, next);
            next = start + size;
            covered += words.length_of(from, next - from);
            places.push(words.span_of(start, size));
        }
        let name = format!("rps_doc_frac_chars_dupe_{size}grams");
        sheet.measured(name, python::round_8(ratio(covered, characters)), places.first);
    }
}

/// What is counted of the matches of `\w+|[^\w\s]+`, NLTK's `WordPunctTokenizer`.
#[derive(Default)]
struct RawWords {
    count: usize,
    stop_words: usize,
    with_letter: usize,
    capitals: usize,
}

impl RawWords {
    fn of(text: &str) -> Self {
        let mut raw = Self::default();
        let mut start = 0;
        let mut last = Class::Space;
        for (at, c) in text.char_indices() {
            let class = Class::of(c);
            if class != last {
                raw.add(last, &text[start..at]);
                (start, last) = (at, class);
            }
        }
        raw.add(last, &text[start..]);
        raw
    }

    fn add(&mut self, class: Class, word: &str) {
        if class == Class::Space {
            return;
        }
        self.count += 1;
        if class == Class::Word {
            self.stop_words += usize::from(stop_words::is_stop_word(word));
            self.with_letter += usize::from(word.bytes().any(|byte| byte.is_ascii_alphabetic()));
        }
        // A circled capital is no word character and still upper case.
        self.capitals += usize::from(python::is_upper(word));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Word,
    Mark,
}

impl Class {
    fn of(c: char) -> Self {
        if python::is_word(c) {
            Self::Word
        } else if python::is_space(c) {
            Self::Space
        } else {
            Self::Mark
        }
    }
}
