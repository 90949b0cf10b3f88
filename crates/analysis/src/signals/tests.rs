//! The dialects on texts small enough to count by hand, and on hostile ones.

use proptest::prelude::*;

use super::*;

fn value(dialect: Dialect, text: &str, name: &str) -> f64 {
    let verdict = verdict(dialect, text);
    let signal = verdict.signals.iter().find(|signal| signal.name == name);
    signal.unwrap_or_else(|| panic!("{name} is no signal of {dialect:?}")).value
}

#[track_caller]
fn check(dialect: Dialect, text: &str, expected: &[(&str, f64)]) {
    for (name, expected) in expected {
        let seen = value(dialect, text, name);
        assert!((seen - expected).abs() < 1e-12, "{name} of {text:?}: {seen}, not {expected}");
    }
}

/// The first figure is that of dolma's own test-suite.
#[test]
fn dolma_by_hand() {
    let expected = [
        ("fraction_of_characters_in_most_common_2grams", 0.5),
        ("median_word_length", 3.0),
        ("required_word_count", 0.0),
    ];
    check(Dialect::GopherDolma, "This is a test.", &expected);
    let expected = [
        // "of of" twice of "of of of": 2 · 4 of 6 characters.
        ("fraction_of_characters_in_most_common_2grams", 8.0 / 6.0),
        ("required_word_count", 3.0),
        ("fraction_of_lines_starting_with_bullet_point", 0.0),
    ];
    check(Dialect::GopherDolma, "of of of", &expected);
    let text = "* a\nb\u{2026}\n* a";
    let expected = [
        ("fraction_of_lines_starting_with_bullet_point", 2.0 / 3.0),
        ("fraction_of_lines_ending_with_ellipsis", 1.0 / 3.0),
        ("fraction_of_duplicate_lines", 2.0 / 3.0),
        // 2 · 3 characters of lines to 6 of words.
        ("fraction_of_characters_in_duplicate_lines", 1.0),
        ("symbol_to_word_ratio", 0.2),
    ];
    check(Dialect::GopherDolma, text, &expected);
}

/// Six words twice: of five-grams those at 0 and 1 repeat; the one that crosses does not.
#[test]
fn dolma_counts_every_occurrence_of_an_n_gram() {
    let text = "a bb c dd e ff a bb c dd e ff";
    // Lengths 7 and 8 occur twice; all eight five-grams have 7 8 7 8 7 8 7 8 characters.
    let expected = [("fraction_of_characters_in_duplicate_5grams", 30.0 / 60.0)];
    check(Dialect::GopherDolma, text, &expected);
}

#[test]
fn rpv2_by_hand() {
    let text = "The CAT, the cat! {x}\n\u{2022} JavaScript 12\u{2026}";
    let expected = [
        // the cat the cat x • javascript 12…: bullet and ellipsis are no ASCII punctuation.
        ("rps_doc_word_count", 8.0),
        ("rps_doc_curly_bracket", python::round_8(2.0 / 38.0)),
        // The sentence that starts with x runs to the end.
        ("rps_doc_num_sentences", 2.0),
        ("rps_doc_frac_chars_top_3gram", 0.0),
        ("rps_doc_frac_lines_end_with_ellipsis", 0.5),
    ];
    check(Dialect::Rpv2, text, &expected);
    // Two words, each half of all: ln 2.
    let entropy = value(Dialect::Rpv2, "b a A b", "rps_doc_unigram_entropy");
    assert!((entropy - python::round_8(std::f64::consts::LN_2)).abs() < 1e-12);
    // "a bb" twice: 6 of 9 characters.
    check(
        Dialect::Rpv2,
        "a bb ccc a bb",
        &[("rps_doc_frac_chars_top_2gram", 6.0 / 9.0)]
            .map(|(name, value)| (name, python::round_8(value))),
    );
}

/// Ten equal words: every word lies in a repeated five-gram, and counts once.
#[test]
fn rpv2_counts_covered_words_once() {
    let text = "no no no no no no no no no no";
    check(Dialect::Rpv2, text, &[("rps_doc_frac_chars_dupe_5grams", 1.0)]);
    check(Dialect::Rpv2, text, &[("rps_doc_frac_chars_dupe_10grams", 0.0)]);
}

#[test]
fn rpv2_lines_by_hand() {
    let lines: Vec<LineSignals> = line_signals("AB cd 12\n\u{2022} javascript!").collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].num_words, lines[1].num_words), (3, 2));
    assert_eq!(lines[0].uppercase_letter_fraction, python::round_8(2.0 / 9.0));
    assert_eq!(lines[0].numerical_chars_fraction, 0.25);
    assert_eq!((lines[0].javascript_counts, lines[1].javascript_counts), (0, 1));
    assert!(lines[1].start_with_bulletpoint && lines[1].ending_with_terminal_punctution_mark);
}

/// What the two of C4 do with the same lines.
#[test]
fn c4_has_two_sets_of_numbers() {
    let text = "Four words are here.\nThis line has five words.\nIt ends 'so said he'\nNo end\nEllipsis...";
    check(Dialect::C4Tfds, text, &[("lines-valid", 1.0), ("lines-too-short", 1.0)]);
    check(Dialect::C4Tfds, text, &[("lines-no-endmark", 3.0)]);
    check(Dialect::C4Datatrove, text, &[("line-kept", 3.0), ("too_few_sentences", 3.0)]);
    // The reference counts words without the citation, datatrove with it.
    let text = "Just four words [1] here.";
    check(Dialect::C4Tfds, text, &[("lines-too-short", 1.0)]);
}

proptest! {
    #[test]
    fn any_text_gives_numbers_and_places_inside_it(text in "\\PC{0,60}|[a .\\n#\u{2026}-]{0,60}") {
        for dialect in Dialect::ALL {
            for signal in verdict(dialect, &text).signals {
                prop_assert!(signal.value.is_finite(), "{}", signal.name);
                prop_assert!(signal.places.len() <= PLACES_MAX);
                for place in signal.places {
                    prop_assert!(text.get(place.start..place.end).is_some(), "{}", signal.name);
                }
            }
        }
    }
}
