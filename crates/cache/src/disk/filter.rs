//! Which keys are certainly not in the file.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Key;

/// Bits for each key that is expected: with two of them set by a key, one look-up in twenty goes to
/// the file for nothing.
const BITS_PER_KEY: usize = 8;
/// 128 KiB.
const KEYS_MIN: usize = 1 << 17;
const WORD_BITS: usize = 64;

/// A Bloom filter: it never denies a key that was noted. Keys are hashes, so their own bytes choose
/// the bits.
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<AtomicU64>,
}

impl Filter {
    /// An empty one for so many keys, and some more.
    pub(super) fn for_keys(keys: usize) -> Self {
        let bits = std::cmp::max(keys, KEYS_MIN).next_power_of_two() * BITS_PER_KEY;
        Self { words: (0..bits / WORD_BITS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// As many keys as it has room for.
    pub(super) fn capacity(&self) -> usize {
        self.words.len() * WORD_BITS / BITS_PER_KEY
    }

    pub(super) fn note(&self, key: &[u8]) {
        for (word, bit) in self.places(key) {
            self.words[word].fetch_or(bit, Ordering::Relaxed);
        }
    }

    pub(super) fn may_hold(&self, key: &Key) -> bool {
        self.places(key.as_bytes())
            .iter()
            .all(|(word, bit)| self.words[*word].load(Ordering::Relaxed) & bit != 0)
    }

    /// A key that is too short for this is none of ours, and is noted as another one.
    fn places(&self, key: &[u8]) -> [(usize, u64); 2] {
        let mut chunks = key.chunks(8);
        [(); 2].map(|()| {
            let mut chosen = [0; 8];
            for (to, from) in chosen.iter_mut().zip(chunks.next().unwrap_or_default()) {
                *to = *from;
            }
            let chosen = u64::from_le_bytes(chosen);
            let word = usize::try_from(chosen >> 6).unwrap_or(0) % self.words.len();
            (word, 1 << (chosen % 64))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_of;

    #[test]
    fn what_was_noted_is_never_denied_and_few_others_are_not() {
        let filter = Filter::for_keys(10);
        let count = u64::try_from(filter.capacity()).unwrap();
        (0..count).for_each(|number| filter.note(key_of("noted", number).as_bytes()));
        assert!((0..count).all(|number| filter.may_hold(&key_of("noted", number))));
        let wrong = (0..10_000).filter(|number| filter.may_hold(&key_of("other", *number)));
        let wrong = wrong.count();
        assert!((300..700).contains(&wrong), "{wrong} of 10,000");
    }
}
