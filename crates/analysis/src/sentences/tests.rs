use proptest::prelude::*;

use crate::{Document, Format};

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let document = Document::new(text, Format::Markdown);
    let prose = document.prose.text();
    let found: Vec<_> = document.sentences.iter().map(|sentence| sentence.of(prose)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn ends_at_marks() {
    check("One. Two! Three? Four… Five", &["One.", "Two!", "Three?", "Four…", "Five"]);
    check("Really?! Yes... No.", &["Really?!", "Yes...", "No."]);
    check("He said “Go.” Then (really!) he went.", &["He said “Go.”", "Then (really!) he went."]);
    check("これは文。次も文！終わり", &["これは文。", "次も文！", "終わり"]);
    check("One.\nTwo.  Three.", &["One.", "Two.", "Three."]);
    check("Wow! !! ! More.", &["Wow! !! !", "More."]);
    check("... !", &[]);
}

#[test]
fn goes_on_behind_abbreviations() {
    check("See e.g. Rome, i.e. Italy.", &["See e.g. Rome, i.e. Italy."]);
    check("Dr. Smith met J. R. Doe vs. Prof. Roe.", &["Dr. Smith met J. R. Doe vs. Prof. Roe."]);
    check("No. 5 is here. No. That is all.", &["No. 5 is here.", "No.", "That is all."]);
    check(
        "Apples, pears etc. are here. And etc. Then.",
        &["Apples, pears etc. are here.", "And etc.", "Then."],
    );
    check("That is I. You too.", &["That is I.", "You too."]);
}

#[test]
fn leaves_numbers_and_names_alone() {
    check(
        "Pi is 3.14. Version 1.2.3 is in foo.rs. Done.",
        &["Pi is 3.14.", "Version 1.2.3 is in foo.rs.", "Done."],
    );
    check("Node.js and the .NET runtime.", &["Node.js and the .NET runtime."]);
}

#[test]
fn goes_on_before_lower_case_unless_something_was_left_out() {
    check("“What?” he said.", &["“What?” he said."]);
    check("Run it. `foo` prints all.", &["Run it.", "prints all."]);
}

#[test]
fn never_crosses_blocks() {
    check(
        "# Title\n\none\n\n- two\n- three\n\n|a|b|\n|-|-|\n|c|d|",
        &["Title", "one", "two", "three", "a", "b", "c", "d"],
    );
}

proptest! {
    #[test]
    fn holds_every_word_once(text in "[A-Ca-c.!?…。\n 1)`#*-]{0,60}") {
        let document = Document::new(&text, Format::Markdown);
        let mut words = document.words.iter();
        let mut end = 0;
        for sentence in &document.sentences {
            prop_assert!(sentence.start >= end);
            end = sentence.end;
            prop_assert!(!sentence.of(document.prose.text()).is_empty());
            let mut held = 0;
            while let Some(word) = words.as_slice().first().filter(|word| word.start < sentence.end) {
                prop_assert!(word.start >= sentence.start && word.end <= sentence.end);
                words.next();
                held += 1;
            }
            prop_assert!(held > 0);
        }
        prop_assert!(words.next().is_none());
    }
}
