//! Markup inside of the lines of reStructuredText.

use memchr::memmem;

use crate::Span;

use super::super::sink::Sink;

/// Roles whose text is prose; that of all others names code.
const PROSE: &[&str] = &[
    "abbr",
    "dfn",
    "doc",
    "emphasis",
    "guilabel",
    "menuselection",
    "ref",
    "strong",
    "sub",
    "subscript",
    "sup",
    "superscript",
    "t",
    "term",
    "title",
    "title-reference",
];

/// Reads text with markup; line ends in it stay.
pub(super) fn read(sink: &mut Sink<'_>, span: Span) {
    let source = sink.source();
    Reader { sink, source, at: span.start, from: span.start, end: span.end, missing: [false; 3] }
        .read();
}

struct Reader<'s, 't> {
    sink: &'s mut Sink<'t>,
    source: &'t str,
    at: usize,
    /// Where what was not given to the sink starts.
    from: usize,
    end: usize,
    /// Which closing marks do not follow any more: looking for them again would take square time.
    missing: [bool; 3],
}

/// Bytes that may start markup.
const MARKS: [bool; 256] = marks();

const fn marks() -> [bool; 256] {
    let mut table = [false; 256];
    let mut bytes: &[u8] = b"`:*|_\\[";
    while let [byte, rest @ ..] = bytes {
        table[*byte as usize] = true;
        bytes = rest;
    }
    table
}

/// Index into `missing`.
const LITERAL: usize = 0;
const INTERPRETED: usize = 1;
const SUBSTITUTION: usize = 2;

impl Reader<'_, '_> {
    fn read(&mut self) {
        let bytes = self.source.as_bytes();
        while self.at < self.end {
            match bytes[self.at] {
                b'`' if self.rest().starts_with("``") => self.literal(),
                b'`' => self.interpreted(0),
                b':' => self.role(),
                b'*' => self.mark(1),
                b'|' => self.substitution(),
                b'_' => self.reference(),
                b'\\' => {
                    self.mark(1);
                    let escaped = self.rest().chars().next().map_or(0, char::len_utf8);
                    self.at += escaped;
                }
                b'[' => self.footnote(),
                _ => {
                    let rest = bytes.get(self.at..self.end).unwrap_or_default();
                    let is_mark = |byte: &u8| MARKS[usize::from(*byte)];
                    self.at += rest.iter().position(is_mark).unwrap_or(rest.len());
                }
            }
        }
        self.flush(self.end);
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    /// Gives the sink all text before `to`.
    fn flush(&mut self, to: usize) {
        self.sink.copy_collapsed(Span::new(self.from, to));
        self.from = to;
    }

    /// Leaves out what the next bytes hold.
    fn mark(&mut self, length: usize) {
        self.flush(self.at);
        self.at = std::cmp::min(self.at + length, self.end);
        self.from = self.at;
    }

    fn find(&mut self, kind: usize, offset: usize, mark: &str) -> Option<usize> {
        if self.missing[kind] {
            return None;
        }
        let rest = self.source.as_bytes().get(self.at + offset..self.end).unwrap_or_default();
        let found = memmem::find(rest, mark.as_bytes());
        self.missing[kind] = found.is_none();
        found.map(|length| self.at + offset + length)
    }

    fn literal(&mut self) {
        let Some(close) = self.find(LITERAL, 2, "``") else { return self.at += 2 };
        self.code(Span::new(self.at + 2, close), close + 2);
    }

    fn code(&mut self, content: Span, behind: usize) {
        self.flush(self.at);
        let code = content.of(self.source);
        self.sink.inline_code(Span::new(self.at, behind), code);
        self.at = behind;
        self.from = behind;
    }

    /// A role such as `:ref:` before a text in back quotes.
    fn role(&mut self) {
        let name = self.rest().get(1..).unwrap_or_default();
        let is_part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.' | b'+')
        };
        let length = name.bytes().take(40).take_while(|byte| is_part(byte)).count();
        let has_role = name.as_bytes().get(length) == Some(&b'`')
            && name.get(..length).is_some_and(|name| name.ends_with(':'));
        if !has_role {
            self.at += 1;
            return;
        }
        self.interpreted(length + 1);
    }

    /// Text in back quotes, `role` bytes of a role before it.
    fn interpreted(&mut self, role: usize) {
        let open = self.at + role;
        let Some(close) = self.find(INTERPRETED, role + 1, "`") else { return self.at = open + 1 };
        let content = Span::new(open + 1, close);
        let underscores = self.source.as_bytes().get(close + 1..self.end).unwrap_or_default();
        let underscores = underscores.iter().take(2).take_while(|byte| **byte == b'_').count();
        let behind = close + 1 + underscores;
        let name = self.source.get(self.at..open).unwrap_or_default().trim_matches(':');
        if role > 0 && !PROSE.contains(&name) {
            return self.code(content, behind);
        }
        self.flush(self.at);
        let span = Span::new(self.at, behind);
        self.link(content, span, role > 0 || underscores > 0);
        self.at = behind;
        self.from = behind;
    }

    /// Shown text, with its target in angle brackets where it has one.
    fn link(&mut self, content: Span, span: Span, is_link: bool) {
        let text = content.of(self.source);
        let target = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
        let (shown, target) = match target {
            Some((shown, target)) => (shown, target),
            None => (text, if is_link { text } else { "" }),
        };
        if is_link {
            self.sink.begin_link(span, target.to_owned());
        }
        self.sink.copy_collapsed(Span::new(content.start, content.start + shown.trim_end().len()));
        if is_link {
            self.sink.end_link(span.end);
        }
    }

    fn substitution(&mut self) {
        let follows = self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
        let close = if follows { self.find(SUBSTITUTION, 1, "|") } else { None };
        let Some(close) = close else { return self.at += 1 };
        self.mark(close + 1 - self.at);
        self.sink.gap();
    }

    /// The underscore behind the name of a target.
    fn reference(&mut self) {
        let bytes = self.source.as_bytes();
        let before = self.at.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(self.at + 1).filter(|_| self.at + 1 < self.end);
        let is_behind_word = before.is_some_and(u8::is_ascii_alphanumeric);
        let is_before_end = after.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        if is_behind_word && is_before_end {
            self.mark(1);
        } else {
            self.at += 1;
        }
    }

    /// A reference such as `[1]_`.
    fn footnote(&mut self) {
        let label = self.rest().bytes().take(40).position(|byte| byte == b']');
        let is_reference = |close: &usize| self.rest().as_bytes().get(close + 1) == Some(&b'_');
        match label.filter(is_reference) {
            Some(close) => self.mark(close + 2),
            None => self.at += 1,
        }
    }
}
