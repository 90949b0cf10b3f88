use proptest::prelude::*;

use crate::{Document, Format, Span};

/// What must hold of the prose of any text.
#[track_caller]
pub(super) fn check_mapping(source: &str, format: Format) {
    let document = Document::new(source, format);
    let prose = &document.prose;
    let (mut prose_end, mut source_end) = (0, 0);
    for segment in &prose.segments {
        assert!(segment.prose.start >= prose_end && segment.source.start >= source_end);
        (prose_end, source_end) = (segment.prose.end, segment.source.end);
        assert!(!segment.prose.of(&prose.text).is_empty(), "{source:?}");
        assert!(!segment.source.of(source).is_empty(), "{source:?}");
        if segment.is_copy {
            assert_eq!(segment.prose.of(&prose.text), segment.source.of(source), "{source:?}");
        }
    }
    let mut block_end = 0;
    for block in &prose.blocks {
        assert!(block.span.start >= block_end);
        block_end = block.span.end;
        let text = block.span.of(&prose.text);
        assert!(!text.is_empty() && text.trim() == text, "{source:?} {text:?}");
    }
    assert!(prose.gaps.is_sorted() && prose.gaps.last().is_none_or(|gap| *gap < prose.text.len()));
    for word in &document.words {
        let place = prose.in_source(*word);
        assert!(source.get(place.start..place.end).is_some_and(|text| !text.is_empty()));
        if prose.is_copy(*word) {
            assert_eq!(place.of(source), word.of(&prose.text), "{source:?}");
        }
    }
    for at in (0..=prose.text.len()).filter(|at| prose.text.is_char_boundary(*at)) {
        for end in (at..=prose.text.len()).take(9).filter(|end| prose.text.is_char_boundary(*end)) {
            let place = prose.in_source(Span::new(at, end));
            assert!(
                source.get(place.start..place.end).is_some(),
                "{source:?} {at} {end} {place:?}"
            );
        }
    }
    check_outline(source, &document);
}

fn check_outline(source: &str, document: &Document<'_>) {
    let outline = &document.outline;
    let spans = (outline.headings.iter().map(|heading| heading.span))
        .chain(outline.code_blocks.iter().flat_map(|code| [code.span, code.content]))
        .chain(outline.links.iter().map(|link| link.span))
        .chain(outline.images.iter().map(|image| image.span))
        .chain(outline.inline_code.iter().copied())
        .chain(outline.front_matter);
    for span in spans {
        assert!(
            span.start <= span.end && source.get(span.start..span.end).is_some(),
            "{source:?} {span:?}"
        );
    }
}

const PIECES: &[&str] = &[
    "word ",
    "é漢",
    "\n",
    "\n\n",
    "# ",
    "## T\n",
    "*",
    "**",
    "_",
    "`",
    "``",
    "```\n",
    "> ",
    "- ",
    "1. ",
    "[a]",
    "(b)",
    "![i](u)",
    "<https://a.example>",
    "http://a.example/x_y ",
    "www.a.example",
    "&amp;",
    "&eacute;",
    "&",
    "\\",
    "|a|b|\n|-|-|\n|c|d|\n",
    "<div>",
    "</div>",
    "<code>",
    "</code>",
    "<a href=\"x\">",
    "</a>",
    "<br>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<pre>",
    "</pre>",
    "<h1>",
    "</h1>",
    "<li>",
    "---\n",
    "===\n",
    "::\n\n",
    "    ",
    "\t",
    ".. ",
    "note:: ",
    ":ref:`t <x>`",
    "`l <http://b.example>`_",
    "[^1]",
    "[^1]: ",
    "\r\n",
    "~~~\n",
    "{#id}",
    "~~",
    "// ",
    "/* ",
    " */",
    "\"\"\"",
    "'",
    "\"",
    "-- ",
    "+--+\n",
    "|",
    "=== ===\n",
    "[x] ",
    ". ",
    "e.g. ",
    "!",
    "\u{A0}",
    "<img alt=\"x\">",
    "[a]: /u\n",
    "_t: ",
];

proptest! {
    #[test]
    fn maps_back_to_the_source(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24),
        format in proptest::sample::select(&Format::ALL),
    ) {
        check_mapping(&pieces.concat(), format);
    }

    #[test]
    fn takes_any_text(text in any::<String>(), format in proptest::sample::select(&Format::ALL)) {
        check_mapping(&text, format);
    }
}

#[track_caller]
pub(super) fn check(source: &str, format: Format, expected: &[&str]) {
    check_mapping(source, format);
    let document = Document::new(source, format);
    let prose = &document.prose;
    let blocks: Vec<_> = prose.blocks().iter().map(|block| block.span.of(prose.text())).collect();
    assert_eq!(blocks, expected, "{source}");
}
