//! Whether two texts of the same words give them other roles.

use rustc_hash::FxHashMap;

use super::reading::Reading;

/// Words beyond which order is not looked at: its cost grows with the square.
const WORDS_MAX: usize = 400;

/// Whether the words of `one` stand in `other` so that some middle word has kept its place and two
/// around it have changed sides. Moving a phrase to the front does not do that; exchanging who acts
/// on whom does.
pub(super) fn is_exchanged(one: &Reading, other: &Reading) -> bool {
    let places = positions(one, other);
    if places.len() > WORDS_MAX {
        return false;
    }
    // A reversed triple i < j < k: some greater place before j and some smaller one behind it.
    (0..places.len()).any(|middle| {
        let (before, after) = places.split_at(middle);
        let Some((at, after)) = after.split_first() else { return false };
        before.iter().any(|place| place > at) && after.iter().any(|place| place < at)
    })
}

/// For each word of `one` that `other` has as often, its place there.
fn positions(one: &Reading, other: &Reading) -> Vec<usize> {
    let mut places: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (place, token) in other.tokens.iter().enumerate() {
        places.entry(&token.stem).or_default().push(place);
    }
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for token in &one.tokens {
        *counts.entry(&token.stem).or_default() += 1;
    }
    // A word that occurs twice has no one place.
    let place = |stem: &str| match places.get(stem).map(Vec::as_slice) {
        Some([place]) if counts.get(stem) == Some(&1) => Some(*place),
        _ => None,
    };
    one.tokens
        .iter()
        .filter(|token| !matches!(token.lower.as_str(), "a" | "an" | "the"))
        .filter_map(|token| place(&token.stem))
        .collect()
}
