//! Numbers for keys.

use super::hash;

/// Gives each key a number: the first 0, the next new one 1 and so on. Open addressing over small
/// slots, because it is asked once for every word and every pair of words.
#[derive(Clone, Debug)]
pub(crate) struct Numbers<K> {
    /// By number.
    keys: Vec<K>,
    /// A power of two of them, at most half of them taken: the number plus one, or 0 where free.
    slots: Vec<u32>,
    seed: u64,
}

/// What [`Numbers`] can number.
pub(crate) trait Key: Copy + Eq {
    /// Differs with `seed` in a way that nobody can foresee who does not know it.
    fn mix(self, seed: u64) -> u64;
}

impl Key for u64 {
    fn mix(self, seed: u64) -> u64 {
        hash::fold(self ^ seed, 0xD6E8_FEB8_6659_FD93)
    }
}

impl Key for u128 {
    fn mix(self, seed: u64) -> u64 {
        hash::fold(hash::low(self) ^ seed, hash::low(self >> 64) ^ 0xA076_1D64_78BD_642F)
    }
}

impl<K: Key> Numbers<K> {
    /// No key yet, and room for about so many.
    pub(crate) fn with_room(kinds: usize) -> Self {
        let slots = std::cmp::max(kinds, 64).next_power_of_two() * 2;
        Self { keys: Vec::with_capacity(kinds), slots: vec![0; slots], seed: hash::seed() }
    }

    /// How many different keys there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key with a number that was given.
    pub(crate) fn key(&self, number: u32) -> Option<K> {
        self.keys.get(index(number)).copied()
    }

    /// The number of `key`, a new one where it was never seen.
    #[inline]
    pub(crate) fn number(&mut self, key: K) -> u32 {
        self.find(key).unwrap_or_else(|at| self.add(key, at))
    }

    #[inline(never)]
    fn add(&mut self, key: K, at: usize) -> u32 {
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX - 1);
        self.keys.push(key);
        self.slots[at] = number + 1;
        if self.keys.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    /// The number of `key` if it has one.
    pub(crate) fn known(&self, key: K) -> Option<u32> {
        self.find(key).ok()
    }

    /// The number of `key`, or the slot that it would take. There is always a free one.
    #[inline]
    fn find(&self, key: K) -> Result<u32, usize> {
        let slots = self.slots.as_slice();
        let mask = slots.len() - 1;
        let mut at = usize::try_from(key.mix(self.seed)).unwrap_or(usize::MAX) & mask;
        loop {
            let Some(number) = slots[at & mask].checked_sub(1) else { return Err(at) };
            if self.keys[index(number)] == key {
                return Ok(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for (number, key) in (1..).zip(&self.keys) {
            if let Err(at) = self.find(*key) {
                self.slots[at] = number;
            }
        }
    }
}

/// A number as an index.
#[inline]
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn check<K: Key + std::hash::Hash>(keys: impl Iterator<Item = K>, room: usize) {
        let (mut numbers, mut map) = (Numbers::with_room(room), HashMap::new());
        for key in keys {
            let next = u32::try_from(map.len()).unwrap();
            assert_eq!(numbers.known(key), map.get(&key).copied());
            assert_eq!(numbers.number(key), *map.entry(key).or_insert(next));
        }
        assert_eq!(numbers.len(), map.len());
        assert!(map.iter().all(|(key, number)| numbers.key(*number) == Some(*key)));
    }

    proptest! {
        #[test]
        fn numbers_keys_as_a_map_does(
            keys in prop::collection::vec(0_u64..400, 0..600), room in 0_usize..100,
        ) {
            check(keys.iter().copied(), room);
            check(keys.iter().map(|key| u128::from(*key) << 60), room);
        }
    }
}
