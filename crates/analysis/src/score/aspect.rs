//! The sides of quality.

use crate::{Category, Finding};

/// The sides of quality, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// Headings and sections lead through the document.
    Structure,
    /// Nothing is announced, begun or referred to that is not there.
    Completeness,
    /// Sentences can be read once.
    Clarity,
    /// The same thing is called and written the same.
    Consistency,
    /// The text came through whole.
    Integrity,
    /// Nothing is in it that must not be shown.
    Safety,
    /// It says what nothing else says, once.
    Uniqueness,
    /// Its parts can be found and understood alone.
    Retrievability,
}

impl Aspect {
    pub(crate) const ALL: [Self; 8] = [
        Self::Structure,
        Self::Completeness,
        Self::Clarity,
        Self::Consistency,
        Self::Integrity,
        Self::Safety,
        Self::Uniqueness,
        Self::Retrievability,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Completeness => "completeness",
            Self::Clarity => "clarity",
            Self::Consistency => "consistency",
            Self::Integrity => "integrity",
            Self::Safety => "safety",
            Self::Uniqueness => "uniqueness",
            Self::Retrievability => "retrievability",
        }
    }

    pub(super) fn index(self) -> usize {
        Self::ALL.iter().position(|aspect| *aspect == self).unwrap_or_default()
    }

    /// Which side a finding speaks of: that of its rule where the rule is ours, else that of its
    /// category.
    pub(super) fn of(finding: &Finding) -> Self {
        let by_rule = BY_RULE.iter().find(|(_, rules)| rules.contains(&finding.rule.as_ref()));
        by_rule.map_or_else(|| Self::of_category(finding.category), |(aspect, _)| *aspect)
    }

    fn of_category(category: Category) -> Self {
        match category {
            Category::Structural => Self::Structure,
            Category::Linguistic => Self::Clarity,
            Category::Technical | Category::Semantic => Self::Completeness,
            Category::Formatting => Self::Consistency,
            Category::Safety => Self::Safety,
        }
    }
}

/// Rules that speak of another side than their category does.
pub(super) const BY_RULE: &[(Aspect, &[&str])] = &[
    (Aspect::Structure, &["fence-language"]),
    (
        Aspect::Completeness,
        &[
            "broken-anchor",
            "undefined-reference",
            "undefined-footnote",
            "empty-link",
            "empty-section",
        ],
    ),
    (Aspect::Consistency, &["heading-case", "inconsistent-term", "unknown-ignore"]),
    (
        Aspect::Integrity,
        &[
            "control-character",
            "invisible-character",
            "lorem-ipsum",
            "merge-conflict",
            "mojibake",
            "quote-garbage",
            "replacement-character",
            "spaced-letters",
            "unclosed-fence",
        ],
    ),
    (Aspect::Safety, &["insecure-url"]),
    (Aspect::Retrievability, &["bare-url", "duplicate-heading", "link-text"]),
];
