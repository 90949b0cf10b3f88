//! The tags of HTML, where they stand.

use crate::Span;

use super::entity;

/// A part of HTML: text, or a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Span),
    Start(Span),
    End(Span),
    /// A comment, a declaration.
    Other(Span),
}

/// Splits a stretch of `source` into parts, as the tokenizer of HTML 5 does, but without its states
/// for scripts: who reads must [skip](Self::skip_to_end_of) these.
#[derive(Debug)]
pub(crate) struct Parts<'t> {
    source: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Parts<'t> {
    pub(crate) fn new(source: &'t str, span: Span) -> Self {
        Self { source, at: span.start, end: span.end }
    }

    /// What is next is all text up to the end tag of `name`, or all.
    pub(crate) fn skip_to_end_of(&mut self, name: &str) -> Span {
        let start = self.at;
        let rest = self.source.as_bytes().get(start..self.end).unwrap_or_default();
        let found = memchr::memmem::find_iter(rest, b"</").find(|at| {
            let candidate = rest.get(at + 2..at + 2 + name.len()).unwrap_or_default();
            candidate.eq_ignore_ascii_case(name.as_bytes())
        });
        self.at = found.map_or(self.end, |at| start + at);
        Span::new(start, self.at)
    }

    /// Where a tag that starts at `start` ends: behind the first `>` outside of quotation marks.
    fn tag_end(&self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = start;
        while let Some(found) =
            memchr::memchr3(b'>', b'"', b'\'', bytes.get(at..self.end).unwrap_or_default())
        {
            at += found;
            let quote = bytes[at];
            if quote == b'>' {
                return at + 1;
            }
            at += 1;
            // A quotation mark quotes only behind an equals sign.
            let is_value = bytes
                .get(start..at - 1)
                .is_some_and(|before| before.trim_ascii_end().ends_with(b"="));
            if is_value {
                let Some(closing) =
                    memchr::memchr(quote, bytes.get(at..self.end).unwrap_or_default())
                else {
                    return self.end;
                };
                at += closing + 1;
            }
        }
        self.end
    }

    fn behind(&self, start: usize, mark: &[u8]) -> usize {
        let rest = self.source.as_bytes().get(start..self.end).unwrap_or_default();
        memchr::memmem::find(rest, mark).map_or(self.end, |at| start + at + mark.len())
    }

    fn markup(&mut self, start: usize) -> Option<Part> {
        let rest = self.source.as_bytes().get(start..self.end)?;
        let (part, end): (fn(Span) -> Part, usize) = match rest {
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                (Part::Start, self.tag_end(start + 1))
            }
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                (Part::End, self.tag_end(start + 1))
            }
            [b'<', b'!', b'-', b'-', b'>', ..] => (Part::Other, start + 5),
            [b'<', b'!', b'-', b'-', ..] => (Part::Other, self.behind(start + 4, b"-->")),
            [b'<', b'!' | b'?' | b'/', ..] => (Part::Other, self.behind(start + 2, b">")),
            _ => return None,
        };
        self.at = end;
        Some(part(Span::new(start, end)))
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let start = self.at;
        if start >= self.end {
            return None;
        }
        let bytes = self.source.as_bytes();
        let mut at = start;
        while let Some(found) = memchr::memchr(b'<', bytes.get(at..self.end).unwrap_or_default()) {
            at += found;
            let is_markup = bytes.get(at + 1).is_some_and(|next| {
                at + 1 < self.end
                    && (next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | b'/'))
            });
            if is_markup && at > start {
                self.at = at;
                return Some(Part::Text(Span::new(start, at)));
            }
            if is_markup && let Some(part) = self.markup(at) {
                return Some(part);
            }
            at += 1;
        }
        self.at = self.end;
        Some(Part::Text(Span::new(start, self.end)))
    }
}

/// The name of a tag in lower case, without its brackets.
pub(crate) fn name(tag: &str) -> String {
    let inner = tag.trim_start_matches(['<', '/']);
    let end = inner.find(|at: char| at.is_ascii_whitespace() || matches!(at, '>' | '/'));
    inner.get(..end.unwrap_or(inner.len())).unwrap_or_default().to_ascii_lowercase()
}

/// The attributes of a start tag: names in lower case, values decoded.
pub(crate) fn attributes(tag: &str) -> Vec<(String, String)> {
    let is_end = |at: char| at.is_ascii_whitespace() || matches!(at, '>' | '/');
    let mut rest = tag.find(is_end).map_or("", |at| &tag[at..]);
    let mut attributes = Vec::new();
    loop {
        rest =
            rest.trim_start_matches(|at: char| at.is_ascii_whitespace() || matches!(at, '/' | '>'));
        if rest.is_empty() {
            return attributes;
        }
        let end = rest.find(|at: char| is_end(at) || at == '=').unwrap_or(rest.len());
        // A name may start with an equals sign, which so always makes progress.
        let end = if end == 0 { 1 } else { end };
        let (name, behind) = rest.split_at(end);
        let behind_space = behind.trim_start_matches(|at: char| at.is_ascii_whitespace());
        let Some(value) = behind_space.strip_prefix('=') else {
            attributes.push((name.to_ascii_lowercase(), String::new()));
            rest = behind;
            continue;
        };
        let (value, behind) =
            value_of(value.trim_start_matches(|at: char| at.is_ascii_whitespace()));
        attributes.push((name.to_ascii_lowercase(), decode(value)));
        rest = behind;
    }
}

fn value_of(text: &str) -> (&str, &str) {
    match text.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
        Some(quote) => {
            let inner = &text[1..];
            inner.split_once(quote).unwrap_or((inner, ""))
        }
        None => {
            let end = text.find(|at: char| at.is_ascii_whitespace() || at == '>');
            text.split_at(end.unwrap_or(text.len()))
        }
    }
}

fn decode(value: &str) -> String {
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        match entity::decode(rest) {
            Some((text, length)) => {
                decoded.push_str(&text);
                rest = &rest[length..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}
