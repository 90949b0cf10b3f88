//! What is said in the headers of a request, and to whom.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use types::{RequestId, UpstreamRequestId};
use wire::ProviderProtocol;

use crate::redactor::Redactor;
use crate::{Error, ProviderSettings};

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// With it Codex sends its tools as an item of the input.
const RESPONSES_LITE: HeaderName =
    HeaderName::from_static("x-openai-internal-codex-responses-lite");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const GOOGLE_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers that every request to a provider has, its credentials among them.
pub(crate) fn fixed(settings: &ProviderSettings) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let agent = concat!("forebay/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    if settings.protocol == ProviderProtocol::AnthropicMessages {
        headers.insert(ANTHROPIC_VERSION, HeaderValue::from_static("2023-06-01"));
    }
    let Some(key) = &settings.api_key else { return Ok(headers) };
    let (name, value) = match settings.protocol {
        ProviderProtocol::OpenAiChat
        | ProviderProtocol::OpenAiResponses
        | ProviderProtocol::Groq => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
        ProviderProtocol::AnthropicMessages => (API_KEY, key.expose_secret().to_owned()),
        ProviderProtocol::Gemini => (GOOGLE_KEY, key.expose_secret().to_owned()),
    };
    let rule = "api_key must be visible ascii and not empty";
    let refused = || Error::Settings { provider: settings.id.clone(), rule };
    let visible = key.expose_secret().bytes().all(|byte| byte.is_ascii_graphic());
    if key.expose_secret().is_empty() || !visible {
        return Err(refused());
    }
    let mut value = HeaderValue::try_from(value).map_err(|_| refused())?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}

/// The headers of one request: the fixed ones, the request's id, and of the client's own only
/// those that change what a provider of that protocol takes.
pub(crate) fn outbound(
    fixed: &HeaderMap,
    protocol: ProviderProtocol,
    is_stream: bool,
    id: &RequestId,
    client: &[(HeaderName, HeaderValue)],
) -> HeaderMap {
    let mut headers = fixed.clone();
    let accept = if is_stream { "text/event-stream" } else { "application/json" };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(IDEMPOTENCY_KEY, id.clone());
        headers.insert(REQUEST_ID, id);
    }
    let passed_on: &[HeaderName] = match protocol {
        ProviderProtocol::AnthropicMessages => &[ANTHROPIC_VERSION, ANTHROPIC_BETA],
        ProviderProtocol::OpenAiResponses => &[RESPONSES_LITE],
        ProviderProtocol::OpenAiChat | ProviderProtocol::Gemini | ProviderProtocol::Groq => &[],
    };
    for (name, value) in client.iter().filter(|(name, _)| passed_on.contains(name)) {
        if *name == ANTHROPIC_BETA {
            headers.append(name, value.clone());
        } else {
            headers.insert(name, value.clone());
        }
    }
    headers
}

/// The provider's own id of a request, so far as it can be shown.
pub(crate) fn request_id(headers: &HeaderMap, redactor: &Redactor) -> Option<UpstreamRequestId> {
    let value = [REQUEST_ID, HeaderName::from_static("request-id")]
        .iter()
        .find_map(|name| headers.get(name))?
        .to_str()
        .ok()?;
    let is_leaked = redactor.is_leaked(value.as_bytes());
    if is_leaked { None } else { UpstreamRequestId::new(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(protocol: ProviderProtocol, is_stream: bool, expected: &[&str]) {
        let url = "https://provider.example".parse().unwrap();
        let mut settings = ProviderSettings::new("p".parse().unwrap(), protocol, url);
        settings.api_key = Some("sk-1".into());
        let client: Vec<(HeaderName, HeaderValue)> = [
            ("authorization", "Bearer client"),
            ("x-api-key", "client"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("connection", "keep-alive"),
            ("host", "evil"),
            ("anthropic-version", "2024-01-01"),
            ("anthropic-beta", "one"),
            ("anthropic-beta", "two"),
            ("x-openai-internal-codex-responses-lite", "true"),
        ]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
        let id = "r-1".parse().unwrap();
        let headers = outbound(&fixed(&settings).unwrap(), protocol, is_stream, &id, &client);
        let mut shown: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        shown.sort();
        let agent = format!("user-agent: forebay/{}", env!("CARGO_PKG_VERSION"));
        let mut expected: Vec<&str> = expected.to_vec();
        expected.push(&agent);
        expected.sort_unstable();
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_openai_provider_gets_these_and_no_more() {
        check(
            ProviderProtocol::OpenAiChat,
            false,
            &[
                "accept: application/json",
                "authorization: Bearer sk-1",
                "content-type: application/json",
                "idempotency-key: r-1",
                "x-request-id: r-1",
            ],
        );
    }

    #[test]
    fn an_anthropic_provider_gets_these_and_no_more() {
        check(
            ProviderProtocol::AnthropicMessages,
            true,
            &[
                "accept: text/event-stream",
                "anthropic-beta: one",
                "anthropic-beta: two",
                "anthropic-version: 2024-01-01",
                "content-type: application/json",
                "idempotency-key: r-1",
                "x-api-key: sk-1",
                "x-request-id: r-1",
            ],
        );
    }

    #[test]
    fn a_responses_provider_is_told_where_the_tools_are() {
        check(
            ProviderProtocol::OpenAiResponses,
            true,
            &[
                "accept: text/event-stream",
                "authorization: Bearer sk-1",
                "content-type: application/json",
                "idempotency-key: r-1",
                "x-openai-internal-codex-responses-lite: true",
                "x-request-id: r-1",
            ],
        );
    }

    #[test]
    fn a_gemini_provider_gets_these_and_no_more() {
        check(
            ProviderProtocol::Gemini,
            true,
            &[
                "accept: text/event-stream",
                "content-type: application/json",
                "idempotency-key: r-1",
                "x-goog-api-key: sk-1",
                "x-request-id: r-1",
            ],
        );
    }

    #[test]
    fn a_key_that_cannot_be_a_header_is_refused() {
        let url = "https://provider.example".parse().unwrap();
        let mut settings =
            ProviderSettings::new("p".parse().unwrap(), ProviderProtocol::OpenAiChat, url);
        for key in ["", "a b", "a\r\nb", "é", "\0"] {
            settings.api_key = Some(key.into());
            assert!(fixed(&settings).is_err(), "{key:?}");
        }
    }
}
