//! The words of prose.
//!
//! A word is a run of letters, digits and combining marks. Inside of a run, between two of these,
//! one of the following joins: an apostrophe (`'`, `’`), a hyphen (`-`, U+2010, U+2011), an
//! underscore, a full stop or comma between two ASCII digits, U+200C and U+200D. So `don't`,
//! `well-known`, `snake_case`, `1,000.5` are one word each, `e.g.` and `main.rs` two. Each Han
//! ideograph is a word, because nothing separates words there; runs of kana, Hangul, Thai and other
//! scripts are words as far as they go without a space.

#[cfg(test)]
mod tests;

use unicode_normalization::char::is_combining_mark;

use crate::Span;
use crate::alphanumerics::Alphanumerics;

/// What an ASCII byte is.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
/// Joins between any letters and digits.
const JOINER: u8 = 3;
/// Joins between digits.
const POINT: u8 = 4;
/// Not ASCII.
const WIDE: u8 = 5;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            0x30..=0x39 => DIGIT,
            0x41..=0x5A | 0x61..=0x7A => LETTER,
            0x27 | 0x2D | 0x5F => JOINER,
            0x2C | 0x2E => POINT,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// What a character is, and how many bytes it has.
struct Character {
    kind: Kind,
    length: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of words.
    Part,
    /// A word of its own.
    Ideograph,
    /// Part of a word that has begun.
    Mark,
    Joiner,
    Other,
}

/// The words of `text`, ascending.
pub(crate) fn words(text: &str) -> Vec<Span> {
    let (bytes, runs) = (text.as_bytes(), Alphanumerics::of(text));
    let mut words = Vec::with_capacity(runs.runs());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match CLASSES[usize::from(*byte)] {
            LETTER | DIGIT => {
                let end = word_end(text, &runs, at);
                words.push(Span::new(at, end));
                at = end;
            }
            WIDE => {
                let Character { kind, length } = wide(text, at);
                let end = match kind {
                    Kind::Part => word_end(text, &runs, at),
                    Kind::Ideograph => ideograph_end(text, at + length),
                    Kind::Mark | Kind::Joiner | Kind::Other => {
                        at += length;
                        continue;
                    }
                };
                words.push(Span::new(at, end));
                at = end;
            }
            _ => at += 1,
        }
    }
    words
}

/// Where the word that starts at `at` ends.
fn word_end(text: &str, runs: &Alphanumerics, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        at = runs.run_end(at);
        let Some(byte) = bytes.get(at) else { return at };
        let behind = match CLASSES[usize::from(*byte)] {
            JOINER => at + 1,
            POINT => {
                let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
                if at == 0 || !is_digit(at - 1) || !is_digit(at + 1) {
                    return at;
                }
                at + 1
            }
            WIDE => match wide(text, at) {
                Character { kind: Kind::Part | Kind::Mark, length } => {
                    at += length;
                    continue;
                }
                Character { kind: Kind::Joiner, length } => at + length,
                Character { kind: Kind::Ideograph | Kind::Other, .. } => return at,
            },
            _ => return at,
        };
        if !starts_part(text, behind) {
            return at;
        }
        at = behind;
    }
}

/// Where an ideograph ends with the marks behind it, such as variation selectors.
fn ideograph_end(text: &str, mut at: usize) -> usize {
    while text.as_bytes().get(at).is_some_and(|byte| *byte >= 0x80) {
        match wide(text, at) {
            Character { kind: Kind::Mark, length } => at += length,
            _ => break,
        }
    }
    at
}

fn starts_part(text: &str, at: usize) -> bool {
    let Some(byte) = text.as_bytes().get(at) else { return false };
    match CLASSES[usize::from(*byte)] {
        LETTER | DIGIT => true,
        WIDE => wide(text, at).kind == Kind::Part,
        _ => false,
    }
}

/// The character at `at`, which is not ASCII.
fn wide(text: &str, at: usize) -> Character {
    let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return Character { kind: Kind::Other, length: 1 };
    };
    let kind = match character {
        '\u{2019}' | '\u{2010}' | '\u{2011}' | '\u{200C}' | '\u{200D}' => Kind::Joiner,
        '\u{3005}'..='\u{3007}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Kind::Ideograph,
        _ if is_combining_mark(character) => Kind::Mark,
        _ if character.is_alphanumeric() => Kind::Part,
        _ => Kind::Other,
    };
    Character { kind, length: character.len_utf8() }
}
