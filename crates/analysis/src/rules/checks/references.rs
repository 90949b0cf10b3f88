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
    let headings = outline.headings.iter().map(|heading| heading.anchor.to_lowercase());
    let anchors = outline.anchors.iter().map(|anchor| anchor.to_lowercase());
    let known: FxHashSet<String> = headings.chain(anchors).collect();
    for link in &outline.links {
        let Some(anchor) = link.target.strip_prefix('#') else { continue };
        let name = unescaped(anchor).to_lowercase();
        let plain = name.strip_prefix("user-content-").unwrap_or(&name);
        // Browsers know these two themselves.
        if !plain.is_empty() && plain != "top" && !known.contains(plain) && !known.contains(&name) {
            sink.push(link.span, format!("no heading or anchor here is called #{}", short(anchor)));
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
            sink.push(link.span, format!("the link “{}” has no target", short(&link.text)));
        } else if source.starts_with("[](") {
            sink.push(link.span, "the link shows nothing");
        }
    }
}

pub(crate) fn undefined_references(document: &Document<'_>, sink: &mut Sink<'_>) {
    undefined(document, |label, is_footnote, span, defined| {
        if !is_footnote && !defined.contains(&folded(label)) {
            sink.push(span, format!("no reference is called [{}]", short(label)));
        }
    });
}

pub(crate) fn undefined_footnotes(document: &Document<'_>, sink: &mut Sink<'_>) {
    undefined(document, |label, is_footnote, span, defined| {
        if is_footnote && !defined.contains(&folded(label)) {
            sink.push(span, format!("no footnote is called [{}]", short(label)));
        }
    });
}

/// Tells `found` of each `[text][label]` and `[^label]` outside code, with the labels that are
/// defined anywhere.
fn undefined(document: &Document<'_>, mut found: impl FnMut(&str, bool, Span, &FxHashSet<String>)) {
    if document.format != Format::Markdown {
        return;
    }
    let text = document.text;
    let bytes = text.as_bytes();
    let code = Regions::of_code(document);
    let defined = definitions(text);
    let mut after_close = None;
    let mut skip_until = 0;
    for at in memchr::memchr2_iter(b'[', b']', bytes) {
        if at < skip_until {
            continue;
        }
        if bytes.get(at) == Some(&b']') {
            after_close = Some(at + 1);
            continue;
        }
        let is_footnote = bytes.get(at + 1) == Some(&b'^');
        let is_reference = after_close == Some(at);
        if !(is_footnote || is_reference) || code.contain(at) || is_escaped(bytes, at) {
            continue;
        }
        let Some(label) = label(text, at) else { continue };
        skip_until = at + label.len() + 2;
        after_close = None;
        // `[a][0](b)` is an index and a call, not a link.
        if !label.trim().is_empty() && !matches!(bytes.get(skip_until), Some(b':' | b'(' | b'[')) {
            found(label, is_footnote, Span::new(at, skip_until), &defined);
        }
    }
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

fn is_escaped(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\\')
}

/// The labels of lines such as `[label]: target`, also in quotes and lists.
fn definitions(text: &str) -> FxHashSet<String> {
    let mut labels = FxHashSet::default();
    for end in memchr::memmem::find_iter(text.as_bytes(), "]:") {
        let from = text.floor_char_boundary(end.saturating_sub(LABEL_MAX));
        let head = text.get(from..end).unwrap_or_default();
        // Only up to the last bracket, so that all of it is looked at at most once.
        let Some(open) =
            head.rfind(['[', '\n']).filter(|at| head.as_bytes().get(*at) == Some(&b'['))
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
