//! Lines and the white space in them.

use crate::Span;
use crate::rules::rule::{Hit, Line};
use crate::rules::sink::Sink;

const LONG_LINE: usize = 1000;

/// How many single letters in a row are a word that was set apart.
const SPACED_LETTERS: usize = 5;

pub(crate) fn trailing_space(line: &Line<'_>, sink: &mut Sink<'_>) {
    let bytes = line.text.as_bytes();
    if !line.is_ended || !matches!(bytes.last(), Some(b' ' | b'\t')) {
        return;
    }
    let kept = line.text.trim_end_matches([' ', '\t']).len();
    let is_break = kept > 0 && line.text.get(kept..) == Some("  ");
    if !is_break {
        sink.push(Span::new(kept, bytes.len()), "white space at the end of a line");
    }
}

pub(crate) fn mixed_indent(line: &Line<'_>, sink: &mut Sink<'_>) {
    if !line.is_start || !matches!(line.text.as_bytes().first(), Some(b' ' | b'\t')) {
        return;
    }
    let end = line.text.len() - line.text.trim_start_matches([' ', '\t']).len();
    let indent = line.text.get(..end).unwrap_or_default();
    // Spaces behind tabs align what follows, which is a style of its own.
    if indent.trim_start_matches('\t').contains('\t') && end < line.text.len() {
        sink.push(Span::new(0, end), "a tab follows spaces in the indentation");
    }
}

pub(crate) fn hard_tab_list(line: &Line<'_>, sink: &mut Sink<'_>) {
    let rest = line.text.trim_start_matches([' ', '\t']);
    let indent = line.text.len() - rest.len();
    let mark = match rest.as_bytes().first() {
        Some(b'-' | b'*' | b'+') if line.is_start => 1,
        _ => return,
    };
    let is_item = matches!(rest.as_bytes().get(mark), Some(b' ' | b'\t'));
    let has_tab = line.text.get(..indent).is_some_and(|indent| indent.contains('\t'))
        || rest.as_bytes().get(mark) == Some(&b'\t');
    if is_item && has_tab {
        sink.push(Span::new(0, indent + mark + 1), "an item of a list with a tab");
    }
}

pub(crate) fn long_line(line: &Line<'_>, sink: &mut Sink<'_>) {
    if !line.is_start || line.text.len() <= LONG_LINE {
        return;
    }
    if let Some((limit, _)) = line.text.char_indices().nth(LONG_LINE) {
        sink.push(Span::new(limit, line.text.len()), "this line has more than 1,000 characters");
    }
}

pub(crate) fn spaced_letters(line: &Line<'_>, sink: &mut Sink<'_>) {
    let bytes = line.text.as_bytes();
    if !bytes.as_chunks::<4>().0.iter().any(is_spaced) {
        return;
    }
    let mut at = 0;
    while at + 2 * SPACED_LETTERS <= bytes.len() + 1 {
        if !is_single(bytes, at) {
            at += 1;
            continue;
        }
        let start = at;
        while is_single(bytes, at) {
            at += 2;
        }
        let letters = (at - start) / 2;
        let end = at - 1;
        let is_different = bytes
            .get(start..end)
            .is_some_and(|run| run.iter().any(|byte| *byte != run[0] && *byte != b' '));
        if letters >= SPACED_LETTERS && is_different {
            sink.push(
                Span::new(start, end),
                format_args!("{letters} letters with spaces between them"),
            );
        }
    }
}

/// Whether every other byte is a space. Five letters set apart hold four such bytes wherever the
/// bytes are cut into fours, and nearly all lines do not.
fn is_spaced(bytes: &[u8; 4]) -> bool {
    let four = u32::from_le_bytes(*bytes);
    four & 0x00FF_00FF == 0x0020_0020 || four & 0xFF00_FF00 == 0x2000_2000
}

/// Whether a letter stands alone at `at`.
fn is_single(bytes: &[u8], at: usize) -> bool {
    let is_open = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_none_or(|byte| matches!(byte, b' ' | b'.' | b',' | b'!'))
    };
    bytes.get(at).is_some_and(u8::is_ascii_alphabetic)
        && (at == 0 || bytes.get(at - 1) == Some(&b' '))
        && is_open(Some(at + 1))
}

pub(crate) fn exclamations(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let bytes = hit.window.as_bytes();
    let is_mark = |byte: &u8| matches!(byte, b'!' | b'?');
    if hit.span.start > 0 && bytes.get(hit.span.start - 1).is_some_and(is_mark) {
        return;
    }
    let rest = bytes.get(hit.span.start..).unwrap_or_default();
    let length = rest.iter().position(|byte| !is_mark(byte)).unwrap_or(rest.len());
    let before = hit.span.start.checked_sub(1).and_then(|at| bytes.get(at));
    let after = rest.get(length);
    // `a!!` is a mark behind a word; `!!a`, `??=` and `${a??b}` are code.
    let is_prose = before
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'"' | b')'))
        && after
            .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b')' | b'<'));
    if is_prose && length > 1 {
        let span = Span::new(hit.span.start, hit.span.start + length);
        sink.push(span, format_args!("{length} exclamation or question marks in a row"));
    }
}
