//! How hard prose is to read.

mod lexicon;
mod syllables;
mod textstat;

use serde::{Deserialize, Serialize};

use crate::Document;
use crate::entropy::index;
use lexicon::Folded;
pub use textstat::textstat;

/// Readability of the prose by the usual formulas; grades are years of school.
///
/// W words, S sentences, Y syllables, L letters, C letters and digits. Syllables are those of the
/// CMU Pronouncing Dictionary for the words it has, rules for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Readability {
    /// Words counted.
    pub words: u64,
    /// Sentences counted.
    pub sentences: u64,
    /// Syllables counted.
    pub syllables: u64,
    /// Flesch reading ease: 0 very hard, 100 very easy. 206.835 − 1.015 W/S − 84.6 Y/W.
    pub flesch: f64,
    /// Flesch–Kincaid grade. 0.39 W/S + 11.8 Y/W − 15.59.
    pub flesch_kincaid: f64,
    /// SMOG grade; meant for 30 sentences and more. 1.043 √(30 P/S) + 3.1291, where P counts words
    /// of three and more syllables.
    pub smog: f64,
    /// Coleman–Liau grade. 0.0588 · 100 L/W − 0.296 · 100 S/W − 15.8.
    pub coleman_liau: f64,
    /// Automated readability index, a grade. 4.71 C/W + 0.5 W/S − 21.43.
    pub ari: f64,
    /// Dale–Chall score: under 5 very easy, above 9 hard. 0.1579 D + 0.0496 W/S, and 3.6365 more
    /// where D is above 5; D is the percentage of words that are neither on the list of easy words
    /// nor regular inflections of one.
    pub dale_chall: f64,
    /// Gunning fog, a grade. 0.4 (W/S + 100 K/W), where K counts words of three and more syllables,
    /// the third not from the endings -es, -ed, -ing alone.
    pub fog: f64,
    /// LIX: under 30 very easy, above 60 very hard. W/S + 100 G/W, where G counts words of more than
    /// six letters and digits.
    pub lix: f64,
    /// RIX: long words in a sentence. G/S.
    pub rix: f64,
}

impl Readability {
    /// That of the prose of `document`; none where there is no word.
    pub fn of(document: &Document<'_>) -> Option<Self> {
        let mut counts = Counts::default();
        let mut folded = Folded::default();
        let mut buffer = [0; 16];
        for (word, count) in document.vocabulary.kinds() {
            counts.add(word.text(&mut buffer), index(count), &mut folded);
        }
        counts.sentences = std::cmp::max(document.sentences.len(), 1);
        (counts.words > 0).then(|| counts.readability())
    }
}

/// What the formulas are made of.
#[derive(Default)]
struct Counts {
    words: usize,
    sentences: usize,
    syllables: usize,
    letters: usize,
    letters_and_digits: usize,
    polysyllables: usize,
    complex: usize,
    difficult: usize,
    long: usize,
}

/// Words of more letters and digits than this are long for LIX and RIX.
const LONG: usize = 6;

impl Counts {
    /// Adds a word in small letters that came `count` times.
    fn add(&mut self, word: &str, count: usize, folded: &mut Folded) {
        let (letters, digits) = letters_and_digits(word);
        let found = folded.look_up(word);
        let if_so = |is_so: bool| if is_so { count } else { 0 };
        self.words += count;
        self.letters += letters * count;
        self.letters_and_digits += (letters + digits) * count;
        self.long += if_so(letters + digits > LONG);
        self.syllables += found.syllables * count;
        self.difficult += if_so(!found.is_familiar && letters > 0);
        if found.syllables >= 3 {
            self.polysyllables += count;
            let is_inflected = ["es", "ed", "ing"].iter().any(|end| word.ends_with(end));
            self.complex += if_so(found.syllables > 3 || !is_inflected);
        }
    }

    fn readability(&self) -> Readability {
        let words = float(self.words);
        let sentences = float(self.sentences);
        let sentence_length = words / sentences;
        let syllables = float(self.syllables) / words;
        let difficult = 100.0 * float(self.difficult) / words;
        Readability {
            words: wide(self.words),
            sentences: wide(self.sentences),
            syllables: wide(self.syllables),
            flesch: 206.835 - 1.015 * sentence_length - 84.6 * syllables,
            flesch_kincaid: 0.39 * sentence_length + 11.8 * syllables - 15.59,
            smog: 1.043 * (30.0 * float(self.polysyllables) / sentences).sqrt() + 3.1291,
            coleman_liau: 0.0588 * (100.0 * float(self.letters) / words)
                - 0.296 * (100.0 * sentences / words)
                - 15.8,
            ari: 4.71 * float(self.letters_and_digits) / words + 0.5 * sentence_length - 21.43,
            dale_chall: 0.1579 * difficult
                + 0.0496 * sentence_length
                + if difficult > 5.0 { 3.6365 } else { 0.0 },
            fog: 0.4 * (sentence_length + 100.0 * float(self.complex) / words),
            lix: sentence_length + 100.0 * float(self.long) / words,
            rix: float(self.long) / sentences,
        }
    }
}

fn letters_and_digits(word: &str) -> (usize, usize) {
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        return (letters, word.bytes().filter(u8::is_ascii_digit).count());
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    (letters, word.chars().filter(|c| c.is_numeric()).count())
}

/// Exact below 2^53, which no count reaches.
fn float(count: usize) -> f64 {
    count as f64
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
