//! Rules of the user.

use super::find;
use crate::{Category, Document, Error, Format, RuleSet, Scope, Severity, UserRule};

fn rule(id: &str, pattern: &str) -> UserRule {
    UserRule {
        id: id.to_owned(),
        pattern: pattern.to_owned(),
        message: "this is not said here".to_owned(),
        suggestion: String::new(),
        severity: Severity::Note,
        category: Category::Linguistic,
        ignore_case: false,
        scope: Scope::Prose,
    }
}

fn matches(rule: &UserRule, text: &str) -> Vec<String> {
    let rules = RuleSet::new(std::slice::from_ref(rule), &[]).unwrap();
    let found = rules.find(&Document::new(text, Format::Markdown));
    let own = found.into_iter().filter(|finding| finding.rule == rule.id);
    own.map(|finding| finding.span.of(text).to_owned()).collect()
}

#[test]
fn defaults_are_filled_in() {
    let json = r#"{"id": "no-foo", "pattern": "foo", "message": "no foo here"}"#;
    let rule: UserRule = serde_json::from_str(json).unwrap();
    assert_eq!((rule.severity, rule.category), (Severity::Warning, Category::Semantic));
    assert_eq!((rule.scope, rule.ignore_case), (Scope::Prose, false));
    let unknown = r#"{"id": "no-foo", "pattern": "foo", "message": "m", "regex": "foo"}"#;
    assert!(serde_json::from_str::<UserRule>(unknown).is_err());
}

#[test]
fn scope_and_case_are_kept_to() {
    let text = "A foo, a `foo` and a Foo.\n";
    assert_eq!(matches(&rule("no-foo", r"\bfoo\b"), text), ["foo"]);
    let everywhere = UserRule { scope: Scope::Text, ..rule("no-foo", r"\bfoo\b") };
    assert_eq!(matches(&everywhere, text), ["foo", "foo"]);
    let any_case = UserRule { ignore_case: true, ..rule("no-foo", r"\bfoo\b") };
    assert_eq!(matches(&any_case, text), ["foo", "Foo"]);
}

#[test]
fn matches_end_on_characters() {
    assert_eq!(matches(&rule("odd", "x."), "ax\u{e4}b\n"), ["x\u{e4}"]);
    assert_eq!(matches(&rule("odd", "[^a-z \n]+"), "a \u{4e2d}\u{6587} b\n"), ["\u{4e2d}\u{6587}"]);
    assert_eq!(matches(&rule("umlaut", "\u{e4}+"), "a \u{e4}\u{e4} b\n"), ["\u{e4}\u{e4}"]);
}

#[test]
fn a_rule_can_be_ignored_and_left_out() {
    let own = rule("no-foo", "foo");
    assert_eq!(matches(&own, "<!-- forebay-ignore: no-foo -->\nA foo.\n\nfoo\n"), ["foo"]);
    let off = RuleSet::new(std::slice::from_ref(&own), &["no-foo".to_owned()]).unwrap();
    assert!(off.infos().all(|info| info.id != "no-foo"));
    assert!(off.find(&Document::new("foo\n", Format::Markdown)).is_empty());
}

#[track_caller]
fn refused(user: &[UserRule], disabled: &[&str], told: &str) {
    let disabled: Vec<String> = disabled.iter().map(|id| (*id).to_owned()).collect();
    let error = RuleSet::new(user, &disabled).unwrap_err();
    let Error::Rule { rule, reason } = &error else { panic!("{error}") };
    let named = user.last().map_or_else(|| disabled[0].clone(), |rule| rule.id.clone());
    assert_eq!(*rule, named);
    assert!(reason.contains(told), "{reason}");
    assert!(!reason.contains('\n'), "{reason}");
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    refused(&[rule("No Foo", "foo")], &[], "small letters");
    refused(&[rule("", "foo")], &[], "small letters");
    refused(&[rule("open", "foo(")], &[], "unclosed group");
    refused(&[rule("nothing", "f*")], &[], "at least");
    refused(&[rule("huge", r"(?:[a-z]{1000}){1000}")], &[], "smaller");
    refused(&[rule("todo-marker", "foo")], &[], "of its own");
    refused(&[rule("twice", "foo"), rule("twice", "bar")], &[], "of its own");
    refused(&[UserRule { message: " ".to_owned(), ..rule("mute", "foo") }], &[], "message");
    refused(&[], &["no-such-rule"], "lists them");
}

#[test]
fn rules_left_out_find_nothing() {
    let text = "TODO simply\n";
    assert!(find(text, Format::Markdown).iter().any(|finding| finding.rule == "todo-marker"));
    let off = RuleSet::new(&[], &["todo-marker".to_owned(), "assumption-word".to_owned()]).unwrap();
    assert!(off.find(&Document::new(text, Format::Markdown)).is_empty());
}
