//! What is known of words: their syllables, and whether everybody knows them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::syllables;

/// Words whose syllables the rules count wrong, by their number.
const EXCEPTIONS: &str = include_str!("syllables.txt");
const EASY_WORDS: &str = include_str!("easy_words.txt");

/// The list has no longer word.
const WORD_MAX: usize = 40;
/// In an entry: the word is easy.
const EASY: u8 = 0x80;
/// In an entry: the other bits are the syllables; without it the rules are right.
const COUNTED: u8 = 0x40;

static LEXICON: LazyLock<FxHashMap<&'static [u8], u8>> = LazyLock::new(|| {
    let mut entries = FxHashMap::default();
    let mut syllables = 0;
    for line in EXCEPTIONS.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('=') {
            Some(number) => syllables = COUNTED | number.parse::<u8>().unwrap_or_default(),
            None => *entries.entry(line.as_bytes()).or_default() |= syllables,
        }
    }
    for word in EASY_WORDS.lines().filter(|line| !line.starts_with('#')) {
        *entries.entry(word.as_bytes()).or_default() |= EASY;
    }
    entries
});

/// What is known of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) syllables: usize,
    /// Whether the word is on the list of easy words.
    pub(super) is_easy: bool,
    /// Whether it is, or is a regular inflection of one that is.
    pub(super) is_familiar: bool,
}

/// A word in lower case, in a buffer that is used again.
#[derive(Default)]
pub(super) struct Folded {
    bytes: Vec<u8>,
}

impl Folded {
    /// What is known of `word`, in any case. Parts joined by hyphens are looked up on their own.
    pub(super) fn look_up(&mut self, word: &str) -> Found {
        self.fold(word);
        if !self.bytes.contains(&b'-') {
            return look_up(&self.bytes);
        }
        let parts = self.bytes.split(|byte| *byte == b'-').filter(|part| !part.is_empty());
        let none = Found { syllables: 0, is_easy: true, is_familiar: true };
        let all = parts.map(look_up).fold(none, |all, part| Found {
            syllables: all.syllables + part.syllables,
            is_easy: all.is_easy && part.is_easy,
            is_familiar: all.is_familiar && part.is_familiar,
        });
        let is_listed = entry(&self.bytes) & EASY != 0;
        Found {
            syllables: std::cmp::max(all.syllables, 1),
            is_easy: all.is_easy || is_listed,
            is_familiar: all.is_familiar || is_listed,
        }
    }

    /// Letters without case and without accents, straight apostrophes.
    fn fold(&mut self, word: &str) {
        self.bytes.clear();
        if word.is_ascii() {
            self.bytes.extend_from_slice(word.as_bytes());
            self.bytes.make_ascii_lowercase();
            return;
        }
        for c in word.nfd().flat_map(char::to_lowercase) {
            match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => self.bytes.push(byte),
                _ if matches!(c, '\u{2019}' | '\u{2bc}') => self.bytes.push(b'\''),
                _ if matches!(c, '\u{2010}' | '\u{2011}') => self.bytes.push(b'-'),
                _ if c.is_alphabetic() => self.bytes.push(b'?'),
                _ => {}
            }
        }
    }
}

fn look_up(word: &[u8]) -> Found {
    let entry = entry(word);
    let syllables = if entry & COUNTED == 0 {
        syllables::by_rule(word)
    } else {
        usize::from(entry & !(EASY | COUNTED))
    };
    let is_easy = entry & EASY != 0;
    Found { syllables, is_easy, is_familiar: is_easy || is_inflection(word) }
}

fn entry(word: &[u8]) -> u8 {
    if word.len() > WORD_MAX { 0 } else { LEXICON.get(word).copied().unwrap_or_default() }
}

/// Whether `word` is an easy word with one of the endings that Dale and Chall allow.
fn is_inflection(word: &[u8]) -> bool {
    let is_easy = |stem: &[u8]| stem.len() > 1 && entry(stem) & EASY != 0;
    let with = |stem: &[u8], end: &[u8]| {
        let mut whole = [0; WORD_MAX];
        let length = stem.len() + end.len();
        let Some(target) = whole.get_mut(..length) else { return false };
        target[..stem.len()].copy_from_slice(stem);
        target[stem.len()..].copy_from_slice(end);
        is_easy(target)
    };
    let stripped = |end: &str| word.strip_suffix(end.as_bytes());
    if let Some(stem) = stripped("'s").or_else(|| stripped("s'"))
        && is_easy(stem)
    {
        return true;
    }
    if stripped("s").is_some_and(is_easy) || stripped("es").is_some_and(is_easy) {
        return true;
    }
    if let Some(stem) = stripped("ies").or_else(|| stripped("ied")) {
        return with(stem, b"y");
    }
    ["ed", "ing", "er", "est"].into_iter().filter_map(stripped).any(|stem| {
        let is_doubled = stem.len() > 2 && stem[stem.len() - 1] == stem[stem.len() - 2];
        is_easy(stem) || with(stem, b"e") || (is_doubled && is_easy(&stem[..stem.len() - 1]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_form() {
        // (word, syllables by the CMU Pronouncing Dictionary, easy, familiar)
        let cases = [
            ("people", 2, true, true),
            ("Business", 2, true, true),
            ("created", 3, false, false),
            ("AREA", 3, false, false),
            ("running", 2, true, true),
            ("hoped", 1, false, true),
            ("cities", 2, false, true),
            ("entropy", 3, false, false),
            ("don\u{2019}t", 1, true, true),
            ("caf\u{e9}", 2, false, false),
            ("well-known", 2, true, true),
        ];
        for (word, syllables, is_easy, is_familiar) in cases {
            let found = Folded::default().look_up(word);
            assert_eq!(found, Found { syllables, is_easy, is_familiar }, "{word}");
        }
    }

    #[test]
    fn the_lists_are_whole() {
        let easy = LEXICON.values().filter(|entry| **entry & EASY != 0).count();
        let exceptions = LEXICON.values().filter(|entry| **entry & COUNTED != 0).count();
        assert!(easy > 2900 && exceptions > 10_000, "{easy} {exceptions}");
        assert!(LEXICON.keys().all(|word| word.len() <= WORD_MAX));
    }
}
