//! What a request's `Cache-Control` asks for.

use std::time::Duration;

#[cfg(test)]
mod tests;

/// The request directives of RFC 9111, section 5.2.1, that this cache honours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// Do not store the answer. It may still be looked up.
    pub no_store: bool,
    /// Do not answer from the cache. The answer may be stored.
    pub no_cache: bool,
    /// Answer from the cache only where the answer is not older than this; zero never is.
    pub max_age: Option<Duration>,
    /// Answer from the cache or not at all.
    pub only_if_cached: bool,
}

impl Directives {
    /// Reads one header's value. Names are taken in any case, unknown ones are ignored. A `max-age`
    /// that is not a number of seconds counts as 0, so that a mistake costs a call and not
    /// freshness; of several the smallest counts.
    pub fn parse(header: &str) -> Self {
        let mut directives = Self::default();
        for member in members(header) {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            directives.apply(name.trim(), value.trim());
        }
        directives
    }

    /// What this and another header line ask for together: the stricter of each.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            no_store: self.no_store || other.no_store,
            no_cache: self.no_cache || other.no_cache,
            max_age: strictest(self.max_age, other.max_age),
            only_if_cached: self.only_if_cached || other.only_if_cached,
        }
    }

    /// Whether the cache may answer at all.
    pub fn may_look_up(&self) -> bool {
        !self.no_cache && self.max_age != Some(Duration::ZERO)
    }

    fn apply(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("no-store") {
            self.no_store = true;
        } else if name.eq_ignore_ascii_case("no-cache") {
            self.no_cache = true;
        } else if name.eq_ignore_ascii_case("only-if-cached") {
            self.only_if_cached = true;
        } else if name.eq_ignore_ascii_case("max-age") {
            self.max_age = strictest(self.max_age, Some(seconds(value)));
        }
    }
}

fn strictest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
        (some, None) | (None, some) => some,
    }
}

/// Delta-seconds of RFC 9111, section 1.2.2, quoted or not.
fn seconds(value: &str) -> Duration {
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let digits = unquoted.unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Duration::ZERO;
    }
    Duration::from_secs(digits.parse().unwrap_or(u64::MAX))
}

/// The members of a comma-separated list; a comma inside a quoted string separates nothing.
fn members(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    header
        .split(move |character| {
            let separates = character == ',' && !quoted;
            if character == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = quoted && character == '\\' && !escaped;
            separates
        })
        .map(str::trim)
}
