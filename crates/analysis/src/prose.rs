//! The prose of a document, and where each byte of it came from.

mod code;
mod entity;
mod html;
mod markdown;
mod plain;
mod rst;
mod sink;
mod tag;
#[cfg(test)]
mod tests;
mod urls;

use crate::{Format, Outline, Span};

/// The prose of a document without markup, code, links' targets, bare URLs and front matter. Blocks
/// are separated by an empty line; a sentence never crosses from one to the next. Lines that were
/// wrapped inside a block stay lines of it. What was left out of a block, such as inline code,
/// leaves a [gap](Self::gaps), and where words would join a space.
#[derive(Clone, Debug, Default)]
pub struct Prose {
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// Ascending and not overlapping, in the prose and in the source.
    pub(crate) segments: Vec<Segment>,
    pub(crate) gaps: Vec<usize>,
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

/// A stretch of prose that stands for a stretch of the source. What lies between two segments was
/// made up, such as the line between two blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) prose: Span,
    pub(crate) source: Span,
    /// Whether it was copied byte for byte; else it was decoded, such as `&amp;`.
    pub(crate) is_copy: bool,
}

impl Prose {
    /// The prose of `source`, and what else it is made of.
    pub fn of(source: &str, format: Format) -> (Self, Outline) {
        let mut sink = sink::Sink::new(source);
        match format {
            Format::Markdown => markdown::read(&mut sink),
            Format::Html => html::read(&mut sink),
            Format::Rst => rst::read(&mut sink),
            Format::Plain => plain::read(&mut sink),
            Format::Code => code::read(&mut sink),
        }
        sink.finish()
    }

    /// The prose alone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its blocks, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Places of the prose where something inside of a block was left out, such as inline code, an
    /// image or a bare URL; ascending. What follows the place stood behind what was left out.
    pub fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// Whether a stretch of the prose stands in the source byte for byte, nothing between.
    pub fn is_copy(&self, span: Span) -> bool {
        let next = self.segments.partition_point(|segment| segment.prose.start <= span.start);
        next.checked_sub(1)
            .and_then(|index| self.segments.get(index))
            .is_some_and(|segment| segment.is_copy && span.end <= segment.prose.end)
    }

    /// Where a stretch of the prose stands in the source: from its first character to behind its
    /// last one, with the markup between them. Of a decoded entity it covers all.
    pub fn in_source(&self, span: Span) -> Span {
        let start = self.start_in_source(span);
        let end = self.end_in_source(span.end, start);
        Span::new(start, if span.is_empty() { start } else { end })
    }

    /// A start between two segments means the next one if the span reaches it.
    fn start_in_source(&self, span: Span) -> usize {
        let next = self.segments.partition_point(|segment| segment.prose.end <= span.start);
        match self.segments.get(next) {
            Some(segment) if segment.prose.start <= span.start && segment.is_copy => {
                segment.source.start + (span.start - segment.prose.start)
            }
            Some(segment) if segment.prose.start <= std::cmp::max(span.start, span.end) => {
                segment.source.start
            }
            _ => next
                .checked_sub(1)
                .and_then(|index| self.segments.get(index))
                .map_or(0, |segment| segment.source.end),
        }
    }

    /// An end between two segments means the previous one.
    fn end_in_source(&self, end: usize, start: usize) -> usize {
        let next = self.segments.partition_point(|segment| segment.prose.start < end);
        let last = next.checked_sub(1).and_then(|index| self.segments.get(index));
        let found = last.map_or(start, |segment| {
            if segment.is_copy && end < segment.prose.end {
                segment.source.start + (end - segment.prose.start)
            } else {
                segment.source.end
            }
        });
        std::cmp::max(found, start)
    }
}
