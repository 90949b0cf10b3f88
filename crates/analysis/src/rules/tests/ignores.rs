//! Comments that ignore findings.

use super::{count, find, rules_of};
use crate::Format;

#[track_caller]
fn check(text: &str, todos: usize) {
    assert_eq!(count("todo-marker", text), todos, "{text}");
}

#[test]
fn a_line_and_the_next_are_ignored() {
    check("<!-- forebay-ignore: todo-marker -->\nTODO one\nTODO two\n", 1);
    check("TODO one <!-- forebay-ignore: todo-marker -->\n\nTODO two\n", 1);
    check("TODO one\n<!-- forebay-ignore: heading-jump, todo-marker -->\nTODO two\n", 1);
    check("<!-- forebay-ignore -->\nTODO one\nTODO two\n", 1);
    check("<!-- forebay-ignore: heading-jump -->\nTODO one\n", 1);
    check("<!--forebay-ignore:todo-marker-->\nTODO one\n", 0);
}

#[test]
fn a_part_is_ignored() {
    let part = "TODO 1\n\n<!-- forebay-ignore-start: todo-marker -->\n\nTODO 2\n\nTODO 3\n\n";
    check(&format!("{part}<!-- forebay-ignore-end: todo-marker -->\n\nTODO 4\n"), 2);
    check(&format!("{part}<!-- forebay-ignore-end -->\n\nTODO 4\n"), 2);
    check(&format!("{part}<!-- forebay-ignore-end: heading-jump -->\n\nTODO 4\n"), 1);
    check(part, 1);
}

#[test]
fn a_file_is_ignored() {
    check("TODO one\n\n<!-- forebay-ignore-file: todo-marker -->\n\nTODO two\n", 0);
    assert_eq!(rules_of("TODO one\n\n<!-- forebay-ignore-file -->\n\n### Four\n"), [""; 0]);
}

#[test]
fn comments_of_code_ignore_too() {
    for comment in ["//", "#", "--", ";", "/*", "%"] {
        let text = format!("{comment} forebay-ignore: trailing-space\nlet a = 1; \n");
        let found = find(&text, Format::Code);
        assert!(!found.iter().any(|finding| finding.rule == "trailing-space"), "{text}");
    }
}

#[test]
fn only_comments_ignore() {
    check("Write forebay-ignore: todo-marker in a comment. TODO\n", 1);
    check("```html\n<!-- forebay-ignore-file: todo-marker -->\n```\n\nTODO\n", 1);
    let plain = find("# forebay-ignore-file\nTODO\n", Format::Plain);
    assert!(plain.iter().any(|finding| finding.rule == "todo-marker"));
}

#[test]
fn names_that_no_rule_has_are_told() {
    let text = "Text.\n\n<!-- forebay-ignore: todo-marker, no-such-rule -->\nTODO\n";
    let found = find(text, Format::Markdown);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.rule.as_ref(), finding.span.of(text)), ("unknown-ignore", "no-such-rule"));
    assert_eq!(count("unknown-ignore", "<!-- forebay-ignore-begin: todo-marker -->\n"), 1);
}
