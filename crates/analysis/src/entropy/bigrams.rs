//! Counts of pairs of characters.

use super::Entropy;
use super::sampled::SampledTally;
use super::spectrum::Spectrum;
use crate::keep::keep;

/// Pairs of ASCII characters.
const ASCII_PAIRS: usize = 1 << 14;

/// How often each pair of characters came: a table for pairs of ASCII, a tally for the others.
#[derive(Clone, Debug)]
pub(crate) struct Bigrams {
    /// Counts of 16 bits: twice as many of them stay near the processor.
    ascii: Box<[u16]>,
    /// No count in the table is larger than this.
    ascii_pushed: u16,
    /// What was in the table before its counts would have overflown, and what was merged; empty
    /// where there was nothing.
    ascii_before: Vec<u64>,
    others: SampledTally,
}

impl Bigrams {
    /// Nothing counted; more than `kinds_max` different pairs that are not ASCII are estimated.
    pub(crate) fn new(kinds_max: usize) -> Self {
        Self {
            ascii: vec![0; ASCII_PAIRS].into(),
            ascii_pushed: 0,
            ascii_before: Vec::new(),
            others: SampledTally::new(kinds_max),
        }
    }

    /// Counts one pair.
    pub(crate) fn push(&mut self, first: char, second: char) {
        match (u8::try_from(first), u8::try_from(second)) {
            (Ok(first), Ok(second)) if first < 128 && second < 128 => {
                self.push_ascii(&[first, second]);
            }
            _ => self.others.add(u64::from(first) << 32 | u64::from(second), 1),
        }
    }

    /// Counts the pairs inside `bytes`, which must be ASCII.
    pub(crate) fn push_ascii(&mut self, bytes: &[u8]) {
        let mut start = 0;
        // Each piece begins with the last byte of the one before.
        while let Some(rest) = bytes.get(start..).filter(|rest| rest.len() > 1) {
            let piece = rest.get(..1 << 15).unwrap_or(rest);
            self.push_piece(piece);
            start += piece.len() - 1;
        }
    }

    fn push_piece(&mut self, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.ascii_pushed = self.ascii_pushed.checked_add(length).unwrap_or_else(|| {
            add(&mut self.ascii_before, self.ascii.iter().copied().map(u64::from));
            self.ascii.fill(0);
            length
        });
        let Some(table) = self.ascii.first_chunk_mut::<ASCII_PAIRS>() else { return };
        let Some((first, rest)) = bytes.split_first() else { return };
        let mut before = usize::from(first & 0x7F);
        for byte in rest {
            let next = usize::from(byte & 0x7F);
            table[before << 7 | next] += 1;
            before = next;
        }
    }

    /// Adds what `other` counted, which must be exact.
    pub(crate) fn merge(&mut self, other: &Self) {
        add(&mut self.ascii_before, other.ascii.iter().copied().map(u64::from));
        add(&mut self.ascii_before, other.ascii_before.iter().copied());
        self.others.merge(&other.others);
    }

    /// Their entropy.
    pub(crate) fn entropy(&self) -> Entropy {
        let ascii = if self.ascii_before.is_empty() {
            Spectrum::of(self.table_counts().into_iter().map(u64::from))
        } else {
            let both = self.ascii.iter().zip(&self.ascii_before);
            Spectrum::of(both.map(|(count, before)| u64::from(*count) + before))
        };
        self.others.entropy_with(ascii)
    }

    /// The counts in the table: most of it is zero, in most texts.
    fn table_counts(&self) -> Vec<u16> {
        let mut counts = Vec::with_capacity(1 << 12);
        let eights = self.ascii.as_chunks::<8>().0.iter();
        eights.filter(|eight| **eight != [0; 8]).for_each(|eight| counts.extend(eight));
        keep(&mut counts, |_, count| count > 0);
        counts
    }
}

/// Adds counts of ASCII pairs to `totals`, which may be empty.
fn add(totals: &mut Vec<u64>, counts: impl ExactSizeIterator<Item = u64>) {
    if counts.len() > totals.len() {
        totals.resize(counts.len(), 0);
    }
    totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
}
