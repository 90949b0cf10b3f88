//! Recognising text that came out of the store.
//!
//! What is given out is marked by its shingles: runs of four terms, hashed. A passage most of whose
//! terms stand in such runs is not learned again, whatever stands around it.

use crate::terms::terms;

/// Terms of a shingle.
const SHINGLE_TERMS: usize = 4;

/// The share of a passage's terms that makes it recalled, in percent.
const SHARE_PERCENT: usize = 60;

/// The shingles of a text in order. A text of fewer terms is one shingle.
pub(crate) fn shingles(text: &str) -> Vec<i64> {
    let terms = terms(text);
    if terms.is_empty() {
        return Vec::new();
    }
    if terms.len() <= SHINGLE_TERMS {
        return vec![hash(&terms)];
    }
    terms.windows(SHINGLE_TERMS).map(hash).collect()
}

/// Whether a text is recalled, given for each of its shingles whether it was given out.
pub(crate) fn is_recalled(known: &[bool]) -> bool {
    let terms = known.len() + SHINGLE_TERMS - 1;
    let covers = |term: usize| {
        let first = term.saturating_sub(SHINGLE_TERMS - 1);
        known.iter().take(term + 1).skip(first).any(|known| *known)
    };
    let covered = (0..terms).filter(|term| covers(*term)).count();
    covered * 100 >= terms * SHARE_PERCENT
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given_out: &str, said: &str, expected: bool) {
        let marked = shingles(given_out);
        let known: Vec<bool> =
            shingles(said).iter().map(|shingle| marked.contains(shingle)).collect();
        assert_eq!(is_recalled(&known), expected, "{said}");
    }

    #[test]
    fn most_of_a_passage_decides() {
        let item = "It was caused by new rows that move the offset.";
        check(item, item, true);
        check(item, "I found this: it was caused by new rows that move the offset!", true);
        check(item, "The outage was caused by a full disk on the replica.", false);
        check(
            item,
            "Unlike last week, when it was caused by new rows that move the offset, the pages now \
             repeat since the cursor is decoded as a signed number by the gateway of the mobile app.",
            false,
        );
        check("Yes.", "No.", false);
    }
}
