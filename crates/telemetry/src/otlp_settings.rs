//! Where telemetry is sent.

use std::time::Duration;

use reqwest::Url;

use crate::Error;

/// A collector that takes OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpSettings {
    endpoint: Url,
    /// How long it may take to accept what it is sent. Default: 5 s.
    pub timeout: Duration,
}

impl OtlpSettings {
    /// The collector at `endpoint`, such as `http://localhost:4318`.
    ///
    /// # Errors
    /// [`Error::Endpoint`] where that is no address of HTTP.
    pub fn new(endpoint: &str) -> Result<Self, Error> {
        let url = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match url.filter(|url| url.query().is_none() && url.fragment().is_none()) {
            Some(endpoint) => Ok(Self { endpoint, timeout: Duration::from_secs(5) }),
            None => Err(Error::Endpoint),
        }
    }

    /// Whether nothing on the way is encrypted.
    pub(crate) fn is_plain_http(&self) -> bool {
        self.endpoint.scheme() == "http"
    }

    /// The path of one signal, `traces` or `metrics`.
    pub(crate) fn signal(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.endpoint.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_paths_below_the_endpoint() {
        for endpoint in ["http://collector:4318", "http://collector:4318/"] {
            let settings = OtlpSettings::new(endpoint).unwrap();
            assert_eq!(settings.signal("traces"), "http://collector:4318/v1/traces");
        }
        let settings = OtlpSettings::new("https://watch.example/otlp").unwrap();
        assert_eq!(settings.signal("metrics"), "https://watch.example/otlp/v1/metrics");
    }

    #[test]
    fn what_is_no_address_of_http_is_refused() {
        for endpoint in
            ["", "localhost:4318", "grpc://collector:4317", "http://a/?b", "http://a/#b"]
        {
            assert!(OtlpSettings::new(endpoint).is_err(), "{endpoint}");
        }
    }
}
