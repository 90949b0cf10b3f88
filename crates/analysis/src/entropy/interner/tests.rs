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
        let (mut interner, mut map) = (Interner::new(), HashMap::<String, u32>::new());
        for word in &words {
            let next = u32::try_from(map.len()).unwrap();
            let lower = word.chars().flat_map(char::to_lowercase).collect::<String>();
            let expected = *map.entry(lower).or_insert(next);
            prop_assert_eq!(interner.number(word), expected, "{}", word);
        }
        prop_assert_eq!(interner.len(), map.len());
        for (word, number) in map {
            let held = match interner.word(number) {
                Folded::Short(key) => {
                    let bytes = key.to_le_bytes();
                    String::from_utf8(bytes[..usize::from(bytes[SHORT])].to_vec()).unwrap()
                }
                Folded::Long(word) => word.to_owned(),
            };
            prop_assert_eq!(held, word);
        }
    }
}

#[test]
fn grows_without_losing_words() {
    let mut interner = Interner::new();
    let words = (0..5_000).map(|index| format!("w{index}")).collect::<Vec<_>>();
    let first = words.iter().map(|word| interner.number(word)).collect::<Vec<_>>();
    let second = words.iter().map(|word| interner.number(word)).collect::<Vec<_>>();
    assert_eq!(first, (0..5_000).collect::<Vec<_>>());
    assert_eq!(first, second);
}
