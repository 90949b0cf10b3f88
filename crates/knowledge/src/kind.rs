//! What sort of knowledge an item is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most bytes that the name of a user's own kind may have.
const NAME_BYTES_MAX: usize = 64;

/// What sort of knowledge an item is: one of eleven, or the user's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Kind {
    /// How code is written here.
    CodingPattern,
    /// What was decided, and why.
    ArchitecturalDecision,
    /// A fault and what mended it.
    BugSolution,
    /// How something was or will be built.
    ImplementationStrategy,
    /// How a tool or a command is used.
    ToolUsage,
    /// What made something faster, smaller or cheaper.
    Optimization,
    /// How this works together with something else.
    IntegrationPattern,
    /// How code was brought into a better shape.
    Refactoring,
    /// How something is tested.
    TestingStrategy,
    /// How something is released or run.
    DeploymentApproach,
    /// What something is.
    AbstractConcept,
    /// The user's own: 1 to 64 of `a-z 0-9 _`.
    Own(Arc<str>),
}

impl Kind {
    /// The built-in kinds.
    pub const BUILT_IN: [Self; 11] = [
        Self::CodingPattern,
        Self::ArchitecturalDecision,
        Self::BugSolution,
        Self::ImplementationStrategy,
        Self::ToolUsage,
        Self::Optimization,
        Self::IntegrationPattern,
        Self::Refactoring,
        Self::TestingStrategy,
        Self::DeploymentApproach,
        Self::AbstractConcept,
    ];

    /// As written in the store, in exports and by users.
    pub fn name(&self) -> &str {
        match self {
            Self::CodingPattern => "coding_pattern",
            Self::ArchitecturalDecision => "architectural_decision",
            Self::BugSolution => "bug_solution",
            Self::ImplementationStrategy => "implementation_strategy",
            Self::ToolUsage => "tool_usage",
            Self::Optimization => "optimization",
            Self::IntegrationPattern => "integration_pattern",
            Self::Refactoring => "refactoring",
            Self::TestingStrategy => "testing_strategy",
            Self::DeploymentApproach => "deployment_approach",
            Self::AbstractConcept => "abstract_concept",
            Self::Own(name) => name,
        }
    }

    /// How fast knowledge of this kind ages, in days of age per day: 1 for most and for the user's
    /// own. Decisions and concepts hold longer; tools and deployments change sooner.
    pub fn ageing(&self) -> f64 {
        match self {
            Self::AbstractConcept => 0.25,
            Self::ArchitecturalDecision => 0.5,
            Self::CodingPattern | Self::TestingStrategy | Self::Refactoring => 0.75,
            Self::BugSolution
            | Self::ImplementationStrategy
            | Self::IntegrationPattern
            | Self::Own(_) => 1.0,
            Self::Optimization => 1.25,
            Self::ToolUsage | Self::DeploymentApproach => 1.5,
        }
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        if let Some(kind) = Self::BUILT_IN.into_iter().find(|kind| kind.name() == name) {
            return Ok(kind);
        }
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_letter);
        if !fits {
            return Err(Error::Value { what: "kind", rule: "1 to 64 of a-z 0-9 _" });
        }
        Ok(Self::Own(name.into()))
    }
}

impl TryFrom<String> for Kind {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.name().to_owned()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_are_each_others_inverse() {
        for kind in Kind::BUILT_IN {
            assert_eq!(kind.name().parse::<Kind>().unwrap(), kind);
        }
        assert_eq!("runbook".parse::<Kind>().unwrap(), Kind::Own("runbook".into()));
        for wrong in ["", "Run Book", "run-book", &"x".repeat(65)] {
            assert!(wrong.parse::<Kind>().is_err(), "{wrong:?}");
        }
    }
}
