//! Order, places, limits and windows, whatever the text.

use proptest::prelude::*;

use super::{ALL, Expander, find};
use crate::{Document, Finding, Format, RuleSet, Stream, StreamSettings};

const FORMATS: [Format; 5] =
    [Format::Markdown, Format::Html, Format::Rst, Format::Plain, Format::Code];

/// What the streamed rules find in bytes that come in pieces of `size`.
fn streamed(text: &str, size: usize) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut stream =
        Stream::new(StreamSettings::default(), |window| found.extend(ALL.find_streamed(window)));
    for piece in text.as_bytes().chunks(size) {
        stream.push(piece);
    }
    stream.finish();
    found
}

#[track_caller]
fn check_streamed(text: &str) {
    let ids: Vec<_> = ALL.infos().filter(|info| info.streamed).map(|info| info.id).collect();
    let mut all = find(text, Format::Plain);
    all.retain(|finding| ids.contains(&finding.rule));
    for size in [1, 7, 4096, 1 << 20] {
        let found = streamed(text, size);
        let differ = found.iter().zip(&all).find(|(one, other)| one != other);
        assert!(differ.is_none(), "in pieces of {size}: {differ:#?}");
        assert_eq!(found.len(), all.len(), "in pieces of {size}");
    }
}

/// Text that many streamed rules find something in.
fn faulty(seed: u64, lines: usize) -> String {
    let parts = [
        "TODO ",
        "the end. ",
        "<card> ",
        "A <6 lower>@<6 lower>.net ",
        "caf\u{c3}\u{a9} ",
        "\u{200b}",
        "\u{4e2d}\u{6587} ",
        "AKIA<16 base32> ",
        "s p a c e d ",
        "wow!!! ",
        "\t",
        "http://a.net/ ",
        "<40 lower>",
        " ",
        "\r",
        "p\u{430}ypal ",
        "\u{7}",
        "token = \"<30 alnum>\" ",
        "In order to obviously win, it it was done by \n\nus. ",
        "A sentence <6 lower> with one two three four five six seven eight nine ten eleven twelve \
         thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty and many more ",
    ];
    let ends = ["\n", "\n", "\r\n", " \n", ""];
    let mut random = Expander::new(seed);
    let mut text = String::new();
    for _ in 0..lines {
        for _ in 0..random.number(8) {
            let part = parts[random.number(parts.len())];
            text.push_str(&random.expand(part));
        }
        text.push_str(ends[random.number(ends.len())]);
    }
    text
}

#[test]
fn a_stream_finds_what_memory_finds() {
    for seed in 0..20 {
        check_streamed(&faulty(seed, 60));
    }
}

#[test]
fn a_long_stream_finds_what_memory_finds() {
    let lines = "The pump runs all day, the valve stays open.\n".repeat(170);
    let text: String = (0..20).map(|seed| faulty(seed, 60) + &lines).collect();
    assert!(text.len() > 150_000, "{}", text.len());
    check_streamed(&text);
}

#[test]
fn a_stream_is_shown_to_the_rules_of_the_user() {
    let json = r#"{"id": "no-win", "pattern": "win,? it", "message": "no", "scope": "text"}"#;
    let rules = RuleSet::new(&[serde_json::from_str(json).unwrap()], &[]).unwrap();
    let text: String = (0..40).map(|seed| faulty(seed, 60)).collect();
    let mut streamed = Vec::new();
    let mut stream = Stream::new(StreamSettings::default(), |window| {
        streamed.extend(rules.find_streamed(window))
    });
    stream.push(text.as_bytes());
    stream.finish();
    let mut whole = rules.find(&Document::new(&text, Format::Plain));
    streamed.retain(|finding| finding.rule == "no-win");
    whole.retain(|finding| finding.rule == "no-win");
    assert_eq!(whole.len(), text.matches("win, it").count());
    assert_eq!(streamed, whole);
}

#[test]
fn a_stream_of_long_lines_finds_what_memory_finds() {
    let line: String = (0..20).map(|seed| faulty(seed, 60) + &"some filler ".repeat(800)).collect();
    let line = line.replace(['\n', '\r'], "");
    assert!(line.len() > 150_000);
    check_streamed(&line);
    let solid = format!("{}TODO{}\nTODO\n", "a".repeat(65_534), "b".repeat(70_000));
    check_streamed(&solid);
}

#[test]
fn a_line_behind_a_long_one_starts_anew() {
    let text = format!("{}\n<<<<<<< main\n", "a".repeat(70_000));
    let found = find(&text, Format::Plain);
    let rules: Vec<_> = found.iter().map(|one| (one.rule.as_ref(), one.start.line)).collect();
    assert_eq!(rules, [("long-line", 1), ("merge-conflict", 2)]);
    // The second part of a line is not its start.
    let parted = format!("{} <<<<<<< main\n", "a".repeat(65_535));
    assert_eq!(find(&parted, Format::Plain).len(), 1);
}

#[track_caller]
fn check_order(text: &str, format: Format) {
    let document = Document::new(text, format);
    let found = ALL.find(&document);
    for finding in &found {
        let span = finding.span;
        assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{finding:?}");
        assert_eq!(finding.start, document.position(span.start), "{finding:?}");
        assert_eq!(finding.end, document.position(span.end), "{finding:?}");
    }
    let keys: Vec<_> = found.iter().map(|one| (one.span.start, one.rule.clone())).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(found, ALL.find(&document));
}

/// Pieces of markup and faults that meet in odd ways.
const PIECES: [&str; 48] = [
    "# ",
    "## ",
    "#### A",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    "- ",
    "1. ",
    "> ",
    "|",
    "|---|---|\n",
    "```",
    "~~~",
    "`",
    "[",
    "]",
    "][",
    "(",
    ")",
    "](#a)",
    "[^1]",
    "]: ",
    "![](",
    "<a name=x>",
    "<!--",
    "-->",
    "forebay-ignore",
    "-start",
    "-end",
    ": todo-marker",
    "TODO",
    "is written",
    "the the",
    "SLO (",
    "http://",
    "@",
    "a.net",
    "4929",
    "\u{fffd}",
    "\u{202e}",
    "\u{c3}\u{a9}",
    "\u{430}",
    "ab",
    "''",
    "---\n",
];

proptest! {
    #![proptest_config(crate::testing::cases(60))]

    #[test]
    fn any_text_is_survived(text in ".{0,300}") {
        for format in FORMATS {
            check_order(&text, format);
        }
    }

    #[test]
    fn any_markup_is_survived(picks in proptest::collection::vec(0..PIECES.len(), 0..80)) {
        let text: String = picks.into_iter().map(|pick| PIECES[pick]).collect();
        for format in FORMATS {
            check_order(&text, format);
        }
    }
}

#[test]
fn only_the_first_thousand_of_a_rule_are_kept() {
    let text = "TODO one\n".repeat(1200) + "FIXME\n";
    for format in [Format::Plain, Format::Markdown] {
        let found = find(&text, format);
        let todos: Vec<_> = found.iter().filter(|one| one.rule == "todo-marker").collect();
        assert_eq!(todos.len(), 1000);
        let last = todos.last().unwrap();
        assert_eq!(last.start.line, 1000);
        assert!(last.message.contains("201 more findings"), "{}", last.message);
        assert!(!todos[998].message.contains("more findings"));
    }
}

#[test]
fn what_is_ignored_does_not_count() {
    let text = format!(
        "<!-- forebay-ignore-start -->\n\n{}\n<!-- forebay-ignore-end -->\n\nTODO\n",
        "TODO one\n".repeat(1200)
    );
    let found = find(&text, Format::Markdown);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.message, "“TODO” tells that something is left to do");
}

#[test]
fn a_finding_tells_its_place_and_what_to_do() {
    let text = "# Títle\n\nDö this in order to start.\n";
    let found = find(text, Format::Markdown);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.rule.as_ref(), finding.span.of(text)), ("wordy-phrase", "in order to"));
    assert_eq!((finding.start.line, finding.start.column), (3, 9));
    assert_eq!((finding.end.line, finding.end.column), (3, 20));
    assert_eq!(finding.message, "“in order to” is wordy");
    assert_eq!(finding.suggestion, "Write “to”.");
}
