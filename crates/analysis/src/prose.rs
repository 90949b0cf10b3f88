//! The prose of a document, and where each byte of it came from.

use crate::{Format, Outline, Span};

/// The prose of a document without markup, code, links' targets and front matter. Blocks are
/// separated by an empty line; a sentence never crosses from one to the next.
#[derive(Clone, Debug, Default)]
pub struct Prose {
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// Ascending and not overlapping, in the prose and in the source.
    pub(crate) segments: Vec<Segment>,
}

/// One paragraph, heading, list item, table cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Of the prose.
    pub span: Span,
}

/// What a block of prose is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph,
    /// A heading.
    Heading,
    /// An item of a list.
    ListItem,
    /// A cell of a table.
    TableCell,
    /// A comment of source code.
    Comment,
}

/// A stretch of prose that was copied from the source as it stands, byte for byte. What lies
/// between two segments was made up: a separator, a decoded entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) prose_start: usize,
    pub(crate) source: Span,
}

impl Prose {
    /// The prose of `source`, and what else it is made of.
    pub fn of(source: &str, format: Format) -> (Self, Outline) {
        let _ = format;
        let span = Span::new(0, source.len());
        let blocks = vec![Block { kind: BlockKind::Paragraph, span }];
        let segments = vec![Segment { prose_start: 0, source: span }];
        (Self { text: source.to_owned(), blocks, segments }, Outline::default())
    }

    /// The prose alone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its blocks, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Where a stretch of the prose stands in the source: from its first character to behind its
    /// last one, with the markup between them.
    pub fn in_source(&self, span: Span) -> Span {
        let start = self.offset_in_source(span.start);
        let last = self.offset_in_source(span.end.saturating_sub(1).max(span.start));
        Span::new(start, if span.is_empty() { start } else { last + 1 })
    }

    fn offset_in_source(&self, at: usize) -> usize {
        let next = self.segments.partition_point(|segment| segment.prose_start <= at);
        let Some(segment) = next.checked_sub(1).and_then(|index| self.segments.get(index)) else {
            return self.segments.first().map_or(0, |segment| segment.source.start);
        };
        std::cmp::min(segment.source.start + (at - segment.prose_start), segment.source.end)
    }
}
