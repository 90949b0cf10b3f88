//! Where a provider's API begins.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};
use url::{Host, Url};
use wire::{Operation, ProviderProtocol};

use crate::Error;

/// The beginning of a provider's API. It is made from configuration alone: no request is ever read
/// for it.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamUrl {
    url: Url,
    /// The same in the types of the client, so that no request has to parse them.
    scheme: Scheme,
    authority: Authority,
}

/// What is asked at an address.
pub(crate) struct Target<'r> {
    pub(crate) operation: Operation,
    /// The provider's name for the model.
    pub(crate) model: &'r str,
    pub(crate) is_stream: bool,
}

impl UpstreamUrl {
    /// Where a request is posted. Of the request itself only the model's name stands in the
    /// address, at Gemini, and there as one segment of the path whatever it holds. None where that
    /// is no address of HTTP.
    pub(crate) fn endpoint(&self, protocol: ProviderProtocol, target: &Target<'_>) -> Option<Uri> {
        let base = self.url.path().trim_end_matches('/');
        let path = match (target.operation, protocol) {
            // Only OpenAI's protocol has any.
            (Operation::Embeddings, _) => "/embeddings",
            (Operation::Chat, ProviderProtocol::OpenAiChat | ProviderProtocol::Groq) => {
                "/chat/completions"
            }
            (Operation::Chat, ProviderProtocol::OpenAiResponses) => "/responses",
            (Operation::Chat, ProviderProtocol::AnthropicMessages) if base.ends_with("/v1") => {
                "/messages"
            }
            (Operation::Chat, ProviderProtocol::AnthropicMessages) => "/v1/messages",
            (Operation::Chat, ProviderProtocol::Gemini) => return self.generate_content(target),
        };
        let whole = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        whole.path_and_query(format!("{base}{path}")).build().ok()
    }

    fn generate_content(&self, target: &Target<'_>) -> Option<Uri> {
        let mut url = self.url.clone();
        let method = if target.is_stream { "streamGenerateContent" } else { "generateContent" };
        if let Ok(mut path) = url.path_segments_mut() {
            let call = format!("{}:{method}", target.model);
            path.pop_if_empty().push("models").push(&call);
        }
        if target.is_stream {
            url.set_query(Some("alt=sse"));
        }
        Uri::try_from(url.as_str()).ok()
    }

    pub(crate) fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The address where the host is written as one, in whatever form.
    pub(crate) fn literal_address(&self) -> Option<IpAddr> {
        match self.url.host()? {
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
        let parts = Uri::try_from(url.as_str()).map(Uri::into_parts).unwrap_or_default();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(refuse("must name a host without signs such as { and }"));
        };
        Ok(Self { url, scheme, authority })
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(formatter)
    }
}

impl fmt::Debug for UpstreamUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UpstreamUrl({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, protocol: ProviderProtocol, operation: Operation, expected: &str) {
        let url: UpstreamUrl = base.parse().unwrap();
        let target = Target { operation, model: "m", is_stream: false };
        let endpoint = url.endpoint(protocol, &target).unwrap();
        assert_eq!(endpoint.to_string(), expected, "{base}");
    }

    #[test]
    fn endpoints_follow_the_sdks() {
        let openai = ProviderProtocol::OpenAiChat;
        let anthropic = ProviderProtocol::AnthropicMessages;
        let chat = Operation::Chat;
        check("https://a.b/v1", openai, chat, "https://a.b/v1/chat/completions");
        check("https://a.b/v1/", openai, chat, "https://a.b/v1/chat/completions");
        check("https://a.b", anthropic, chat, "https://a.b/v1/messages");
        check("https://a.b/x/v1", anthropic, chat, "https://a.b/x/v1/messages");
        let responses = ProviderProtocol::OpenAiResponses;
        check("https://a.b/v1", responses, chat, "https://a.b/v1/responses");
        let groq = ProviderProtocol::Groq;
        check("https://g.c/openai/v1", groq, chat, "https://g.c/openai/v1/chat/completions");
        check("https://a.b/v1/", openai, Operation::Embeddings, "https://a.b/v1/embeddings");
    }

    #[test]
    fn a_model_in_the_path_is_one_segment() {
        let url: UpstreamUrl = "https://g.c/v1beta/".parse().unwrap();
        for (model, is_stream, expected) in [
            ("gemini-3", false, "https://g.c/v1beta/models/gemini-3:generateContent"),
            ("gemini-3", true, "https://g.c/v1beta/models/gemini-3:streamGenerateContent?alt=sse"),
            ("../../x?y#z", false, "https://g.c/v1beta/models/..%2F..%2Fx%3Fy%23z:generateContent"),
        ] {
            let target = Target { operation: Operation::Chat, model, is_stream };
            let endpoint = url.endpoint(ProviderProtocol::Gemini, &target).unwrap();
            assert_eq!(endpoint.to_string(), expected);
        }
    }

    #[test]
    fn refuses_what_is_no_base() {
        for text in [
            "",
            "api.openai.com",
            "ftp://a.b",
            "file:///etc/passwd",
            "https://",
            "https://{region}.a.b/v1",
            "https://user@a.b",
            "https://user:secret@a.b",
            "https://a.b/v1?key=1",
            "https://a.b/v1#x",
        ] {
            assert!(text.parse::<UpstreamUrl>().is_err(), "{text}");
        }
    }
}
