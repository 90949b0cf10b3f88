//! Words and punctuation, close to what spaCy's blank English pipeline makes of a text.
//!
//! An approximation, not a copy: brackets, quotes, marks, symbols and the usual contractions are cut
//! off as spaCy does, dots stay in numbers, names and addresses; its list of abbreviations and its
//! rules for units and emoticons are not followed.

use super::{python, words::Words};
use crate::Span;
use crate::alphanumerics::Alphanumerics;

/// Contractions that are words of their own at the end of a word; the longest first.
const CONTRACTIONS: [&str; 7] = ["n't", "'re", "'ve", "'ll", "'s", "'d", "'m"];

/// What an ASCII byte is that is no letter and no digit.
const SPACE: u8 = 1;
/// Is cut off behind a word.
const MARK: u8 = 2;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte {
            9..=13 | 28..=32 => SPACE,
            0x21 | 0x29 | 0x2C | 0x2E | 0x3A | 0x3B | 0x3F => MARK,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The words and the punctuation of `text`.
pub(crate) fn words(text: &str) -> Words<'_> {
    let (bytes, runs) = (text.as_bytes(), Alphanumerics::of(text));
    let class = |at: usize| bytes.get(at).map_or(SPACE, |byte| CLASSES[usize::from(*byte)]);
    // There is a mark for every few words.
    let mut words = Words::with_room(runs.runs() * 5 / 4);
    let mut at = 0;
    loop {
        let start = at;
        at = runs.run_end(at);
        // Nearly all that stands between white space is a word, or a word and one mark.
        match class(at) {
            SPACE => {
                if at > start {
                    words.push_at(text, Span::new(start, at));
                }
                if at >= bytes.len() {
                    return words;
                }
                at += 1;
            }
            MARK if at > start && class(at + 1) == SPACE => {
                words.push_at(text, Span::new(start, at));
                words.push_at(text, Span::new(at, at + 1));
                at += 2;
            }
            _ => match python::split(&text[start..]).next() {
                Some(chunk) => {
                    at = start + chunk.end;
                    cut(text, Span::new(start + chunk.start, at), &mut words);
                }
                None => return words,
            },
        }
    }
}

/// What stands between white space: marks before and behind are words of their own.
fn cut<'t>(text: &'t str, chunk: Span, words: &mut Words<'t>) {
    let Span { mut start, mut end } = chunk;
    while let Some(length) = mark_before(&text[start..end]) {
        push(text, Span::new(start, start + length), words);
        start += length;
    }
    let behind = end;
    while let Some(length) = mark_behind(&text[start..end]) {
        end -= length;
    }
    middle(text, Span::new(start, end), words);
    let mut at = end;
    while at < behind {
        let length = mark_length(&text[at..behind]);
        push(text, Span::new(at, at + length), words);
        at += length;
    }
}

fn push<'t>(text: &'t str, span: Span, words: &mut Words<'t>) {
    if !span.is_empty() {
        words.push_at(text, span);
    }
}

/// A mark that stands at a word's start or end, other than a dot.
const fn is_mark(c: char) -> bool {
    matches!(
        c,
        ',' | ':' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '_' | '#'
    ) || matches!(c, '*' | '&' | '\'' | '"' | '`' | '\u{2026}' | '\u{201c}' | '\u{201d}')
        || matches!(c, '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}' | '\u{3001}' | '\u{3002}')
        || matches!(c, '\u{ff01}' | '\u{ff0c}' | '\u{ff1f}' | '\u{2022}' | '\u{b7}' | '\u{bf}')
}

/// How long the mark is with which `text` starts; dots in a row are one.
fn mark_length(text: &str) -> usize {
    if text.starts_with('.') {
        return text.bytes().take_while(|byte| *byte == b'.').count();
    }
    text.chars().next().map_or(1, char::len_utf8)
}

fn mark_before(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let is_before = is_mark(first)
        || matches!(first, '%' | '=' | '$' | '+' | '\u{a7}' | '\u{2013}' | '\u{2014}' | '\u{20ac}')
        || text.starts_with("..");
    is_before.then(|| mark_length(text))
}

fn mark_behind(text: &str) -> Option<usize> {
    let last = text.chars().next_back()?;
    if last == '.' {
        return Some(text.bytes().rev().take_while(|byte| *byte == b'.').count());
    }
    let is_behind =
        is_mark(last) || matches!(last, '%' | '$' | '\u{2013}' | '\u{2014}' | '\u{20ac}');
    is_behind.then(|| last.len_utf8())
}

/// What is left of a chunk: one word, or several joined by dashes, slashes and the like.
fn middle<'t>(text: &'t str, span: Span, words: &mut Words<'t>) {
    let word = span.of(text);
    if (word.as_bytes().contains(&b':') && word.contains("://")) || word.starts_with("www.") {
        return push(text, span, words);
    }
    let mut start = span.start;
    let mut before = None;
    let mut rest = word.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map(|(_, c)| *c);
        if !c.is_alphanumeric()
            && let (Some(before), Some(after)) = (before, after)
            && is_joint(before, c, after)
        {
            let at = span.start + at;
            contracted(text, Span::new(start, at), words);
            push(text, Span::new(at, at + c.len_utf8()), words);
            start = at + c.len_utf8();
        }
        before = Some(c);
    }
    contracted(text, Span::new(start, span.end), words);
}

/// Whether a word ends before `c` and another starts behind it.
fn is_joint(before: char, c: char, after: char) -> bool {
    match c {
        '.' => before.is_lowercase() && after.is_uppercase(),
        ',' | '-' | '~' | '\u{2013}' | '\u{2014}' => {
            before.is_alphabetic() && after.is_alphabetic()
        }
        ':' | '<' | '>' | '=' | '/' => before.is_alphanumeric() && after.is_alphabetic(),
        '+' | '*' | '^' => before.is_ascii_digit() && after.is_ascii_digit(),
        '\u{2026}' => true,
        _ => false,
    }
}

/// A word, and the contraction at its end.
fn contracted<'t>(text: &'t str, span: Span, words: &mut Words<'t>) {
    let word = span.of(text);
    let end = if word.as_bytes().contains(&b'\'') {
        CONTRACTIONS.iter().find(|end| word.len() > end.len() && word.ends_with(**end))
    } else {
        None
    };
    let cut = span.end - end.map_or(0, |end| end.len());
    push(text, Span::new(span.start, cut), words);
    push(text, Span::new(cut, span.end), words);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        let words = words(text);
        words.spans.iter().map(|span| span.of(text)).collect()
    }

    /// What spaCy 3.8 gives for `spacy.blank("en")` by its documented rules.
    #[test]
    fn common_shapes_are_cut_as_spacy_does() {
        assert_eq!(tokens("Hello, world!"), ["Hello", ",", "world", "!"]);
        assert_eq!(tokens("(see \"notes\")."), ["(", "see", "\"", "notes", "\"", ")", "."]);
        assert_eq!(tokens("don't it's"), ["do", "n't", "it", "'s"]);
        assert_eq!(tokens("well-known 3.14 1,000"), ["well", "-", "known", "3.14", "1,000"]);
        assert_eq!(tokens("wait... what"), ["wait", "...", "what"]);
        assert_eq!(tokens("and/or end.Start"), ["and", "/", "or", "end", ".", "Start"]);
        assert_eq!(tokens("https://a.example/b-c."), ["https://a.example/b-c", "."]);
        assert_eq!(tokens("foo.rs ## ..."), ["foo.rs", "#", "#", "..."]);
        assert_eq!(tokens("''"), ["'", "'"]);
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_left_out(text in "[ab.'\\-/:…é \n]{0,40}") {
            let joined = tokens(&text).concat();
            let expected: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(joined, expected);
        }
    }
}
