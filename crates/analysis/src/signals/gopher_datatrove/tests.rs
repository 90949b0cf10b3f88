use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// datatrove's loop, word for word: n-grams as strings, a copy is stepped over.
fn copied(tokens: &[&str], size: usize) -> usize {
    let mut seen = HashSet::new();
    let (mut at, mut characters) = (0, 0);
    while at + size <= tokens.len() {
        let gram = tokens[at..at + size].concat();
        if seen.contains(&gram) {
            characters += gram.chars().count();
            at += size;
        } else {
            seen.insert(gram);
            at += 1;
        }
    }
    characters
}

proptest! {
    /// Words of many lengths, so that n-grams are equal across different borders of words.
    #[test]
    fn copies_are_those_of_brute_force(
        picks in prop::collection::vec(0usize..6, 0..80),
        repeats in 1usize..4,
    ) {
        let parts = ["a", "aa", "ab", "b", "aaaabaaaab", "\u{e9}a"];
        let once: Vec<&str> = picks.iter().map(|pick| parts[*pick]).collect();
        let tokens = once.repeat(repeats);
        let text = tokens.join(" ");
        let verdict = verdict(&text, &Words::given(&text, &tokens));
        for size in 5..=10 {
            let name = format!("duplicated_{size}_n_grams");
            let signal = verdict.signals.iter().find(|signal| signal.name == name).unwrap();
            let expected = ratio(copied(&tokens, size), text.chars().count());
            prop_assert_eq!(signal.value, expected, "{} of {:?}", name, tokens);
        }
    }
}

#[test]
fn places_are_those_of_the_copies() {
    let text = "one two three four five one two three four five";
    let verdict = super::super::verdict(Dialect::GopherDatatrove, text);
    let signal =
        verdict.signals.iter().find(|signal| signal.name == "duplicated_5_n_grams").unwrap();
    assert_eq!(signal.places, [Span::new(24, 47)]);
    assert_eq!(signal.value, 19.0 / 47.0);
    assert!(!signal.passed && !verdict.passed);
}
