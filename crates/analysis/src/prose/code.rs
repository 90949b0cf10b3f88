//! Source code: its comments, without knowing the language.
//!
//! Which marks start a comment is decided once for a file by how its lines start: `//` and `/* */`,
//! `#` with Python's docstrings, or `--`. Strings are skipped. Comments on lines that follow each
//! other are one block; an empty comment separates paragraphs.

use crate::{BlockKind, Span};

use super::sink::Sink;

/// How comments look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// `//`, `/* */`.
    Slash,
    /// `#`, and `"""` where a statement could start.
    Hash,
    /// `--`, `/* */`.
    Dash,
}

pub(crate) fn read(sink: &mut Sink<'_>) {
    let source = sink.source();
    let mut reader = Reader { source, family: family(source), at: 0, line: 0, comment: 0, sink };
    reader.read();
    reader.sink.end_block();
}

fn family(source: &str) -> Family {
    let (mut slash, mut hash, mut dash) = (0_usize, 0_usize, 0_usize);
    for line in source.lines() {
        let line = line.trim_start().as_bytes();
        match line {
            [b'/', b'/' | b'*', ..] => slash += 1,
            [b'#'] | [b'#', b' ' | b'!' | b'#', ..] => hash += 1,
            [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] => hash += 1,
            [b'-', b'-', b' ' | b'[', ..] => dash += 1,
            _ => {}
        }
    }
    if slash >= hash && slash >= dash {
        Family::Slash
    } else if hash >= dash {
        Family::Hash
    } else {
        Family::Dash
    }
}

struct Reader<'s, 't> {
    sink: &'s mut Sink<'t>,
    source: &'t str,
    family: Family,
    at: usize,
    /// Which line `at` is in, and in which the last comment ended.
    line: usize,
    comment: usize,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let bytes = self.source.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b'\\' => self.at += 2,
                b'"' | b'\'' | b'`' => self.quoted(*byte),
                b'/' | b'#' | b'-' => self.mark(),
                _ => self.at += 1,
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Whether only white space stands before this on its line.
    fn is_first(&self) -> bool {
        let before = self.source.as_bytes().get(..self.at).unwrap_or_default();
        let blank = before.iter().rev().take(256).find(|byte| !matches!(byte, b' ' | b'\t'));
        blank.is_none_or(|byte| *byte == b'\n')
    }

    fn is_behind_space(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.source.as_bytes().get(at));
        before.is_none_or(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, b';' | b'{' | b'}' | b')')
        })
    }

    fn mark(&mut self) {
        let has_slashes = self.family == Family::Slash;
        match self.rest() {
            [b'/', b'/', ..] if has_slashes => self.line_comment(b"/!"),
            [b'/', b'*', ..] if self.family != Family::Hash => self.block_comment(),
            [b'#', next, ..] if self.family == Family::Hash && self.is_behind_space() => {
                if *next == b'!' && self.line == 0 {
                    self.skip_line();
                } else {
                    self.line_comment(b"#!:");
                }
            }
            [b'-', b'-', ..] if self.family == Family::Dash && self.is_behind_space() => {
                self.line_comment(b"-|^");
            }
            _ => self.at += 1,
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.source.as_bytes().get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.source.len(), |length| from + length)
    }

    fn skip_line(&mut self) {
        self.at = self.line_end(self.at);
    }

    fn line_comment(&mut self, marks: &[u8]) {
        let end = self.line_end(self.at);
        let text = self.source.as_bytes().get(self.at..end).unwrap_or_default();
        let is_mark = |byte: &&u8| marks.contains(byte);
        let length = 1 + text.iter().skip(1).take_while(is_mark).count();
        if self.line > self.comment + 1 || !self.is_first() {
            self.sink.begin(BlockKind::Comment);
        }
        self.text_line(Span::new(self.at + length, end));
        self.comment = self.line;
        self.at = end;
    }

    /// One line of a comment without its marks; an empty one ends the paragraph.
    fn text_line(&mut self, span: Span) {
        let text = span.of(self.source);
        let text =
            Span::new(span.end - text.trim_start().len(), span.start + text.trim_end().len());
        if text.is_empty() {
            self.sink.begin(BlockKind::Comment);
        } else {
            self.sink.line_break(Span::new(span.start, span.start));
            self.sink.copy(text);
        }
    }

    fn block_comment(&mut self) {
        let start = self.at + 2;
        let rest = self.source.as_bytes().get(start..).unwrap_or_default();
        let end =
            memchr::memmem::find(rest, b"*/").map_or(self.source.len(), |length| start + length);
        self.lines_of(Span::new(start, end), "*!");
        self.at = std::cmp::min(end + 2, self.source.len());
    }

    /// The lines of a block; what its lines start with is left out.
    fn lines_of(&mut self, block: Span, marks: &str) {
        self.sink.begin(BlockKind::Comment);
        let mut at = block.start;
        for line in block.of(self.source).split_inclusive('\n') {
            let text = line.trim_start().trim_start_matches(|mark| marks.contains(mark));
            self.text_line(Span::new(at + (line.len() - text.len()), at + line.len()));
            self.line += usize::from(line.ends_with('\n'));
            at += line.len();
        }
        self.sink.end_block();
        self.comment = self.line;
    }

    /// Skips a string; a docstring is prose.
    fn quoted(&mut self, quote: u8) {
        let triple = [quote; 3];
        if self.family == Family::Hash && self.rest().starts_with(&triple) {
            let is_docstring = self.is_first();
            let start = self.at + 3;
            let rest = self.source.as_bytes().get(start..).unwrap_or_default();
            let end =
                memchr::memmem::find(rest, &triple).map_or(self.source.len(), |at| start + at);
            let inside = Span::new(start, end);
            if is_docstring {
                self.lines_of(inside, "");
            } else {
                self.line += memchr::memchr_iter(b'\n', inside.of(self.source).as_bytes()).count();
            }
            self.at = std::cmp::min(end + 3, self.source.len());
            return;
        }
        let length = string_length(self.rest(), quote, self.family);
        let inside = self.rest().get(..length).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', inside).count();
        self.at += length;
    }
}

/// How long the string at the start of `bytes` is. An apostrophe that closes nothing near, such as
/// of a lifetime in Rust, is one byte; so is a quotation mark that its line does not close, unless
/// the language has strings over lines.
fn string_length(bytes: &[u8], quote: u8, family: Family) -> usize {
    let limit = match (quote, family) {
        (b'\'', Family::Slash) => LITERAL_BYTES_MAX,
        (b'`', Family::Hash | Family::Dash) => return 1,
        _ => STRING_BYTES_MAX,
    };
    let mut at = 1;
    while let Some(byte) = bytes.get(at).filter(|_| at < limit) {
        match byte {
            b'\\' => at += 2,
            b'\n' if quote == b'\'' => return 1,
            _ if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    1
}

/// How far an apostrophe may be from the one that closes it where it quotes one character or, in
/// JavaScript, a string.
const LITERAL_BYTES_MAX: usize = 120;

/// How far the end of a string is looked for. What is longer is taken as code, whose comments are
/// then found inside of the string.
const STRING_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use crate::Format::Code;

    #[test]
    fn reads_comments_with_slashes() {
        check(
            "//! A crate.\n//!\n//! Of `x`.\nfn a() { let u = \"// no\"; } // Trailing one.\n/* A block\n * of lines.\n */\n",
            Code,
            &["A crate.", "Of `x`.", "Trailing one.", "A block\nof lines."],
        );
        check("fn f<'a>(x: &'a str) {} // Yes.\nlet c = '\"'; // And.", Code, &["Yes.", "And."]);
    }

    #[test]
    fn reads_comments_with_hashes_and_docstrings() {
        check(
            "#!/bin/x\n# First\n# line.\n\ndef f():\n    \"\"\"Doc of f.\n\n    More.\n    \"\"\"\n    x = '# no'  # But yes.\n    y = \"\"\"no\n# no\n\"\"\"\n",
            Code,
            &["First\nline.", "Doc of f.", "More.", "But yes."],
        );
    }

    #[test]
    fn reads_comments_with_dashes() {
        check("-- All rows.\nSELECT '-- no' FROM t; -- done\n", Code, &["All rows.", "done"]);
    }

    #[test]
    fn code_alone_has_no_prose() {
        check("#include <x>\nint a = b--c;\n", Code, &[]);
        check("int a;\n", Code, &[]);
    }
}
