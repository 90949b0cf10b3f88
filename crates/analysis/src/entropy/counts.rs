//! Counts of all that entropy is computed of.

use super::characters::CharacterCounts;
use super::spectrum::Spectrum;
use super::tally::Tally;
use super::words::WordCounts;
use super::{Entropies, Entropy};

/// Integer counts of bytes, characters, words, lengths of sentences and pairs. What was counted in
/// pieces is the same to the last bit as what was counted at once, however it was cut and in
/// whatever tree it was merged, as long as the pieces keep their order:
///
/// ```
/// use forebay_analysis::Counts;
///
/// let mut whole = Counts::new();
/// whole.push_text("one two");
/// let (mut left, mut right) = (Counts::new(), Counts::new());
/// left.push_text("one");
/// right.push_text(" two");
/// left.merge(&right);
/// assert_eq!(left.character_bigrams(), whole.character_bigrams());
/// ```
#[derive(Clone, Debug)]
pub struct Counts {
    characters: CharacterCounts,
    words: WordCounts,
    sentence_lengths: Tally,
}

impl Counts {
    /// Nothing counted.
    pub fn new() -> Self {
        Self {
            characters: CharacterCounts::new(usize::MAX),
            words: WordCounts::new(),
            sentence_lengths: Tally::new(),
        }
    }

    /// Counts the bytes and characters of `text`, and their pairs, as what follows the text that
    /// was counted before.
    pub fn push_text(&mut self, text: &str) {
        self.characters.push(text);
    }

    /// Counts a word, letter case folded, and its pair with the word before.
    pub fn push_word(&mut self, word: &str) {
        self.words.push(word);
    }

    /// Counts a sentence of `words` words.
    pub fn push_sentence(&mut self, words: u64) {
        self.sentence_lengths.add(words, 1);
    }

    /// Adds what `other` counted, as if it had come after what was counted here.
    pub fn merge(&mut self, other: &Self) {
        self.characters.merge(&other.characters);
        self.words.merge(&other.words);
        other
            .sentence_lengths
            .iter()
            .for_each(|(key, count)| self.sentence_lengths.add(key, count));
    }

    /// Of bytes.
    pub fn bytes(&self) -> Entropy {
        self.characters.bytes().entropy()
    }

    /// Of Unicode scalar values.
    pub fn characters(&self) -> Entropy {
        self.characters.characters().entropy()
    }

    /// Of pairs of neighbouring characters.
    pub fn character_bigrams(&self) -> Entropy {
        self.characters.bigrams().entropy()
    }

    /// Of words.
    pub fn words(&self) -> Entropy {
        self.words.words().entropy()
    }

    /// Of pairs of neighbouring words.
    pub fn word_bigrams(&self) -> Entropy {
        self.words.bigrams().entropy()
    }

    /// Of the lengths of sentences.
    pub fn sentence_lengths(&self) -> Entropy {
        Spectrum::of(self.sentence_lengths.iter().map(|(_, count)| count)).entropy()
    }

    /// All that follows from counts alone; compressibility and dense stretches are left at 0 and
    /// empty.
    pub fn entropies(&self) -> Entropies {
        let spectra = Spectra {
            words: self.words.words(),
            word_bigrams: self.words.bigrams(),
            sentence_lengths: Spectrum::of(self.sentence_lengths.iter().map(|(_, count)| count)),
        };
        spectra.entropies(&self.characters)
    }
}

/// What words and sentences come to, however they were counted.
pub(super) struct Spectra {
    pub(super) words: Spectrum,
    pub(super) word_bigrams: Spectrum,
    pub(super) sentence_lengths: Spectrum,
}

impl Spectra {
    /// All that follows from counts alone.
    pub(super) fn entropies(self, counts: &CharacterCounts) -> Entropies {
        let (characters, words) = (counts.characters().entropy(), self.words.entropy());
        Entropies {
            bytes: counts.bytes().entropy(),
            characters,
            words,
            sentence_lengths: self.sentence_lengths.entropy(),
            character_bigrams: counts.bigrams().entropy(),
            word_bigrams: self.word_bigrams.entropy(),
            redundancy: redundancy(characters),
            richness: if words.units == 0 { 0.0 } else { words.kinds as f64 / words.units as f64 },
            compressibility: 0.0,
            dense: Vec::new(),
        }
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self::new()
    }
}

fn redundancy(entropy: Entropy) -> f64 {
    if entropy.kinds < 2 {
        return 0.0;
    }
    f64::max(1.0 - entropy.bits / libm::log2(entropy.kinds as f64), 0.0)
}

#[cfg(test)]
mod tests;
