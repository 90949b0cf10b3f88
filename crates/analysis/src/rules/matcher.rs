//! Many literals at once.

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, StartKind};

use crate::{Error, Span};

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
        let automaton = &self.automaton;
        // Built for searches that start anywhere, so there is such a start.
        let Ok(mut state) = automaton.start_state(Anchored::No) else { return };
        for (at, byte) in bytes.iter().enumerate() {
            state = automaton.next_state(Anchored::No, state, *byte);
            if automaton.is_special(state) && automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let literal = automaton.match_pattern(state, index);
                    let start = at + 1 - automaton.pattern_len(literal);
                    found(literal.as_usize(), Span::new(start, at + 1));
                }
            }
        }
    }
}
