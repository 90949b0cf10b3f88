//! FineWeb's own filter as datatrove 0.10 has it: `fineweb_quality_filter.py`.

use super::sheet::{Places, Sheet, float, ratio};
use super::{duplicates::Duplicates, punctuation, python};
use crate::{Dialect, Span, Verdict};

/// Lines up to this many code points are short.
const SHORT: usize = 30;

pub(crate) fn verdict(text: &str, words: usize) -> Verdict {
    let mut sheet = Sheet::new(Dialect::FineWeb);
    let lines: Vec<Span> = python::split_newlines(text)
        .filter(|span| !python::strip_start(span.of(text)).is_empty())
        .collect();
    let (mut unended, mut short) = (Places::default(), Places::default());
    for span in &lines {
        let line = span.of(text);
        if !line.ends_with(punctuation::is_terminal) {
            unended.push(*span);
        }
        if python::length(line) <= SHORT {
            short.push(*span);
        }
    }
    sheet.at_least("empty", float(lines.len()), 1.0, Vec::new());
    let ended = ratio(lines.len() - unended.count, lines.len());
    sheet.at_least("line_punct_ratio", ended, 0.12, unended.first);
    sheet.at_most("short_line_ratio", ratio(short.count, lines.len()), 0.67, short.first);
    let newlines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let found = Duplicates::of(text, lines.into_iter());
    let share = ratio(found.characters, python::length(text) - newlines);
    sheet.at_most("char_dup_ratio", share, 0.01, found.places.first);
    sheet.at_most("list_ratio", ratio(newlines, words), 0.3, Vec::new());
    sheet.verdict()
}
