//! What a provider's error is, from its words and from its status.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Report, UpstreamErrorKind as Kind};
use crate::json::borrowed::{member, text};

/// `type`, `code` and `status` of the dialects. The first that is found counts, so what money and
/// context length say stands before the general words that accompany it.
const WORDS: [(&str, Kind); 42] = [
    ("insufficient_quota", Kind::OutOfMoney),
    ("credit_balance_exhausted", Kind::OutOfMoney),
    ("billing_hard_limit_reached", Kind::OutOfMoney),
    ("billing_not_active", Kind::OutOfMoney),
    ("enforced_spend_limit_reached", Kind::OutOfMoney),
    ("billing_error", Kind::OutOfMoney),
    ("context_length_exceeded", Kind::ContextLength),
    ("exceed_context_size_error", Kind::ContextLength),
    ("invalid_api_key", Kind::Authentication),
    ("authentication_error", Kind::Authentication),
    // Groq refuses an answer in which the model wrote what is no call or does not fit the schema.
    ("tool_use_failed", Kind::Unable),
    ("json_validate_failed", Kind::Unable),
    ("unsupported_parameter", Kind::Unsupported),
    ("unsupported_value", Kind::Unsupported),
    // Reasoning that only the organisation which it was written for can read.
    ("invalid_encrypted_content", Kind::Unsupported),
    // Of a name, an id or a description; what others take may be longer.
    (TOO_LONG_TEXT, Kind::Unsupported),
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

/// How messages begin that say more than the words beside them. What a client sent may be quoted
/// further on, and must not speak for the provider.
const OPENINGS: [(&str, Kind); 5] = [
    ("your credit balance is too low", Kind::OutOfMoney),
    ("you have reached your specified api usage limits", Kind::OutOfMoney),
    // Gemini's status for it is that of any wrong request.
    ("api key not valid", Kind::Authentication),
    // It comes as a rate limit, but no wait makes room for a request above the limit itself.
    ("request too large for", Kind::Unable),
    // OpenRouter has money left, but not for the most that this request may cost.
    (MORE_CREDITS, Kind::Unable),
];

const MORE_CREDITS: &str = "this request requires more credits";

/// What OpenAI says of a text that is longer than its place allows.
const TOO_LONG_TEXT: &str = "string_above_max_length";

/// How the places end, in OpenAI's words, whose texts are the conversation itself.
const CONVERSATION: [&str; 6] = ["content", "input", "text", "instructions", "output", "arguments"];

/// What messages about a prompt that is not allowed hold: OpenRouter and xAI refuse it with the
/// status of a wrong key.
const FLAGGED: [&str; 3] = ["requires moderation", "was flagged", "violates usage guidelines"];

/// What messages about a prompt that is too long hold, where the status is that of a wrong request.
const TOO_LONG: [&str; 8] = [
    "maximum context length",
    "maximum prompt length",
    "exceed context limit",
    "available context size",
    "context window",
    "prompt is too long",
    "input token count",
    "reduce the length of the messages",
];

/// What messages hold that refuse what other models take, such as a temperature. A client that is
/// quoted gains no more by them than that another provider is asked.
const UNSUPPORTED: [&str; 7] = [
    "for this model",
    "with this model",
    "by this model",
    "model does not support",
    "are not supported for",
    "is unsupported",
    "cannot both be specified",
];

/// What messages about the provider's capacity hold, where nothing says that a request is wrong.
const FULL: [&str; 2] = ["over capacity", "overloaded"];

/// The longest that it takes until a quota of a day is whole again, and that anybody is waited for.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The kind of an error whose status is known or not.
pub(super) fn kind(report: &Report<'_>, status: Option<u16>) -> Kind {
    if let Some(quota) = spent_day(report) {
        return if is_of_one_model(quota) { Kind::RateLimited } else { Kind::OutOfMoney };
    }
    if is_long_conversation(report) {
        return Kind::ContextLength;
    }
    let message = report.message().unwrap_or_default().to_lowercase();
    let named = [report.text("code"), report.text("type"), report.text("status")];
    let word = WORDS.iter().find(|(word, _)| named.contains(word)).map(|(_, kind)| *kind);
    // `invalid_request_error` goes with 401 and 404 as well as with 400, `server_error` with 503.
    let specific = word.filter(|kind| !matches!(kind, Kind::InvalidRequest | Kind::Server));
    let status = status.or_else(|| report.status()).map(by_status);
    by_opening(&message)
        .or(specific)
        .or_else(|| by_phrase(&message, word, status))
        .or(status)
        .or(word)
        .unwrap_or(Kind::Server)
}

fn is_long_conversation(report: &Report<'_>) -> bool {
    let place = report.text("param").rsplit('.').next().unwrap_or_default();
    let name = place.split_once('[').map_or(place, |(name, _)| name);
    report.text("code") == TOO_LONG_TEXT && CONVERSATION.contains(&name)
}

fn by_opening(message: &str) -> Option<Kind> {
    let (opening, kind) = OPENINGS.iter().find(|(opening, _)| message.starts_with(opening))?;
    (*opening != MORE_CREDITS || affords_some(message)).then_some(*kind)
}

/// Whether a message says of fewer tokens that the account has the money for them.
fn affords_some(message: &str) -> bool {
    let rest = message.split_once("can only afford ").map(|(_, rest)| rest);
    let number = rest.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    number.and_then(|number| number.parse::<u64>().ok()).is_some_and(|tokens| tokens > 0)
}

/// What a message says that the word and the status beside it leave open.
fn by_phrase(message: &str, word: Option<Kind>, status: Option<Kind>) -> Option<Kind> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    let is_wrong = [word, status].contains(&Some(Kind::InvalidRequest));
    let may_be_wrong = matches!(status, None | Some(Kind::InvalidRequest));
    let may_be_long = match status {
        None | Some(Kind::InvalidRequest | Kind::TooLarge) => true,
        Some(status) => is_wrong && status == Kind::Server,
    };
    if (may_be_wrong || status == Some(Kind::Forbidden)) && says(&FLAGGED) {
        return Some(Kind::InvalidRequest);
    }
    if may_be_long && says(&TOO_LONG) {
        return Some(Kind::ContextLength);
    }
    if is_wrong && may_be_wrong && says(&UNSUPPORTED) {
        return Some(Kind::Unsupported);
    }
    let may_be_full = [word, status].into_iter().flatten().all(passes);
    (may_be_full && says(&FULL)).then_some(Kind::Overloaded)
}

/// Whether it is the provider's own trouble, which ends by itself.
fn passes(kind: Kind) -> bool {
    matches!(kind, Kind::Server | Kind::Overloaded | Kind::RateLimited | Kind::Timeout)
}

/// A quota of Google's that is spent and comes back only the next day: its `QuotaFailure` names it,
/// such as `GenerateRequestsPerDayPerProjectPerModel-FreeTier`.
fn spent_day<'v>(report: &Report<'v>) -> Option<&'v str> {
    let violations = report.details().iter().map(|detail| member(detail, "violations"));
    let violations = violations.filter_map(|list| list.as_array()).flatten();
    let mut quotas = violations.map(|violation| text(violation, "quotaId"));
    quotas.find(|quota| quota.contains("PerDay"))
}

/// Other models have quotas of their own and go on.
fn is_of_one_model(quota: &str) -> bool {
    quota.contains("PerModel")
}

fn by_status(status: u16) -> Kind {
    match status {
        401 => Kind::Authentication,
        402 => Kind::OutOfMoney,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        408 | 504 => Kind::Timeout,
        // A conflict and "too early" pass; the SDKs repeat them too.
        409 | 425 => Kind::Server,
        413 => Kind::TooLarge,
        429 => Kind::RateLimited,
        // 498 is Groq's: no capacity for the service tier.
        498 | 503 | 529 => Kind::Overloaded,
        400..=499 => Kind::InvalidRequest,
        _ => Kind::Server,
    }
}

/// The wait of Google's `RetryInfo`, a number of seconds such as `45.837906927s`, or the one that
/// a message asks for, such as "Please try again in 6m0s." or "Please retry after 5 seconds.",
/// where `kind` is one that passes: elsewhere a message may quote the client.
pub(super) fn retry_after(report: &Report<'_>, kind: Kind) -> Option<Duration> {
    if spent_day(report).is_some_and(is_of_one_model) {
        return Some(DAY);
    }
    let delay = report.details().iter().find_map(|detail| member(detail, "retryDelay").as_str());
    let asked = || passes(kind).then(|| asked_in(report.message()?)).flatten();
    delay.and_then(duration).or_else(asked).map(|wait| std::cmp::min(wait, DAY))
}

fn asked_in(message: &str) -> Option<Duration> {
    let rest = ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|phrase| message.split_once(phrase).map(|(_, rest)| rest))?;
    let mut words = rest.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ';']));
    let first = words.next()?;
    duration(first).or_else(|| duration(&format!("{first} {}", words.next()?)))
}

/// A time with units, such as `120ms`, `6m0s`, `1h2m3.5s` or `5 seconds`.
fn duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()
}
