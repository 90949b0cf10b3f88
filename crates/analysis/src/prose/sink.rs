//! Where readers of all formats put what they read.

use crate::{Block, BlockKind, Heading, Link, Outline, Prose, Span};

use super::{Segment, urls};

/// Gathers prose and outline. Spans given to it are of the source.
#[derive(Debug)]
pub(crate) struct Sink<'t> {
    source: &'t str,
    prose: Prose,
    outline: Outline,
    /// What the next text belongs to.
    kind: BlockKind,
    /// Where the open block starts in the prose.
    open: Option<usize>,
    has_gap: bool,
    urls: std::iter::Peekable<std::vec::IntoIter<Span>>,
    heading: Option<Open>,
    link: Option<Open>,
}

/// A heading or a link of which not all was read.
#[derive(Debug)]
struct Open {
    level: u8,
    span: Span,
    name: String,
    text: String,
}

impl<'t> Sink<'t> {
    pub(crate) fn new(source: &'t str) -> Self {
        let prose = Prose { text: String::with_capacity(source.len()), ..Prose::default() };
        Self {
            source,
            prose,
            outline: Outline::default(),
            kind: BlockKind::Paragraph,
            open: None,
            has_gap: false,
            urls: urls::find(source).into_iter().peekable(),
            heading: None,
            link: None,
        }
    }

    pub(crate) fn source(&self) -> &'t str {
        self.source
    }

    pub(crate) fn outline(&mut self) -> &mut Outline {
        &mut self.outline
    }

    pub(crate) fn finish(mut self) -> (Prose, Outline) {
        self.end_heading();
        self.end_link(self.source.len());
        self.end_block();
        (self.prose, self.outline)
    }

    // === blocks ===

    /// Text that follows is a block of this kind; it exists only if there is text.
    pub(crate) fn begin(&mut self, kind: BlockKind) {
        self.end_block();
        self.kind = kind;
    }

    pub(crate) fn end_block(&mut self) {
        self.has_gap = false;
        let Some(start) = self.open.take() else { return };
        let end = self.prose.text.trim_end().len();
        self.truncate(end);
        self.prose.blocks.push(Block { kind: self.kind, span: Span::new(start, end) });
    }

    fn truncate(&mut self, end: usize) {
        self.prose.text.truncate(end);
        let prose = &mut self.prose;
        while prose.segments.pop_if(|last| last.prose.start >= end).is_some() {}
        while prose.gaps.pop_if(|gap| *gap >= end).is_some() {}
        if let Some(last) = prose.segments.last_mut()
            && last.prose.end > end
            && last.is_copy
        {
            last.source.end -= last.prose.end - end;
            last.prose.end = end;
        }
    }

    // === text ===

    /// Prose that stands in the source as it is; bare URLs in it are left out.
    pub(crate) fn copy(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        let mut start = span.start;
        while self.urls.next_if(|url| url.end <= start).is_some() {}
        while let Some(url) = self.urls.peek().copied().filter(|url| url.start < span.end) {
            if url.start >= start {
                self.push(Span::new(start, url.start));
                self.url(url);
            }
            self.gap();
            start = url.end;
            if url.end > span.end {
                return;
            }
            self.urls.next();
        }
        self.push(Span::new(start, span.end));
    }

    /// As [`Self::copy`], each run of white space cut to its first character.
    pub(crate) fn copy_collapsed(&mut self, span: Span) {
        let bytes = self.source.as_bytes();
        let (mut start, mut at) = (span.start, span.start);
        while let Some([first, second]) = bytes.get(at..std::cmp::min(at + 2, span.end)) {
            at += 1;
            if first.is_ascii_whitespace() && second.is_ascii_whitespace() {
                self.copy(Span::new(start, at));
                let rest = bytes.get(at..span.end).unwrap_or_default();
                at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                start = at;
            }
        }
        self.copy(Span::new(start, span.end));
    }

    fn url(&mut self, span: Span) {
        let text = span.of(self.source);
        if self.link.is_none() {
            self.outline.links.push(Link { span, target: text.to_owned(), text: text.to_owned() });
        }
        self.name(text);
    }

    /// Adds to the names of the open heading and link.
    pub(crate) fn name(&mut self, text: &str) {
        for open in [&mut self.heading, &mut self.link].into_iter().flatten() {
            open.text.push_str(text);
        }
    }

    fn push(&mut self, span: Span) {
        let text = span.of(self.source);
        self.name(text);
        let lead = if self.is_at_space() { text.len() - text.trim_start().len() } else { 0 };
        let (text, source) = (&text[lead..], Span::new(span.start + lead, span.end));
        if text.is_empty() || self.is_before_last(source) {
            return;
        }
        let start = self.open_at(text);
        let prose = &mut self.prose;
        prose.text.push_str(text);
        let end = prose.text.len();
        match prose.segments.last_mut() {
            Some(last)
                if last.is_copy && last.source.end == source.start && last.prose.end == start =>
            {
                last.source.end = source.end;
                last.prose.end = end;
            }
            _ => {
                prose.segments.push(Segment { prose: Span::new(start, end), source, is_copy: true })
            }
        }
    }

    /// Prose that a stretch of the source stands for, such as an entity.
    pub(crate) fn decoded(&mut self, text: &str, source: Span) {
        if text.is_empty() || self.is_before_last(source) {
            return;
        }
        self.name(text);
        if self.is_at_space() && text.trim_start().is_empty() {
            return;
        }
        let start = self.open_at(text);
        self.prose.text.push_str(text);
        let prose = Span::new(start, self.prose.text.len());
        self.prose.segments.push(Segment { prose, source, is_copy: false });
    }

    /// Segments ascend in the source; a reader that steps back would break that.
    fn is_before_last(&self, source: Span) -> bool {
        self.prose.segments.last().is_some_and(|last| source.start < last.source.end)
    }

    fn is_at_space(&self) -> bool {
        self.open.is_none() || self.prose.text.ends_with(char::is_whitespace)
    }

    /// Opens a block if none is open and closes a gap; where the text goes to.
    fn open_at(&mut self, text: &str) -> usize {
        if self.open.is_none() {
            if !self.prose.text.is_empty() {
                self.prose.text.push_str("\n\n");
            }
            self.open = Some(self.prose.text.len());
        } else if self.has_gap && !self.is_at_space() && text.starts_with(char::is_alphanumeric) {
            self.prose.text.push(' ');
        }
        let start = self.prose.text.len();
        if std::mem::take(&mut self.has_gap) {
            self.prose.gaps.push(start);
        }
        start
    }

    /// Something inside of a block is left out.
    pub(crate) fn gap(&mut self) {
        self.has_gap = true;
    }

    /// A line ends inside of a block.
    pub(crate) fn line_break(&mut self, span: Span) {
        let span = Span::new(span.start, std::cmp::min(span.end, span.start + 1));
        if span.of(self.source) == "\n" && !self.is_before_last(span) {
            self.push(span);
        } else {
            self.name("\n");
            if !self.is_at_space() {
                self.prose.text.push('\n');
            }
        }
    }

    /// Code inside of a block: named, not prose.
    pub(crate) fn inline_code(&mut self, span: Span, code: &str) {
        self.outline.inline_code.push(span);
        self.name(code);
        self.gap();
    }

    // === headings and links ===

    /// `own_anchor` is what the author wrote, which may be nothing.
    pub(crate) fn begin_heading(&mut self, level: u8, span: Span, own_anchor: String) {
        self.end_heading();
        self.begin(BlockKind::Heading);
        self.heading = Some(Open { level, span, name: own_anchor, text: String::new() });
    }

    pub(crate) fn extend_heading(&mut self, end: usize) {
        if let Some(heading) = &mut self.heading {
            heading.span.end = end;
        }
    }

    pub(crate) fn end_heading(&mut self) {
        let Some(open) = self.heading.take() else { return };
        self.end_block();
        self.kind = BlockKind::Paragraph;
        self.outline.headings.push(Heading {
            level: open.level,
            span: open.span,
            text: one_line(open.text),
            own_anchor: open.name,
        });
    }

    pub(crate) fn begin_link(&mut self, span: Span, target: String) {
        self.end_link(span.start);
        self.link = Some(Open { level: 0, span, name: target, text: String::new() });
    }

    /// `end` is where the link ends, with its markup.
    pub(crate) fn end_link(&mut self, end: usize) {
        let Some(open) = self.link.take() else { return };
        let span = Span::new(open.span.start, std::cmp::max(open.span.end, end));
        self.outline.links.push(Link { span, target: open.name, text: one_line(open.text) });
    }
}

/// Without white space at both ends, each run inside of it one space.
fn one_line(text: String) -> String {
    let bytes = text.as_bytes();
    let is_odd = |pair: &[u8]| pair[1].is_ascii_control() || pair == b"  ";
    let is_plain = text.trim().len() == text.len() && !bytes.windows(2).any(is_odd);
    if is_plain { text } else { text.split_whitespace().collect::<Vec<_>>().join(" ") }
}
