//! Gopher as dolma 1.2 has it: `python/dolma/taggers/gopher.py`, tagger `gopher_v1`. It only
//! measures; the demands are those of its source, arXiv 2112.11446, A1.1 and table A1.

use rustc_hash::FxHashMap;

use super::repeats::Repeats;
use super::sheet::{Places, Sheet, float, ratio};
use super::{STOP_WORDS, python, words::Words};
use crate::{Dialect, Span, Verdict};

const TOP_MAX: [f64; 3] = [0.20, 0.18, 0.16];
const DUPLICATE_MAX: [f64; 6] = [0.15, 0.14, 0.13, 0.12, 0.11, 0.10];

pub(crate) fn verdict(text: &str) -> Verdict {
    let words = Words::between_spaces(text);
    let mut sheet = Sheet::new(Dialect::GopherDolma);
    n_grams(&mut sheet, &words);
    of_words(&mut sheet, text, &words);
    of_lines(&mut sheet, text, &words);
    sheet.verdict()
}

fn n_grams(sheet: &mut Sheet, words: &Words<'_>) {
    let characters = words.characters();
    let mut repeats = Repeats::words(words);
    for (size, limit) in (2..).zip(TOP_MAX) {
        repeats = repeats.longer(words);
        // Where nothing repeats the first n-gram counts, once.
        let (first, count) = repeats.most_common().unwrap_or((0, 1));
        let length = if words.len() < size { 0 } else { words.length_of(first, size) };
        let places = repeats.occurrences(first).map(|at| words.span_of(at, size)).collect();
        let name = format!("fraction_of_characters_in_most_common_{size}grams");
        sheet.at_most(name, ratio(length * count, characters), limit, places);
    }
    for (size, limit) in (5..).zip(DUPLICATE_MAX) {
        repeats = repeats.longer(words);
        let mut places = Places::default();
        let mut repeated = 0;
        for start in repeats.starts() {
            repeated += words.length_of(start, size);
            places.push(words.span_of(start, size));
        }
        let name = format!("fraction_of_characters_in_duplicate_{size}grams");
        let share = ratio(repeated, characters_in_all(words, size));
        sheet.at_most(name, share, limit, places.first);
    }
}

/// Code points of all n-grams together: a word counts once for each n-gram that holds it.
fn characters_in_all(words: &Words<'_>, size: usize) -> usize {
    let Some(last) = words.len().checked_sub(size) else { return 0 };
    let mut window = words.length_of(0, size);
    let mut sum = window;
    for start in 1..=last {
        window = window + words.kind(start + size - 1).length - words.kind(start - 1).length;
        sum += window;
    }
    sum
}

fn of_words(sheet: &mut Sheet, text: &str, words: &Words<'_>) {
    let count = words.len();
    sheet.measured("character_count", float(python::length(text)), Vec::new());
    sheet.at_least("word_count", float(count), 50.0, Vec::new());
    sheet.at_most("word_count_at_most", float(count), 100_000.0, Vec::new());
    let median = median_length(words);
    sheet.at_least("median_word_length", median, 3.0, Vec::new());
    sheet.at_most("median_word_length_at_most", median, 10.0, Vec::new());
    let is_symbol = |text: &str| text.contains(['#', '\u{2026}']);
    let symbols = words.count(|kind| is_symbol(kind.text));
    let places = words.places(|kind| is_symbol(kind.text));
    sheet.at_most("symbol_to_word_ratio", ratio(symbols, count), 0.1, places);
    let share = ratio(words.count(|kind| kind.has_letter), count);
    let places = words.places(|kind| !kind.has_letter);
    sheet.at_least("fraction_of_words_with_alpha_character", share, 0.8, places);
    let required = words.count(|kind| STOP_WORDS.contains(&kind.text));
    sheet.at_least("required_word_count", float(required), 2.0, Vec::new());
}

/// The middle length, or the mean of the two in the middle.
fn median_length(words: &Words<'_>) -> f64 {
    let mut lengths: Vec<(usize, usize)> =
        words.kinds.iter().map(|kind| (kind.length, kind.count)).collect();
    lengths.sort_unstable();
    let length_at = |rank: usize| {
        let mut passed = 0;
        for (length, count) in &lengths {
            passed += count;
            if rank < passed {
                return *length;
            }
        }
        0
    };
    let count = words.len();
    let low = length_at(count.saturating_sub(1) / 2);
    (float(low) + float(length_at(count / 2))) / 2.0
}

fn of_lines(sheet: &mut Sheet, text: &str, words: &Words<'_>) {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    let (mut bullets, mut ellipses) = (Places::default(), Places::default());
    let lines: Vec<Span> = python::split_newlines(text).collect();
    for span in &lines {
        let line = span.of(text);
        if line.starts_with(['*', '-']) {
            bullets.push(*span);
        }
        if line.ends_with('\u{2026}') {
            ellipses.push(*span);
        }
        *counts.entry(line).or_default() += 1;
    }
    let mut duplicates = Places::default();
    let mut characters = 0;
    for span in &lines {
        let line = span.of(text);
        if counts.get(line).is_some_and(|count| *count > 1) {
            duplicates.push(*span);
            characters += python::length(line);
        }
    }
    let share = |count| if text.is_empty() { 0.0 } else { ratio(count, lines.len()) };
    let name = "fraction_of_lines_starting_with_bullet_point";
    sheet.at_most(name, share(bullets.count), 0.9, bullets.first);
    let name = "fraction_of_lines_ending_with_ellipsis";
    sheet.at_most(name, share(ellipses.count), 0.3, ellipses.first);
    let name = "fraction_of_duplicate_lines";
    sheet.at_most(name, share(duplicates.count), 0.3, duplicates.first.clone());
    // Compared with the characters of words, without white space, so that it can pass 1.
    let name = "fraction_of_characters_in_duplicate_lines";
    let value = float(characters) / float(std::cmp::max(words.characters(), 1));
    sheet.at_most(name, value, 0.2, duplicates.first);
}
