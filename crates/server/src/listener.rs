//! The accept loop: connection limit, time-outs, graceful drain.

mod client_stream;
mod requests;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use telemetry::names;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Error;
use crate::api::{self, RequestIds};
use client_stream::ClientStream;
use requests::Requests;

/// How long the accept loop rests when the machine has no file handle left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Streams that one HTTP/2 connection may have open.
const STREAMS_PER_CONNECTION: u32 = 256;

/// Where to listen and what a connection may take.
#[derive(Clone, Debug)]
pub struct ListenerSettings {
    /// Address and port; port 0 is any free one.
    pub address: SocketAddr,
    /// Open connections at most; further ones wait to be accepted.
    pub connections_max: usize,
    /// Bytes of headers at most.
    pub header_bytes_max: usize,
    /// How long headers may take, and how long a connection may have no request open.
    pub header_read: Duration,
    /// How long a client may take nothing of what is written to it before its connection is closed.
    pub write_stall: Duration,
    /// How long open requests are given once a stop is asked for.
    pub drain: Duration,
}

/// A bound socket that is not accepting yet.
#[derive(Debug)]
pub struct Listener {
    settings: ListenerSettings,
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds the address.
    pub async fn bind(settings: ListenerSettings) -> Result<Self, Error> {
        let failed = |source| Error::Bind { address: settings.address, source };
        let socket = TcpListener::bind(settings.address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self { settings, socket, address })
    }

    /// The address it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `router` until `stop`, then lets open requests finish within the drain time and
    /// cuts the rest. Returns how many connections were cut.
    pub async fn serve(
        self,
        router: Router,
        request_ids: RequestIds,
        stop: CancellationToken,
    ) -> usize {
        let places = Arc::new(Semaphore::new(self.settings.connections_max));
        let connections = TaskTracker::new();
        let cut = CancellationToken::new();
        let protocol = Arc::new(self.protocol());
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = accept(&self.socket, &places) => accepted,
            };
            let connection = Connection {
                router: TowerToHyperService::new(router.clone()),
                request_ids: request_ids.clone(),
                protocol: Arc::clone(&protocol),
                idle: self.settings.header_read,
                write_stall: self.settings.write_stall,
                stop: stop.clone(),
            };
            let cut = cut.clone();
            connections.spawn(async move {
                let (stream, _place) = accepted;
                let open = OpenConnection::new();
                tokio::select! {
                    () = connection.serve(stream) => {}
                    () = cut.cancelled() => {}
                }
                drop(open);
            });
        }
        drop(self.socket);
        connections.close();
        if tokio::time::timeout(self.settings.drain, connections.wait()).await.is_ok() {
            return 0;
        }
        let left = connections.len();
        cut.cancel();
        connections.wait().await;
        left
    }

    fn protocol(&self) -> auto::Builder<TokioExecutor> {
        let mut protocol = auto::Builder::new(TokioExecutor::new());
        protocol
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.settings.header_read)
            .max_buf_size(self.settings.header_bytes_max);
        protocol
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.settings.header_read)
            .max_concurrent_streams(STREAMS_PER_CONNECTION)
            .max_header_list_size(
                u32::try_from(self.settings.header_bytes_max).unwrap_or(u32::MAX),
            );
        protocol
    }
}

/// Waits for a place, then for a connection.
async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
    let place = Arc::clone(places).acquire_owned().await.expect("an open semaphore");
    loop {
        match socket.accept().await {
            Ok((stream, _peer)) => {
                if stream.set_nodelay(true).is_err() {
                    metrics::counter!(names::SWALLOWED_ERRORS, "operation" => "nodelay")
                        .increment(1);
                }
                return (stream, place);
            }
            Err(source) => {
                metrics::counter!(names::SWALLOWED_ERRORS, "operation" => "accept").increment(1);
                tracing::warn!(error = %source, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Counts itself in the gauge of open connections while it lives.
struct OpenConnection;

impl OpenConnection {
    fn new() -> Self {
        metrics::gauge!(names::CONNECTIONS).increment(1.0);
        Self
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        metrics::gauge!(names::CONNECTIONS).decrement(1.0);
    }
}

struct Connection {
    router: TowerToHyperService<Router>,
    request_ids: RequestIds,
    protocol: Arc<auto::Builder<TokioExecutor>>,
    idle: Duration,
    write_stall: Duration,
    stop: CancellationToken,
}

impl Connection {
    /// Serves one connection while it is used; once a stop is asked for, only the requests it has
    /// open.
    async fn serve(self, stream: TcpStream) {
        let requests = Arc::new(Requests::new());
        let (router, request_ids) = (self.router, self.request_ids);
        let counted = Arc::clone(&requests);
        let service = service_fn(move |request| {
            let (open, answering) = (counted.open(), answer(&router, &request_ids, request));
            async move {
                let response = answering.await?;
                // Open until the last of its answer is handed over.
                let with_body = |body: Body| {
                    body.map_frame(move |frame| {
                        let _open = &open;
                        frame
                    })
                };
                Ok::<_, Infallible>(response.map(with_body))
            }
        });
        let stream = TokioIo::new(ClientStream::new(stream, self.write_stall));
        let mut connection = pin!(self.protocol.serve_connection(stream, service));
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = leave(&self.stop, &requests, self.idle) => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    served = connection => served,
                    () = requests.idle(self.idle) => return,
                }
            }
        };
        if let Err(source) = served {
            tracing::debug!(error = %source, "a connection ended early");
        }
    }
}

/// The answer of `router`; where it panics, an answer that says so to that client alone.
fn answer(
    router: &TowerToHyperService<Router>,
    request_ids: &RequestIds,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + use<> {
    let (protocol, request_ids) = (api::protocol_of(request.uri()), request_ids.clone());
    // Nothing of the request is used again.
    let answering = AssertUnwindSafe(router.call(request)).catch_unwind();
    async move {
        answering.await.unwrap_or_else(|panic| {
            Ok(api::panicked(protocol, &request_ids.next(), panic.as_ref()))
        })
    }
}

/// Resolves when a connection is to take no more requests. Of the protocols only HTTP/1 looks at
/// the time itself, and that only once it has the first bytes.
async fn leave(stop: &CancellationToken, requests: &Requests, idle: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = requests.idle(idle) => {}
    }
}
