mod engine;
mod examples;
mod expand;
mod hostile;
mod ignores;
mod secrets;
mod user_rules;
mod words;

use std::sync::LazyLock;

use self::expand::Expander;
use crate::{Document, Finding, Format, RuleSet};

/// All built-in rules; made once, as that takes longest.
static ALL: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::builtin().unwrap());

fn find(text: &str, format: Format) -> Vec<Finding> {
    ALL.find(&Document::new(text, format))
}

/// Which rules find something in Markdown, each as often as it does.
fn rules_of(text: &str) -> Vec<String> {
    find(text, Format::Markdown).into_iter().map(|finding| finding.rule.into_owned()).collect()
}

/// How often `rule` finds something in Markdown.
fn count(rule: &str, text: &str) -> usize {
    rules_of(text).iter().filter(|found| *found == rule).count()
}
