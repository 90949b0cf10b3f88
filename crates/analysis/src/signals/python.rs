//! Text as Python sees it: the published signals are defined by what `str` does there.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::Span;

/// Ideographs that are numbers; `char::is_numeric` knows only the categories Nd, Nl and No.
/// Source: the numeric types of the Unicode Character Database 14.
const NUMERIC_IDEOGRAPHS: &str = "\u{3405}\u{3483}\u{382a}\u{3b4d}\u{4e00}\u{4e03}\u{4e07}\u{4e09}\
    \u{4e5d}\u{4e8c}\u{4e94}\u{4e96}\u{4ebf}\u{4ec0}\u{4edf}\u{4ee8}\u{4f0d}\u{4f70}\u{5104}\
    \u{5146}\u{5169}\u{516b}\u{516d}\u{5341}\u{5343}\u{5344}\u{5345}\u{534c}\u{53c1}\u{53c2}\
    \u{53c3}\u{53c4}\u{56db}\u{58f1}\u{58f9}\u{5e7a}\u{5efe}\u{5eff}\u{5f0c}\u{5f0d}\u{5f0e}\
    \u{5f10}\u{62fe}\u{634c}\u{67d2}\u{6f06}\u{7396}\u{767e}\u{8086}\u{842c}\u{8cae}\u{8cb3}\
    \u{8d30}\u{9621}\u{9646}\u{964c}\u{9678}\u{96f6}\u{f96b}\u{f973}\u{f978}\u{f9b2}\u{f9d1}\
    \u{f9d3}\u{f9fd}\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}\
    \u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}";

/// `str.isspace` of one character, and `\s` of `re`.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `str.isalpha` of one character: the letter categories, fewer than `char::is_alphabetic`.
pub(crate) fn is_alpha(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    c.is_alphabetic() && c.general_category_group() == GeneralCategoryGroup::Letter
}

/// `str.isnumeric` of one character.
pub(crate) fn is_numeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    c.is_numeric() || (u32::from(c) >= 0x3405 && NUMERIC_IDEOGRAPHS.contains(c))
}

/// `\w` of `re`: marks that combine are not part of it.
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    is_alpha(c) || is_numeric(c)
}

/// `str.isupper`: a capital, and no cased character that is not one.
pub(crate) fn is_upper(text: &str) -> bool {
    let mut has_capital = false;
    for c in text.chars() {
        if c.is_lowercase() || is_title(c) {
            return false;
        }
        has_capital |= c.is_uppercase();
    }
    has_capital
}

/// The category Lt: a capital and a small letter in one character.
fn is_title(c: char) -> bool {
    matches!(u32::from(c), 0x1c5 | 0x1c8 | 0x1cb | 0x1f2 | 0x1fbc | 0x1fcc | 0x1ffc)
        || matches!(u32::from(c), 0x1f88..=0x1f8f | 0x1f98..=0x1f9f | 0x1fa8..=0x1faf)
}

/// `str.strip`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `str.lstrip`.
pub(crate) fn strip_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// `str.rstrip`.
pub(crate) fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// `len` of a string.
pub(crate) fn length(text: &str) -> usize {
    text.chars().count()
}

/// `str.split()`: the spans between white space.
pub(crate) fn split(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + space_length(&text[at..]);
        if start == text.len() {
            at = start;
            return None;
        }
        at = start + word_length(&text[start..]);
        Some(Span::new(start, at))
    })
}

fn space_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii() {
            if !is_ascii_space(*byte) {
                return at;
            }
            at += 1;
        } else {
            match text[at..].chars().next() {
                Some(c) if is_space(c) => at += c.len_utf8(),
                _ => return at,
            }
        }
    }
    at
}

fn word_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii() {
            if is_ascii_space(*byte) {
                return at;
            }
            at += 1;
        } else {
            match text[at..].chars().next() {
                Some(c) if !is_space(c) => at += c.len_utf8(),
                _ => return at,
            }
        }
    }
    at
}

const fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 28..=32)
}

/// `str.splitlines()`: more characters end a line than in most other places.
pub(crate) fn split_lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == text.len() {
            return None;
        }
        let start = at;
        let (end, next) = line_end(text, start);
        at = next;
        Some(Span::new(start, end))
    })
}

/// Where the line that starts at `start` ends, and where the next one starts.
fn line_end(text: &str, start: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at += plain_length(&bytes[at..]);
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b' '..0xc2 => at += 1,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => return (at, at + 2),
            b'\n'..=b'\r' | 0x1c..=0x1e => return (at, at + 1),
            // U+0085, and U+2028 with U+2029, by their bytes.
            0xc2 if bytes.get(at + 1) == Some(&0x85) => return (at, at + 2),
            0xe2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])) => {
                return (at, at + 3);
            }
            _ => at += 1,
        }
    }
    (at, at)
}

/// How many bytes at the start are printable ASCII, in whole eights: no line ends there.
fn plain_length(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const SPACES: u64 = 0x2020_2020_2020_2020;
    let is_plain = |eight: &&[u8; 8]| {
        let eight = u64::from_le_bytes(**eight);
        // The high bit of a byte shows where it is no ASCII, or has borrowed because it is small.
        (eight | eight.wrapping_sub(SPACES)) & HIGH == 0
    };
    bytes.as_chunks().0.iter().take_while(is_plain).count() * 8
}

/// `str.split("\n")`.
pub(crate) fn split_newlines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())).map(move |end| {
        let line = Span::new(start, end);
        start = end + 1;
        line
    })
}

/// `re.split("\n{least,}")`.
pub(crate) fn split_newline_runs(text: &str, least: usize) -> impl Iterator<Item = Span> {
    let bytes = text.as_bytes();
    let (mut start, mut from) = (Some(0), 0);
    std::iter::from_fn(move || {
        let part = start?;
        while let Some(found) = bytes.get(from..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            let run = from + found;
            let newlines = bytes[run..].iter().take_while(|byte| **byte == b'\n').count();
            from = run + newlines;
            if newlines >= least {
                start = Some(from);
                return Some(Span::new(part, run));
            }
        }
        start = None;
        Some(Span::new(part, bytes.len()))
    })
}

/// `round(value, 8)`: to the nearest decimal of the exact value, as Python does.
pub(crate) fn round_8(value: f64) -> f64 {
    if value.fract() == 0.0 {
        return value;
    }
    format!("{value:.8}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests;
