//! The HTTP client of one provider.

use std::error::Error as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Builder};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tower_service::Service;

use crate::resolver::Resolver;
use crate::{Failure, FailureKind, InferenceSettings, ProviderSettings};

/// What a connection may be silent for while an answer is due, before a ping, and then before it is
/// given up. Over HTTP/2 all requests share a connection, so all that came later would be lost with
/// one that is dead.
const SILENCE: Duration = Duration::from_secs(5);
/// The same below HTTP: an idle connection is tried so often, and one that acknowledges nothing of
/// what was sent is given up after so long.
const PROBE_EVERY: Duration = Duration::from_secs(15);
const PROBES: u32 = 3;
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(30);
/// How often a request is sent again that a server says it has not looked at.
const UNPROCESSED_MAX: u32 = 2;

/// A client with connections of its own: no redirects, no proxies, no decompression, no retries but
/// of what an HTTP/2 server says that it has not looked at, and no connection to an address that
/// the provider's settings do not allow.
pub(crate) struct Client(legacy::Client<Connector, Full<Bytes>>);

/// All that a client's connections depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionSettings {
    is_plain: bool,
    public_only: bool,
    connect: Duration,
    idle_max: usize,
    idle: Duration,
}

impl ConnectionSettings {
    pub(crate) fn new(settings: &ProviderSettings, shared: &InferenceSettings) -> Self {
        Self {
            is_plain: settings.base_url.is_plain_http(),
            public_only: !settings.network.allow_private_addresses,
            connect: settings.timeouts.connect,
            idle_max: shared.idle_connections_max,
            idle: shared.idle_timeout,
        }
    }
}

/// An answer whose body is still to come.
pub(crate) type Response = http::Response<Incoming>;

impl Client {
    pub(crate) fn new(settings: &ConnectionSettings) -> Result<Self, rustls::Error> {
        Self::with_resolver(settings, Resolver::system(settings.public_only))
    }

    /// The same with names as `resolver` finds them.
    fn with_resolver(
        settings: &ConnectionSettings,
        resolver: Resolver,
    ) -> Result<Self, rustls::Error> {
        Ok(Self(builder(settings).build(Connector::new(settings, resolver)?)))
    }

    /// Posts a body and waits for the head of the answer.
    pub(crate) async fn post(
        &self,
        address: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Response, Failure> {
        let mut unprocessed = 0;
        loop {
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = Method::POST;
            *request.uri_mut() = address.clone();
            *request.headers_mut() = headers.clone();
            match self.0.request(request).await {
                Ok(response) => return Ok(response),
                Err(error) if is_unprocessed(&error) && unprocessed < UNPROCESSED_MAX => {
                    unprocessed += 1;
                }
                Err(error) if error.is_connect() => {
                    return Err(Failure::unbilled(FailureKind::Connect));
                }
                Err(_) => return Err(broken()),
            }
        }
    }
}

/// The next piece of a body; `None` after its end.
pub(crate) async fn next_chunk(response: &mut Response) -> Result<Option<Bytes>, Failure> {
    // Where the length is known, the connection's task need not say that there is no more.
    while !response.body().is_end_stream()
        && let Some(frame) = response.body_mut().frame().await
    {
        // What is no data are trailers, in which nothing is said.
        if let Ok(chunk) = frame.map_err(|_| broken())?.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

/// The connection broke after the request may have been read.
fn broken() -> Failure {
    Failure::billed(FailureKind::Broken)
}

/// Whether an HTTP/2 server says that it has not looked at a request: it refused the stream, or was
/// about to close the connection anyway.
fn is_unprocessed(error: &legacy::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<h2::Error>() {
            let is_because = |reason| error.reason() == Some(reason);
            return error.is_remote()
                && (error.is_go_away() && is_because(h2::Reason::NO_ERROR)
                    || error.is_reset() && is_because(h2::Reason::REFUSED_STREAM));
        }
        source = cause.source();
    }
    false
}

fn builder(settings: &ConnectionSettings) -> Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(settings.idle_max)
        .pool_idle_timeout(settings.idle)
        .http2_keep_alive_interval(SILENCE)
        .http2_keep_alive_timeout(SILENCE);
    builder
}

/// Connects, with TLS where the provider has it, within the time for that.
#[derive(Clone)]
struct Connector {
    connector: HttpsConnector<HttpConnector<Resolver>>,
    patience: Duration,
}

type Connection = <HttpsConnector<HttpConnector<Resolver>> as Service<Uri>>::Response;

impl Connector {
    fn new(settings: &ConnectionSettings, resolver: Resolver) -> Result<Self, rustls::Error> {
        // An error means that this process has a provider of cryptography already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut plain = HttpConnector::new_with_resolver(resolver);
        plain.enforce_http(false);
        plain.set_nodelay(true);
        // Shared out over the addresses, so that one that is dead leaves time for the next.
        plain.set_connect_timeout(Some(settings.connect));
        plain.set_keepalive(Some(PROBE_EVERY));
        plain.set_keepalive_interval(Some(PROBE_EVERY));
        plain.set_keepalive_retries(Some(PROBES));
        #[cfg(target_os = "linux")]
        plain.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX));
        let builder = HttpsConnectorBuilder::new();
        let connector = if settings.is_plain {
            // Nothing is verified, so the system's certificate authorities need not be loaded.
            let nobody = ClientConfig::builder().with_root_certificates(RootCertStore::empty());
            builder.with_tls_config(nobody.with_no_client_auth()).https_or_http()
        } else {
            let system = ClientConfig::builder().with_platform_verifier()?;
            builder.with_tls_config(system.with_no_client_auth()).https_only()
        };
        Ok(Self {
            connector: connector.enable_all_versions().wrap_connector(plain),
            patience: settings.connect,
        })
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.patience, self.connector.call(address));
        Box::pin(async move { connecting.await? })
    }
}

#[cfg(test)]
mod tests;
