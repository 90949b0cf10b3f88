//! Failures of asking a model.

use std::fmt;
use std::time::Duration;

use types::{Class, ProviderId};
use wire::UpstreamErrorKind;

use crate::{AttemptRecord, Failure, FailureKind};

/// A model could not be asked or has not answered.
///
/// The text of [`Error::Refused`], [`Error::AllFailed`] and [`Error::Interrupted`] may hold words
/// of a provider: it is for the client, not for a log. A log has the [`FailureKind`].
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

/// Nobody answered: who was asked, who was not, and why it ended.
#[derive(Debug)]
pub struct AllFailed {
    /// The attempts in order, each with its failure.
    pub attempts: Vec<AttemptRecord>,
    /// Providers that were not asked.
    pub skipped: Vec<Skipped>,
    /// Why no further attempt was made.
    pub end: End,
    /// The shortest wait that any of them asks for.
    pub retry_after: Option<Duration>,
}

/// A provider that was not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The provider.
    pub provider: ProviderId,
    /// Why not.
    pub reason: SkipReason,
    /// How long the reason lasts, where that is known.
    pub wait: Option<Duration>,
}

/// Why a provider was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// Its breaker is open or it asked to be left alone.
    Resting,
    /// It has as many requests in flight as allowed.
    Full,
}

/// Why no further attempt was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every candidate was asked or skipped.
    NobodyLeft,
    /// The request's time is over.
    Deadline,
    /// Too many extra attempts of all requests together.
    RetryBudget,
    /// The gate said no: the budget does not cover another attempt.
    Gate,
}

impl AllFailed {
    /// Busy where every reason is a limit that passes, upstream where something failed.
    fn class(&self) -> Class {
        let passing = |attempt: &AttemptRecord| {
            attempt.failure.as_ref().is_some_and(|failure| {
                let limited = FailureKind::Upstream(UpstreamErrorKind::RateLimited);
                let overloaded = FailureKind::Upstream(UpstreamErrorKind::Overloaded);
                failure.kind == limited || failure.kind == overloaded
            })
        };
        if self.attempts.iter().all(passing) { Class::Busy } else { Class::Upstream }
    }

    /// The last attempt that a provider failed by itself, or else the last.
    fn telling(&self) -> Option<&AttemptRecord> {
        let speaks = |attempt: &&AttemptRecord| {
            attempt.failure.as_ref().is_some_and(|failure| {
                let limited = FailureKind::Upstream(UpstreamErrorKind::RateLimited);
                failure.kind != FailureKind::Connect && failure.kind != limited
            })
        };
        self.attempts.iter().rev().find(speaks).or(self.attempts.last())
    }
}

impl fmt::Display for AllFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.end {
            End::NobodyLeft => "no provider could answer",
            End::Deadline => "no provider answered in time",
            End::RetryBudget => "no provider answered and too many requests are being retried",
            End::Gate => "no provider answered and the budget covers no further attempt",
        };
        formatter.write_str(words)?;
        if let Some(AttemptRecord { candidate, failure: Some(failure), .. }) = self.telling() {
            write!(formatter, ": {} {failure}", candidate.provider)?;
        }
        for Skipped { provider, reason, .. } in &self.skipped {
            let reason = match reason {
                SkipReason::Resting => "is being left alone after earlier failures or limits",
                SkipReason::Full => "has as many requests in flight as it may",
            };
            write!(formatter, "; {provider} {reason}")?;
        }
        Ok(())
    }
}
