//! Counts of words and of their pairs.

use super::interner::Interner;
use super::spectrum::Spectrum;
use super::tally::Tally;

/// How often each word came, letter case folded, and each pair of neighbours.
#[derive(Clone, Debug)]
pub(crate) struct WordCounts {
    interner: Interner,
    /// By the interner's number.
    counts: Vec<u64>,
    /// The first number in the upper half of the key, the second in the lower.
    pairs: Tally,
    first: Option<u32>,
    last: Option<u32>,
}

impl WordCounts {
    pub(crate) fn new() -> Self {
        Self {
            interner: Interner::with_room(1_024),
            counts: Vec::new(),
            pairs: Tally::new(),
            first: None,
            last: None,
        }
    }

    /// Counts a word, and its pair with the word before.
    pub(crate) fn push(&mut self, word: &str) {
        let number = self.interner.number(word);
        self.add(number, 1);
        if let Some(last) = self.last {
            self.pairs.add(key(last, number), 1);
        }
        self.first = self.first.or(Some(number));
        self.last = Some(number);
    }

    fn add(&mut self, number: u32, count: u64) {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if at == self.counts.len() {
            self.counts.push(0);
        }
        if let Some(held) = self.counts.get_mut(at) {
            *held += count;
        }
    }

    /// Adds what `other` counted, as if its words followed.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut numbers = Vec::with_capacity(other.counts.len());
        for (number, count) in (0..).zip(&other.counts) {
            let ours = self.interner.number_of(other.interner.word(number));
            self.add(ours, *count);
            numbers.push(ours);
        }
        let ours = |number: u32| {
            usize::try_from(number).ok().and_then(|at| numbers.get(at)).copied().unwrap_or_default()
        };
        for ((first, second), count) in other.pairs() {
            self.pairs.add(key(ours(first), ours(second)), count);
        }
        if let (Some(last), Some(first)) = (self.last, other.first) {
            self.pairs.add(key(last, ours(first)), 1);
        }
        self.first = self.first.or(other.first.map(ours));
        self.last = other.last.map(ours).or(self.last);
    }

    /// Of the words.
    pub(crate) fn words(&self) -> Spectrum {
        Spectrum::of(self.counts.iter().copied())
    }

    /// Of the pairs.
    pub(crate) fn bigrams(&self) -> Spectrum {
        Spectrum::of(self.pairs.iter().map(|(_, count)| count))
    }

    /// How many different words, how many different pairs, and the bytes of the long words.
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        (self.interner.len(), self.pairs.kinds(), self.interner.long_bytes())
    }

    /// The hashes of the words by number, which stay the same from run to run.
    pub(crate) fn fingerprints(&self) -> Vec<u64> {
        (0..)
            .take(self.counts.len())
            .map(|number| self.interner.word(number).fingerprint())
            .collect()
    }

    /// The counts by number.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The pairs of numbers and their counts, in no order that means anything.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = ((u32, u32), u64)> + '_ {
        self.pairs.iter().map(|(key, count)| (numbers_of(key), count))
    }

    /// The number of the word that was counted last.
    pub(crate) fn last(&self) -> Option<u32> {
        self.last
    }
}

pub(super) fn key(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

fn numbers_of(key: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = key.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}
