//! Whether one text affirms what the other denies.

use super::lexicon;
use super::reading::{Reading, Token};

const NEGATIONS: [&str; 11] = [
    "avoid", "neither", "never", "no", "nobody", "none", "nor", "not", "nothing", "nowhere",
    "without",
];

/// How far a negation reaches to a word that has an opposite.
const REACH: usize = 4;

/// Whether the word denies.
pub(super) fn is_negation(word: &str) -> bool {
    NEGATIONS.binary_search(&word).is_ok()
}

/// What a text affirms and denies.
struct Polarity {
    /// Words that have an opposite: the axis, which side is meant, whether it is a weak one.
    sides: Vec<(usize, bool, bool)>,
    /// Whether the number of denials, with words that deny what their opposite affirms, is odd.
    is_odd: bool,
}

impl Polarity {
    fn of(reading: &Reading) -> Self {
        let tokens = &reading.tokens;
        let denials: Vec<usize> = (0..tokens.len()).filter(|at| is_denial(tokens, *at)).collect();
        let mut sides = Vec::new();
        let mut odd = denials.len();
        for (at, token) in tokens.iter().enumerate() {
            let Some((axis, is_first, is_weak)) = lexicon::side(&token.stem) else { continue };
            let is_denied = denials.iter().any(|denial| *denial < at && at - denial <= REACH);
            sides.push((axis, is_first != is_denied, is_weak));
            // "never" denies by itself and is counted as a denial already.
            odd += usize::from(!is_first && !is_weak && !is_negation(&token.lower));
        }
        Self { sides, is_odd: odd % 2 == 1 }
    }
}

/// Whether the word at this place denies its statement. "X, not Y" and "not per Y" only set one
/// thing apart from another.
fn is_denial(tokens: &[Token], at: usize) -> bool {
    const SETTING_APART: [&str; 10] =
        ["per", "by", "for", "from", "the", "a", "just", "only", "until", "because"];
    let Some(token) = tokens.get(at).filter(|token| is_negation(&token.lower)) else {
        return false;
    };
    let next = tokens.get(at + 1).map(|next| next.lower.as_str());
    let sets_apart = token.follows_comma || next.is_some_and(|next| SETTING_APART.contains(&next));
    !(token.lower == "not" && sets_apart)
}

/// Whether one affirms what the other denies. `is_close`: the texts are nearly word for word the
/// same.
pub(super) fn disagree(one: &Reading, other: &Reading, is_close: bool) -> bool {
    let (one, other) = (Polarity::of(one), Polarity::of(other));
    let is_opposed = one.sides.iter().any(|(axis, side, is_weak)| {
        let of_axis = |all: &[(usize, bool, bool)], wanted: bool| {
            all.iter().any(|(a, s, _)| a == axis && *s == wanted)
        };
        (is_close || !is_weak)
            && of_axis(&other.sides, !side)
            && !of_axis(&other.sides, *side)
            && !of_axis(&one.sides, !side)
    });
    is_opposed || one.is_odd != other.is_odd
}
