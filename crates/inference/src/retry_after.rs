//! What a refusing provider says about when to come back.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use types::Timestamp;

/// How long a provider asks to be left alone: `retry-after-ms`, then `retry-after` (seconds, with a
/// fraction or not, or an HTTP date), then the latest reset of an exhausted `x-ratelimit-…`.
///
/// None where nothing is said that can be understood. A date in the past and a negative number are
/// zero. Nothing is bounded here: the breaker does that.
pub(crate) fn parse(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    text("retry-after-ms")
        .and_then(|millis| decimal(millis, Duration::from_millis(1)))
        .or_else(|| text("retry-after").and_then(|value| seconds_or_date(value, now)))
        .or_else(|| exhausted_limit(&text))
}

fn seconds_or_date(value: &str, now: Timestamp) -> Option<Duration> {
    decimal(value, Duration::from_secs(1)).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        let millis = date.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let date = Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        Some(date.saturating_since(now))
    })
}

fn exhausted_limit<'a>(text: &impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    ["requests", "tokens"]
        .into_iter()
        .filter(|kind| text(&format!("x-ratelimit-remaining-{kind}")) == Some("0"))
        .filter_map(|kind| text(&format!("x-ratelimit-reset-{kind}")).and_then(go_duration))
        .max()
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

/// A duration as Go writes it: `12ms`, `6m0s`, `1h2m3.5s`.
fn go_duration(value: &str) -> Option<Duration> {
    let mut rest = value;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let number_end = rest.find(|letter: char| letter.is_ascii_alphabetic() || letter == 'µ')?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        total = total.saturating_add(decimal(number, go_unit(unit)?)?);
        rest = tail;
    }
    (!value.is_empty()).then_some(total)
}

fn go_unit(unit: &str) -> Option<Duration> {
    match unit {
        "h" => Some(Duration::from_secs(3_600)),
        "m" => Some(Duration::from_secs(60)),
        "s" => Some(Duration::from_secs(1)),
        "ms" => Some(Duration::from_millis(1)),
        "us" | "µs" => Some(Duration::from_micros(1)),
        "ns" => Some(Duration::from_nanos(1)),
        _ => None,
    }
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
        assert_eq!(parse(&map, NOW), millis.map(Duration::from_millis), "{headers:?}");
    }

    #[test]
    fn reads_every_form() {
        check(&[], None);
        check(&[("retry-after", "3")], Some(3_000));
        check(&[("retry-after", " 1.5 ")], Some(1_500));
        check(&[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")], Some(30_000));
        check(&[("retry-after-ms", "250"), ("retry-after", "9")], Some(250));
        check(&[("retry-after-ms", "soon"), ("retry-after", "9")], Some(9_000));
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
        check(&limits("0", "6 minutes"), None);
    }
}
