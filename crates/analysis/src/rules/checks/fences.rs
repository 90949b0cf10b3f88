//! Fences of code.

use crate::rules::sink::Sink;
use crate::{Document, Format, Span};

pub(crate) fn without_language(document: &Document<'_>, sink: &mut Sink<'_>) {
    for block in &document.outline.code_blocks {
        if block.is_fenced && block.language.trim().is_empty() {
            let first = document.text.get(block.span.start..).and_then(|text| text.lines().next());
            let end = block.span.start + first.map_or(0, str::len);
            sink.push(Span::new(block.span.start, end), "this block of code has no language");
        }
    }
}

pub(crate) fn unclosed(document: &Document<'_>, sink: &mut Sink<'_>) {
    if document.format != Format::Markdown {
        return;
    }
    let fenced = document.outline.code_blocks.iter().filter(|block| block.is_fenced);
    for block in fenced {
        let source = block.span.of(document.text);
        let Some(fence) = fence(source) else { continue };
        let mut lines = source.trim_end().lines();
        let first = lines.next().unwrap_or_default();
        let last = lines.next_back().unwrap_or_default();
        // Quotes and lists put marks before the fence.
        let last = last.trim_start_matches([' ', '\t', '>']).trim_end();
        let mark = fence.as_bytes().first().copied().unwrap_or_default();
        let is_closed = last.len() >= fence.len() && last.bytes().all(|byte| byte == mark);
        if !is_closed {
            let span = Span::new(block.span.start, block.span.start + first.len());
            sink.push(span, "the block of code that starts here is never closed");
        }
    }
}

/// The run of back quotes or tildes that a block starts with.
fn fence(source: &str) -> Option<&str> {
    let mark = source.bytes().next().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let end = source.bytes().position(|byte| byte != mark).unwrap_or(source.len());
    source.get(..end).filter(|fence| fence.len() >= 3)
}
