//! Entropy from integer counts.

use serde::{Deserialize, Serialize};

use crate::Span;

/// The entropy of one kind of unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entropy {
    /// Plug-in estimate in bits: log2 N − (1/N) Σ c·log2 c.
    pub bits: f64,
    /// With the correction of Miller and Madow, (K − 1) / (2 N ln 2) bits more.
    pub miller_madow_bits: f64,
    /// N, how many units there were.
    pub units: u64,
    /// K, how many different ones.
    pub kinds: u64,
    /// Whether the counts are estimates, because the different units passed their budget.
    pub is_estimate: bool,
}

/// The entropies of a document. Bytes and characters are of the whole text, the others of the
/// prose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entropies {
    /// Of bytes.
    pub bytes: Entropy,
    /// Of Unicode scalar values.
    pub characters: Entropy,
    /// Of words, letter case folded.
    pub words: Entropy,
    /// Of the lengths of sentences in words.
    pub sentence_lengths: Entropy,
    /// Of pairs of characters that follow each other.
    pub character_bigrams: Entropy,
    /// Of pairs of words that follow each other.
    pub word_bigrams: Entropy,
    /// 1 − bits / log2 K of the characters; 0 where there are fewer than two kinds.
    pub redundancy: f64,
    /// Different words / words.
    pub richness: f64,
    /// Compressed size / size.
    pub compressibility: f64,
    /// Stretches whose bytes look encoded, encrypted or minified.
    pub dense: Vec<Span>,
}
