use super::super::tests::check;
use crate::Document;
use crate::Format::Html;

#[test]
fn reads_text_of_elements() {
    check(
        "<!DOCTYPE html><html><head><title>The title</title><style>p > a { x: y }</style>\n<script>if (a < b) { \"</p>\" }</script></head>\n<body><h1 id=top>Head <em>ing</em></h1><p>First\n   para&nbsp;&amp; <code>code</code> end.<p>Second<br/>line</p><ul><li>one<li>two</ul><table><tr><td>c</td><th>d</th></tr></table><pre>no\nno</pre>tail <!-- <p>no --> ok</body></html>",
        Html,
        &[
            "The title",
            "Head ing",
            "First\npara\u{A0}& end.",
            "Second\nline",
            "one",
            "two",
            "c",
            "d",
            "tail ok",
        ],
    );
}

#[test]
fn takes_broken_markup_as_text() {
    check("a < b and c<3 </ x> 5 > 4 &unknown; &", Html, &["a < b and c<3 5 > 4 &unknown; &"]);
    check("<a title='x > y' href=\"z\">t</a", Html, &["t"]);
    check("<p>it's <b", Html, &["it's"]);
}

#[test]
fn gathers_the_outline() {
    let source = "<h2 id=\"a\">One</h2><h2>Two &amp; 3</h2><a href=\"u?a&amp;b\">go</a><a name=n></a><img src=i alt=\"A &lt;\"><pre class=\"x language-rs\">let</pre><code>c</code>";
    let outline = Document::new(source, Html).outline;
    let anchors: Vec<_> = outline.heading_anchors().collect();
    let headings: Vec<_> = (outline.headings.iter().zip(&anchors))
        .map(|(it, anchor)| (it.level, it.text.as_str(), anchor.as_ref(), it.span.of(source)))
        .collect();
    assert_eq!(
        headings,
        [
            (2, "One", "a", "<h2 id=\"a\">One</h2>"),
            (2, "Two & 3", "two--3", "<h2>Two &amp; 3</h2>")
        ]
    );
    let links: Vec<_> = outline
        .links
        .iter()
        .map(|it| (it.text.as_str(), it.target.as_str(), it.span.of(source)))
        .collect();
    assert_eq!(links, [("go", "u?a&b", "<a href=\"u?a&amp;b\">go</a>")]);
    assert_eq!(
        (outline.images[0].alternative.as_str(), outline.images[0].target.as_str()),
        ("A <", "i")
    );
    assert_eq!(
        (outline.code_blocks[0].language.as_str(), outline.code_blocks[0].content.of(source)),
        ("rs", "let")
    );
    assert_eq!(outline.anchors, ["a", "n"]);
    assert_eq!(outline.inline_code[0].of(source), "<code>c</code>");
}
