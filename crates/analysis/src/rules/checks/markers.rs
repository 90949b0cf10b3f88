//! Markers of what is missing.

use crate::Span;
use crate::rules::rule::{Hit, Line};
use crate::rules::sink::Sink;
use crate::rules::words::{is_word_end, is_word_start};

/// What a value that the reader has to fill in looks like.
pub(crate) const PLACEHOLDERS: &[&str] = &[
    "your-api-key",
    "your_api_key",
    "YOUR_API_KEY",
    "YOUR-API-KEY",
    "YOUR_TOKEN",
    "YOUR_SECRET",
    "your-token",
    "your_token",
    "your-secret",
    "your_secret",
    "YOUR_PASSWORD",
    "your-password",
    "your_password",
    "YOUR_USERNAME",
    "your-username",
    "<your ",
    "<your-",
    "<your_",
    "<YOUR",
    "[insert ",
    "[Insert ",
    "[INSERT ",
    "<insert ",
    "<INSERT ",
    "CHANGEME",
    "changeme",
    "CHANGE_ME",
    "REPLACE_ME",
    "replace-me",
];

pub(crate) fn todo(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let Span { start, end } = hit.span;
    if is_word_start(hit.window, start) && is_word_end(hit.window, end) {
        let message =
            format_args!("“{}” tells that something is left to do", hit.span.of(hit.window));
        sink.push(hit.span, message);
    }
}

pub(crate) fn placeholder(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let literal = hit.span.of(hit.window);
    let is_bracket = literal.starts_with(['<', '[']);
    let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = hit.span.start.checked_sub(1).and_then(|at| hit.window.as_bytes().get(at));
    if !is_bracket && joins(before) {
        return;
    }
    let message = format_args!("“{}…” stands for a value", literal.trim_end());
    sink.push(hit.span, message);
}

pub(crate) fn merge_conflict(line: &Line<'_>, sink: &mut Sink<'_>) {
    let is_marker =
        line.is_start && (line.text.starts_with("<<<<<<< ") || line.text.starts_with(">>>>>>> "));
    if is_marker {
        sink.push(Span::new(0, 7), "the marker of a conflict");
    }
}
