//! A built-in rule.

use crate::rules::sink::Sink;
use crate::{Category, Document, RuleInfo, Severity, Span};

/// A built-in rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) category: Category,
    pub(crate) severity: Severity,
    pub(crate) description: &'static str,
    pub(crate) suggestion: &'static str,
    pub(crate) good: &'static [&'static str],
    pub(crate) bad: &'static [&'static str],
    pub(crate) check: Check,
}

/// How a rule finds.
#[derive(Debug)]
pub(crate) enum Check {
    /// Phrases of the prose in lower case, each with what to write instead, or with nothing.
    Phrases { say: &'static str, phrases: &'static [(&'static str, &'static str)] },
    /// Groups of spellings of which a document should use one.
    Variants(&'static [&'static [&'static str]]),
    /// A function that is asked wherever one of the literals stands in the text.
    Literals(Literals),
    /// A shape that starts with one of the literals, or holds it.
    Secret(Secret),
    /// A function that is shown each line of the text.
    Line { place: Place, find: fn(&Line<'_>, &mut Sink<'_>) },
    /// A function that is shown the document and looks at single sentences of it.
    Sentences(fn(&Document<'_>, &mut Sink<'_>)),
    /// A function that is shown the document.
    Document(fn(&Document<'_>, &mut Sink<'_>)),
}

/// Literals, and who is asked about them.
#[derive(Debug)]
pub(crate) struct Literals {
    pub(crate) literals: &'static [&'static str],
    pub(crate) place: Place,
    pub(crate) ask: fn(&Hit<'_>, &mut Sink<'_>),
}

/// Where findings of a rule count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    /// Not in code and front matter.
    OutsideCode,
}

/// The shape of a secret.
#[derive(Debug)]
pub(crate) struct Secret {
    /// What it is, with its article.
    pub(crate) name: &'static str,
    pub(crate) literals: &'static [&'static str],
    /// How many bytes before the literal the shape may start.
    pub(crate) before: usize,
    /// The part that is random is the group `key`, else the whole.
    pub(crate) pattern: &'static str,
    pub(crate) guard: fn(&str) -> bool,
}

/// A literal that was met in a window of text.
pub(crate) struct Hit<'w> {
    pub(crate) window: &'w str,
    pub(crate) span: Span,
}

/// A line, or a part of one that is too long for a window.
pub(crate) struct Line<'w> {
    /// Without its end.
    pub(crate) text: &'w str,
    /// Whether it is the first part.
    pub(crate) is_start: bool,
    /// Whether a line end follows.
    pub(crate) is_ended: bool,
}

impl Rule {
    /// Whether what it finds depends on a few lines alone.
    fn is_streamed(&self) -> bool {
        !matches!(self.check, Check::Variants(_) | Check::Document(_))
    }

    pub(crate) fn info(&self) -> RuleInfo {
        RuleInfo {
            id: self.id.into(),
            category: self.category,
            severity: self.severity,
            description: self.description.into(),
            suggestion: self.suggestion.into(),
            good: self.good,
            bad: self.bad,
            streamed: self.is_streamed(),
        }
    }
}
