//! Texts that make careless rules take time that grows with its square. At this size such a rule
//! is the one that is waited for.

use super::find;
use crate::Format;

const BYTES: usize = 20_000;

fn texts() -> Vec<String> {
    let repeated = |unit: &str| unit.repeat(BYTES / unit.len());
    [
        "!",
        "(",
        "[",
        "]",
        "][",
        "[a][b]",
        "[^a]",
        "]:",
        "@",
        "a@",
        "a.b@c.",
        "-",
        "_",
        "http://",
        "://",
        "a:b@",
        "SK0",
        "sk-",
        "eyJ.",
        "password=",
        "token:",
        "0123 ",
        "4929",
        "s p ",
        " ",
        "\t",
        "# a\n",
        "#\n",
        "## a\n\n",
        "> ",
        "```\n",
        "|",
        "|a|b|\n|-|-|\n",
        "the ",
        "is is ",
        "very ",
        "SLO ",
        "(SLO) ",
        "\u{fffd}",
        "\u{200b}",
        "\u{430}a",
        "``a''",
        "''",
        "&amp;quot;",
        "in order ",
        "email e-mail ",
        "<!-- forebay-ignore -->",
        "<!-- forebay-ignore-start: a -->\n",
        "# forebay-ignore-end\n",
        "TODO",
        "<your ",
        "a\r\nb\n",
        "was not ",
    ]
    .map(repeated)
    .to_vec()
}

#[test]
fn time_does_not_grow_with_the_square() {
    for text in texts() {
        for format in [Format::Markdown, Format::Plain] {
            let found = find(&text, format);
            assert!(found.len() <= 70 * 1000);
        }
    }
}
