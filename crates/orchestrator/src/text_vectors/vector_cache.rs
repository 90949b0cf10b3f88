//! Vectors by key, in memory and behind it on disk.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::counter;
use parking_lot::Mutex;
use telemetry::names;

use super::memory::Memory;
use super::vector_file::VectorFile;

/// Bytes of vectors in memory at most.
const MEMORY_BYTES_MAX: usize = 32 << 20;

/// The hash of a text and of everything that decides its vector.
pub(super) type Key = [u8; 32];
/// The numbers of a vector.
pub(super) type Vector = Arc<[f32]>;

/// Vectors by key. Without errors of its own: what cannot be read is made anew.
#[derive(Debug)]
pub(super) struct VectorCache {
    memory: Mutex<Memory>,
    file: VectorFile,
}

impl VectorCache {
    pub(super) fn new(file: VectorFile) -> Self {
        Self { memory: Mutex::new(Memory::new(MEMORY_BYTES_MAX)), file }
    }

    /// The vectors of `keys`, in order. `make` is given the places of keys that are not known, each
    /// key once, and returns a vector for each; it is not called where all are known.
    pub(super) fn get_or_make<E>(
        &self,
        keys: &[Key],
        make: impl FnOnce(&[usize]) -> Result<Vec<Vector>, E>,
    ) -> Result<Vec<Vector>, E> {
        let (mut known, mut unknown) = self.look_into_memory(keys);
        let (before, asked) = (known.len(), unknown.len());
        self.look_into_file(keys, &mut known, &mut unknown);
        count("memory", before);
        count("disk", asked - unknown.len());
        count("miss", unknown.len());
        if !unknown.is_empty() {
            let made = make(&unknown)?;
            let made: Vec<_> = unknown.iter().map(|place| keys[*place]).zip(made).collect();
            self.remember(&made);
            known.extend(made.iter().cloned());
            self.file.write(made);
        }
        Ok(keys.iter().filter_map(|key| known.get(key).cloned()).collect())
    }

    /// The vector of `key`, if memory knows it.
    pub(super) fn remembered(&self, key: &Key) -> Option<Vector> {
        let found = self.memory.lock().get(key);
        count("memory", usize::from(found.is_some()));
        found
    }

    /// What memory knows, and the places of the first of each key that it does not.
    fn look_into_memory(&self, keys: &[Key]) -> (HashMap<Key, Vector>, Vec<usize>) {
        let mut memory = self.memory.lock();
        let mut first_places = HashMap::new();
        for (place, key) in keys.iter().enumerate() {
            first_places.entry(key).or_insert(place);
        }
        let (mut known, mut unknown) = (HashMap::with_capacity(first_places.len()), Vec::new());
        for (key, place) in first_places {
            match memory.get(key) {
                Some(vector) => drop(known.insert(*key, vector)),
                None => unknown.push(place),
            }
        }
        unknown.sort_unstable();
        (known, unknown)
    }

    /// Moves what the file holds from `unknown` to `known`.
    fn look_into_file(
        &self,
        keys: &[Key],
        known: &mut HashMap<Key, Vector>,
        unknown: &mut Vec<usize>,
    ) {
        if unknown.is_empty() {
            return;
        }
        let wanted: Vec<Key> = unknown.iter().map(|place| keys[*place]).collect();
        let found = self.file.read(&wanted);
        self.remember(&found);
        known.extend(found);
        unknown.retain(|place| !known.contains_key(&keys[*place]));
    }

    fn remember(&self, vectors: &[(Key, Vector)]) {
        let mut memory = self.memory.lock();
        for (key, vector) in vectors {
            memory.put(*key, Arc::clone(vector));
        }
    }

    pub(super) fn close(&self) -> Result<(), storage::Error> {
        self.file.close()
    }
}

fn count(result: &'static str, texts: usize) {
    if texts > 0 {
        let texts = u64::try_from(texts).unwrap_or(u64::MAX);
        counter!(names::EMBEDDING_LOOKUPS, "result" => result).increment(texts);
    }
}
