//! Plain text: paragraphs, which empty lines separate.

use crate::{BlockKind, Span};

use super::sink::Sink;

pub(crate) fn read(sink: &mut Sink<'_>) {
    read_from(sink, 0);
}

/// The lines of a paragraph stay as they stand. A line that starts as an item of a list does is a
/// block of its own, with the lines that follow it.
pub(crate) fn read_from(sink: &mut Sink<'_>, base: usize) {
    let source = sink.source();
    let mut block = Span::new(base, base);
    let mut at = base;
    for line in source.get(base..).unwrap_or_default().split_inclusive('\n') {
        let text = line.trim();
        let is_item = is_item(text);
        if text.is_empty() || is_item {
            end(sink, block);
            block.start = at;
            sink.begin(if is_item { BlockKind::ListItem } else { BlockKind::Paragraph });
            sink.outline().list_items += usize::from(is_item);
        }
        at += line.len();
        block.end = at;
        if is_item {
            block.start += line.len() - line.trim_start().len() + marker_length(text);
        }
    }
    end(sink, block);
}

fn end(sink: &mut Sink<'_>, block: Span) {
    sink.copy(block);
    sink.end_block();
}

fn is_item(line: &str) -> bool {
    marker_length(line) > 0
}

/// How long the marker of an item at the start of a line is; 0 where there is none.
pub(crate) fn marker_length(line: &str) -> usize {
    let bytes = line.as_bytes();
    let digits = bytes.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let marker = match bytes.get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=3).contains(&digits) => digits + 1,
        _ if line.starts_with('•') => '•'.len_utf8(),
        _ => return 0,
    };
    let has_space = matches!(bytes.get(marker), Some(b' ' | b'\t'));
    if has_space { marker } else { 0 }
}
