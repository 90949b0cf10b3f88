//! Lines of reStructuredText.

use crate::Span;

/// A line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Where it starts, with its indentation.
    pub(super) start: usize,
    /// Behind it, without its line end.
    pub(super) end: usize,
    /// How far it is indented, a tab as eight.
    pub(super) indent: usize,
    /// Without white space at both ends.
    pub(super) text: Span,
}

pub(super) fn lines(source: &str) -> Vec<Line> {
    let mut start = 0;
    let mut lines = Vec::with_capacity(source.len() / 40);
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim_end();
        let text = trimmed.trim_start();
        let lead = &line[..trimmed.len() - text.len()];
        let tabs = memchr::memchr_iter(b'\t', lead.as_bytes()).count();
        let end = start + trimmed.len();
        lines.push(Line {
            start,
            end,
            indent: lead.len() + 7 * tabs,
            text: Span::new(end - text.len(), end),
        });
        start += line.len();
    }
    lines
}

/// The character that the line repeats, at least twice and without others.
pub(super) fn adornment(text: &str) -> Option<u8> {
    let (first, rest) = text.as_bytes().split_first()?;
    let is_line = first.is_ascii_punctuation() && rest.iter().all(|byte| byte == first);
    (is_line && !rest.is_empty() && text != "::" && text != "..").then_some(*first)
}

/// A border such as `+---+---+`.
pub(super) fn is_grid_border(text: &str) -> bool {
    text.len() >= 3
        && text.starts_with("+-")
        && text.ends_with('+')
        && text.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'='))
}

/// A border such as `==== ====`; one column alone would be an adornment.
pub(super) fn is_simple_border(text: &str) -> bool {
    text.starts_with("==")
        && text.contains(' ')
        && text.bytes().all(|byte| matches!(byte, b'=' | b' '))
}

/// How long the name of a field such as `:name: text` is, with its colons; 0 where there is none.
pub(super) fn field(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(':') else { return 0 };
    let Some(length) = rest.bytes().take(80).position(|byte| byte == b':') else { return 0 };
    let is_name = length > 0 && !rest.starts_with(' ');
    let is_ended = matches!(rest.as_bytes().get(length + 1), None | Some(b' '));
    if is_name && is_ended { length + 2 } else { 0 }
}
