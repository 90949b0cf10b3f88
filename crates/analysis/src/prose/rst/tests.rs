use super::super::tests::check;
use crate::Document;
use crate::Format::Rst;

#[test]
fn reads_sections() {
    let text = "=====\nTitle\n=====\n\nIntro\nhere.\n\nPart ``x``\n----------\n\nText.\n\nSub\n~~~\n\nNext\n----\n";
    check(text, Rst, &["Title", "Intro\nhere.", "Part", "Text.", "Sub", "Next"]);
    let document = Document::new(text, Rst);
    let anchors: Vec<_> = document.outline.heading_anchors().collect();
    let headings: Vec<_> = (document.outline.headings.iter().zip(&anchors))
        .map(|(heading, anchor)| (heading.level, heading.text.as_str(), anchor.as_ref()))
        .collect();
    assert_eq!(
        headings,
        [(1, "Title", "title"), (2, "Part x", "part-x"), (3, "Sub", "sub"), (2, "Next", "next")]
    );
}

#[test]
fn leaves_code_out() {
    let text = "Run this::\n\n    make all\n\n    now\n\nThen.\n\n.. code-block:: python\n   :linenos:\n\n   x = 1\n\n::\n\n  bare\n\n>>> 1 + 1\n2\n\nEnd.\n";
    check(text, Rst, &["Run this:", "Then.", "End."]);
    let document = Document::new(text, Rst);
    let code: Vec<_> = document
        .outline
        .code_blocks
        .iter()
        .map(|code| (code.content.of(text), code.language.as_str()))
        .collect();
    assert_eq!(
        code,
        [
            ("    make all\n\n    now", ""),
            ("   x = 1", "python"),
            ("  bare", ""),
            (">>> 1 + 1\n2", "pycon")
        ]
    );
}

#[test]
fn reads_directives() {
    check(
        ".. note:: Mind the\n   gap.\n\n.. warning::\n   :class: x\n\n   Take care.\n\n.. versionadded:: 3.1 New thing.\n\n.. image:: a.png\n   :alt: A picture\n\n.. toctree::\n\n   a\n   b\n\n.. A comment\n   that goes on.\n\nEnd.",
        Rst,
        &["Mind the", "gap.", "Take care.", "New thing.", "End."],
    );
}

#[test]
fn reads_inline_markup() {
    let text = "See :ref:`the guide <guide>`, :class:`Foo` and `a page <https://a.example/x>`_ or target_. **Bold** *it* |sub| [1]_ ``lit``.";
    check(text, Rst, &["See the guide, and a page or target. Bold it ."]);
    let document = Document::new(text, Rst);
    let links: Vec<_> = document
        .outline
        .links
        .iter()
        .map(|link| (link.text.as_str(), link.target.as_str()))
        .collect();
    assert_eq!(links, [("the guide", "guide"), ("a page", "https://a.example/x")]);
    assert_eq!(document.outline.inline_code.len(), 2);
}

#[test]
fn reads_lists_tables_fields() {
    check(
        "- one\n  more\n- two\n\n#. three\n\n:Author: Someone\n\n==== ====\nA    B C\n==== ====\nd    e\n==== ====\n\n+---+---+\n| f | g |\n+---+---+\n\n.. _anchor:\n\n.. [1] A note.\n",
        Rst,
        &["one\nmore", "two", "three", "Someone", "A", "B C", "d", "e", "f", "g", "A note."],
    );
}
