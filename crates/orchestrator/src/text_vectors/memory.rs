//! Vectors in memory.

use lru::LruCache;

use super::vector_cache::{Key, Vector};

/// What a vector weighs beside its numbers: its key, its place in the map and its allocation.
const OVERHEAD_BYTES: usize = 128;

/// The vectors that were used last, bounded in bytes.
#[derive(Debug)]
pub(super) struct Memory {
    vectors: LruCache<Key, Vector>,
    bytes: usize,
    bytes_max: usize,
}

impl Memory {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { vectors: LruCache::unbounded(), bytes: 0, bytes_max }
    }

    pub(super) fn get(&mut self, key: &Key) -> Option<Vector> {
        self.vectors.get(key).cloned()
    }

    pub(super) fn put(&mut self, key: Key, vector: Vector) {
        self.bytes += weight(&vector);
        if let Some(replaced) = self.vectors.put(key, vector) {
            self.bytes -= weight(&replaced);
        }
        while self.bytes > self.bytes_max
            && let Some((_, oldest)) = self.vectors.pop_lru()
        {
            self.bytes -= weight(&oldest);
        }
    }
}

fn weight(vector: &Vector) -> usize {
    size_of_val::<[f32]>(vector).saturating_add(OVERHEAD_BYTES)
}
