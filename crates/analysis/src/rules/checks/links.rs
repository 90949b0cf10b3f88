//! Links, addresses and images.

use crate::rules::regions::Regions;
use crate::rules::rule::Hit;
use crate::rules::sink::Sink;
use crate::{Document, Format, Span};

/// Texts that tell nothing of what a link leads to.
const VAGUE: [&str; 16] = [
    "click",
    "click here",
    "click me",
    "click this link",
    "here",
    "learn more",
    "link",
    "more",
    "read more",
    "read this",
    "see here",
    "source",
    "this",
    "this link",
    "this page",
    "this website",
];

/// Hosts and names of formats that are not fetched over a network.
const LOCAL: [&str; 11] = [
    "localhost",
    "127.",
    "0.0.0.0",
    "[::",
    "10.",
    "192.168.",
    "example.",
    "www.w3.org/",
    "schemas.",
    "www.example.",
    "{",
];

pub(crate) fn vague_text(document: &Document<'_>, sink: &mut Sink<'_>) {
    for link in &document.outline.links {
        let text = link.text.trim().trim_end_matches(['.', '!', ':', '…', '»', '>', ' ']);
        if text.len() <= 16 && VAGUE.iter().any(|vague| vague.eq_ignore_ascii_case(text)) {
            sink.push(link.span, format_args!("“{text}” does not tell where the link leads"));
        }
    }
}

pub(crate) fn image_alternatives(document: &Document<'_>, sink: &mut Sink<'_>) {
    for image in &document.outline.images {
        // An empty attribute of HTML tells that an image is decoration; a missing one tells nothing.
        let source = image.span.of(document.text);
        let is_decoration = source.starts_with('<') && source.contains("alt=");
        if image.alternative.trim().is_empty() && !is_decoration {
            sink.push(image.span, "this image has no text that stands for it");
        }
    }
}

pub(crate) fn insecure(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let rest = hit.window.get(hit.span.end..).unwrap_or_default();
    let before = hit.span.start.checked_sub(1).and_then(|at| hit.window.as_bytes().get(at));
    let is_host = rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_test = |host: &str| {
        [".test", ".local", ".localhost", ".internal"].iter().any(|end| host.ends_with(end))
    };
    let host_end = rest
        .bytes()
        .take(256)
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')));
    let host =
        rest.get(..host_end.unwrap_or_else(|| std::cmp::min(256, rest.len()))).unwrap_or_default();
    let is_remote =
        host.contains('.') && !is_test(host) && !LOCAL.iter().any(|local| rest.starts_with(local));
    if is_host && is_remote && !before.is_some_and(u8::is_ascii_alphanumeric) {
        let span = Span::new(hit.span.start, hit.span.end + host.len());
        sink.push(span, format_args!("http://{host} is fetched without encryption"));
    }
}

pub(crate) fn bare(document: &Document<'_>, sink: &mut Sink<'_>) {
    if document.format != Format::Markdown {
        return;
    }
    let (text, outline) = (document.text, &document.outline);
    let links = outline.links.iter().map(|link| link.span);
    let images = outline.images.iter().map(|image| image.span);
    // A link without markup is the address itself.
    let is_marked =
        |span: &Span| matches!(text.as_bytes().get(span.start), Some(b'[' | b'<' | b'!'));
    let linked = Regions::new(links.chain(images).filter(is_marked).collect());
    let code = Regions::of_code(document);
    let mut until = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), "://") {
        if at < until {
            continue;
        }
        let start = match text.as_bytes().get(..at) {
            Some(before) if before.ends_with(b"https") => at - 5,
            Some(before) if before.ends_with(b"http") => at - 4,
            _ => continue,
        };
        let rest = text.as_bytes().get(at + 3..).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"<>)]|'`".contains(byte);
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        until = at + 3 + length;
        let is_bare = !linked.contain(start) && !code.contain(start) && !is_target(text, start);
        if length > 0 && is_bare {
            let span = Span::new(start, until);
            sink.push(span, "an address stands in the text as it is");
        }
    }
}

/// Whether an address is part of markup: `(…)`, `<…>`, `="…"` or a definition.
fn is_target(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.ends_with(['<', '"', '\'', '`', '='])
        || before.ends_with("](")
        || before.ends_with("]: ")
}
