//! Counts of words in bounded memory.

use crate::entropy::{SampledTally, WordCounts, fold, pair};
use crate::{Entropy, words};

/// Words of more than fifteen bytes may take so much before they are told apart by hash.
const LONG_BYTES_MAX: usize = 4 << 20;

/// Counts of words and of their pairs: by the words themselves up to a budget of kinds, beyond it
/// by 64-bit hashes, of which a sample is kept.
#[derive(Debug)]
pub(super) struct StreamWords {
    kinds_max: usize,
    counts: Counts,
    scratch: String,
}

#[derive(Debug)]
enum Counts {
    Exact(WordCounts),
    Hashed { words: SampledTally, pairs: SampledTally, last: Option<u64> },
}

impl StreamWords {
    pub(super) fn new(kinds_max: usize) -> Self {
        Self { kinds_max, counts: Counts::Exact(WordCounts::new()), scratch: String::new() }
    }

    /// Counts the words of a window.
    pub(super) fn push(&mut self, window: &str) {
        for word in words::words(window) {
            self.push_word(word.of(window));
        }
    }

    fn push_word(&mut self, word: &str) {
        match &mut self.counts {
            Counts::Exact(counts) => {
                counts.push(word);
                let (words, pairs, long_bytes) = counts.size();
                if std::cmp::max(words, pairs) > self.kinds_max || long_bytes > LONG_BYTES_MAX {
                    self.counts = hashed(counts, self.kinds_max);
                }
            }
            Counts::Hashed { words, pairs, last } => {
                let hash = fold(word, &mut self.scratch).fingerprint();
                words.add(hash, 1);
                if let Some(last) = last {
                    pairs.add(pair(*last, hash), 1);
                }
                *last = Some(hash);
            }
        }
    }

    pub(super) fn words(&self) -> Entropy {
        match &self.counts {
            Counts::Exact(counts) => counts.words().entropy(),
            Counts::Hashed { words, .. } => words.entropy(),
        }
    }

    pub(super) fn bigrams(&self) -> Entropy {
        match &self.counts {
            Counts::Exact(counts) => counts.bigrams().entropy(),
            Counts::Hashed { pairs, .. } => pairs.entropy(),
        }
    }
}

/// The same counts by hash.
fn hashed(counts: &WordCounts, kinds_max: usize) -> Counts {
    let hashes = counts.fingerprints();
    let hash = |number: u32| {
        usize::try_from(number).ok().and_then(|at| hashes.get(at)).copied().unwrap_or_default()
    };
    let mut words = SampledTally::new(kinds_max);
    for (hash, count) in hashes.iter().zip(counts.counts()) {
        words.add(*hash, *count);
    }
    let mut pairs = SampledTally::new(kinds_max);
    // Which kinds are kept does not depend on the order in which they are added.
    for ((first, second), count) in counts.pairs() {
        pairs.add(pair(hash(first), hash(second)), count);
    }
    Counts::Hashed { words, pairs, last: counts.last().map(hash) }
}
