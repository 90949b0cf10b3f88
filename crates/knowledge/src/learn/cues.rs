//! Words by which rules tell what a sentence is.

use crate::{Intent, Kind};

/// How a sentence of a kind speaks.
pub(super) struct Cue {
    pub(super) kind: Kind,
    pub(super) intent: Intent,
    pub(super) phrases: &'static [&'static str],
}

/// In the order in which they are tried: the first that a sentence holds decides.
pub(super) static CUES: [Cue; 10] = [
    Cue {
        kind: Kind::BugSolution,
        intent: Intent::Debugging,
        phrases: &[
            "root cause",
            "the fix was",
            "the fix is",
            "fixed by",
            "was fixed",
            "was caused by",
            "is caused by",
            "turned out",
            "the problem was",
            "the bug was",
            "the issue was",
            "the cause was",
            "solved by",
            "resolved by",
            "workaround",
            "which fixed",
            "that fixed",
            "fails because",
            "failed because",
            "crashed because",
            "broke because",
        ],
    },
    Cue {
        kind: Kind::ArchitecturalDecision,
        intent: Intent::FeatureDevelopment,
        phrases: &[
            "we decided",
            "decided to",
            "decision:",
            "we chose",
            "was chosen",
            "we agreed",
            "we will use",
            "we picked",
            "we settled on",
            "we are going with",
            "trade-off",
            "we rejected",
        ],
    },
    Cue {
        kind: Kind::TestingStrategy,
        intent: Intent::Testing,
        phrases: &[
            "tests must",
            "tests should",
            "test must",
            "test should",
            "every test",
            "each test",
            "unit tests",
            "integration tests",
            "regression test",
            "property test",
            "test coverage",
            "flaky",
            "we test",
        ],
    },
    Cue {
        kind: Kind::DeploymentApproach,
        intent: Intent::Exploration,
        phrases: &[
            "deploy",
            "roll back",
            "rollback",
            "rollout",
            "release branch",
            "canary",
            "blue-green",
            "in production we",
            "on staging",
            "helm chart",
        ],
    },
    Cue {
        kind: Kind::Optimization,
        intent: Intent::Optimization,
        phrases: &[
            "faster",
            "speed up",
            "sped up",
            "latency",
            "throughput",
            "reduced memory",
            "memory usage",
            "bottleneck",
            "halved",
            "cut the time",
            "allocations",
        ],
    },
    Cue {
        kind: Kind::Refactoring,
        intent: Intent::Refactoring,
        phrases: &[
            "refactor",
            "extracted into",
            "split into",
            "renamed",
            "moved into",
            "simplified by",
            "deduplicated",
        ],
    },
    Cue {
        kind: Kind::IntegrationPattern,
        intent: Intent::FeatureDevelopment,
        phrases: &[
            "integrates with",
            "webhook",
            "callback url",
            "talks to",
            "is connected to",
            "calls the api",
            "client library",
            "rate limit",
            "idempotency key",
        ],
    },
    Cue {
        kind: Kind::CodingPattern,
        intent: Intent::FeatureDevelopment,
        phrases: &[
            "always ",
            "never ",
            "prefer ",
            "convention",
            "must not",
            "must be",
            "by convention",
            "the pattern is",
            "avoid ",
            "do not use",
            "don't use",
            "naming",
        ],
    },
    Cue {
        kind: Kind::ToolUsage,
        intent: Intent::Learning,
        phrases: &[
            "use `",
            "run `",
            "with the flag",
            "the command",
            "command line",
            "the option",
            "the flag",
            "set the variable",
            "environment variable",
        ],
    },
    Cue {
        kind: Kind::ImplementationStrategy,
        intent: Intent::FeatureDevelopment,
        phrases: &[
            "the approach is",
            "is implemented",
            "was implemented",
            "we implement",
            "works by",
            "the plan is",
            "the algorithm",
            "the design is",
        ],
    },
];

/// The cue whose phrase comes first in the list.
pub(super) fn find(lower: &str) -> Option<&'static Cue> {
    CUES.iter().find(|cue| cue.phrases.iter().any(|phrase| holds(lower, phrase)))
}

/// Whether the text holds the phrase where a word begins.
fn holds(lower: &str, phrase: &str) -> bool {
    lower.match_indices(phrase).any(|(at, _)| {
        let before = lower.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}
