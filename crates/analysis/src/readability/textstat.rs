//! Readability as the Python package textstat 0.7.7 has it, deviations included.

use super::{Folded, LONG, Readability, float, wide};
use crate::signals::python;

/// The readability of `text` by textstat 0.7.7 for English, to the last digit.
///
/// It differs from [`Readability::of`]: words are what white space separates, all characters but
/// letters, digits, `_` and the apostrophes of `'t`, `'s`, `'d`, `'ve`, `'ll`, `'re` taken out;
/// sentences are the matches of `\b[^.!?]+[.!?]*`, and those of two words or fewer do not count;
/// Coleman–Liau has 0.058 for 0.0588 and takes digits for letters; the automated readability index
/// divides all that is not white space by the words with punctuation; Dale–Chall takes every
/// inflection for difficult; fog counts words of three syllables that are not on the list of easy
/// words; a text without words has 0 everywhere, except 3.1291 for SMOG where it is not empty.
///
/// textstat takes syllables from the CMU Pronouncing Dictionary and hyphenates other words with
/// pyphen. `syllables` is asked first, with the word in lower case, so that a caller can give
/// pyphen's count; where it has none, this crate's count stands.
pub fn textstat(text: &str, syllables: &dyn Fn(&str) -> Option<usize>) -> Readability {
    let counts = Counts::of(text, syllables);
    let words = float(counts.words);
    let sentences = float(counts.sentences);
    let zero = Readability {
        words: wide(counts.words),
        sentences: wide(counts.sentences),
        syllables: wide(counts.syllables),
        ..Readability::default()
    };
    if counts.sentences == 0 {
        return zero;
    }
    let smog = 1.043 * (30.0 * (float(counts.polysyllables) / sentences)).sqrt() + 3.1291;
    let rix = float(counts.long) / sentences;
    if counts.words == 0 {
        return Readability { smog, rix, ..zero };
    }
    let sentence_length = words / sentences;
    let per_word = float(counts.syllables) / words;
    let difficult = 100.0 * float(counts.difficult) / words;
    let dale_chall = 0.1579 * difficult + 0.0496 * sentence_length;
    let letters = float(counts.letters) / words * 100.0;
    Readability {
        // Where no word has a syllable the source gives up.
        flesch: or_zero(counts.syllables, 206.835 - 1.015 * sentence_length - 84.6 * per_word),
        flesch_kincaid: or_zero(counts.syllables, 0.39 * sentence_length + 11.8 * per_word - 15.59),
        smog,
        coleman_liau: or_zero(
            counts.letters,
            0.058 * letters - 0.296 * (sentences / words * 100.0) - 15.8,
        ),
        ari: 4.71 * (float(counts.characters) / float(counts.chunks)) + 0.5 * sentence_length
            - 21.43,
        dale_chall: if difficult > 5.0 { dale_chall + 3.6365 } else { dale_chall },
        fog: 0.4 * (sentence_length + 100.0 * float(counts.foggy) / words),
        lix: sentence_length + 100.0 * float(counts.long) / words,
        rix,
        ..zero
    }
}

fn or_zero(count: usize, value: f64) -> f64 {
    if count == 0 { 0.0 } else { value }
}

#[derive(Default)]
struct Counts {
    words: usize,
    sentences: usize,
    syllables: usize,
    /// Between white space, with punctuation.
    chunks: usize,
    /// All that is not white space.
    characters: usize,
    letters: usize,
    polysyllables: usize,
    difficult: usize,
    foggy: usize,
    long: usize,
}

impl Counts {
    fn of(text: &str, syllables: &dyn Fn(&str) -> Option<usize>) -> Self {
        let mut counts = Self { sentences: sentences(text), ..Self::default() };
        let mut folded = Folded::default();
        let mut word = String::new();
        for span in python::split(text) {
            let chunk = span.of(text);
            counts.chunks += 1;
            counts.characters += python::length(chunk);
            let letters = chunk.chars().filter(|c| python::is_word(*c)).count();
            counts.letters += letters;
            counts.long += usize::from(letters > LONG);
            word.clear();
            word.extend(kept(chunk));
            if !word.is_empty() {
                counts.add(&word.to_lowercase(), syllables, &mut folded);
            }
        }
        counts
    }

    fn add(&mut self, word: &str, syllables: &dyn Fn(&str) -> Option<usize>, folded: &mut Folded) {
        let found = folded.look_up(word);
        // Accents are folded away for the rules, not for the list.
        let is_easy = found.is_easy && word.is_ascii();
        let syllables = syllables(word).unwrap_or(found.syllables);
        self.words += 1;
        self.syllables += syllables;
        self.polysyllables += usize::from(syllables >= 3);
        self.difficult += usize::from(!is_easy);
        self.foggy += usize::from(!is_easy && syllables >= 3);
    }
}

/// The characters that stay of what stands between white space.
fn kept(chunk: &str) -> impl Iterator<Item = char> + '_ {
    chunk.char_indices().filter(|(at, c)| is_kept(*c, &chunk[*at..])).map(|(_, c)| c)
}

fn is_kept(c: char, from: &str) -> bool {
    const ENDINGS: [&str; 6] = ["'t", "'s", "'d", "'ve", "'ll", "'re"];
    python::is_word(c) || (c == '\'' && ENDINGS.iter().any(|end| from.starts_with(end)))
}

fn sentences(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    let is_mark = |c: char| matches!(c, '.' | '!' | '?');
    while let Some(start) = rest.find(python::is_word) {
        rest = &rest[start..];
        let length = rest.find(is_mark).unwrap_or(rest.len());
        let sentence = &rest[..length];
        let has_word = |span: &crate::Span| kept(span.of(sentence)).next().is_some();
        count += usize::from(python::split(sentence).filter(has_word).take(3).count() == 3);
        rest = rest[length..].trim_start_matches(is_mark);
    }
    std::cmp::max(count, usize::from(!text.is_empty()))
}
