//! Counts by key.

use super::hash;

/// How often each of any 64-bit keys came: open addressing, because it is asked once for every
/// pair of characters and words.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// A power of two of them; a count of 0 marks a free one.
    slots: Vec<(u64, u64)>,
    kinds: usize,
    seed: u64,
}

impl Tally {
    /// Nothing counted; takes no memory.
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), kinds: 0, seed: hash::seed() }
    }

    /// How many different keys there are.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds
    }

    /// Counts `key` `count` times more.
    pub(crate) fn add(&mut self, key: u64, count: u64) {
        if count == 0 {
            return;
        }
        if self.kinds * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let at = self.slot(key);
        if let Some(slot) = self.slots.get_mut(at) {
            self.kinds += usize::from(slot.1 == 0);
            *slot = (key, slot.1 + count);
        }
    }

    /// Counts `key` `count` times more if it was counted before.
    pub(crate) fn add_known(&mut self, key: u64, count: u64) -> bool {
        if self.kinds == 0 {
            return false;
        }
        let at = self.slot(key);
        match self.slots.get_mut(at) {
            Some(slot) if slot.1 > 0 => {
                slot.1 += count;
                true
            }
            _ => false,
        }
    }

    /// Keys and their counts, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.slots.iter().copied().filter(|(_, count)| *count > 0)
    }

    /// Where `key` is, or where it would be. There is always a free slot.
    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let hashed = hash::fold(key ^ self.seed, 0xD6E8_FEB8_6659_FD93);
        let mut at = usize::try_from(hashed).unwrap_or(usize::MAX) & mask;
        while let Some((held, count)) = self.slots.get(at) {
            if *count == 0 || *held == key {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        // Small tables are soon full again; large ones may take no more than they need.
        let factor = if self.slots.len() < 4096 { 4 } else { 2 };
        self.rebuild(std::cmp::max(256, self.slots.len() * factor));
    }

    /// Moves everything to `length` slots, a power of two.
    fn rebuild(&mut self, length: usize) {
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); length]);
        for (key, count) in old.into_iter().filter(|(_, count)| *count > 0) {
            let at = self.slot(key);
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = (key, count);
            }
        }
    }
}
