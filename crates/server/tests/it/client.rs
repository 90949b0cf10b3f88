//! A client of the gateway, and what it asks.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use wire::Protocol;

use crate::reading::{Problem, Said};
use crate::stand::{MODEL, PATIENCE};

/// HTTP without TLS, proxies or endless waiting.
pub(crate) fn plain_http() -> reqwest::Client {
    plain_builder().build().unwrap()
}

fn plain_builder() -> reqwest::ClientBuilder {
    // A client wants cryptography even where it does none; that it has some already is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE)
}

/// A client that speaks one protocol. Clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) protocol: Protocol,
    http: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

impl Client {
    /// Speaks HTTP/1.1.
    pub(crate) fn new(address: SocketAddr, protocol: Protocol) -> Self {
        Self::build(address, protocol, |builder| builder)
    }

    /// Speaks HTTP/2 over one connection.
    pub(crate) fn multiplexed(address: SocketAddr, protocol: Protocol) -> Self {
        Self::build(address, protocol, |builder| builder.http2_prior_knowledge())
    }

    fn build(
        address: SocketAddr,
        protocol: Protocol,
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Self {
        let http = change(plain_builder()).build().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        if protocol == Protocol::AnthropicMessages {
            headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        }
        Self { protocol, http, base: format!("http://{address}"), headers }
    }

    /// The same with a key, in the header that the protocol's SDK puts it in.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        match self.protocol {
            Protocol::OpenAiChat | Protocol::OpenAiResponses => {
                self.with_header("authorization", &format!("Bearer {key}"))
            }
            Protocol::AnthropicMessages => self.with_header("x-api-key", key),
        }
    }

    pub(crate) fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(name, HeaderValue::from_str(value).unwrap());
        client
    }

    /// Where the protocol's answers are asked for.
    pub(crate) fn path(&self) -> &'static str {
        match self.protocol {
            Protocol::OpenAiChat => "/v1/chat/completions",
            Protocol::OpenAiResponses => "/v1/responses",
            Protocol::AnthropicMessages => "/v1/messages",
        }
    }

    /// The field that limits the output.
    pub(crate) fn limit_field(&self) -> &'static str {
        match self.protocol {
            Protocol::OpenAiChat | Protocol::AnthropicMessages => "max_tokens",
            Protocol::OpenAiResponses => "max_output_tokens",
        }
    }

    /// The field that holds the conversation.
    pub(crate) fn said_field(&self) -> &'static str {
        match self.protocol {
            Protocol::OpenAiChat | Protocol::AnthropicMessages => "messages",
            Protocol::OpenAiResponses => "input",
        }
    }

    /// A question to [`MODEL`] that may cost 100 tokens of output.
    pub(crate) fn question(&self, text: &str) -> Value {
        let said = json!([{"role": "user", "content": text}]);
        json!({"model": MODEL, self.limit_field(): 100, self.said_field(): said})
    }

    /// Asks, and reads the answer to its end.
    pub(crate) async fn ask(&self, question: &Value) -> Answer {
        self.post(question.to_string()).await
    }

    /// The same where the connection may be cut before the answer begins.
    pub(crate) async fn try_ask(&self, question: &Value) -> Answer {
        let request = self.request(self.path(), question.to_string());
        match request.send().await {
            Ok(response) => Answer::of(self.protocol, response).await,
            Err(error) if error.is_timeout() => panic!("the answer hangs: {error:?}"),
            Err(_) => Answer::none(self.protocol),
        }
    }

    pub(crate) async fn post(&self, body: impl Into<Bytes>) -> Answer {
        Answer::of(self.protocol, self.open(body).await).await
    }

    /// Asks at another path.
    pub(crate) async fn post_to(&self, path: &str, question: &Value) -> Answer {
        let request = self.request(path, question.to_string());
        Answer::of(self.protocol, request.send().await.unwrap()).await
    }

    /// Asks, and returns when the answer begins.
    pub(crate) async fn open(&self, body: impl Into<Bytes>) -> reqwest::Response {
        self.request(self.path(), body).send().await.unwrap()
    }

    /// Asks for embeddings.
    pub(crate) async fn embed(&self, question: &Value) -> Answer {
        self.post_to("/v1/embeddings", question).await
    }

    fn request(&self, path: &str, body: impl Into<Bytes>) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base));
        request.headers(self.headers.clone()).body(body.into())
    }

    /// What this process has counted of a metric in series with all of these labels.
    pub(crate) async fn counted(&self, metric: &str, labels: &[&str]) -> u64 {
        let metrics = self.get("/metrics").await;
        let text = metrics.text();
        let of_metric = |line: &str| {
            let (found, value) = line.strip_prefix(metric)?.rsplit_once(' ')?;
            let is_whole = found.is_empty() || found.starts_with('{');
            let is_meant = is_whole && labels.iter().all(|label| found.contains(label));
            is_meant.then(|| value.parse::<u64>().unwrap())
        };
        text.lines().filter_map(of_metric).sum()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base)).headers(self.headers.clone());
        Answer::of(self.protocol, request.send().await.unwrap()).await
    }
}

/// The same question with the answer as a stream.
pub(crate) fn streamed(question: &Value) -> Value {
    with(question, "stream", true)
}

/// The same question with another value of one field.
pub(crate) fn with(question: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut changed = question.clone();
    changed[field] = value.into();
    changed
}

/// What came back, to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    protocol: Protocol,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body came to the end that its framing announces.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) async fn of(protocol: Protocol, mut response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let is_whole = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break true,
                Err(error) if error.is_timeout() => panic!("the answer hangs: {error:?}"),
                Err(_) => break false,
            }
        };
        Self { protocol, status, headers, body: body.into(), is_whole }
    }

    /// No answer at all.
    fn none(protocol: Protocol) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { protocol, status: 0, headers, body, is_whole: false }
    }

    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// How the cache was used.
    pub(crate) fn cache(&self) -> &str {
        self.header("cache-status")
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type").starts_with("text/event-stream")
    }

    /// What a 200 says, be it a stream or a document.
    #[track_caller]
    pub(crate) fn said(&self) -> Said {
        assert_eq!(self.status, 200, "{}", self.text());
        assert!(self.is_whole, "the body breaks off: {}", self.text());
        if self.is_stream() {
            Said::in_stream(self.protocol, &self.body)
        } else {
            assert_eq!(self.header("content-type"), "application/json");
            Said::in_document(self.protocol, &self.body)
        }
    }

    /// The error that an error status comes with.
    #[track_caller]
    pub(crate) fn problem(&self) -> Problem {
        assert!(self.status >= 400, "{} {}", self.status, self.text());
        assert!(self.is_whole, "the body breaks off: {}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        Problem::in_document(self.protocol, &self.body)
    }

    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}
