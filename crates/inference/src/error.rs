//! Failures of asking a model.

use std::time::Duration;

use types::{Class, ProviderId};

use crate::{AllFailed, AttemptRecord, Failure};

/// A model could not be asked or has not answered.
///
/// The text of [`Error::Refused`], [`Error::AllFailed`] and [`Error::Interrupted`] may hold words
/// of a provider: it is for the client, not for a log. A log has the [`FailureKind`](crate::FailureKind).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A base URL of the configuration cannot be used.
    #[error("base_url {rule}")]
    BaseUrl {
        /// What it must be.
        rule: &'static str,
    },
    /// A provider's configuration cannot be used.
    #[error("provider {provider}: {rule}")]
    Settings {
        /// The provider.
        provider: ProviderId,
        /// What to change.
        rule: &'static str,
    },
    /// No HTTP client could be made, for want of certificate authorities most likely.
    #[error("provider {provider}: no http client: are the system's ca certificates installed?")]
    Client {
        /// The provider.
        provider: ProviderId,
        /// What the client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing serves the model.
    #[error("no provider serves the model {asked:?}: use one of {}", served.join(", "))]
    UnknownModel {
        /// What was asked for, shortened.
        asked: String,
        /// Names and patterns that are served, at most fifty.
        served: Vec<String>,
    },
    /// Every candidate speaks another protocol, in which the request cannot be said.
    #[error("no provider of this model can be asked so: {source}")]
    Untranslatable {
        /// What cannot be said.
        source: wire::Error,
    },
    /// A provider refused the request itself; no other would take it.
    #[error("{provider} {}", failure_text(attempts))]
    Refused {
        /// The provider.
        provider: ProviderId,
        /// Every attempt; the last is the refused one.
        attempts: Vec<AttemptRecord>,
    },
    /// Nobody answered.
    #[error("{0}")]
    AllFailed(Box<AllFailed>),
    /// The answer broke off after its beginning was handed on.
    #[error("{provider} {failure}")]
    Interrupted {
        /// The provider.
        provider: ProviderId,
        /// What happened.
        failure: Failure,
    },
}

fn failure_text(attempts: &[AttemptRecord]) -> String {
    attempts
        .last()
        .and_then(|attempt| attempt.failure.as_ref())
        .map_or_else(|| "refused the request".to_owned(), ToString::to_string)
}

impl Error {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::BaseUrl { .. }
            | Self::Settings { .. }
            | Self::UnknownModel { .. }
            | Self::Untranslatable { .. }
            | Self::Refused { .. } => Class::Caller,
            Self::Client { .. } => Class::Fault,
            Self::AllFailed(all) => all.class(),
            Self::Interrupted { .. } => Class::Upstream,
        }
    }

    /// The attempts that were made, for accounts: a failed one may be billed.
    pub fn attempts(&self) -> &[AttemptRecord] {
        match self {
            Self::Refused { attempts, .. } => attempts,
            Self::AllFailed(all) => &all.attempts,
            Self::BaseUrl { .. }
            | Self::Settings { .. }
            | Self::Client { .. }
            | Self::UnknownModel { .. }
            | Self::Untranslatable { .. }
            | Self::Interrupted { .. } => &[],
        }
    }

    /// The failure that tells most, where a provider was asked.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Refused { attempts, .. } => attempts.last()?.failure.as_ref(),
            Self::AllFailed(all) => all.telling().and_then(|attempt| attempt.failure.as_ref()),
            Self::Interrupted { failure, .. } => Some(failure),
            Self::BaseUrl { .. }
            | Self::Settings { .. }
            | Self::Client { .. }
            | Self::UnknownModel { .. }
            | Self::Untranslatable { .. } => None,
        }
    }

    /// How long to wait before asking again, where that may help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::AllFailed(all) => all.retry_after,
            Self::BaseUrl { .. }
            | Self::Settings { .. }
            | Self::Client { .. }
            | Self::UnknownModel { .. }
            | Self::Untranslatable { .. }
            | Self::Refused { .. }
            | Self::Interrupted { .. } => None,
        }
    }
}
