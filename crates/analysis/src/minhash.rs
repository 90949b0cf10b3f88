//! Near-duplicates by MinHash.

mod near_duplicates;

pub use near_duplicates::{Bands, Duplicate, NearDuplicates};

use crate::Document;
use crate::entropy::{fold, index, spread};

/// How many values a sketch has.
const VALUES: usize = 128;

/// How many words make a shingle.
const SHINGLE: usize = 5;

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
/// `BASE` to the power of a shingle's length: the weight of the word that leaves it.
const LEAVING: u64 = BASE.wrapping_pow(5);

/// A sketch of a text, small and of fixed size, from which it is estimated how much of it two texts
/// share: the Jaccard similarity of their sets of shingles of five words, letter case folded. A
/// text of fewer words is one shingle.
///
/// Each shingle is hashed once: the hash chooses one of 128 bins, which keeps the least hash (one
/// permutation hashing); an empty bin takes the value of another one, chosen by a hash of its own
/// number and of the number of attempts (optimal densification, Shrivastava 2017). For texts of
/// many more than 128 shingles the estimate's standard deviation is √(J(1−J)/128), at most 0.045;
/// for shorter ones it is a little more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    values: [u32; VALUES],
    shingles: u64,
}

impl Sketch {
    /// How many bytes [`Sketch::to_bytes`] gives.
    pub const BYTES: usize = size_of::<u64>() + VALUES * size_of::<u32>();

    /// The sketch of words in order.
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut builder = Builder::new();
        let mut scratch = String::new();
        for word in words {
            builder.push(fold(word, &mut scratch).fingerprint());
        }
        builder.finish()
    }

    /// The sketch of the words of a document's prose.
    pub fn of_document(document: &Document<'_>) -> Self {
        let kinds = document.vocabulary.kinds();
        let hashes: Vec<u64> = kinds.map(|(word, _)| word.fingerprint()).collect();
        let mut builder = Builder::new();
        for number in document.vocabulary.numbers() {
            builder.push(hashes.get(index(*number)).copied().unwrap_or_default());
        }
        builder.finish()
    }

    /// How many shingles there were, each repetition counted; 0 for a text without words, which is
    /// similar to nothing.
    pub fn shingles(&self) -> u64 {
        self.shingles
    }

    /// The sketch as bytes of a fixed number, to be kept.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let values = self.values.iter().flat_map(|value| value.to_le_bytes());
        let all = self.shingles.to_le_bytes().into_iter().chain(values);
        bytes.iter_mut().zip(all).for_each(|(to, byte)| *to = byte);
        bytes
    }

    /// The sketch that [`Sketch::to_bytes`] gave these for.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (shingles, values) = bytes.split_at(size_of::<u64>());
        let mut sketch = Self { values: [0; VALUES], shingles: 0 };
        if let Some(shingles) = shingles.first_chunk() {
            sketch.shingles = u64::from_le_bytes(*shingles);
        }
        for (value, bytes) in sketch.values.iter_mut().zip(values.as_chunks().0) {
            *value = u32::from_le_bytes(*bytes);
        }
        sketch
    }

    /// The estimated similarity, 0 to 1.
    pub fn similarity(&self, other: &Self) -> f64 {
        if self.shingles == 0 || other.shingles == 0 {
            return 0.0;
        }
        let same = self.values.iter().zip(&other.values).filter(|(left, right)| left == right);
        same.count() as f64 / VALUES as f64
    }

    /// A hash of some of the values, equal where they are equal.
    fn band(&self, from: usize, rows: usize) -> u64 {
        let values = self.values.iter().skip(from).take(rows);
        values.fold(BASE, |hash, value| spread(hash ^ u64::from(*value)))
    }
}

/// Shingles as they come, one word at a time.
#[derive(Debug)]
struct Builder {
    /// The last words' hashes, the next one replaces the oldest.
    recent: [u64; SHINGLE],
    /// Σ hash·BASE^age of the recent words.
    rolling: u64,
    words: usize,
    bins: [u32; VALUES],
    shingles: u64,
}

impl Builder {
    fn new() -> Self {
        Self { recent: [0; SHINGLE], rolling: 0, words: 0, bins: [EMPTY; VALUES], shingles: 0 }
    }

    fn push(&mut self, word: u64) {
        let oldest = std::mem::replace(&mut self.recent[self.words % SHINGLE], word);
        self.rolling = self
            .rolling
            .wrapping_mul(BASE)
            .wrapping_add(word)
            .wrapping_sub(oldest.wrapping_mul(LEAVING));
        self.words += 1;
        if self.words >= SHINGLE {
            self.add_shingle();
        }
    }

    fn add_shingle(&mut self) {
        let [bin, _, _, _, a, b, c, d] = spread(self.rolling).to_le_bytes();
        let value = std::cmp::min(u32::from_le_bytes([a, b, c, d]), EMPTY - 1);
        if let Some(held) = self.bins.get_mut(usize::from(bin) % VALUES) {
            *held = std::cmp::min(*held, value);
        }
        self.shingles += 1;
    }

    fn finish(mut self) -> Sketch {
        if self.words > 0 && self.words < SHINGLE {
            self.add_shingle();
        }
        let mut values = self.bins;
        if self.shingles > 0 {
            for (bin, value) in (0_u64..).zip(&mut values) {
                if *value == EMPTY {
                    *value = self.borrowed(bin);
                }
            }
        }
        Sketch { values, shingles: self.shingles }
    }

    /// The value of the first bin that is not empty, in the random order that belongs to `bin`.
    fn borrowed(&self, bin: u64) -> u32 {
        let attempts = (1_u64..).map(|attempt| {
            let [at, ..] = spread(bin << 32 | attempt).to_le_bytes();
            self.bins.get(usize::from(at) % VALUES).copied().unwrap_or(EMPTY)
        });
        // A single full bin is met within a few hundred attempts; the bound is for the proof.
        let full = attempts.take(1 << 16).find(|value| *value != EMPTY);
        full.or_else(|| self.bins.iter().copied().min()).unwrap_or(EMPTY)
    }
}

/// The value of a bin that no shingle chose.
const EMPTY: u32 = u32::MAX;

#[cfg(test)]
mod tests;
