//! What follows from a failure.

use wire::UpstreamErrorKind;

use crate::{FailureKind, Phase};

/// How far an attempt had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The client has seen nothing of the answer.
    BeforeContent,
    /// Content was handed on.
    AfterContent,
}

/// What the breaker makes of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BreakerEffect {
    None,
    Count,
    /// Counts once for all requests that were under way.
    CountOnce,
    Cooldown,
    HardDown,
}

/// What a failure says about how much the provider has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressure {
    None,
    /// It says itself that it is too much.
    Refused,
    /// It let the time for the beginning of an answer pass.
    Silent,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) same_provider: bool,
    pub(crate) next_provider: bool,
    pub(crate) breaker: BreakerEffect,
    pub(crate) pressure: Pressure,
}

impl Verdict {
    /// The table of failure classes.
    ///
    /// A time-out after sending is not tried again at the same provider: it would cost its whole
    /// time twice while another provider may be idle. An answer that is rubbish was made and may be
    /// billed, so it goes to the next provider at once.
    pub(crate) fn of(kind: FailureKind, stage: Stage) -> Self {
        if stage == Stage::AfterContent {
            let breaker = match kind {
                FailureKind::Broken | FailureKind::Truncated => BreakerEffect::CountOnce,
                FailureKind::Upstream(
                    UpstreamErrorKind::Unable | UpstreamErrorKind::Unsupported,
                ) => BreakerEffect::None,
                FailureKind::Connect
                | FailureKind::Timeout(_)
                | FailureKind::Rubbish
                | FailureKind::Upstream(_) => BreakerEffect::Count,
            };
            return Self::new(false, false, breaker);
        }
        match kind {
            FailureKind::Timeout(Phase::Request) => Self::new(false, true, BreakerEffect::None),
            FailureKind::Connect => Self::new(true, true, BreakerEffect::Count),
            FailureKind::Broken | FailureKind::Truncated => {
                Self::new(true, true, BreakerEffect::CountOnce)
            }
            FailureKind::Timeout(Phase::Headers | Phase::FirstContent) => {
                Self::new(false, true, BreakerEffect::Count).with(Pressure::Silent)
            }
            FailureKind::Timeout(Phase::BetweenChunks | Phase::Total) | FailureKind::Rubbish => {
                Self::new(false, true, BreakerEffect::Count)
            }
            FailureKind::Upstream(kind) => Self::of_upstream(kind),
        }
    }

    fn of_upstream(kind: UpstreamErrorKind) -> Self {
        match kind {
            UpstreamErrorKind::Overloaded => {
                Self::new(true, true, BreakerEffect::Count).with(Pressure::Refused)
            }
            UpstreamErrorKind::Timeout => {
                Self::new(true, true, BreakerEffect::Count).with(Pressure::Silent)
            }
            UpstreamErrorKind::Server => Self::new(true, true, BreakerEffect::Count),
            UpstreamErrorKind::RateLimited => {
                Self::new(false, true, BreakerEffect::Cooldown).with(Pressure::Refused)
            }
            UpstreamErrorKind::OutOfMoney | UpstreamErrorKind::Authentication => {
                Self::new(false, true, BreakerEffect::HardDown)
            }
            // One prompt or one model: the provider is well for all others.
            UpstreamErrorKind::Forbidden
            | UpstreamErrorKind::Unable
            | UpstreamErrorKind::Unsupported => Self::new(false, true, BreakerEffect::None),
            UpstreamErrorKind::NotFound
            | UpstreamErrorKind::InvalidRequest
            | UpstreamErrorKind::ContextLength
            | UpstreamErrorKind::TooLarge => Self::new(false, false, BreakerEffect::None),
        }
    }

    fn new(same_provider: bool, next_provider: bool, breaker: BreakerEffect) -> Self {
        Self { same_provider, next_provider, breaker, pressure: Pressure::None }
    }

    fn with(self, pressure: Pressure) -> Self {
        Self { pressure, ..self }
    }
}

#[cfg(test)]
mod tests {
    use wire::Protocol;

    use super::*;

    /// Columns: same provider, next provider, breaker, pressure.
    #[track_caller]
    fn check(kind: FailureKind, expected: &str) {
        assert_eq!(show(Verdict::of(kind, Stage::BeforeContent)), expected, "{kind:?}");
        let breaker = if expected.contains("CountOnce") { "CountOnce" } else { "Count" };
        let after = format!("no no {breaker} None");
        assert_eq!(show(Verdict::of(kind, Stage::AfterContent)), after, "{kind:?}");
    }

    fn show(verdict: Verdict) -> String {
        let yes = |is| if is { "yes" } else { "no" };
        let Verdict { same_provider, next_provider, breaker, pressure } = verdict;
        format!("{} {} {breaker:?} {pressure:?}", yes(same_provider), yes(next_provider))
    }

    #[track_caller]
    fn check_status(status: u16, body: &str, expected: &str) {
        for protocol in [Protocol::OpenAiChat, Protocol::AnthropicMessages] {
            let error = wire::decode_error(protocol, status, body.as_bytes());
            let verdict = Verdict::of(FailureKind::Upstream(error.kind), Stage::BeforeContent);
            assert_eq!(show(verdict), expected, "{protocol:?} {status} {body}");
        }
    }

    #[test]
    fn signals_without_a_status_follow_the_table() {
        check(FailureKind::Connect, "yes yes Count None");
        check(FailureKind::Broken, "yes yes CountOnce None");
        check(FailureKind::Truncated, "yes yes CountOnce None");
        check(FailureKind::Rubbish, "no yes Count None");
        for phase in [Phase::Headers, Phase::FirstContent] {
            check(FailureKind::Timeout(phase), "no yes Count Silent");
        }
        for phase in [Phase::BetweenChunks, Phase::Total] {
            check(FailureKind::Timeout(phase), "no yes Count None");
        }
        check(FailureKind::Timeout(Phase::Request), "no yes None None");
    }

    #[test]
    fn a_failure_at_one_request_is_never_held_against_the_provider() {
        for kind in [UpstreamErrorKind::Unable, UpstreamErrorKind::Unsupported] {
            let kind = FailureKind::Upstream(kind);
            assert_eq!(show(Verdict::of(kind, Stage::BeforeContent)), "no yes None None");
            assert_eq!(show(Verdict::of(kind, Stage::AfterContent)), "no no None None");
        }
    }

    #[test]
    fn statuses_follow_the_table() {
        for status in [500, 502, 409, 425] {
            check_status(status, "", "yes yes Count None");
        }
        for status in [503, 529, 498] {
            check_status(status, "", "yes yes Count Refused");
        }
        for status in [504, 408] {
            check_status(status, "", "yes yes Count Silent");
        }
        check_status(429, r#"{"error":{"message":"slow down"}}"#, "no yes Cooldown Refused");
        check_status(
            429,
            r#"{"error":{"message":"pay","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "no yes HardDown None",
        );
        for status in [401, 402] {
            check_status(status, "", "no yes HardDown None");
        }
        check_status(403, "", "no yes None None");
        for status in [400, 404, 413, 422] {
            check_status(status, "", "no no None None");
        }
    }
}
