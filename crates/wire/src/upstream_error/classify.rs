//! What a provider's error is, from its words and from its status.

use std::time::Duration;

use super::{Report, UpstreamErrorKind as Kind};
use crate::json::borrowed::{member, text};

/// `type`, `code` and `status` of the dialects. The first that is found counts, so what money and
/// context length say stands before the general words that accompany it.
const WORDS: [(&str, Kind); 36] = [
    ("insufficient_quota", Kind::OutOfMoney),
    ("credit_balance_exhausted", Kind::OutOfMoney),
    ("billing_hard_limit_reached", Kind::OutOfMoney),
    ("billing_not_active", Kind::OutOfMoney),
    ("enforced_spend_limit_reached", Kind::OutOfMoney),
    ("billing_error", Kind::OutOfMoney),
    ("context_length_exceeded", Kind::ContextLength),
    ("string_above_max_length", Kind::ContextLength),
    ("invalid_api_key", Kind::Authentication),
    ("authentication_error", Kind::Authentication),
    ("permission_error", Kind::Forbidden),
    ("PERMISSION_DENIED", Kind::Forbidden),
    ("UNAUTHENTICATED", Kind::Authentication),
    ("model_not_found", Kind::NotFound),
    ("not_found_error", Kind::NotFound),
    ("NOT_FOUND", Kind::NotFound),
    ("rate_limit_exceeded", Kind::RateLimited),
    ("rate_limit_error", Kind::RateLimited),
    ("RESOURCE_EXHAUSTED", Kind::RateLimited),
    ("too_many_requests", Kind::RateLimited),
    ("request_too_large", Kind::TooLarge),
    ("overloaded_error", Kind::Overloaded),
    ("overloaded", Kind::Overloaded),
    ("UNAVAILABLE", Kind::Overloaded),
    ("service_unavailable", Kind::Overloaded),
    ("engine_overloaded", Kind::Overloaded),
    ("timeout_error", Kind::Timeout),
    ("timeout", Kind::Timeout),
    ("DEADLINE_EXCEEDED", Kind::Timeout),
    ("api_error", Kind::Server),
    ("server_error", Kind::Server),
    ("internal_server_error", Kind::Server),
    ("internal_error", Kind::Server),
    ("INTERNAL", Kind::Server),
    ("invalid_request_error", Kind::InvalidRequest),
    ("INVALID_ARGUMENT", Kind::InvalidRequest),
];

/// What providers write in the message of a general `invalid_request_error`.
const PHRASES: [(&str, Kind); 12] = [
    ("credit balance is too low", Kind::OutOfMoney),
    // Gemini's status for it is that of any wrong request.
    ("api key not valid", Kind::Authentication),
    // OpenRouter and xAI refuse a prompt with the status of a wrong key.
    ("requires moderation", Kind::InvalidRequest),
    ("was flagged", Kind::InvalidRequest),
    ("violates usage guidelines", Kind::InvalidRequest),
    ("maximum context length", Kind::ContextLength),
    ("context window", Kind::ContextLength),
    ("prompt is too long", Kind::ContextLength),
    ("input token count", Kind::ContextLength),
    ("reduce the length of the messages", Kind::ContextLength),
    ("over capacity", Kind::Overloaded),
    ("overloaded", Kind::Overloaded),
];

/// The kind of an error whose status is known or not.
pub(super) fn kind(report: &Report<'_>, status: Option<u16>) -> Kind {
    if is_day_spent(report) {
        return Kind::OutOfMoney;
    }
    let named = [report.text("code"), report.text("type"), report.text("status")];
    let word = WORDS.iter().find(|(word, _)| named.contains(word)).map(|(_, kind)| *kind);
    // `invalid_request_error` goes with 401 and 404 as well as with 400, `server_error` with 503.
    let specific = word.filter(|kind| !matches!(kind, Kind::InvalidRequest | Kind::Server));
    specific
        .or_else(|| by_phrase(report))
        .or_else(|| status.or_else(|| report.status()).map(by_status))
        .or(word)
        .unwrap_or(Kind::Server)
}

/// Whether a quota of Google's is spent that comes back only the next day: its `QuotaFailure` names
/// the quota, such as `GenerateRequestsPerDayPerProjectPerModel-FreeTier`.
fn is_day_spent(report: &Report<'_>) -> bool {
    let violations = report.details().iter().map(|detail| member(detail, "violations"));
    let mut violations = violations.filter_map(|list| list.as_array()).flatten();
    violations.any(|violation| text(violation, "quotaId").contains("PerDay"))
}

fn by_phrase(report: &Report<'_>) -> Option<Kind> {
    let message = report.message()?.to_lowercase();
    PHRASES.iter().find(|(phrase, _)| message.contains(phrase)).map(|(_, kind)| *kind)
}

fn by_status(status: u16) -> Kind {
    match status {
        401 => Kind::Authentication,
        402 => Kind::OutOfMoney,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        408 | 504 => Kind::Timeout,
        413 => Kind::TooLarge,
        429 => Kind::RateLimited,
        503 | 529 => Kind::Overloaded,
        400..=499 => Kind::InvalidRequest,
        _ => Kind::Server,
    }
}

/// The wait of Google's `RetryInfo`, a number of seconds such as `45.837906927s`, or the one that
/// its message asks for with "Please retry in 45.8s".
pub(super) fn retry_after(report: &Report<'_>) -> Option<Duration> {
    let delay = report.details().iter().find_map(|detail| member(detail, "retryDelay").as_str());
    let asked = || {
        let (_, rest) = report.message()?.split_once("Please retry in ")?;
        rest.split_whitespace().next().map(|word| word.trim_end_matches('.'))
    };
    let seconds: f64 = delay.or_else(asked)?.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
