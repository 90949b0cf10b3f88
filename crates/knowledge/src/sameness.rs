//! Whether two texts say the same.
//!
//! Nearness of vectors proposes; it cannot tell "enabled" from "disabled" or 5 from 10 minutes. So
//! guards decide: numbers with their units, negation and opposites, identifiers and names, words put
//! in others' places, and the order of words. `docs/knowledge.md` tells the rules and how they were
//! measured.

mod lexicon;
mod order;
mod polarity;
mod quantities;
mod reading;
mod replacement;
#[cfg(test)]
mod tests;

use quantities::Quantity;
use reading::Reading;

/// Pairs farther apart than this are not looked at.
pub const COSINE_MIN: f32 = 0.55;

/// From here on two texts without a difference that a guard sees are the same.
const SAME_COSINE: f32 = 0.78;

/// From here on texts of the same subject that differ in what a guard sees contradict each other.
const CONTRADICTION_COSINE: f32 = 0.62;

/// The share of common words at which two texts are nearly word for word the same.
const CLOSE: f64 = 0.70;

/// The share of common content words below which two texts have no common subject.
const SUBJECT: f64 = 0.25;

/// Content words from which on a text says many things: then two of them speak of the same only
/// where they are nearly the same.
const LONG_WORDS: usize = 30;

/// The share of common content words at which two long texts may be the same.
const LONG_SUBJECT: f64 = 0.60;

/// What one text says of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// Both say the same.
    Same,
    /// Both speak of the same and say otherwise.
    Contradicts,
    /// They speak of different things, or one says more.
    Different,
}

/// Judges two texts whose vectors have this cosine.
pub fn judge(old: &str, new: &str, cosine: f32) -> Sameness {
    if cosine < COSINE_MIN {
        return Sameness::Different;
    }
    let (old, new) = (Reading::of(old), Reading::of(new));
    let content = overlap(&old.content(), &new.content());
    let words = overlap(&stems(&old), &stems(&new));
    let is_close = words >= CLOSE;
    let is_long = std::cmp::min(old.content().len(), new.content().len()) >= LONG_WORDS;
    let subject = if is_long { LONG_SUBJECT } else { SUBJECT };
    let has_subject =
        content >= subject && cosine >= CONTRADICTION_COSINE && (is_close || !is_long);
    let identifiers = left_over(&old, &new, |token| token.is_identifier);
    let names = left_over(&old, &new, |token| token.is_name && !token.is_identifier);
    if identifiers != (0, 0) {
        // Another identifier is another thing; who mentions one more says more.
        let is_same_slot = is_close && names == (0, 0) && identifiers.0 == identifiers.1;
        let is_version = is_same_slot && quantities_differ(&old, &new) == Some(true);
        return if is_version { Sameness::Contradicts } else { Sameness::Different };
    }
    let numbers = quantities_differ(&old, &new);
    let is_otherwise = numbers == Some(true)
        || (names.0 > 0 && names.1 > 0 && is_close)
        || polarity::disagree(&old, &new, is_close)
        || (is_close && words >= 0.85 && order::is_exchanged(&old, &new))
        || replacement::is_replaced(&old, &new);
    if is_otherwise {
        return if has_subject { Sameness::Contradicts } else { Sameness::Different };
    }
    let says_more = numbers == Some(false) || names != (0, 0) || is_longer(&old, &new);
    if cosine >= SAME_COSINE && content >= subject && !says_more {
        Sameness::Same
    } else {
        Sameness::Different
    }
}

/// Whether the text itself says that something changed.
pub(crate) fn tells_of_change(text: &str) -> bool {
    const CUES: [&str; 12] = [
        "no longer",
        "not any more",
        "from now on",
        "as of ",
        "is now",
        "are now",
        "was changed",
        "were changed",
        "changed to",
        "we switched",
        "instead of the old",
        "has been replaced",
    ];
    let lower = text.to_lowercase();
    CUES.iter().any(|cue| lower.contains(cue))
}

/// Whether nearly all words of two texts are the same: one is an edited form of the other.
pub(crate) fn is_edit(old: &str, new: &str) -> bool {
    overlap(&stems(&Reading::of(old)), &stems(&Reading::of(new))) >= CLOSE
}

fn stems(reading: &Reading) -> Vec<&str> {
    let mut stems: Vec<&str> = reading.tokens.iter().map(|token| token.stem.as_str()).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// The common share of two sorted lists: what both have by what either has, words that stand for
/// each other counted as common.
fn overlap(one: &[&str], other: &[&str]) -> f64 {
    let alike = |word: &&&str| other.iter().any(|own| lexicon::are_alike(own, word));
    let common = ratio(one.iter().filter(alike).count());
    let all = ratio(one.len()) + ratio(other.len()) - common;
    if all > 0.0 { common / all } else { 0.0 }
}

fn ratio(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How many tokens of a sort each side has that the other does not mention.
fn left_over(
    one: &Reading,
    other: &Reading,
    sort: impl Fn(&reading::Token) -> bool,
) -> (usize, usize) {
    let count = |own: &Reading, of: &Reading| {
        own.tokens.iter().filter(|token| sort(token) && !of.mentions(token)).count()
    };
    (count(one, other), count(other, one))
}

/// Whether numbers differ: `Some(true)` where both sides have one of a dimension that the other
/// lacks, `Some(false)` where only one side has.
fn quantities_differ(one: &Reading, other: &Reading) -> Option<bool> {
    let lacking = |own: &[Quantity], of: &[Quantity]| -> Vec<Quantity> {
        let mut rest = of.to_vec();
        let mut lacking = Vec::new();
        for quantity in own {
            match rest.iter().position(|found| found == quantity) {
                Some(at) => drop(rest.swap_remove(at)),
                None => lacking.push(quantity.clone()),
            }
        }
        lacking
    };
    let (left, right) =
        (lacking(&one.quantities, &other.quantities), lacking(&other.quantities, &one.quantities));
    let is_changed =
        left.iter().any(|a| right.iter().any(|b| a.dimension == b.dimension && a.value != b.value));
    // "one of them" says nothing that "them" does not.
    let is_more = |all: &[Quantity]| all.iter().any(|quantity| quantity.value != 1.0);
    if is_changed {
        Some(true)
    } else if is_more(&left) || is_more(&right) {
        Some(false)
    } else {
        None
    }
}

/// Whether one has half as many words of content again as the other.
fn is_longer(one: &Reading, other: &Reading) -> bool {
    let (one, other) = (one.content().len(), other.content().len());
    let (short, long) = if one < other { (one, other) } else { (other, one) };
    long > short + 2 && long * 2 > short * 3
}
