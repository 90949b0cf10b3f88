//! How hard prose is to read.

use serde::{Deserialize, Serialize};

/// Readability of the prose by the usual formulas; grades are years of school.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Readability {
    /// Words counted.
    pub words: u64,
    /// Sentences counted.
    pub sentences: u64,
    /// Syllables counted.
    pub syllables: u64,
    /// Flesch reading ease: 0 very hard, 100 very easy.
    pub flesch: f64,
    /// Flesch–Kincaid grade.
    pub flesch_kincaid: f64,
    /// SMOG grade; meant for 30 sentences and more.
    pub smog: f64,
    /// Coleman–Liau grade.
    pub coleman_liau: f64,
    /// Automated readability index, a grade.
    pub ari: f64,
    /// Dale–Chall score: under 5 very easy, above 9 hard.
    pub dale_chall: f64,
    /// Gunning fog, a grade.
    pub fog: f64,
    /// LIX: under 30 very easy, above 60 very hard.
    pub lix: f64,
    /// RIX: long words in a sentence.
    pub rix: f64,
}
