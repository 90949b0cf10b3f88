//! Tables of Markdown.

use crate::rules::regions::Regions;
use crate::rules::sink::Sink;
use crate::{Document, Format, Span};

pub(crate) fn columns(document: &Document<'_>, sink: &mut Sink<'_>) {
    if document.format != Format::Markdown || !document.text.contains('|') {
        return;
    }
    let blocks = document.outline.code_blocks.iter().map(|block| block.span);
    let code = Regions::new(blocks.chain(document.outline.front_matter).collect());
    let mut head: Option<usize> = None;
    let mut before: Option<&str> = None;
    let mut start = 0;
    for line in document.text.split_inclusive('\n') {
        let row = line.trim();
        let at = start + (line.len() - line.trim_start().len());
        start += line.len();
        if row.is_empty() || !row.contains('|') || code.contain(at) {
            head = None;
            before = None;
            continue;
        }
        match (head, before) {
            (Some(cells), _) => report(row, at, cells, sink),
            (None, Some(first)) if is_rule(row) && cells(first) == cells(row) => {
                head = Some(cells(row));
            }
            (None, _) => {}
        }
        before = Some(row);
    }
}

fn report(row: &str, at: usize, expected: usize, sink: &mut Sink<'_>) {
    let found = cells(row);
    // A row without bars at its sides may be a paragraph that ends the table.
    if found != expected && row.starts_with('|') {
        let span = Span::new(at, at + row.len());
        sink.push(span, format_args!("this row has {found} cells, the head has {expected}"));
    }
}

/// Whether a row is the rule below a head, such as `|---|:-:|`.
fn is_rule(row: &str) -> bool {
    row.contains("-") && row.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// How many cells a row has. Bars that a backslash escapes separate nothing.
fn cells(row: &str) -> usize {
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut bars = 0;
    let mut is_escaped = false;
    let mut is_last_bar = false;
    for byte in row.bytes() {
        is_last_bar = byte == b'|' && !is_escaped;
        bars += usize::from(is_last_bar);
        is_escaped = byte == b'\\' && !is_escaped;
    }
    bars + usize::from(!is_last_bar)
}
