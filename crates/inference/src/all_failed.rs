//! The failure of a whole request.

use std::fmt;
use std::time::Duration;

use types::{Class, ProviderId};
use wire::UpstreamErrorKind;

use crate::{AttemptRecord, FailureKind};

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
    /// Its breaker is open, or the model is over its rate limit there.
    Resting,
    /// It has as many requests in flight as it takes.
    Full,
    /// It has, and more wait than can be served in time.
    Shed,
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
    /// Busy where every reason is a limit that passes, the caller's where nobody takes what the
    /// request has, upstream where something failed.
    pub(crate) fn class(&self) -> Class {
        if self.telling().is_some_and(is_unsupported) {
            return Class::Caller;
        }
        let limited = FailureKind::Upstream(UpstreamErrorKind::RateLimited);
        let overloaded = FailureKind::Upstream(UpstreamErrorKind::Overloaded);
        let passes = |kind: FailureKind| kind == limited || kind == overloaded;
        let passing = |attempt: &AttemptRecord| {
            is_unsupported(attempt)
                || attempt.failure.as_ref().is_some_and(|failure| passes(failure.kind))
        };
        if self.attempts.iter().all(passing) { Class::Busy } else { Class::Upstream }
    }

    /// The last attempt that a provider failed by itself, or else the last of those that another
    /// time may go well. What a provider does not take tells only where nobody takes it.
    pub(crate) fn telling(&self) -> Option<&AttemptRecord> {
        let outside = [FailureKind::Connect, FailureKind::Upstream(UpstreamErrorKind::RateLimited)];
        let speaks = |attempt: &&AttemptRecord| {
            let kind = attempt.failure.as_ref().map(|failure| failure.kind);
            kind.is_some_and(|kind| !outside.contains(&kind)) && !is_unsupported(attempt)
        };
        let mut latest = self.attempts.iter().rev();
        let asked =
            latest.clone().find(speaks).or_else(|| latest.find(|attempt| !is_unsupported(attempt)));
        asked.or_else(|| self.attempts.last().filter(|_| self.skipped.is_empty()))
    }
}

fn is_unsupported(attempt: &AttemptRecord) -> bool {
    let unsupported = FailureKind::Upstream(UpstreamErrorKind::Unsupported);
    attempt.failure.as_ref().is_some_and(|failure| failure.kind == unsupported)
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
                SkipReason::Shed => "has too many requests waiting",
            };
            write!(formatter, "; {provider} {reason}")?;
        }
        Ok(())
    }
}
