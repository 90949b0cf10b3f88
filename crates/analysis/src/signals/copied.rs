//! N-grams that are copies of earlier ones, as datatrove finds them.
//!
//! datatrove compares n-grams as their words without anything between them, so that `ab c` equals
//! `a bc`: no comparison of words can stand for it.

use super::duplicates::Duplicates;
use super::words::Words;
use crate::entropy::{Numbers, index, mix, seed};
use crate::keep::keep;

/// Bytes by which most n-grams are told apart before they are looked at whole.
const PREFIX: usize = 16;

/// The words of a text without anything between them.
pub(crate) struct Joined<'w> {
    words: &'w Words<'w>,
    /// Behind the last word there is room for a prefix.
    bytes: Vec<u8>,
    /// Where each word starts in the bytes, and where the last one ends.
    starts: Vec<usize>,
    /// By kind of word.
    hashes: Vec<WordHash>,
    /// How many words the n-grams of the candidates have.
    size: usize,
    /// Where a copy may start, or its original, ascending, with the hash of the n-gram.
    candidates: Vec<(u32, u64)>,
    /// Of the candidates those whose hash is not alone.
    repeated: Vec<(u32, u64)>,
    filter: Filter,
}

impl<'w> Joined<'w> {
    /// Joins `words`; n-grams of `shortest` words and more will be asked for.
    pub(crate) fn new(words: &'w Words<'w>, shortest: usize) -> Self {
        let size: usize = words.kinds.iter().map(|kind| kind.count * kind.text.len()).sum();
        let mut bytes = vec![0; size + PREFIX];
        let mut starts = Vec::with_capacity(words.len() + 1);
        let mut at = 0;
        for id in words.ids.iter().map(|id| index(*id)) {
            starts.push(at);
            let word = words.kinds[id].text.as_bytes();
            match words.short(id) {
                // What is written behind the word is overwritten by the next one.
                Some(key) => bytes[at..at + PREFIX].copy_from_slice(&key.to_le_bytes()),
                None => bytes[at..at + word.len()].copy_from_slice(word),
            }
            at += word.len();
        }
        starts.push(at);
        let hashes = word_hashes(words);
        let (candidates, repeated, filter) = (Vec::new(), Vec::new(), Filter::default());
        let mut joined =
            Self { words, bytes, starts, hashes, size: 0, candidates, repeated, filter };
        joined.find_candidates(shortest);
        joined
    }

    /// Equal n-grams have equal prefixes, so one whose prefix is alone has no equal; those of
    /// `shortest` words that are shorter than a prefix stay.
    fn find_candidates(&mut self, shortest: usize) {
        let starts = &self.starts[..self.words.len()];
        let mut filter = std::mem::take(&mut self.filter).emptied(starts.len());
        let prefixes: Vec<u64> = starts.iter().map(|at| self.prefix(*at)).collect();
        prefixes.iter().for_each(|prefix| filter.count(*prefix));
        let is_short = |word: usize| {
            let end = self.starts.get(word + shortest);
            end.is_some_and(|end| end - starts[word] < PREFIX)
        };
        let mut candidates = (0..).zip(starts).map(|(word, _)| (word, 0)).collect();
        keep(&mut candidates, |word, _| filter.is_repeated(prefixes[word]) | is_short(word));
        (self.candidates, self.filter) = (candidates, filter);
    }

    /// A hash of the bytes from `at` on.
    fn prefix(&self, at: usize) -> u64 {
        let half = |at: usize| self.bytes[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        mix(half(at) ^ seed(), half(at + 8) | 1)
    }

    /// The copies among n-grams of `size` words, from left to right: one that was seen before is
    /// counted and stepped over. Each call asks for a larger `size`.
    pub(crate) fn copies(&mut self, size: usize) -> Duplicates {
        self.grow(size);
        self.find_repeated();
        let (mut copies, mut next) = (Duplicates::default(), 0);
        let mut seen = Seen::default();
        for (word, hash) in &self.repeated {
            let word = index(*word);
            if word < next || seen.insert(self, word, *hash) {
                continue;
            }
            copies.places.push(self.words.span_of(word, size));
            copies.characters += self.words.length_of(word, size);
            next = word + size;
        }
        copies
    }

    fn find_repeated(&mut self) {
        let mut filter = std::mem::take(&mut self.filter).emptied(self.candidates.len());
        self.candidates.iter().for_each(|(_, hash)| filter.count(*hash));
        self.repeated.clone_from(&self.candidates);
        keep(&mut self.repeated, |_, (_, hash)| filter.is_repeated(hash));
        self.filter = filter;
    }

    /// Makes the n-grams longer.
    fn grow(&mut self, size: usize) {
        // Those too close to the end are the last ones.
        let fits = |(word, _): &(u32, u64)| index(*word) + size < self.starts.len();
        self.candidates.truncate(self.candidates.partition_point(fits));
        for (word, hash) in &mut self.candidates {
            let more = &self.words.ids[index(*word) + self.size..index(*word) + size];
            *hash = more.iter().fold(*hash, |hash, id| self.hashes[index(*id)].append_to(hash));
        }
        self.size = size;
    }

    /// The n-gram that starts with `word`.
    fn gram(&self, word: usize) -> &[u8] {
        &self.bytes[self.starts[word]..self.starts[word + self.size]]
    }
}

/// The polynomial hash Σ byte·B^(places behind it) of a word, which does not care where words end.
#[derive(Clone, Copy)]
struct WordHash {
    sum: u64,
    /// B to the power of the word's length.
    power: u64,
}

impl WordHash {
    fn append_to(self, hash: u64) -> u64 {
        hash.wrapping_mul(self.power).wrapping_add(self.sum)
    }
}

/// By kind. B differs from run to run, so that nobody can write n-grams that collide.
fn word_hashes(words: &Words<'_>) -> Vec<WordHash> {
    let base = seed() | 1;
    let append = |hash: WordHash, byte: u8| WordHash {
        sum: hash.sum.wrapping_mul(base).wrapping_add(u64::from(byte) + 1),
        power: hash.power.wrapping_mul(base),
    };
    let hash = |text: &str| text.bytes().fold(WordHash { sum: 0, power: 1 }, append);
    words.kinds.iter().map(|kind| hash(kind.text)).collect()
}

/// Which hashes came more than once, and a few that did not.
#[derive(Default)]
struct Filter {
    counts: Vec<u8>,
    shift: u32,
}

impl Filter {
    /// An empty one for so many hashes, in the same memory.
    fn emptied(mut self, expected: usize) -> Self {
        // Sixteen for each hash make one in sixteen look repeated that is not; a long text does
        // with less memory.
        let slots = std::cmp::max(expected * 4, std::cmp::min(expected * 16, 1 << 20));
        let slots = std::cmp::max(slots, 256).next_power_of_two();
        self.counts.clear();
        self.counts.resize(slots, 0);
        Self { shift: u64::BITS - slots.trailing_zeros(), ..self }
    }

    /// Counts a hash.
    fn count(&mut self, hash: u64) {
        let slot = self.slot(hash);
        self.counts[slot] = self.counts[slot].saturating_add(1);
    }

    fn is_repeated(&self, hash: u64) -> bool {
        self.counts[self.slot(hash)] > 1
    }

    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift).unwrap_or_default()
    }
}

/// The n-grams of one size that were seen.
struct Seen {
    hashes: Numbers<u64>,
    /// By number of the hash: the word at which the n-gram starts.
    words: Vec<usize>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { hashes: Numbers::with_room(0), words: Vec::new() }
    }
}

impl Seen {
    /// Whether the n-gram that starts with `word` is new.
    fn insert(&mut self, joined: &Joined<'_>, word: usize, mut hash: u64) -> bool {
        loop {
            let number = index(self.hashes.number(hash));
            let Some(first) = self.words.get(number) else {
                self.words.push(word);
                return true;
            };
            if joined.gram(*first) == joined.gram(word) {
                return false;
            }
            // Another n-gram has this hash: the next one is as good.
            hash = hash.wrapping_add(1);
        }
    }
}
