//! Where a provider's API begins.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};
use wire::{Operation, Protocol};

use crate::Error;

/// The beginning of a provider's API. It is made from configuration alone: no request is ever read
/// for it.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamUrl(Url);

impl UpstreamUrl {
    /// Where requests of `protocol` are posted.
    pub(crate) fn endpoint(&self, protocol: Protocol, operation: Operation) -> Url {
        let base = self.0.path().trim_end_matches('/');
        let path = match (protocol, operation) {
            (Protocol::OpenAiChat, Operation::Chat) => "/chat/completions",
            (Protocol::OpenAiChat, Operation::Embeddings) => "/embeddings",
            (Protocol::AnthropicMessages, _) if base.ends_with("/v1") => "/messages",
            (Protocol::AnthropicMessages, _) => "/v1/messages",
        };
        let mut url = self.0.clone();
        url.set_path(&format!("{base}{path}"));
        url
    }

    pub(crate) fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address where the host is written as one, in whatever form.
    pub(crate) fn literal_address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        }
    }
}

impl FromStr for UpstreamUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |rule| Error::BaseUrl { rule };
        let url = Url::parse(text).map_err(|_| refuse("must be a url such as https://host/v1"))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(refuse("must begin with https:// or http://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("must name a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("must not hold a user or password: use api_key"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("must not hold a query or fragment"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for UpstreamUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UpstreamUrl({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_endpoint(base: &str, (protocol, operation): (Protocol, Operation), expected: &str) {
        let url: UpstreamUrl = base.parse().unwrap();
        assert_eq!(url.endpoint(protocol, operation).as_str(), expected, "{base}");
    }

    #[test]
    fn endpoints_follow_the_sdks() {
        let openai = (Protocol::OpenAiChat, Operation::Chat);
        let anthropic = (Protocol::AnthropicMessages, Operation::Chat);
        let embeddings = (Protocol::OpenAiChat, Operation::Embeddings);
        check_endpoint("https://a.b/v1", openai, "https://a.b/v1/chat/completions");
        check_endpoint("https://a.b/v1/", openai, "https://a.b/v1/chat/completions");
        check_endpoint("https://a.b", anthropic, "https://a.b/v1/messages");
        check_endpoint("https://a.b/x/v1", anthropic, "https://a.b/x/v1/messages");
        check_endpoint(
            "https://g.c/v1beta/openai",
            openai,
            "https://g.c/v1beta/openai/chat/completions",
        );
        check_endpoint("https://a.b/v1/", embeddings, "https://a.b/v1/embeddings");
    }

    #[test]
    fn refuses_what_is_no_base() {
        for text in [
            "",
            "api.openai.com",
            "ftp://a.b",
            "file:///etc/passwd",
            "https://",
            "https://user@a.b",
            "https://user:secret@a.b",
            "https://a.b/v1?key=1",
            "https://a.b/v1#x",
        ] {
            assert!(text.parse::<UpstreamUrl>().is_err(), "{text}");
        }
    }
}
