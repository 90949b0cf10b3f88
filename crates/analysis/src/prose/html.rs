//! HTML, alone and inside of Markdown.

#[cfg(test)]
mod tests;

use crate::{BlockKind, CodeBlock, Image, Span};

use super::entity;
use super::sink::Sink;
use super::tag::{self, Part, Parts};

pub(crate) fn read(sink: &mut Sink<'_>) {
    let span = Span::new(0, sink.source().len());
    Html::default().read(sink, span);
}

/// What is known between two tags.
#[derive(Debug, Default)]
pub(crate) struct Html {
    /// The element whose text is not prose.
    skipped: Option<Skipped>,
    /// How many elements of lists are open.
    items: usize,
}

#[derive(Debug)]
struct Skipped {
    name: String,
    /// How many elements of this name are open.
    depth: usize,
    span: Span,
    /// Where the text inside starts.
    content: usize,
    language: String,
}

/// Elements whose text is never prose and holds no tags.
const RAW: &[&str] = &["script", "style", "textarea", "xmp", "iframe", "noembed"];
/// Elements whose text is not prose.
const SKIPPED: &[&str] = &["math", "object", "select", "svg", "template"];
/// Elements whose text is code inside of a block.
const INLINE_CODE: &[&str] = &["code", "kbd", "samp", "tt", "var"];
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "head",
    "header",
    "hr",
    "html",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];

impl Html {
    /// Reads a stretch of the source, which may end anywhere between two tags.
    pub(crate) fn read(&mut self, sink: &mut Sink<'_>, span: Span) {
        let mut parts = Parts::new(sink.source(), span);
        while let Some(part) = parts.next() {
            match part {
                Part::Text(span) if self.is_skipping() => drop_text(sink, span),
                Part::Text(span) => text(sink, span),
                Part::Start(span) => {
                    let name = tag::name(span.of(sink.source()));
                    self.start(sink, &name, span);
                    if RAW.contains(&name.as_str()) {
                        parts.skip_to_end_of(&name);
                    }
                }
                Part::End(span) => {
                    let name = tag::name(span.of(sink.source()));
                    self.end(sink, &name, span);
                }
                Part::Other(_) => {}
            }
        }
    }

    /// Whether text that follows is not prose.
    pub(crate) fn is_skipping(&self) -> bool {
        self.skipped.is_some()
    }

    /// A block ends: code inside of it that was never closed ends, too.
    pub(crate) fn end_inline(&mut self) {
        self.skipped = None;
    }

    fn start(&mut self, sink: &mut Sink<'_>, name: &str, span: Span) {
        let is_block = is_block(name);
        if let Some(skipped) = &mut self.skipped {
            if skipped.name == name {
                skipped.depth += 1;
            }
            if !(is_block && INLINE_CODE.contains(&skipped.name.as_str())) {
                return;
            }
            self.skipped = None;
        }
        let attributes = tag::attributes(span.of(sink.source()));
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let id = value("id");
        if !id.is_empty() {
            sink.outline().anchors.push(id.clone());
        }
        if is_block {
            self.start_block(sink, name, span, id);
        }
        match name {
            "a" => {
                let anchor = value("name");
                if !anchor.is_empty() {
                    sink.outline().anchors.push(anchor);
                }
                if attributes.iter().any(|(name, _)| name == "href") {
                    sink.begin_link(span, value("href"));
                }
            }
            "img" => {
                sink.gap();
                let (target, alternative) = (value("src"), value("alt"));
                sink.outline().images.push(Image { span, target, alternative });
            }
            "br" => sink.line_break(Span::new(span.start, span.start)),
            _ => {}
        }
        let is_code = INLINE_CODE.contains(&name);
        if is_code || name == "pre" || RAW.contains(&name) || SKIPPED.contains(&name) {
            let language = value("class")
                .split(' ')
                .find_map(|class| class.strip_prefix("language-"))
                .unwrap_or_default()
                .to_owned();
            self.skipped = Some(Skipped {
                name: name.to_owned(),
                depth: 1,
                span,
                content: span.end,
                language,
            });
        }
    }

    fn start_block(&mut self, sink: &mut Sink<'_>, name: &str, span: Span, id: String) {
        if let Some(level) = heading_level(name) {
            sink.begin_heading(level, span, id);
            return;
        }
        match name {
            "li" => {
                self.items += 1;
                sink.outline().list_items += 1;
            }
            "table" => sink.outline().tables += 1,
            _ => {}
        }
        let kind = match name {
            "td" | "th" => BlockKind::TableCell,
            "title" => BlockKind::Heading,
            _ if self.items > 0 => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        sink.begin(kind);
    }

    fn end(&mut self, sink: &mut Sink<'_>, name: &str, span: Span) {
        if let Some(skipped) = &mut self.skipped {
            if skipped.name == name {
                skipped.depth -= 1;
                if skipped.depth == 0 {
                    self.end_skipped(sink, span);
                }
                return;
            }
            if !(is_block(name) && INLINE_CODE.contains(&skipped.name.as_str())) {
                return;
            }
            self.skipped = None;
        }
        if heading_level(name).is_some() {
            sink.extend_heading(span.end);
            sink.end_heading();
        } else if name == "a" {
            sink.end_link(span.end);
        } else if is_block(name) {
            if name == "li" {
                self.items = self.items.saturating_sub(1);
            }
            sink.begin(if self.items > 0 { BlockKind::ListItem } else { BlockKind::Paragraph });
        }
    }

    fn end_skipped(&mut self, sink: &mut Sink<'_>, tag: Span) {
        let Some(skipped) = self.skipped.take() else { return };
        let span = Span::new(skipped.span.start, tag.end);
        let content = Span::new(skipped.content, tag.start);
        if INLINE_CODE.contains(&skipped.name.as_str()) {
            let code = content.of(sink.source());
            sink.inline_code(span, code);
        } else if skipped.name == "pre" {
            let language = skipped.language;
            sink.outline().code_blocks.push(CodeBlock {
                span,
                content,
                is_fenced: false,
                language,
            });
        } else {
            sink.gap();
        }
    }
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

fn is_block(name: &str) -> bool {
    heading_level(name).is_some()
        || matches!(name, "li" | "td" | "th")
        || BLOCKS.binary_search(&name).is_ok()
}

fn drop_text(sink: &mut Sink<'_>, span: Span) {
    if !span.of(sink.source()).trim().is_empty() {
        sink.gap();
    }
}

/// Text with entities: these are decoded, the rest is copied.
pub(crate) fn text(sink: &mut Sink<'_>, span: Span) {
    let source = sink.source();
    let mut start = span.start;
    for at in memchr::memchr_iter(b'&', span.of(source).as_bytes()) {
        let at = span.start + at;
        if at < start {
            continue;
        }
        let Some((decoded, length)) = source.get(at..span.end).and_then(entity::decode) else {
            continue;
        };
        sink.copy_collapsed(Span::new(start, at));
        start = at + length;
        sink.decoded(&decoded, Span::new(at, start));
    }
    sink.copy_collapsed(Span::new(start, span.end));
}
