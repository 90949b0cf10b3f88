//! Characters that are not what they seem.

use crate::rules::rule::{Hit, Line};
use crate::rules::sink::Sink;
use crate::{Document, Span};

/// How UTF-8 looks that was read as Windows-1252, for the characters that are frequent.
pub(crate) const MOJIBAKE: &[&str] = &[
    "Ã©",
    "Ã¨",
    "Ã¤",
    "Ã¶",
    "Ã¼",
    "ÃŸ",
    "Ã±",
    "Ã§",
    "Ã¡",
    "Ã³",
    "Ã\u{ad}",
    "Ãº",
    "Ã¢",
    "Ãª",
    "Ã®",
    "Ã´",
    "Ã»",
    "Ã«",
    "Ã¯",
    "Ã¥",
    "Ã¸",
    "Ã¦",
    "Ã–",
    "Ãœ",
    "Ã„",
    "â€™",
    "â€œ",
    "â€\u{9d}",
    "â€“",
    "â€”",
    "â€¦",
    "â€¢",
    "â€˜",
    "Â©",
    "Â®",
    "Â°",
    "Â»",
    "Â«",
    "Â·",
    "ï»¿",
    "ï¿½",
];

pub(crate) fn mojibake(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let message =
        format_args!("“{}” is a character that was decoded wrongly", hit.span.of(hit.window));
    sink.push(hit.span, message);
}

pub(crate) fn replacement(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let before = hit.window.get(..hit.span.start).unwrap_or_default();
    if before.ends_with('\u{fffd}') {
        return;
    }
    let rest = hit.window.get(hit.span.start..).unwrap_or_default();
    let end = rest.find(|character| character != '\u{fffd}').unwrap_or(rest.len());
    let span = Span::new(hit.span.start, hit.span.start + end);
    sink.push(span, "U+FFFD stands for characters that were lost");
}

pub(crate) fn invisible(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let character = hit.span.of(hit.window).chars().next().unwrap_or_default();
    let before = hit.window.get(..hit.span.start).unwrap_or_default().chars().next_back();
    let after = hit.window.get(hit.span.end..).unwrap_or_default().chars().next();
    let is_script = |side: Option<char>| side.is_some_and(|side| !side.is_ascii());
    // Joiners belong to emoji and to scripts that join letters; a byte order mark to the start.
    let joins = matches!(character, '\u{200c}' | '\u{200d}');
    let is_meant = (joins && (is_script(before) || is_script(after)))
        || (character == '\u{feff}' && before.is_none());
    if !is_meant {
        sink.push(hit.span, format_args!("U+{:04X} cannot be seen", u32::from(character)));
    }
}

pub(crate) fn bidirectional(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let character = hit.span.of(hit.window).chars().next().unwrap_or_default();
    let message = format_args!("U+{:04X} changes the direction of writing", u32::from(character));
    sink.push(hit.span, message);
}

pub(crate) fn control(line: &Line<'_>, sink: &mut Sink<'_>) {
    let is_control =
        |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\r' | 0x0c)) || *byte == 0x7f;
    let bytes = line.text.as_bytes();
    // A whole line without one is the rule, and this finds out several bytes at a time.
    let suspects = bytes.iter().fold(false, |any, byte| any | is_control(byte) | (*byte == 0xc2));
    if !suspects {
        return;
    }
    for (at, character) in line.text.char_indices() {
        let is_found = match u8::try_from(character) {
            Ok(byte) if byte < 0x80 => is_control(&byte),
            _ => ('\u{80}'..='\u{9f}').contains(&character),
        };
        if is_found {
            let span = Span::new(at, at + character.len_utf8());
            sink.push(span, format_args!("U+{:04X} is a control character", u32::from(character)));
        }
    }
}

pub(crate) fn quotes(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let found = hit.span.of(hit.window);
    if found != "''" {
        sink.push(hit.span, format_args!("“{found}” was escaped twice"));
        return;
    }
    if hit.window.as_bytes().get(..hit.span.start).is_some_and(|before| before.ends_with(b"'")) {
        return;
    }
    // The quotes of TeX: two back quotes, some words, two straight ones.
    let from = hit.window.floor_char_boundary(hit.span.start.saturating_sub(120));
    let before = hit.window.get(from..hit.span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let Some(open) = line.rfind("``") else { return };
    let quoted = line.get(open + 2..).unwrap_or_default();
    if !quoted.is_empty()
        && !quoted.contains(['`', '\''])
        && !line.get(..open).is_some_and(|line| line.ends_with('`'))
    {
        let start = hit.span.start - (line.len() - open);
        sink.push(Span::new(start, hit.span.end), "these quotation marks are those of TeX");
    }
}

pub(crate) fn mixed_line_ends(document: &Document<'_>, sink: &mut Sink<'_>) {
    let bytes = document.text.as_bytes();
    let (mut with, mut without) = ((0_usize, 0), (0_usize, 0));
    for end in memchr::memchr_iter(b'\n', bytes) {
        let is_crlf = end > 0 && bytes.get(end - 1) == Some(&b'\r');
        let (count, first) = if is_crlf { &mut with } else { &mut without };
        if *count == 0 {
            *first = end;
        }
        *count += 1;
    }
    if with.0 == 0 || without.0 == 0 {
        return;
    }
    let rarer = std::cmp::min(with, without);
    let message = format_args!(
        "{} lines end with CR LF and {} with LF; the first that differs is here",
        with.0, without.0
    );
    sink.push(Span::new(rarer.1, rarer.1 + 1), message);
}
