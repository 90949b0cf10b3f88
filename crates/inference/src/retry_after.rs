//! What a refusing provider says about when to come back.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use types::Timestamp;

/// Limits that are told with how much of them is left and when they are whole again.
const LIMITS: [&str; 6] = [
    "x-ratelimit-{}-requests",
    "x-ratelimit-{}-tokens",
    "anthropic-ratelimit-requests-{}",
    "anthropic-ratelimit-tokens-{}",
    "anthropic-ratelimit-input-tokens-{}",
    "anthropic-ratelimit-output-tokens-{}",
];

/// How long a provider asks to be left alone: `retry-after-ms` and its older name
/// `x-ms-retry-after-ms`, then `retry-after` (seconds, with a fraction or not, or an HTTP date),
/// then, of a refusal for too many requests, the latest reset of an exhausted limit (seconds, a time
/// with units, or a date of RFC 3339).
///
/// None where nothing is said that can be understood. A date in the past and a negative number are
/// zero. Nothing is bounded here: the breaker does that.
pub(crate) fn parse(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| decimal(text(name)?, Duration::from_millis(1)))
        .or_else(|| text("retry-after").and_then(|value| seconds_or_date(value, now)))
        .or_else(|| exhausted_limit(&text, now).filter(|_| status == StatusCode::TOO_MANY_REQUESTS))
}

fn seconds_or_date(value: &str, now: Timestamp) -> Option<Duration> {
    decimal(value, Duration::from_secs(1)).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        let millis = date.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let date = Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        Some(date.saturating_since(now))
    })
}

fn exhausted_limit<'a>(
    text: &impl Fn(&str) -> Option<&'a str>,
    now: Timestamp,
) -> Option<Duration> {
    LIMITS
        .into_iter()
        .filter(|limit| text(&limit.replace("{}", "remaining")) == Some("0"))
        .filter_map(|limit| text(&limit.replace("{}", "reset")))
        .filter_map(|reset| reset_after(reset, now))
        .max()
}

fn reset_after(value: &str, now: Timestamp) -> Option<Duration> {
    let with_units = || Duration::try_from(value.parse::<SignedDuration>().ok()?).ok();
    let date = || {
        let millis = value.parse::<jiff::Timestamp>().ok()?.as_millisecond();
        Some(Timestamp::from_millis(u64::try_from(millis).ok()?).saturating_since(now))
    };
    decimal(value, Duration::from_secs(1)).or_else(with_units).or_else(date)
}

/// `value` times `unit`; digits with at most one point, a minus makes it zero.
fn decimal(value: &str, unit: Duration) -> Option<Duration> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    if value.starts_with('-') {
        return Some(Duration::ZERO);
    }
    let whole: u32 = whole.parse().unwrap_or(u32::MAX);
    let thousandths: u32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(unit.saturating_mul(whole).saturating_add(unit * thousandths / 1_000))
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    /// 2015-10-21 07:28:00 UTC, the date of RFC 9110's example.
    const NOW: Timestamp = Timestamp::from_millis(1_445_412_480_000);

    #[track_caller]
    fn check(headers: &[(&str, &str)], millis: Option<u64>) {
        let map = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        let limited = StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(parse(limited, &map, NOW), millis.map(Duration::from_millis), "{headers:?}");
    }

    #[test]
    fn reads_every_form() {
        check(&[], None);
        check(&[("retry-after", "3")], Some(3_000));
        check(&[("retry-after", " 1.5 ")], Some(1_500));
        check(&[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")], Some(30_000));
        check(&[("retry-after-ms", "250"), ("retry-after", "9")], Some(250));
        check(&[("retry-after-ms", "soon"), ("retry-after", "9")], Some(9_000));
        check(&[("x-ms-retry-after-ms", "40"), ("retry-after", "9")], Some(40));
    }

    #[test]
    fn survives_abuse() {
        check(&[("retry-after", "0")], Some(0));
        check(&[("retry-after", "-5")], Some(0));
        check(&[("retry-after", "1000000000")], Some(1_000_000_000_000));
        check(&[("retry-after", "99999999999999999999")], Some(u64::from(u32::MAX) * 1_000));
        check(&[("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT")], Some(0));
        for text in ["", "later", "1e3", "NaN", "inf", "0x10", ".5", "1.2.3", "--1"] {
            check(&[("retry-after", text)], None);
        }
    }

    #[test]
    fn takes_the_reset_of_the_limit_that_is_exhausted() {
        let limits = |remaining, reset| {
            [
                ("x-ratelimit-remaining-requests", "5"),
                ("x-ratelimit-reset-requests", "24h0m0s"),
                ("x-ratelimit-remaining-tokens", remaining),
                ("x-ratelimit-reset-tokens", reset),
            ]
        };
        check(&limits("7", "12ms"), None);
        check(&limits("0", "12ms"), Some(12));
        check(&limits("0", "6m0s"), Some(360_000));
        check(&limits("0", "1h2m3.5s"), Some(3_723_500));
        check(&limits("0", "ms"), None);
        check(&limits("0", "soon"), None);
        check(&limits("0", "60"), Some(60_000));
        check(&limits("0", "-3s"), None);
    }

    #[test]
    fn a_limit_says_nothing_about_another_failure() {
        let mut map = HeaderMap::new();
        map.insert("x-ratelimit-remaining-tokens", "0".parse().unwrap());
        map.insert("x-ratelimit-reset-tokens", "60".parse().unwrap());
        assert_eq!(parse(StatusCode::INTERNAL_SERVER_ERROR, &map, NOW), None);
        map.insert("retry-after", "3".parse().unwrap());
        let asked = parse(StatusCode::INTERNAL_SERVER_ERROR, &map, NOW);
        assert_eq!(asked, Some(Duration::from_secs(3)));
    }

    #[test]
    fn takes_the_date_at_which_a_limit_is_whole_again() {
        let limits = |remaining, reset| {
            [
                ("anthropic-ratelimit-requests-remaining", "49"),
                ("anthropic-ratelimit-requests-reset", "2015-10-21T08:00:00Z"),
                ("anthropic-ratelimit-input-tokens-remaining", remaining),
                ("anthropic-ratelimit-input-tokens-reset", reset),
            ]
        };
        check(&limits("0", "2015-10-21T07:28:20Z"), Some(20_000));
        check(&limits("0", "2015-10-21T09:28:01.5+02:00"), Some(1_500));
        check(&limits("0", "2015-10-21T07:00:00Z"), Some(0));
        check(&limits("1000", "2015-10-21T07:28:20Z"), None);
        check(&limits("0", "21 October"), None);
    }
}
