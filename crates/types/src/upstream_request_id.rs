//! What a provider calls a request.

use std::fmt;

/// The most bytes it may have.
const BYTES_MAX: usize = 128;

/// A provider's own name for one request to it, which its support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRequestId(String);

impl UpstreamRequestId {
    /// Keeps `value`; `None` where it is not 1 to 128 characters of visible ASCII.
    pub fn new(value: &str) -> Option<Self> {
        let fits = !value.is_empty() && value.len() <= BYTES_MAX;
        let is_visible = value.bytes().all(|byte| byte.is_ascii_graphic());
        (fits && is_visible).then(|| Self(value.to_owned()))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UpstreamRequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_is_none() {
        for good in ["req_011CSHoEeqs5C35K2UUqR7Fy", "a1b2/c3+d4=", &"x".repeat(128)] {
            assert_eq!(UpstreamRequestId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a\nb", "a\u{7f}", "é", &"x".repeat(129)] {
            assert_eq!(UpstreamRequestId::new(bad), None, "{bad:?}");
        }
    }
}
