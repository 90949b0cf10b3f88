//! Many literals at once.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, StartKind};

use crate::{Error, Span};

/// How many stretches of a text are walked at once: each step waits for the one before, but not for
/// those of the other walks.
const WALKS: usize = 4;
/// Stretches that are shorter are not worth it.
const STRETCH_MIN: usize = 256;

/// Finds all of some literals, those inside others too.
#[derive(Debug)]
pub(crate) struct Matcher {
    automaton: DFA,
}

impl Matcher {
    pub(crate) fn new(literals: &[&str]) -> Result<Self, Error> {
        // The walk below is cheaper than stopping for a prefilter, because few lines hold nothing.
        let mut builder = DFA::builder();
        let builder = builder.start_kind(StartKind::Unanchored).prefilter(false);
        let automaton = builder.build(literals).map_err(|error| Error::Rule {
            rule: "literals of all rules".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self { automaton })
    }

    /// Calls `found` with the index and the place of each literal in `bytes`, ascending by ends.
    pub(crate) fn each(&self, bytes: &[u8], mut found: impl FnMut(usize, Span)) {
        // Built for searches that start anywhere, so there is such a start.
        let Ok(start) = self.automaton.start_state(Anchored::No) else { return };
        let length = bytes.len() / WALKS;
        if length < std::cmp::max(STRETCH_MIN, self.automaton.max_pattern_len()) {
            self.walk(start, bytes, 0, &mut found);
            return;
        }
        let (whole, rest) = bytes.split_at(length * WALKS);
        let mut states = [start; WALKS];
        for (stretch, state) in states.iter_mut().enumerate() {
            // What ends in a stretch may begin before it.
            let from = stretch * length;
            let first = from.saturating_sub(self.automaton.max_pattern_len());
            *state = self.walk(start, whole.get(first..from).unwrap_or_default(), 0, |_, _| {});
        }
        let mut met: [Vec<(StateID, usize)>; WALKS] = Default::default();
        let [first, second, third, fourth]: [&[u8]; WALKS] =
            std::array::from_fn(|stretch| &whole[stretch * length..][..length]);
        let bytes = first.iter().zip(second).zip(third.iter().zip(fourth));
        for (at, ((first, second), (third, fourth))) in bytes.enumerate() {
            for (stretch, byte) in [first, second, third, fourth].into_iter().enumerate() {
                let state = &mut states[stretch];
                *state = self.automaton.next_state(Anchored::No, *state, *byte);
                if self.automaton.is_special(*state) {
                    met[stretch].push((*state, stretch * length + at + 1));
                }
            }
        }
        for (state, end) in met.into_iter().flatten() {
            self.report(state, end, &mut found);
        }
        self.walk(states[WALKS - 1], rest, whole.len(), found);
    }

    /// Goes on from `state` over `bytes`, which stand at `base`; the state behind them.
    fn walk(
        &self,
        mut state: StateID,
        bytes: &[u8],
        base: usize,
        mut found: impl FnMut(usize, Span),
    ) -> StateID {
        for (at, byte) in bytes.iter().enumerate() {
            state = self.automaton.next_state(Anchored::No, state, *byte);
            if self.automaton.is_special(state) {
                self.report(state, base + at + 1, &mut found);
            }
        }
        state
    }

    /// The literals that end at `end`, where the automaton is in a special state.
    fn report(&self, state: StateID, end: usize, found: &mut impl FnMut(usize, Span)) {
        if !self.automaton.is_match(state) {
            return;
        }
        for index in 0..self.automaton.match_len(state) {
            let literal = self.automaton.match_pattern(state, index);
            let start = end - self.automaton.pattern_len(literal);
            found(literal.as_usize(), Span::new(start, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Long enough to be cut into stretches, with literals across their ends.
        #[test]
        fn all_literals_are_found_as_by_brute_force(
            picks in prop::collection::vec(0usize..5, 0..900),
            tail in "[abc]{0,9}",
        ) {
            let literals = ["ab", "bcab", "aaaa", "c", "abcabcabcabc"];
            let parts = ["ab", "bca", "aa", "cc", "abcabc"];
            let text: String = picks.iter().map(|pick| parts[*pick]).collect::<String>() + &tail;
            let mut seen = Vec::new();
            let matcher = Matcher::new(&literals).unwrap();
            matcher.each(text.as_bytes(), |literal, span| seen.push((span.end, literal, span.start)));
            prop_assert!(seen.is_sorted_by_key(|(end, _, _)| *end));
            seen.sort_unstable();
            let mut expected = Vec::new();
            for (literal, what) in literals.iter().enumerate() {
                let starts = (0..text.len()).filter(|start| text[*start..].starts_with(what));
                expected.extend(starts.map(|start| (start + what.len(), literal, start)));
            }
            expected.sort_unstable();
            prop_assert_eq!(seen, expected);
        }
    }
}
