//! What a rule found.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Category, Position, Severity, Span};

/// What a rule found, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the rule, such as `heading-jump`.
    pub rule: Cow<'static, str>,
    /// What the rule looks at.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// In the decoded text.
    pub span: Span,
    /// Of the first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
    /// What is wrong, in a sentence. Never holds a secret that was found.
    pub message: String,
    /// What to do about it.
    pub suggestion: String,
}
