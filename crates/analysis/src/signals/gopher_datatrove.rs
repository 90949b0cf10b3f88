//! Gopher quality and repetition as datatrove 0.10 has them: `gopher_quality_filter.py` and
//! `gopher_repetition_filter.py`, after arXiv 2112.11446, A1.1 and table A1.

use super::repeats::Repeats;
use super::sheet::{Places, Sheet, float, ratio};
use super::{PLACES_MAX, STOP_WORDS, copied::Joined, duplicates::Duplicates, python, words::Words};
use crate::{Dialect, Span, Verdict};

/// The shortest n-grams whose copies are counted, with the largest share of copies.
const COPIED: [(usize, f64); 6] =
    [(5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)];
/// The n-grams whose most frequent one is looked at, with its largest share.
const TOP: [(usize, f64); 3] = [(2, 0.20), (3, 0.18), (4, 0.16)];
pub(crate) fn verdict(text: &str, words: &Words<'_>) -> Verdict {
    let mut sheet = Sheet::new(Dialect::GopherDatatrove);
    quality(&mut sheet, text, words);
    lines(&mut sheet, text);
    words_that_mean(&mut sheet, words);
    let characters = python::length(text);
    duplicates(&mut sheet, text, characters);
    top_n_grams(&mut sheet, characters, words);
    copied_n_grams(&mut sheet, characters, words);
    sheet.verdict()
}

fn quality(sheet: &mut Sheet, text: &str, words: &Words<'_>) {
    let count = words.count(|kind| !kind.is_symbol);
    let characters: usize = words
        .kinds
        .iter()
        .filter(|kind| !kind.is_symbol)
        .map(|kind| kind.count * kind.length)
        .sum();
    let mean = ratio(characters, count);
    sheet.at_least("gopher_short_doc", float(count), 50.0, Vec::new());
    sheet.at_most("gopher_long_doc", float(count), 100_000.0, Vec::new());
    sheet.at_least("gopher_below_avg_threshold", mean, 3.0, Vec::new());
    sheet.at_most("gopher_above_avg_threshold", mean, 10.0, Vec::new());
    let hashes = occurrences(text, "#");
    let mut ellipses = occurrences(text, "...");
    let single = occurrences(text, "\u{2026}");
    ellipses.count += single.count;
    ellipses.first.extend(single.first);
    ellipses.first.sort_unstable();
    ellipses.first.truncate(PLACES_MAX);
    let all = words.len();
    sheet.at_most("gopher_too_many_hashes", ratio(hashes.count, all), 0.1, hashes.first);
    sheet.at_most("gopher_too_many_ellipsis", ratio(ellipses.count, all), 0.1, ellipses.first);
}

/// `str.count` and where.
pub(super) fn occurrences(text: &str, what: &str) -> Places {
    let mut places = Places::default();
    for at in memchr::memmem::find_iter(text.as_bytes(), what) {
        places.push(Span::new(at, at + what.len()));
    }
    places
}

fn lines(sheet: &mut Sheet, text: &str) {
    let (mut bullets, mut ellipses) = (Places::default(), Places::default());
    let mut count = 0;
    for span in python::split_lines(text) {
        count += 1;
        let line = span.of(text);
        if python::strip_start(line).starts_with(['\u{2022}', '-']) {
            bullets.push(span);
        }
        let ended = python::strip_end(line);
        if ended.ends_with("...") || ended.ends_with('\u{2026}') {
            ellipses.push(span);
        }
    }
    let share = ratio(bullets.count, count);
    sheet.at_most("gopher_too_many_bullets", share, 0.9, bullets.first);
    let share = ratio(ellipses.count, count);
    sheet.at_most("gopher_too_many_end_ellipsis", share, 0.3, ellipses.first);
}

fn words_that_mean(sheet: &mut Sheet, words: &Words<'_>) {
    let share = ratio(words.count(|kind| kind.has_letter), words.len());
    let places = words.places(|kind| !kind.has_letter);
    sheet.at_least("gopher_below_alpha_threshold", share, 0.8, places);
    let stop_words = words.kinds.iter().filter(|kind| STOP_WORDS.contains(&kind.text)).count();
    sheet.at_least("gopher_enough_stop_words", float(stop_words), 2.0, Vec::new());
}

fn duplicates(sheet: &mut Sheet, text: &str, characters: usize) {
    let stripped = python::strip(text);
    let offset = text.len() - python::strip_start(text).len();
    let paragraphs = python::split_newline_runs(stripped, 2)
        .map(|span| Span::new(span.start + offset, span.end + offset));
    let found = Duplicates::of(text, paragraphs);
    let share = ratio(found.places.count, found.parts);
    sheet.at_most("dup_para_frac", share, 0.3, found.places.first.clone());
    let share = ratio(found.characters, characters);
    sheet.at_most("dup_para_char_frac", share, 0.2, found.places.first);
    let found = Duplicates::of(text, python::split_newline_runs(text, 1));
    let share = ratio(found.places.count, found.parts);
    sheet.at_most("dup_line_frac", share, 0.3, found.places.first.clone());
    let share = ratio(found.characters, characters);
    sheet.at_most("dup_line_char_frac", share, 0.2, found.places.first);
}

/// The most frequent n-gram counts even if it occurs only once: then it is the first one.
fn top_n_grams(sheet: &mut Sheet, characters: usize, words: &Words<'_>) {
    let mut repeats = Repeats::words(words);
    for (size, limit) in TOP {
        repeats = repeats.longer(words);
        let (first, count) = repeats.most_common().unwrap_or((0, 1));
        let name = format!("top_{size}_gram");
        if words.len() < size {
            sheet.at_most(name, 0.0, limit, Vec::new());
            continue;
        }
        let length = words.length_of(first, size) + size - 1;
        let places = repeats.occurrences(first).map(|at| words.span_of(at, size)).collect();
        sheet.at_most(name, ratio(length * count, characters), limit, places);
    }
}

fn copied_n_grams(sheet: &mut Sheet, characters: usize, words: &Words<'_>) {
    let mut joined = Joined::new(words, COPIED[0].0);
    for (size, limit) in COPIED {
        let copies = joined.copies(size);
        let share = ratio(copies.characters, characters);
        sheet.at_most(format!("duplicated_{size}_n_grams"), share, limit, copies.places.first);
    }
}

#[cfg(test)]
mod tests;
