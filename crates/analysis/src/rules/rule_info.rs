//! What is told about a rule.

use std::borrow::Cow;

use serde::Serialize;

use crate::{Category, Severity};

/// What is told about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its name in findings, settings and ignores, such as `heading-jump`.
    pub id: Cow<'static, str>,
    /// What it looks at.
    pub category: Category,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it finds, in a sentence.
    pub description: Cow<'static, str>,
    /// What to do about a finding.
    pub suggestion: Cow<'static, str>,
    /// Markdown in which it finds nothing.
    pub good: &'static [&'static str],
    /// Markdown in which it finds something. `<40 alnum>` stands for 40 random letters and digits,
    /// so that no example is itself a secret; likewise `hex`, `upper`, `lower`, `digits`, `base32`, `base64` and
    /// `card`.
    pub bad: &'static [&'static str],
    /// Whether it also looks at streams, a window at a time.
    pub streamed: bool,
}
