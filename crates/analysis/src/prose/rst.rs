//! reStructuredText: the parts of its grammar that decide what is prose. Source: the specification
//! "reStructuredText Markup Specification" of docutils.

mod inline;
mod line;
#[cfg(test)]
mod tests;

use crate::{BlockKind, CodeBlock, Image, Span};

use super::plain::marker_length;
use super::sink::Sink;
use line::Line;

pub(crate) fn read(sink: &mut Sink<'_>) {
    let source = sink.source();
    let lines = line::lines(source);
    let mut reader = Reader { sink, source, lines, at: 0, levels: Vec::new(), literal: None };
    while reader.at < reader.lines.len() {
        reader.block();
    }
    reader.sink.end_block();
}

/// Directives whose content is prose; that of all others is not.
const PROSE: &[&str] = &[
    "admonition",
    "attention",
    "caution",
    "container",
    "danger",
    "deprecated",
    "epigraph",
    "error",
    "glossary",
    "hint",
    "highlights",
    "important",
    "list-table",
    "note",
    "pull-quote",
    "rubric",
    "seealso",
    "sidebar",
    "tip",
    "topic",
    "versionadded",
    "versionchanged",
    "warning",
];

/// Directives whose content is code.
const CODE: &[&str] = &["code", "code-block", "parsed-literal", "prompt", "sourcecode"];

struct Reader<'s, 't> {
    sink: &'s mut Sink<'t>,
    source: &'t str,
    lines: Vec<Line>,
    at: usize,
    /// The adornments of sections, highest first: the character, and whether it stands above, too.
    levels: Vec<(u8, bool)>,
    /// The indentation of a paragraph that ended with `::`; what is indented more is literal.
    literal: Option<usize>,
}

impl<'t> Reader<'_, 't> {
    fn line(&self, at: usize) -> Option<Line> {
        self.lines.get(at).copied()
    }

    fn text(&self, line: Line) -> &'t str {
        line.text.of(self.source)
    }

    /// Reads what starts at the line.
    fn block(&mut self) {
        let Some(line) = self.line(self.at) else { return };
        if line.text.is_empty() {
            self.sink.end_block();
            self.at += 1;
            return;
        }
        if let Some(indent) = self.literal.take()
            && line.indent > indent
        {
            self.literal(line);
            return;
        }
        let text = self.text(line);
        if text == ".." || text.starts_with(".. ") {
            self.explicit(line);
        } else if text.starts_with(">>> ") {
            self.doctest(line);
        } else if self.is_section(line) || self.is_table(line) {
        } else if line::adornment(text).is_some_and(|_| text.len() >= 4) {
            self.sink.end_block();
            self.at += 1;
        } else {
            self.paragraph(line);
        }
    }

    /// The line behind the block that starts here, all of whose lines are indented more than
    /// `indent`, without the empty ones at its end.
    fn behind_indented(&self, from: usize, indent: usize) -> usize {
        let mut behind = from;
        for (offset, line) in self.lines.get(from..).unwrap_or_default().iter().enumerate() {
            if line.text.is_empty() {
                continue;
            }
            if line.indent <= indent {
                break;
            }
            behind = from + offset + 1;
        }
        behind
    }

    fn span_of_lines(&self, from: usize, behind: usize) -> Span {
        match (self.line(from), behind.checked_sub(1).and_then(|last| self.line(last))) {
            (Some(first), Some(last)) if from < behind => Span::new(first.start, last.end),
            (Some(first), _) => Span::new(first.start, first.start),
            _ => Span::new(self.source.len(), self.source.len()),
        }
    }

    fn code(&mut self, span: Span, content: Span, is_fenced: bool, language: String) {
        self.sink.end_block();
        self.sink.outline().code_blocks.push(CodeBlock { span, content, is_fenced, language });
    }

    fn literal(&mut self, line: Line) {
        let behind = self.behind_indented(self.at, line.indent - 1);
        let span = self.span_of_lines(self.at, behind);
        self.code(span, span, false, String::new());
        self.at = behind;
    }

    fn doctest(&mut self, line: Line) {
        let from = self.at;
        while self.line(self.at).is_some_and(|line| !line.text.is_empty()) {
            self.at += 1;
        }
        let span = Span::new(line.start, self.span_of_lines(from, self.at).end);
        self.code(span, span, false, "pycon".to_owned());
    }

    // === sections ===

    fn is_section(&mut self, line: Line) -> bool {
        let adornment = |line: Option<Line>| {
            line.and_then(|line| {
                line::adornment(self.text(line)).map(|mark| (mark, line.text.len()))
            })
        };
        let (next, second) = (self.line(self.at + 1), self.line(self.at + 2));
        if let Some((mark, length)) = adornment(Some(line)) {
            let Some(title) = next.filter(|title| !title.text.is_empty()) else { return false };
            let is_closed = adornment(second).is_some_and(|(below, _)| below == mark);
            if !is_closed || title.text.len() > length.saturating_mul(4) {
                return false;
            }
            let end = second.map_or(title.end, |below| below.end);
            self.section(Span::new(line.start, end), title, (mark, true));
            self.at += 3;
            return true;
        }
        let Some((mark, length)) = adornment(next) else { return false };
        let is_underline = length >= 4 || length >= self.text(line).chars().count();
        if line.indent > 0 || !is_underline {
            return false;
        }
        let end = next.map_or(line.end, |below| below.end);
        self.section(Span::new(line.start, end), line, (mark, false));
        self.at += 2;
        true
    }

    fn section(&mut self, span: Span, title: Line, style: (u8, bool)) {
        let index = self.levels.iter().position(|level| *level == style).unwrap_or_else(|| {
            self.levels.push(style);
            self.levels.len() - 1
        });
        self.sink.begin_heading(u8::try_from(index + 1).unwrap_or(6).min(6), span, String::new());
        inline::read(self.sink, title.text);
        self.sink.end_heading();
    }

    // === tables ===

    fn is_table(&mut self, line: Line) -> bool {
        let text = self.text(line);
        if line::is_grid_border(text) {
            self.grid_table();
        } else if line::is_simple_border(text) {
            self.simple_table(line);
        } else {
            return false;
        }
        true
    }

    fn grid_table(&mut self) {
        self.sink.outline().tables += 1;
        while let Some(line) = self.line(self.at).filter(|line| !line.text.is_empty()) {
            let text = self.text(line);
            self.at += 1;
            if !text.starts_with('|') {
                continue;
            }
            let bars: Vec<_> = memchr::memchr_iter(b'|', text.as_bytes()).collect();
            for pair in bars.windows(2) {
                self.cell(Span::new(line.text.start + pair[0] + 1, line.text.start + pair[1]));
            }
        }
    }

    /// Its rows end with a border that an empty line, or nothing, follows.
    fn simple_table(&mut self, border: Line) {
        self.sink.outline().tables += 1;
        self.at += 1;
        while let Some(line) = self.line(self.at) {
            self.at += 1;
            let text = self.text(line);
            if line::is_simple_border(text) {
                if self.line(self.at).is_none_or(|next| next.text.is_empty()) {
                    break;
                }
            } else if line.indent < border.indent {
                break;
            } else if line::adornment(text).is_none() {
                self.cells(line);
            }
        }
        self.sink.begin(BlockKind::Paragraph);
    }

    /// Columns of a simple table are at least two spaces apart.
    fn cells(&mut self, line: Line) {
        let mut start = line.text.start;
        let bytes = self.source.as_bytes();
        for at in line.text.start..line.text.end.saturating_sub(1) {
            if bytes.get(at..at + 2) == Some(b"  ") {
                self.cell(Span::new(start, at));
                start = at + 2;
            }
        }
        self.cell(Span::new(start, line.text.end));
    }

    fn cell(&mut self, span: Span) {
        self.sink.begin(BlockKind::TableCell);
        inline::read(self.sink, span);
        self.sink.begin(BlockKind::Paragraph);
    }

    // === explicit markup ===

    fn explicit(&mut self, line: Line) {
        self.sink.end_block();
        let source = self.source;
        let text = line.text.of(source);
        let rest = text.get(2..).unwrap_or_default().trim_start();
        let start = line.text.end - rest.len();
        if let Some(target) = rest.strip_prefix('_').and_then(|rest| rest.split_once(':')) {
            if target.1.is_empty() {
                self.sink.outline().anchors.push(target.0.trim_matches('`').to_owned());
            }
            self.skip(line);
        } else if let Some(label) = rest.strip_prefix('[').and_then(|rest| rest.find("] ")) {
            self.at += 1;
            self.sink.begin(BlockKind::Paragraph);
            inline::read(self.sink, Span::new(start + label + 3, line.text.end));
        } else if let Some((name, argument)) = rest.split_once("::") {
            let argument = Span::new(line.text.end - argument.trim_start().len(), line.text.end);
            let name = name.rsplit('|').next().unwrap_or_default().trim();
            self.directive(line, name, argument);
        } else {
            self.skip(line);
        }
    }

    fn skip(&mut self, line: Line) {
        self.at = self.behind_indented(self.at + 1, line.indent);
    }

    fn directive(&mut self, line: Line, name: &str, argument: Span) {
        if PROSE.contains(&name) {
            self.at += 1;
            // Versions are arguments before the text.
            let is_version = name.starts_with("version") || name == "deprecated";
            if is_version || name == "container" || name == "list-table" {
                let text = argument.of(self.source);
                let version = text.find(' ').map_or(text.len(), |at| at + 1);
                self.options();
                inline::read(self.sink, Span::new(argument.start + version, argument.end));
            } else {
                inline::read(self.sink, argument);
                self.options();
            }
            return;
        }
        let behind = self.behind_indented(self.at + 1, line.indent);
        let span =
            Span::new(line.start, std::cmp::max(line.end, self.span_of_lines(self.at, behind).end));
        let argument = argument.of(self.source).to_owned();
        if CODE.contains(&name) {
            self.at += 1;
            self.options();
            while self.at < behind && self.line(self.at).is_some_and(|line| line.text.is_empty()) {
                self.at += 1;
            }
            let content = self.span_of_lines(std::cmp::min(self.at, behind), behind);
            let content = Span::new(
                std::cmp::min(content.start, span.end),
                std::cmp::min(content.end, span.end),
            );
            self.code(span, content, true, argument);
        } else if matches!(name, "image" | "figure") {
            let alternative = self.option(behind, ":alt:");
            self.sink.outline().images.push(Image { span, target: argument, alternative });
        }
        self.at = std::cmp::max(behind, self.at);
    }

    /// Passes the options of a directive, such as `:class: x`.
    fn options(&mut self) {
        while self
            .line(self.at)
            .is_some_and(|line| line.indent > 0 && line::field(self.text(line)) > 0)
        {
            self.at += 1;
        }
    }

    fn option(&self, behind: usize, name: &str) -> String {
        let lines = self.lines.get(self.at + 1..behind).unwrap_or_default();
        let found = lines.iter().find_map(|line| self.text(*line).strip_prefix(name));
        found.unwrap_or_default().trim().to_owned()
    }

    // === paragraphs ===

    /// The lines of a paragraph as far as nothing else starts among them.
    fn paragraph(&mut self, first: Line) {
        let text = self.text(first);
        let (marker, field) = (marker_length(text), line::field(text));
        let lead = if text.starts_with("| ") { 2 } else { std::cmp::max(marker, field) };
        if marker > 0 || text.starts_with("#. ") {
            self.sink.outline().list_items += 1;
            self.sink.begin(BlockKind::ListItem);
        } else {
            self.sink.begin(BlockKind::Paragraph);
        }
        let start = first.text.start + if text.starts_with("#. ") { 2 } else { lead };
        let mut end = first.text.end;
        self.at += 1;
        while let Some(line) = self.line(self.at).filter(|line| self.continues(first, *line)) {
            end = line.text.end;
            self.at += 1;
        }
        let body = Span::new(start, std::cmp::max(start, end));
        let is_literal = body.of(self.source).ends_with("::");
        if is_literal {
            self.literal = Some(first.indent);
        }
        // One of the two colons is shown, unless they stand apart from the text.
        let is_apart = matches!(body.of(self.source).trim_end_matches("::"), "")
            || body.of(self.source).ends_with(" ::");
        let hidden = if is_apart { 2 } else { 1 };
        let end = if is_literal { body.end - hidden } else { body.end };
        inline::read(self.sink, Span::new(body.start, end));
    }

    fn continues(&self, first: Line, line: Line) -> bool {
        let text = self.text(line);
        let is_other = text.is_empty()
            || marker_length(text) > 0
            || line::field(text) > 0
            || text.starts_with("| ")
            || text.starts_with("#. ")
            || text.starts_with(".. ")
            || line.indent < first.indent;
        let is_title =
            self.line(self.at + 1).is_some_and(|next| line::adornment(self.text(next)).is_some());
        !is_other && !is_title && line::adornment(text).is_none_or(|_| text.len() < 4)
    }
}
