//! Gopher quality and repetition as datatrove 0.10 has them: `gopher_quality_filter.py` and
//! `gopher_repetition_filter.py`, after arXiv 2112.11446, A1.1 and table A1.

use rustc_hash::FxHashSet;

use super::repeats::{Repeats, index};
use super::sheet::{Places, Sheet, float, ratio};
use super::{PLACES_MAX, STOP_WORDS, duplicates::Duplicates, python, words::Words};
use crate::{Dialect, Span, Verdict};

/// The shortest n-grams whose copies are counted, with the largest share of copies.
const COPIED: [(usize, f64); 6] =
    [(5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)];
/// The n-grams whose most frequent one is looked at, with its largest share.
const TOP: [(usize, f64); 3] = [(2, 0.20), (3, 0.18), (4, 0.16)];
/// Bytes for each word by which n-grams are told apart before they are compared whole.
const PREFIX_FOR_EACH_WORD: usize = 4;

pub(crate) fn verdict(text: &str, words: &Words<'_>) -> Verdict {
    let mut sheet = Sheet::new(Dialect::GopherDatatrove);
    quality(&mut sheet, text, words);
    lines(&mut sheet, text);
    words_that_mean(&mut sheet, words);
    let characters = python::length(text);
    duplicates(&mut sheet, text, characters);
    top_n_grams(&mut sheet, characters, words);
    copied_n_grams(&mut sheet, text, characters, words);
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
        .into_iter()
        .map(|span| Span::new(span.start + offset, span.end + offset));
    let found = Duplicates::of(text, paragraphs);
    let share = ratio(found.places.count, found.parts);
    sheet.at_most("dup_para_frac", share, 0.3, found.places.first.clone());
    let share = ratio(found.characters, characters);
    sheet.at_most("dup_para_char_frac", share, 0.2, found.places.first);
    let found = Duplicates::of(text, python::split_newline_runs(text, 1).into_iter());
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

fn copied_n_grams(sheet: &mut Sheet, text: &str, characters: usize, words: &Words<'_>) {
    let joined = Joined::new(words, text.len());
    let mut candidates: Vec<u32> = (0..words.len()).filter_map(|at| at.try_into().ok()).collect();
    let (mut repeated, mut seen) = (Vec::new(), FxHashSet::default());
    for (size, limit) in COPIED {
        joined.narrow(&mut candidates, size, &mut repeated);
        let copies = joined.copies(words, &repeated, size, &mut seen);
        let share = ratio(copies.characters, characters);
        sheet.at_most(format!("duplicated_{size}_n_grams"), share, limit, copies.places.first);
    }
}

/// The words without anything between them. datatrove compares n-grams in this form, so that
/// `ab c` equals `a bc`: no comparison of words can stand for it.
struct Joined {
    bytes: Vec<u8>,
    /// Where each word starts, and behind the last one.
    starts: Vec<usize>,
}

impl Joined {
    fn new(words: &Words<'_>, text_length: usize) -> Self {
        let mut bytes = Vec::with_capacity(text_length);
        let mut starts = Vec::with_capacity(words.len() + 1);
        for id in &words.ids {
            starts.push(bytes.len());
            bytes.extend_from_slice(words.kinds[index(*id)].text.as_bytes());
        }
        starts.push(bytes.len());
        Self { bytes, starts }
    }

    /// Leaves the words at which an n-gram of `size` or more may start that is equal to another
    /// one, and some more; `repeated` takes those whose n-gram of `size` may be. Equal n-grams have
    /// equal prefixes, so one whose prefix is alone has no equal; n-grams shorter than the prefix
    /// stay, because longer ones may still be equal. Prefixes are counted by a part of their hash:
    /// a collision leaves a word too many, never one too few.
    fn narrow(&self, candidates: &mut Vec<u32>, size: usize, repeated: &mut Vec<u32>) {
        repeated.clear();
        // Those too close to the end are the last ones.
        let fits = |word: &u32| index(*word) + size < self.starts.len();
        candidates.truncate(candidates.partition_point(fits));
        let prefix = size * PREFIX_FOR_EACH_WORD;
        let table = (candidates.len() * 4).next_power_of_two();
        let shift = u64::BITS - table.trailing_zeros();
        let mut counts = vec![0_u8; table];
        let slots = candidates.iter().map(|word| {
            let (start, end) = (self.starts[index(*word)], self.starts[index(*word) + size]);
            let bytes = &self.bytes[start..std::cmp::min(end, start + prefix)];
            let slot = index_of(hash(bytes).checked_shr(shift).unwrap_or(0));
            counts[slot] = counts[slot].saturating_add(1);
            (slot, end - start < prefix)
        });
        let slots: Vec<(usize, bool)> = slots.collect();
        let mut slots = slots.into_iter();
        candidates.retain(|word| {
            let (slot, is_short) = slots.next().unwrap_or_default();
            let is_repeated = counts[slot] > 1;
            if is_repeated {
                repeated.push(*word);
            }
            is_repeated || is_short
        });
    }

    /// From left to right: an n-gram that was seen before is counted and stepped over.
    fn copies<'j>(
        &'j self,
        words: &Words<'_>,
        candidates: &[u32],
        size: usize,
        seen: &mut FxHashSet<&'j [u8]>,
    ) -> Duplicates {
        seen.clear();
        seen.reserve(candidates.len());
        let mut copies = Duplicates::default();
        let mut next = 0;
        for word in candidates.iter().map(|word| index(*word)) {
            let Some(end) = self.starts.get(word + size) else { break };
            if word >= next && !seen.insert(&self.bytes[self.starts[word]..*end]) {
                copies.places.push(words.span_of(word, size));
                copies.characters += words.length_of(word, size);
                next = word + size;
            }
        }
        copies
    }
}

/// A hash whose high bits are good.
fn hash(bytes: &[u8]) -> u64 {
    let mix =
        |hash: u64, part: u64| (hash.rotate_left(29) ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (chunks, rest) = bytes.as_chunks::<8>();
    let whole = chunks.iter().fold(0, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    match bytes.last_chunk() {
        _ if rest.is_empty() => whole,
        // Bytes that are read twice do not matter.
        Some(last) => mix(whole, u64::from_le_bytes(*last)),
        None => rest.iter().fold(0, |hash, byte| mix(hash, u64::from(*byte))),
    }
}

fn index_of(slot: u64) -> usize {
    usize::try_from(slot).unwrap_or_default()
}

#[cfg(test)]
mod tests;
