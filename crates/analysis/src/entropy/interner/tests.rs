use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(crate::testing::cases(64))]
    /// Against a map of lower-cased strings, with words of all lengths around the border.
    #[test]
    fn numbers_words_as_a_map_does(
        words in prop::collection::vec("[a-cA-C@\\[`{0-9]{0,2}|[zZäÄſK'_-]{0,20}|\\PC{0,9}", 0..300),
    ) {
        let (mut interner, mut map) = (Interner::with_room(0), HashMap::<String, u32>::new());
        for word in &words {
            let next = u32::try_from(map.len()).unwrap();
            let lower = word.chars().flat_map(char::to_lowercase).collect::<String>();
            let expected = *map.entry(lower).or_insert(next);
            prop_assert_eq!(interner.number(word), expected, "{}", word);
        }
        prop_assert_eq!(interner.len(), map.len());
        for (word, number) in map {
            let mut buffer = [0; 16];
            let held = interner.word(number);
            prop_assert_eq!(held.text(&mut buffer), word);
        }
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]
    /// A word has the same number wherever in a text it stands.
    #[test]
    fn words_are_numbered_where_they_stand(
        words in prop::collection::vec("[a-cA-C]{1,3}|[zZäÄſK'_-]{1,20}|\\PC{1,9}", 1..40),
    ) {
        let text = words.join(" ");
        let (mut alone, mut inside) = (Interner::with_room(0), Interner::with_room(0));
        let mut start = 0;
        for word in &words {
            let span = Span::new(start, start + word.len());
            prop_assert_eq!(inside.number_at(&text, span), alone.number(word), "{}", word);
            start = span.end + 1;
        }
    }
}

#[test]
fn grows_without_losing_words() {
    let mut interner = Interner::with_room(0);
    let words = (0..5_000).map(|index| format!("w{index}")).collect::<Vec<_>>();
    let first = words.iter().map(|word| interner.number(word)).collect::<Vec<_>>();
    let second = words.iter().map(|word| interner.number(word)).collect::<Vec<_>>();
    assert_eq!(first, (0..5_000).collect::<Vec<_>>());
    assert_eq!(first, second);
}
