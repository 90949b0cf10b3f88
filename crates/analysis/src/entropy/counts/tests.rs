use proptest::prelude::*;

use super::*;

fn count(text: &str) -> Counts {
    let mut counts = Counts::new();
    counts.push_text(text);
    counts.push_word("after");
    text.split(' ').for_each(|word| counts.push_word(word));
    text.lines().for_each(|line| counts.push_sentence(line.len().try_into().unwrap()));
    counts
}

/// Merged pair by pair, so that the tree is as even as the pieces allow.
fn merged(mut pieces: Vec<Counts>) -> Counts {
    while pieces.len() > 1 {
        let pairs = pieces.chunks(2).map(|pair| {
            let mut left = pair[0].clone();
            pair.iter().skip(1).for_each(|right| left.merge(right));
            left
        });
        pieces = pairs.collect();
    }
    pieces.pop().unwrap_or_default()
}

fn text_of(pieces: &[String]) -> Entropies {
    let mut whole = Counts::new();
    pieces.iter().for_each(|piece| whole.push_text(piece));
    whole.entropies()
}

proptest! {
    #![proptest_config(crate::testing::cases(48))]
    #[test]
    fn merging_in_any_tree_changes_no_bit(
        pieces in prop::collection::vec("(\\PC|[ab \n]|word ){0,60}", 0..12),
    ) {
        let counts = pieces.iter().map(|piece| count(piece)).collect::<Vec<_>>();
        let even = merged(counts.clone()).entropies();
        let mut uneven = Counts::new();
        counts.iter().rev().for_each(|piece| {
            let mut left = piece.clone();
            left.merge(&uneven);
            uneven = left;
        });
        prop_assert_eq!(&even, &uneven.entropies());
        let at_once = text_of(&[pieces.concat()]);
        prop_assert_eq!(even.bytes, at_once.bytes);
        prop_assert_eq!(even.characters, at_once.characters);
        prop_assert_eq!(even.character_bigrams, at_once.character_bigrams);
        prop_assert_eq!(text_of(&pieces), at_once);
    }
}

#[test]
fn folds_and_pairs_words_across_a_merge() {
    let words = |words: &[&str]| {
        let mut counts = Counts::new();
        words.iter().for_each(|word| counts.push_word(word));
        counts
    };
    let mut left = words(&["b", "A", "internationalisation"]);
    left.merge(&words(&["INTERNATIONALISATION", "a", "ÄÖ", "b"]));
    left.merge(&words(&[]));
    left.merge(&words(&["a", "äö"]));
    let whole = words(&[
        "b",
        "a",
        "internationalisation",
        "internationalisation",
        "a",
        "äö",
        "B",
        "A",
        "Äö",
    ]);
    assert_eq!(left.entropies(), whole.entropies());
    assert_eq!((whole.words().kinds, whole.word_bigrams().kinds), (4, 6));
}
