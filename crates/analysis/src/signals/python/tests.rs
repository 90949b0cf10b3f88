//! What Python 3.11 answers for the same strings, taken from a run of it.

use super::*;

fn lines(text: &str) -> Vec<&str> {
    split_lines(text).map(|span| span.of(text)).collect()
}

fn words(text: &str) -> Vec<&str> {
    split(text).map(|span| span.of(text)).collect()
}

#[test]
fn splitlines_knows_every_line_end() {
    let text = "a\nb\r\nc\rd\x0be\x0cf\x1cg\x1dh\x1ei\u{85}j\u{2028}k\u{2029}l\x1fm";
    let expected = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l\x1fm"];
    assert_eq!(lines(text), expected);
    assert_eq!(lines(""), [""; 0]);
    assert_eq!(lines("\n"), [""]);
    assert_eq!(lines("a\n\n"), ["a", ""]);
    assert_eq!(lines("\u{2030}\u{c4}"), ["\u{2030}\u{c4}"]);
}

#[test]
fn split_knows_every_white_space() {
    let text = "\u{3000}a\x1cb\x1fc\u{a0}d\u{85}e\u{2028}f\u{200b}g \t";
    assert_eq!(words(text), ["a", "b", "c", "d", "e", "f\u{200b}g"]);
    assert_eq!(words(" \n"), [""; 0]);
    assert_eq!(strip("\x1c x \u{2003}"), "x");
    assert_eq!((strip_start(" x "), strip_end(" x ")), ("x ", " x"));
}

#[test]
fn newlines_split_as_with_re() {
    let parts =
        |text, least| split_newline_runs(text, least).map(|span| span.of(text)).collect::<Vec<_>>();
    assert_eq!(parts("\na\n\nb\n", 1), ["", "a", "b", ""]);
    assert_eq!(parts("a\nb\n\n\nc", 2), ["a\nb", "c"]);
    assert_eq!(parts("", 1), [""]);
    let text = "\na\n";
    assert_eq!(split_newlines(text).map(|span| span.of(text)).collect::<Vec<_>>(), ["", "a", ""]);
}

#[test]
fn characters_are_classed_as_in_python() {
    // (character, isalpha, isnumeric, \w, isspace)
    let cases = [
        ('a', true, false, true, false),
        ('7', false, true, true, false),
        ('_', false, false, true, false),
        ('\u{bd}', false, true, true, false),
        ('\u{2168}', false, true, true, false),
        ('\u{301}', false, false, false, false),
        ('\u{93e}', false, false, false, false),
        ('\u{24d0}', false, false, false, false),
        ('\u{4e00}', true, true, true, false),
        ('\u{4e01}', true, false, true, false),
        ('\u{aa}', true, false, true, false),
        ('\u{1f}', false, false, false, true),
    ];
    for (c, alpha, numeric, word, space) in cases {
        let seen = (is_alpha(c), is_numeric(c), is_word(c), is_space(c));
        assert_eq!(seen, (alpha, numeric, word, space), "{c:?}");
    }
}

#[test]
fn upper_case_needs_a_capital_and_no_other_case() {
    let cases = [("A", true), ("A1", true), ("1", false), ("Aa", false), ("", false)];
    for (text, expected) in cases {
        assert_eq!(is_upper(text), expected, "{text:?}");
    }
    assert!(is_upper("\u{2160}"), "ROMAN NUMERAL ONE is upper case");
    assert!(!is_upper("\u{1c5}"), "a title-case letter is not");
}

#[test]
fn rounding_is_of_the_exact_value() {
    assert_eq!(round_8(1.0 / 3.0), 0.333_333_33);
    assert_eq!(round_8(2.0 / 3.0), 0.666_666_67);
    // The double nearest to 5e-9 is a little more; 2^-9 is exactly between, and goes to the even one.
    assert_eq!(round_8(0.000_000_005), 0.000_000_01);
    assert_eq!(round_8(0.5f64.powi(9)), 0.001_953_12);
}
