//! Rules of the user.

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::{Category, Document, Error, RuleInfo, Severity, Span};

/// The most memory that a pattern may take when it is made ready, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A rule of the user, such as
///
/// ```toml
/// [[rules]]
/// id = "no-utilize"
/// pattern = '\butilize[sd]?\b'
/// message = "this is a long word for use"
/// suggestion = "Write “use”."
/// severity = "note"
/// category = "linguistic"
/// ignore_case = true
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserRule {
    /// Small letters, digits and dashes; of no other rule.
    pub id: String,
    /// A regular expression as the crate `regex` has them. `\w`, `\b` and their like know ASCII
    /// alone, unless the pattern holds other characters or `\p`.
    pub pattern: String,
    /// What is wrong where it matches.
    pub message: String,
    /// What to do about it. Default: nothing.
    #[serde(default)]
    pub suggestion: String,
    /// Default: `warning`.
    #[serde(default = "default_severity")]
    pub severity: Severity,
    /// Default: `semantic`.
    #[serde(default = "default_category")]
    pub category: Category,
    /// Whether capital and small letters are the same. Default: false.
    #[serde(default)]
    pub ignore_case: bool,
    /// Where it looks. Default: `prose`.
    #[serde(default)]
    pub scope: Scope,
}

/// Where a rule of the user looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The prose: no code, no markup, no front matter.
    #[default]
    Prose,
    /// The whole text as it stands.
    Text,
}

fn default_severity() -> Severity {
    Severity::Warning
}

fn default_category() -> Category {
    Category::Semantic
}

/// A rule of the user, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: UserRule,
    regex: Regex,
}

impl Compiled {
    pub(crate) fn new(rule: &UserRule) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Rule { rule: rule.id.clone(), reason };
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if rule.id.is_empty() || !rule.id.bytes().all(is_id) {
            return Err(refuse("an id is made of small letters, digits and dashes".to_owned()));
        }
        if rule.message.trim().is_empty() {
            return Err(refuse("it needs a message that tells what is wrong".to_owned()));
        }
        let regex = RegexBuilder::new(&rule.pattern)
            .unicode(!rule.pattern.is_ascii() || rule.pattern.to_ascii_lowercase().contains(r"\p"))
            .case_insensitive(rule.ignore_case)
            .multi_line(true)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|error| refuse(explained(&error)))?;
        if regex.is_match(b"") {
            return Err(refuse(
                "the pattern matches nothing at all; make it match one character at least"
                    .to_owned(),
            ));
        }
        Ok(Self { rule: rule.clone(), regex })
    }

    /// Where it matches, in the text of the document; a match may end inside a character.
    pub(crate) fn find(&self, document: &Document<'_>, mut found: impl FnMut(Span)) {
        let looked_at = match self.rule.scope {
            Scope::Prose => document.prose.text(),
            Scope::Text => document.text,
        };
        for hit in self.regex.find_iter(looked_at.as_bytes()).filter(|hit| !hit.is_empty()) {
            let span = Span::new(hit.start(), hit.end());
            found(match self.rule.scope {
                Scope::Prose => document.prose.in_source(span),
                Scope::Text => span,
            });
        }
    }

    pub(crate) fn info(&self) -> RuleInfo {
        RuleInfo {
            id: self.rule.id.clone().into(),
            category: self.rule.category,
            severity: self.rule.severity,
            description: self.rule.message.clone().into(),
            suggestion: self.rule.suggestion.clone().into(),
            good: &[],
            bad: &[],
            streamed: true,
        }
    }
}

/// What is wrong with a pattern, in one line.
fn explained(error: &regex::Error) -> String {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return format!(
            "the pattern takes more than {PATTERN_BYTES_MAX} bytes; make its repetitions smaller"
        );
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    format!("the pattern is no regular expression: {last}")
}
