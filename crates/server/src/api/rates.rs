//! What a tenant is told about its limits a minute, in the headers that SDKs know.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use orchestrator::RateStanding;

/// Adds `x-ratelimit-limit-…`, `-remaining-…` and `-reset-…` for each limit.
pub(super) fn tell(standings: &[RateStanding], response: &mut Response) {
    for standing in standings {
        let kind = standing.kind;
        let lines = [
            (format!("x-ratelimit-limit-{kind}"), standing.limit.to_string()),
            (format!("x-ratelimit-remaining-{kind}"), standing.remaining.to_string()),
            (format!("x-ratelimit-reset-{kind}"), duration(standing.reset)),
        ];
        for (name, value) in lines {
            // Letters, digits and points only, so both are always a header's.
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
    }
}

/// A duration as Go and these headers write it, rounded up to a millisecond: `12ms`, `1.5s`,
/// `6m0s`.
fn duration(span: Duration) -> String {
    let millis = span.as_nanos().div_ceil(1_000_000);
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    if seconds == 0 {
        return format!("{rest}ms");
    }
    let fraction = format!(".{rest:03}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    match seconds / 60 {
        0 => format!("{seconds}{fraction}s"),
        minutes => format!("{minutes}m{}{fraction}s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_sdks_read_them() {
        for (micros, written) in [
            (0, "0ms"),
            (1, "1ms"),
            (12_000, "12ms"),
            (999_001, "1s"),
            (1_500_000, "1.5s"),
            (59_040_000, "59.04s"),
            (360_000_000, "6m0s"),
            (60_250_000, "1m0.25s"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), written);
        }
    }
}
