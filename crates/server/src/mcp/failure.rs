//! Why a tool has no result.

use types::Class;

/// Why a tool has no result; the agent is told in a sentence and may mend it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the arguments are not right: {reason}")]
    Arguments { reason: String },
    #[error(transparent)]
    Gateway(#[from] orchestrator::Error),
    #[error("the gateway answered something else than was asked")]
    Mismatch,
}

impl Failure {
    /// What serde says names fields and types, and repeats no more than a value that does not fit.
    pub(super) fn arguments(reason: impl std::fmt::Display) -> Self {
        Self::Arguments { reason: reason.to_string() }
    }

    /// What the agent is told; nothing of this machine.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Gateway(error) => error.told(),
            Self::Arguments { .. } | Self::Mismatch => self.to_string(),
        }
    }

    /// What a log may hold: nothing that the agent sent.
    pub(super) fn logged(&self) -> String {
        match self {
            Self::Gateway(error) => error.logged(),
            Self::Arguments { .. } => "arguments that are not right".to_owned(),
            Self::Mismatch => self.to_string(),
        }
    }

    pub(super) fn class(&self) -> Class {
        match self {
            Self::Gateway(error) => error.class(),
            Self::Arguments { .. } => Class::Caller,
            Self::Mismatch => Class::Fault,
        }
    }
}
