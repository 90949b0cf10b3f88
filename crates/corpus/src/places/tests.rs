use std::borrow::Cow;

use analysis::{Category, Position, Severity};

use super::*;

fn finding(start: usize, end: usize) -> Finding {
    let nowhere = Position { line: 1, column: 1 };
    Finding {
        rule: Cow::Borrowed("a-rule"),
        category: Category::Formatting,
        severity: Severity::Note,
        span: Span::new(start, end),
        start: nowhere,
        end: nowhere,
        message: String::new(),
        suggestion: String::new(),
    }
}

/// The places of each occurrence of `word` in `text`.
fn places(text: &str, word: &str) -> Vec<Place> {
    let findings: Vec<_> =
        text.match_indices(word).map(|(at, word)| finding(at, at + word.len())).collect();
    Recogniser::default().places(&findings, text, 0, 0)
}

#[test]
fn characters_are_counted_from_the_start() {
    let places = places("äöü bad\nß bad", "bad");
    let counted: Vec<_> =
        places.iter().map(|place| (place.char_offset, place.char_length)).collect();
    assert_eq!(counted, [(4, 3), (10, 3)]);
}

#[test]
fn a_finding_is_recognised_after_lines_were_moved() {
    let before = places("A line.\nSome bad word.\n", "bad");
    assert_eq!(
        before[0].fingerprint,
        places("New.\n\nA line.\n  Some  bad word.", "bad")[0].fingerprint
    );
    assert_ne!(before[0].fingerprint, places("A line.\nAnother bad word.\n", "bad")[0].fingerprint);
}

#[test]
fn equal_findings_are_told_apart_by_their_number() {
    let two = places("bad\nbad\n", "bad");
    assert_ne!(two[0].fingerprint, two[1].fingerprint);
    assert_eq!(two[0].fingerprint, places("bad", "bad")[0].fingerprint);
}
