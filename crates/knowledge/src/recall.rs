//! Recognising text that came out of the store.
//!
//! What is given out is marked by its shingles: runs of five terms, hashed. A passage of which most
//! shingles were given out is not learned again, whatever stands around it.

use crate::terms::terms;

/// Terms of a shingle.
const SHINGLE_TERMS: usize = 5;

/// The share of a passage's shingles that makes it recalled, in percent.
const SHARE_PERCENT: usize = 50;

/// The shingles of a text, each once. A text of fewer terms is one shingle.
pub(crate) fn shingles(text: &str) -> Vec<i64> {
    let terms = terms(text);
    if terms.is_empty() {
        return Vec::new();
    }
    let mut shingles: Vec<i64> = if terms.len() <= SHINGLE_TERMS {
        vec![hash(&terms)]
    } else {
        terms.windows(SHINGLE_TERMS).map(hash).collect()
    };
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// Whether a text with this many shingles, `known` of which were given out, is recalled.
pub(crate) const fn is_recalled(known: usize, all: usize) -> bool {
    all > 0 && known * 100 >= all * SHARE_PERCENT
}

fn hash(terms: &[String]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for term in terms {
        hasher.update(term.as_bytes()).update(&[0]);
    }
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    i64::from_le_bytes(bytes)
}
