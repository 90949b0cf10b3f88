use super::super::tests::check;
use crate::Format::Markdown;
use crate::{BlockKind, Document, Outline};

fn outline(source: &str) -> Outline {
    Document::new(source, Markdown).outline
}

#[test]
fn reads_blocks() {
    check(
        "---\ntitle: x\n---\n# One `a`\n\nTwo\nlines.\n\n> Quoted\n> on.\n\n- item\n  goes on\n- [x] done\n  - inner\n\n    more\n\n```rs\ncode\n```\n\n    indented\n\nEnd[^1].\n\n[^1]: A note.\n",
        Markdown,
        &[
            "One",
            "Two\nlines.",
            "Quoted\non.",
            "item\ngoes on",
            "done",
            "inner",
            "more",
            "End.",
            "A note.",
        ],
    );
    let document = Document::new("# H\n\np\n\n- i\n\n|a|\n|-|\n|b|\n", Markdown);
    let kinds: Vec<_> = document.prose.blocks().iter().map(|block| block.kind).collect();
    use BlockKind::{Heading, ListItem, Paragraph, TableCell};
    assert_eq!(kinds, [Heading, Paragraph, ListItem, TableCell, TableCell]);
}

#[test]
fn leaves_out_what_is_not_prose() {
    check("Call `foo` with [the *guide*](a.md), now.", Markdown, &["Call with the guide, now."]);
    check("a`b`c", Markdown, &["a c"]);
    check("See <https://a.example> or https://b.example/c_d. Then", Markdown, &["See or . Then"]);
    check("[![alt](b.svg)](u) text ![x](y) more", Markdown, &["text more"]);
    check("*A*B ~~c~~ **d**\\_e &amp; f&eacute;", Markdown, &["AB c d_e & fé"]);
    check("a<br>b <kbd>K</kbd> <b>c</b>d <!-- e --> f", Markdown, &["a\nb cd f"]);
    check("[a]: /u\n\n[a] and [b][c] and [d]", Markdown, &["a and b and [d]"]);
}

#[test]
fn reads_html_blocks() {
    check(
        "<h1 align=\"center\">Name</h1>\n\n<p>\n  Some <b>bold</b>\n  text.\n</p>\n\n<details>\n<summary>More</summary>\n\nInner.\n\n</details>\n\n<!-- no\nno -->\n\nEnd.",
        Markdown,
        &["Name", "Some bold\ntext.", "More", "Inner.", "End."],
    );
}

#[test]
fn gathers_the_outline() {
    let source = "+++\na = 1\n+++\n# A b! {#own}\n\n## Dup\n\n## Dup\n\n[t `c`](u 'v') [x][y] <a id=\"h\"></a> <m@a.example>\n\n![i *j*](k)\n\n```rust,ignore\nx\n```\n\n    y\n\n- 1\n- 2\n\n|a|\n|-|\n|b|\n";
    let outline = outline(source);
    assert_eq!(outline.front_matter.unwrap().of(source), "+++\na = 1\n+++\n");
    let anchors: Vec<_> = outline.heading_anchors().collect();
    let headings: Vec<_> = (outline.headings.iter().zip(&anchors))
        .map(|(it, anchor)| (it.level, it.text.as_str(), anchor.as_ref()))
        .collect();
    assert_eq!(headings, [(1, "A b!", "own"), (2, "Dup", "dup"), (2, "Dup", "dup-1")]);
    let links: Vec<_> = outline
        .links
        .iter()
        .map(|it| (it.text.as_str(), it.target.as_str(), it.span.of(source)))
        .collect();
    assert_eq!(
        links,
        [
            ("t c", "u", "[t `c`](u 'v')"),
            ("x", "", "[x][y]"),
            ("m@a.example", "mailto:m@a.example", "<m@a.example>"),
        ],
    );
    let images: Vec<_> =
        outline.images.iter().map(|it| (it.alternative.as_str(), it.target.as_str())).collect();
    assert_eq!(images, [("i j", "k")]);
    let code: Vec<_> = outline
        .code_blocks
        .iter()
        .map(|it| (it.language.as_str(), it.is_fenced, it.content.of(source)))
        .collect();
    assert_eq!(code, [("rust", true, "x\n"), ("", false, "y\n")]);
    assert_eq!(outline.anchors, ["own", "h"]);
    assert_eq!((outline.list_items, outline.tables, outline.inline_code.len()), (2, 1, 1));
}

#[test]
fn names_headings_in_one_line() {
    let outline = outline("Wrapped  `a`\n  heading\n===\n\n# &nbsp;*b* #\n");
    let anchors: Vec<_> = outline.heading_anchors().collect();
    let names: Vec<_> = (outline.headings.iter().zip(&anchors))
        .map(|(it, anchor)| (it.text.as_str(), anchor.as_ref()))
        .collect();
    assert_eq!(names, [("Wrapped a heading", "wrapped-a-heading"), ("b", "b")]);
}

#[test]
fn front_matter_stands_first_and_ends() {
    let has = |source: &str| outline(source).front_matter.is_some();
    assert!(has("---\na: b\n---\n") && has("---\r\na: b\r\n...\r\n"));
    assert!(!has("x\n---\na: b\n---\n") && !has("---\n\na\n---\n") && !has("---\na: b\n"));
}

#[test]
fn reads_what_nests_too_deep_as_plain_text() {
    check(&format!("{}deep", "> ".repeat(100)), Markdown, &[&format!("{}deep", "> ".repeat(100))]);
    check(&format!("{}deep", "> ".repeat(20)), Markdown, &["deep"]);
}
