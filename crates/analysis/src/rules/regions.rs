//! Stretches of a document in which some rules do not look.

use crate::{Document, Span};

/// Stretches in ascending order that do not overlap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Regions {
    spans: Vec<Span>,
}

impl Regions {
    /// From stretches in any order.
    pub(crate) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => {
                    last.end = std::cmp::max(last.end, span.end)
                }
                _ => merged.push(span),
            }
        }
        Self { spans: merged }
    }

    /// Code and front matter.
    pub(crate) fn of_code(document: &Document<'_>) -> Self {
        let outline = &document.outline;
        let blocks = outline.code_blocks.iter().map(|block| block.span);
        let inline = outline.inline_code.iter().copied();
        Self::new(blocks.chain(inline).chain(outline.front_matter).collect())
    }

    /// Whether `at` lies in one of them.
    pub(crate) fn contain(&self, at: usize) -> bool {
        let next = self.spans.partition_point(|span| span.start <= at);
        next.checked_sub(1)
            .and_then(|index| self.spans.get(index))
            .is_some_and(|span| at < span.end)
    }
}
