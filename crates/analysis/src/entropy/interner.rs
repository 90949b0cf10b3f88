//! Numbers for words.

use rustc_hash::FxHashMap;

use super::hash;

/// Words of up to this many bytes are told apart by one 128-bit number.
const SHORT: usize = 15;

/// The last byte of the number of a longer word; that of a short one is its length.
const LONG: u8 = 0xFF;

/// Gives each word, letter case folded, a number: the first 0, the next new one 1 and so on.
#[derive(Clone, Debug)]
pub(crate) struct Interner {
    /// By number: the word itself with its length in the last byte, or its place among the long.
    keys: Vec<u128>,
    /// A power of two of them: the number plus one, or 0 where free.
    slots: Vec<u32>,
    long: FxHashMap<Box<str>, u32>,
    long_words: Vec<Box<str>>,
    long_bytes: usize,
    scratch: String,
    seed: u64,
}

/// A word with its letter case folded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Folded<'w> {
    /// Its bytes, and its length in the last byte.
    Short(u128),
    /// Longer than fifteen bytes.
    Long(&'w str),
}

impl Folded<'_> {
    /// A hash that is the same on every machine and in every run.
    pub(crate) fn fingerprint(self) -> u64 {
        match self {
            Folded::Short(key) => hash::fingerprint(&key.to_le_bytes()),
            Folded::Long(word) => hash::fingerprint(word.as_bytes()),
        }
    }
}

impl Interner {
    pub(crate) fn new() -> Self {
        Self {
            keys: Vec::new(),
            slots: Vec::new(),
            long: FxHashMap::default(),
            long_words: Vec::new(),
            long_bytes: 0,
            scratch: String::new(),
            seed: hash::seed(),
        }
    }

    /// How many different words there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What the words of more than fifteen bytes take.
    pub(crate) fn long_bytes(&self) -> usize {
        self.long_bytes
    }

    /// The number of a word.
    pub(crate) fn number(&mut self, word: &str) -> u32 {
        let mut scratch = std::mem::take(&mut self.scratch);
        let number = match fold(word, &mut scratch) {
            Folded::Short(key) => self.number_of_key(key),
            Folded::Long(word) => self.number_of_long(word),
        };
        self.scratch = scratch;
        number
    }

    /// The word with a number that was given.
    pub(crate) fn word(&self, number: u32) -> Folded<'_> {
        let key = index(number).and_then(|at| self.keys.get(at)).copied().unwrap_or_default();
        if key.to_le_bytes()[SHORT] != LONG {
            return Folded::Short(key);
        }
        let at = usize::try_from(hash::low(key)).unwrap_or(usize::MAX);
        Folded::Long(self.long_words.get(at).map_or("", |word| word))
    }

    /// The number of a word of another interner.
    pub(crate) fn number_of(&mut self, word: Folded<'_>) -> u32 {
        match word {
            Folded::Short(key) => self.number_of_key(key),
            Folded::Long(word) => self.number_of_long(word),
        }
    }

    fn number_of_key(&mut self, key: u128) -> u32 {
        if self.keys.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let at = self.slot(key);
        let held = self.slots.get(at).copied().unwrap_or_default();
        if held > 0 {
            return held - 1;
        }
        let number = self.add_key(key);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = number + 1;
        }
        number
    }

    fn number_of_long(&mut self, word: &str) -> u32 {
        if let Some(number) = self.long.get(word) {
            return *number;
        }
        let at = u128::try_from(self.long_words.len()).unwrap_or_default();
        let number = self.add_key(at | u128::from(LONG) << (8 * SHORT));
        self.long.insert(word.into(), number);
        self.long_words.push(word.into());
        self.long_bytes += word.len();
        number
    }

    fn add_key(&mut self, key: u128) -> u32 {
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX - 1);
        self.keys.push(key);
        number
    }

    /// Where a short word is, or where it would be. There is always a free slot.
    fn slot(&self, key: u128) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let mixed =
            hash::fold(hash::low(key) ^ self.seed, hash::low(key >> 64) ^ 0xA076_1D64_78BD_642F);
        let mut at =
            usize::try_from(hash::fold(mixed, 0xE703_7ED1_A0B4_28DB)).unwrap_or_default() & mask;
        while let Some(held) = self.slots.get(at).and_then(|number| number.checked_sub(1)) {
            if index(held).and_then(|number| self.keys.get(number)) == Some(&key) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.slots = vec![0; std::cmp::max(2048, self.slots.len() * 2)];
        for number in 0..self.keys.len() {
            let Some(key) = self.keys.get(number).copied() else { continue };
            if key.to_le_bytes()[SHORT] == LONG {
                continue;
            }
            let at = self.slot(key);
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = u32::try_from(number + 1).unwrap_or(u32::MAX);
            }
        }
    }
}

/// Folds letter case: lower case as Unicode maps it, without regard to language. `scratch` holds
/// what is not short ASCII.
pub(crate) fn fold<'w>(word: &str, scratch: &'w mut String) -> Folded<'w> {
    if word.len() <= SHORT
        && let Some(key) = short_ascii(word.as_bytes())
    {
        return Folded::Short(key);
    }
    scratch.clear();
    if word.is_ascii() {
        scratch.push_str(word);
        scratch.make_ascii_lowercase();
    } else {
        scratch.extend(word.chars().flat_map(char::to_lowercase));
    }
    if scratch.len() <= SHORT {
        Folded::Short(packed(scratch.as_bytes()))
    } else {
        Folded::Long(scratch)
    }
}

/// The number of a short word; none where it is not ASCII.
fn short_ascii(word: &[u8]) -> Option<u128> {
    const EACH: u128 = u128::from_le_bytes([1; 16]);
    let key = packed(word);
    let text = key & !(0xFF << (8 * SHORT));
    if text & (0x80 * EACH) != 0 {
        return None;
    }
    // Per byte: bit 7 shows whether it is at least 'A', and whether it is above 'Z'.
    let from_a = text + EACH * (0x80 - u128::from(b'A'));
    let above_z = text + EACH * (0x7F - u128::from(b'Z'));
    let upper = (from_a & !above_z) & (0x80 * EACH);
    Some(key | upper >> 2)
}

/// At most fifteen bytes and their number, read in at most three pieces that may overlap.
fn packed(word: &[u8]) -> u128 {
    let length = word.len();
    let value = if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
        let last = u128::from(u64::from_le_bytes(*last));
        u128::from(u64::from_le_bytes(*first)) | last << (8 * (length - 8))
    } else if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
        let last = u128::from(u32::from_le_bytes(*last));
        u128::from(u32::from_le_bytes(*first)) | last << (8 * (length - 4))
    } else {
        let byte = |at: usize| u128::from(word.get(at).copied().unwrap_or_default()) << (8 * at);
        byte(0) | byte(length / 2) | byte(length.saturating_sub(1))
    };
    // A word is never longer than fifteen bytes here.
    value | u128::try_from(length).unwrap_or_default() << (8 * SHORT)
}

fn index(number: u32) -> Option<usize> {
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests;
