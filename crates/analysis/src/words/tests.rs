use proptest::prelude::*;

use super::words;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<_> = words(text).into_iter().map(|word| word.of(text)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn joins_what_belongs_together() {
    check("Don't, well-known 'quoted' users'", &["Don't", "well-known", "quoted", "users"]);
    check("snake_case __init__ a--b -x-", &["snake_case", "init", "a", "b", "x"]);
    check("1,000.5 v1.2.3, 3. e.g. main.rs", &["1,000.5", "v1.2.3", "3", "e", "g", "main", "rs"]);
    check("l’été naïve cafe\u{301}s", &["l’été", "naïve", "cafe\u{301}s"]);
    check("... !? \u{1F600} — …", &[]);
    check("", &[]);
}

#[test]
fn counts_each_ideograph() {
    check("日本語です。OK", &["日", "本", "語", "です", "OK"]);
    check("a漢b", &["a", "漢", "b"]);
    check("葛\u{E0100}城", &["葛\u{E0100}", "城"]);
    check("한국어 문장", &["한국어", "문장"]);
    check("हिन्दी में", &["हिन्दी", "में"]);
}

/// As the module says, character by character and without tables.
fn words_by_definition(text: &str) -> Vec<String> {
    let is_han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let is_part = |c: char| c.is_alphanumeric() && !is_han(c);
    let all: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (index, &c) in all.iter().enumerate() {
        let before = index.checked_sub(1).map(|at| all[at]);
        let after = all.get(index + 1).copied();
        let joins = match c {
            '\'' | '’' | '-' | '_' => open && after.is_some_and(is_part),
            '.' | ',' => {
                open && before.is_some_and(|c| c.is_ascii_digit())
                    && after.is_some_and(|c| c.is_ascii_digit())
            }
            _ => false,
        };
        // What joins must itself stand behind a part, not behind another joiner.
        let joins = joins && before.is_some_and(is_part);
        if is_han(c) {
            words.push(c.to_string());
            open = false;
        } else if is_part(c) || joins {
            if !open {
                words.push(String::new());
            }
            words.last_mut().unwrap().push(c);
            open = true;
        } else {
            open = false;
        }
    }
    words
}

proptest! {
    #[test]
    fn agrees_with_its_definition(text in "[a1.,'_’é漢字 -]{0,30}") {
        let found: Vec<_> = words(&text).into_iter().map(|word| word.of(&text).to_owned()).collect();
        prop_assert_eq!(found, words_by_definition(&text));
    }

    #[test]
    fn takes_any_text(text in any::<String>()) {
        let mut end = 0;
        for word in words(&text) {
            prop_assert!(word.start >= end && !word.of(&text).is_empty());
            end = word.end;
        }
    }
}
