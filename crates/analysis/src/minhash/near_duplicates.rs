//! Which documents of a batch repeat an earlier one.

use rustc_hash::FxHashMap;

use super::Sketch;

/// A bucket remembers so many documents; more only come together where texts are crafted to.
const BUCKET_MAX: usize = 8;

/// How sketches are compared: texts are candidates where all rows of one band are equal. The
/// figures are those of RedPajama-V2 for 128 values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    similarity: f64,
    bands: usize,
    rows: usize,
}

impl Bands {
    /// From 0.7 on: 14 bands of 9 rows.
    pub const AT_70: Self = Self { similarity: 0.7, bands: 14, rows: 9 };
    /// From 0.8 on: 9 bands of 13 rows.
    pub const AT_80: Self = Self { similarity: 0.8, bands: 9, rows: 13 };
    /// From 0.9 on: 5 bands of 25 rows.
    pub const AT_90: Self = Self { similarity: 0.9, bands: 5, rows: 25 };
    /// Equal: 1 band of 128 rows.
    pub const EQUAL: Self = Self { similarity: 1.0, bands: 1, rows: 128 };

    /// How likely two texts of a similarity are found: 1 − (1 − s^rows)^bands.
    pub fn probability(self, similarity: f64) -> f64 {
        let power = |base: f64, exponent: usize| libm::pow(base, exponent as f64);
        1.0 - power(1.0 - power(similarity, self.rows), self.bands)
    }
}

/// A document that repeats an earlier one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duplicate {
    /// The earliest document that it was found to repeat. That one repeats none itself.
    pub of: usize,
    /// The estimated similarity.
    pub similarity: f64,
}

/// Finds documents that repeat an earlier one, in one pass and in the order in which they are
/// added: the same order gives the same answer. Documents that repeat none are remembered, with
/// 512 bytes for the sketch and some for each band.
#[derive(Clone, Debug)]
pub struct NearDuplicates {
    bands: Bands,
    /// Those that repeat none, with the indices they were added with.
    originals: Vec<(usize, Sketch)>,
    /// By band and hash of its rows: places among the originals, ascending.
    buckets: FxHashMap<(usize, u64), Vec<usize>>,
}

impl NearDuplicates {
    /// No documents yet.
    pub fn new(bands: Bands) -> Self {
        Self { bands, originals: Vec::new(), buckets: FxHashMap::default() }
    }

    /// Adds a document, and tells which earlier one it repeats. A document without words repeats
    /// none.
    pub fn add(&mut self, index: usize, sketch: Sketch) -> Option<Duplicate> {
        if sketch.shingles() == 0 {
            return None;
        }
        let keys = self.keys(&sketch);
        let found = self.find(&keys, &sketch);
        if found.is_none() {
            let place = self.originals.len();
            self.originals.push((index, sketch));
            for key in keys {
                let bucket = self.buckets.entry(key).or_default();
                if bucket.len() < BUCKET_MAX {
                    bucket.push(place);
                }
            }
        }
        found
    }

    /// The document that was added first wins, also over a later one that is more similar.
    fn find(&self, keys: &[(usize, u64)], sketch: &Sketch) -> Option<Duplicate> {
        let buckets = keys.iter().filter_map(|key| self.buckets.get(key));
        let mut candidates = buckets.flatten().copied().collect::<Vec<_>>();
        candidates.sort_unstable();
        candidates.dedup();
        let originals = candidates.into_iter().filter_map(|place| self.originals.get(place));
        let mut compared = originals
            .map(|(of, original)| Duplicate { of: *of, similarity: original.similarity(sketch) });
        compared.find(|duplicate| duplicate.similarity >= self.bands.similarity)
    }

    fn keys(&self, sketch: &Sketch) -> Vec<(usize, u64)> {
        let Bands { bands, rows, .. } = self.bands;
        (0..bands).map(|band| (band, sketch.band(band * rows, rows))).collect()
    }
}
