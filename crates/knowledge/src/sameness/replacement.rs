//! Whether a word was put in another's place.

use super::lexicon;
use super::reading::{Reading, Token};

/// Words beyond which no alignment is made: its cost grows with the square.
const WORDS_MAX: usize = 400;

/// The share of words that must be in place for the rest to count as put in others' places.
const IN_PLACE: usize = 60;

/// Whether the texts are word for word the same but for few places, and at one of them a word of
/// content stands for one that means something else.
pub(super) fn is_replaced(one: &Reading, other: &Reading) -> bool {
    let (one, other) = (&one.tokens, &other.tokens);
    if one.len() > WORDS_MAX || other.len() > WORDS_MAX {
        return false;
    }
    let pairs = aligned(one, other);
    let longer = std::cmp::max(one.len(), other.len());
    if pairs.len() * 100 < longer * IN_PLACE {
        return false;
    }
    let ends = std::iter::once((one.len(), other.len()));
    let mut last = (0, 0);
    for (a, b) in pairs.into_iter().chain(ends) {
        let gap = |tokens: &[Token], from: usize, to: usize| -> Vec<String> {
            let tokens = tokens.get(from..to).unwrap_or_default();
            let content = tokens.iter().filter(|token| token.is_content);
            content.map(|token| token.stem.clone()).collect()
        };
        let (old, new) = (gap(one, last.0, a), gap(other, last.1, b));
        let differs = |own: &[String], of: &[String]| {
            own.iter().any(|word| !of.iter().any(|other| lexicon::are_alike(word, other)))
        };
        if !old.is_empty() && !new.is_empty() && differs(&old, &new) && differs(&new, &old) {
            return true;
        }
        last = (a + 1, b + 1);
    }
    false
}

/// The places of a longest common subsequence of stems.
fn aligned(one: &[Token], other: &[Token]) -> Vec<(usize, usize)> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (one.len() + 1) * width];
    let at = |lengths: &[u16], a: usize, b: usize| lengths.get(a * width + b).copied().unwrap_or(0);
    for (a, left) in one.iter().enumerate().rev() {
        for (b, right) in other.iter().enumerate().rev() {
            let best = if left.stem == right.stem {
                at(&lengths, a + 1, b + 1) + 1
            } else {
                std::cmp::max(at(&lengths, a + 1, b), at(&lengths, a, b + 1))
            };
            if let Some(cell) = lengths.get_mut(a * width + b) {
                *cell = best;
            }
        }
    }
    let (mut a, mut b, mut pairs) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (one.get(a), other.get(b)) {
        if left.stem == right.stem {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if at(&lengths, a + 1, b) >= at(&lengths, a, b + 1) {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}
