//! Markdown: CommonMark with GitHub's additions, read with `pulldown-cmark`.

#[cfg(test)]
mod tests;

use std::ops::Range;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};

use crate::{BlockKind, CodeBlock, Image, Span};

use super::html::Html;
use super::sink::Sink;

/// How many blocks may lie in each other. The parser looks at all that are open for each line, so
/// deeper documents, which nobody writes, are read as plain text to stay linear.
const DEPTH_MAX: usize = 48;

/// How far a line may be indented; as [`DEPTH_MAX`].
const INDENT_MAX: usize = 400;

pub(crate) fn read(sink: &mut Sink<'_>) {
    let source = sink.source();
    let base = front_matter(source);
    if base > 0 {
        sink.outline().front_matter = Some(Span::new(0, base));
    }
    let body = source.get(base..).unwrap_or_default();
    if is_too_deep(body) {
        return super::plain::read_from(sink, base);
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    let parser = Parser::new_with_broken_link_callback(body, options, Some(undefined));
    let mut reader =
        Reader { sink, base, items: 0, code: None, image: None, html: Html::default(), raw: None };
    for (event, range) in parser.into_offset_iter() {
        reader.event(event, &range);
    }
    reader.end_raw();
}

/// A full reference whose definition is missing is still meant as a link; `[x]` alone is not.
#[expect(clippy::needless_pass_by_value, reason = "the parser demands it")]
fn undefined<'t>(link: BrokenLink<'t>) -> Option<(CowStr<'t>, CowStr<'t>)> {
    (link.link_type == LinkType::Reference).then(|| (CowStr::from(""), CowStr::from("")))
}

/// Where the front matter ends: 0 where there is none.
fn front_matter(source: &str) -> usize {
    let mut lines = source.split_inclusive('\n');
    let Some(fence) = lines.next().map(str::trim_end).filter(|line| matches!(*line, "---" | "+++"))
    else {
        return 0;
    };
    let mut at = source.find('\n').map_or(0, |end| end + 1);
    for (index, line) in lines.enumerate() {
        at += line.len();
        let line = line.trim_end();
        if index == 0 && line.is_empty() {
            return 0;
        }
        if line == fence || (fence == "---" && line == "...") {
            return at;
        }
    }
    0
}

/// Whether a line opens more blocks than [`DEPTH_MAX`] or is indented more than [`INDENT_MAX`] and
/// could so continue as many.
fn is_too_deep(body: &str) -> bool {
    let bytes = body.as_bytes();
    let mut start = 0;
    let mut deep_lines = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        let line = bytes.get(start..end).unwrap_or_default();
        start = end + 1;
        if !matches!(line.first(), Some(b' ' | b'\t' | b'>' | b'-' | b'*' | b'+' | b'0'..=b'9')) {
            continue;
        }
        let (markers, indent) = prefix(line);
        if markers > DEPTH_MAX {
            return true;
        }
        deep_lines += usize::from(indent > INDENT_MAX && indent < line.len());
        if deep_lines > INDENT_MAX {
            return true;
        }
    }
    false
}

/// How many markers of quotes and items a line starts with, and how long they and white space are.
/// Rules such as `- - -` are counted, too, but nobody writes long ones with spaces.
fn prefix(line: &[u8]) -> (usize, usize) {
    let (mut markers, mut at, mut digits) = (0, 0, 0);
    while let Some(byte) = line.get(at) {
        let is_before_space = matches!(line.get(at + 1), None | Some(b' ' | b'\t' | b'\r'));
        match byte {
            b' ' | b'\t' => digits = 0,
            b'>' => markers += 1,
            b'-' | b'*' | b'+' if is_before_space => markers += 1,
            b'0'..=b'9' if digits < 9 => digits += 1,
            b'.' | b')' if digits > 0 && is_before_space => markers += 1,
            _ => break,
        }
        at += 1;
    }
    (markers, at)
}

struct Reader<'s, 't> {
    sink: &'s mut Sink<'t>,
    /// Where the body starts in the source.
    base: usize,
    /// How many list items are open.
    items: usize,
    code: Option<CodeBlock>,
    image: Option<Image>,
    html: Html,
    /// HTML that was seen but not read: lines that touch are read at once.
    raw: Option<Span>,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        let span = Span::new(self.base + range.start, self.base + range.end);
        if !matches!(event, Event::Html(_)) {
            self.end_raw();
        }
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(text) => self.text(&text, span),
            Event::Code(code) => self.inline_code(&code, span),
            Event::InlineMath(code) | Event::DisplayMath(code) => self.inline_code(&code, span),
            Event::Html(_) => self.html_line(span),
            Event::InlineHtml(_) => self.html.read(self.sink, span),
            Event::SoftBreak | Event::HardBreak => self.line_break(span),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
            Event::Rule => self.sink.end_block(),
        }
    }

    fn text(&mut self, text: &str, span: Span) {
        if let Some(code) = &mut self.code {
            code.content.end = span.end;
            if code.content.start == 0 {
                code.content.start = span.start;
            }
        } else if let Some(image) = &mut self.image {
            image.alternative.push_str(text);
        } else if self.html.is_skipping() {
            self.sink.gap();
        } else if span.of(self.sink.source()) == text {
            self.sink.copy(span);
        } else {
            self.sink.decoded(text, span);
        }
    }

    fn inline_code(&mut self, code: &str, span: Span) {
        match &mut self.image {
            Some(image) => image.alternative.push_str(code),
            None => self.sink.inline_code(span, code),
        }
    }

    fn line_break(&mut self, span: Span) {
        match &mut self.image {
            Some(image) => image.alternative.push(' '),
            None => {
                // A hard break's span covers its mark, too: only the line end matters.
                let source = self.sink.source().as_bytes();
                let is_line_feed =
                    span.end > span.start && source.get(span.end - 1) == Some(&b'\n');
                let start = if is_line_feed { span.end - 1 } else { span.start };
                self.sink.line_break(Span::new(start, span.end));
            }
        }
    }

    fn html_line(&mut self, span: Span) {
        match &mut self.raw {
            Some(raw) if raw.end == span.start => raw.end = span.end,
            _ => {
                self.end_raw();
                self.raw = Some(span);
            }
        }
    }

    fn end_raw(&mut self) {
        if let Some(raw) = self.raw.take() {
            self.html.read(self.sink, raw);
        }
    }

    fn block_kind(&self) -> BlockKind {
        if self.items > 0 { BlockKind::ListItem } else { BlockKind::Paragraph }
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.html.end_inline();
                let anchor = id.map(CowStr::into_string).unwrap_or_default();
                if !anchor.is_empty() {
                    self.sink.outline().anchors.push(anchor.clone());
                }
                let level = u8::try_from(level as usize).unwrap_or(6);
                self.sink.begin_heading(level, span, anchor);
            }
            Tag::CodeBlock(kind) => self.start_code(&kind, span),
            Tag::Item => {
                self.items += 1;
                self.sink.outline().list_items += 1;
                self.sink.begin(BlockKind::ListItem);
            }
            Tag::Table(_) => {
                self.sink.outline().tables += 1;
                self.sink.end_block();
            }
            Tag::TableCell => self.sink.begin(BlockKind::TableCell),
            Tag::Link { link_type, dest_url, .. } => self.start_link(link_type, &dest_url, span),
            Tag::Image { dest_url, .. } => {
                self.sink.gap();
                let target = dest_url.into_string();
                self.image.get_or_insert(Image { span, target, alternative: String::new() });
            }
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript => {}
            Tag::HtmlBlock => self.sink.end_block(),
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::TableHead
            | Tag::TableRow
            | Tag::MetadataBlock(_) => self.sink.begin(self.block_kind()),
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>, span: Span) {
        self.sink.end_block();
        let (is_fenced, language) = match kind {
            CodeBlockKind::Indented => (false, ""),
            CodeBlockKind::Fenced(info) => {
                let is_end = |at: char| at.is_whitespace() || matches!(at, ',' | '{' | '}');
                (true, info.split(is_end).find(|part| !part.is_empty()).unwrap_or_default())
            }
        };
        let (content, language) = (Span::default(), language.to_owned());
        self.code = Some(CodeBlock { span, content, is_fenced, language });
    }

    fn start_link(&mut self, kind: LinkType, target: &str, span: Span) {
        if matches!(kind, LinkType::Autolink | LinkType::Email) {
            // What is shown is the target: no prose, so it goes where an image's text goes.
            self.sink.gap();
            let target = if kind == LinkType::Email {
                format!("mailto:{target}")
            } else {
                target.to_owned()
            };
            self.sink.begin_link(span, target);
            if self.image.is_none() {
                self.image = Some(Image {
                    span: Span::default(),
                    target: String::new(),
                    alternative: String::new(),
                });
            }
        } else if self.image.is_none() {
            self.sink.begin_link(span, target.to_owned());
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::Heading(_) => self.sink.end_heading(),
            TagEnd::CodeBlock => {
                if let Some(mut code) = self.code.take() {
                    if code.content.end == 0 {
                        code.content = Span::new(span.end, span.end);
                    }
                    self.sink.outline().code_blocks.push(code);
                }
            }
            TagEnd::Item => {
                self.items = self.items.saturating_sub(1);
                self.sink.begin(self.block_kind());
            }
            TagEnd::Link => self.end_link(span),
            TagEnd::Image => {
                if self.image.as_ref().is_some_and(|image| image.span == span) {
                    let image = self.image.take();
                    self.sink.outline().images.extend(image);
                }
                self.sink.gap();
            }
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::HtmlBlock
            | TagEnd::List(_)
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::MetadataBlock(_) => {
                self.html.end_inline();
                self.sink.begin(self.block_kind());
            }
        }
    }

    fn end_link(&mut self, span: Span) {
        if let Some(shown) = self.image.take_if(|image| image.span == Span::default()) {
            self.sink.name(&shown.alternative);
        }
        if self.image.is_none() {
            self.sink.end_link(span.end);
        }
    }
}
