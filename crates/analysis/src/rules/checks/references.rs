//! Anchors, references and footnotes of the document itself.

use rustc_hash::FxHashSet;

use crate::rules::checks::headings::short;
use crate::rules::regions::Regions;
use crate::rules::sink::Sink;
use crate::{Document, Format, Span};

/// The longest label that a reference may have, as CommonMark has it.
const LABEL_MAX: usize = 999;

pub(crate) fn broken_anchors(document: &Document<'_>, sink: &mut Sink<'_>) {
    let outline = &document.outline;
    if !outline.links.iter().any(|link| link.target.starts_with('#')) {
        return;
    }
    let headings = outline.heading_anchors().map(|anchor| anchor.to_lowercase());
    let anchors = outline.anchors.iter().map(|anchor| anchor.to_lowercase());
    let known: FxHashSet<String> = headings.chain(anchors).collect();
    for link in &outline.links {
        let Some(anchor) = link.target.strip_prefix('#') else { continue };
        let name = unescaped(anchor).to_lowercase();
        let plain = name.strip_prefix("user-content-").unwrap_or(&name);
        // Browsers know these two themselves.
        if !plain.is_empty() && plain != "top" && !known.contains(plain) && !known.contains(&name) {
            sink.push(
                link.span,
                format_args!("no heading or anchor here is called #{}", short(anchor)),
            );
        }
    }
}

/// With `%41` as `A`.
fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn empty_links(document: &Document<'_>, sink: &mut Sink<'_>) {
    if !matches!(document.format, Format::Markdown | Format::Html) {
        return;
    }
    for link in &document.outline.links {
        let source = link.span.of(document.text);
        if link.target.trim().is_empty() && (source.ends_with("()") || source.ends_with("(<>)")) {
            sink.push(link.span, format_args!("the link “{}” has no target", short(&link.text)));
        } else if source.starts_with("[](") {
            sink.push(link.span, "the link shows nothing");
        }
    }
}

pub(crate) fn undefined_references(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (span, label) in undefined(document, false) {
        sink.push(span, format_args!("no reference is called [{}]", short(label)));
    }
}

pub(crate) fn undefined_footnotes(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (span, label) in undefined(document, true) {
        sink.push(span, format_args!("no footnote is called [{}]", short(label)));
    }
}

/// The labels of `[text][label]`, or `[^label]`, outside code that are defined nowhere.
fn undefined<'d>(document: &'d Document<'_>, is_footnote: bool) -> Vec<(Span, &'d str)> {
    if document.format != Format::Markdown {
        return Vec::new();
    }
    let mut used = used(document, is_footnote);
    if !used.is_empty() {
        let defined = definitions(document.text);
        used.retain(|(_, label)| !defined.contains(&folded(label)));
    }
    used
}

fn used<'d>(document: &'d Document<'_>, is_footnote: bool) -> Vec<(Span, &'d str)> {
    let text = document.text;
    let bytes = text.as_bytes();
    let code = Regions::of_code(document);
    let mut labels = Vec::new();
    let mut until = 0;
    for at in memchr::memchr_iter(b'[', bytes) {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let is_called = if is_footnote {
            bytes.get(at + 1) == Some(&b'^')
        } else {
            before == Some(&b']') && bytes.get(at + 1) != Some(&b'^')
        };
        if at < until || !is_called || before == Some(&b'\\') || code.contain(at) {
            continue;
        }
        let is_chain = at > 0 && at == until;
        let Some(label) = label(text, at) else { continue };
        until = at + label.len() + 2;
        // `[a][0](b)` and `a[0][1][2]` are code that nobody marked.
        if !is_chain
            && !label.trim().is_empty()
            && !matches!(bytes.get(until), Some(b':' | b'(' | b'['))
        {
            labels.push((Span::new(at, until), label));
        }
    }
    labels
}

/// The label in the brackets that open at `at`, on one line.
fn label(text: &str, at: usize) -> Option<&str> {
    let rest = text.as_bytes().get(at + 1..)?;
    let head = rest.get(..LABEL_MAX).unwrap_or(rest);
    let end = memchr::memchr3(b']', b'[', b'\n', head)?;
    if head.get(end) != Some(&b']') {
        return None;
    }
    text.get(at + 1..at + 1 + end)
}

/// The labels of lines such as `[label]: target`, also in quotes and lists.
fn definitions(text: &str) -> FxHashSet<String> {
    let mut labels = FxHashSet::default();
    for end in memchr::memmem::find_iter(text.as_bytes(), "]:") {
        let from = text.floor_char_boundary(end.saturating_sub(LABEL_MAX));
        let head = text.get(from..end).unwrap_or_default();
        // Only up to the last bracket, so that all of it is looked at at most once.
        let Some(open) =
            head.rfind(['[', ']', '\n']).filter(|at| head.as_bytes().get(*at) == Some(&b'['))
        else {
            continue;
        };
        labels.insert(folded(head.get(open + 1..).unwrap_or_default()));
    }
    labels
}

/// Labels are the same whatever their letter case and white space.
fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
