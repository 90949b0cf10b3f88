//! What agents are served with (MCP): the same tools over the control socket and over HTTP.
//!
//! A tool is a thin codec over [`Gateway`]: arguments become an action, its outcome becomes
//! structured content. The work of the protocol is rmcp's.

mod arguments;
mod failure;
mod knowledge;
mod results;
mod tool;
mod tool_server;

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::response::Response;
use http_body_util::Full;
use orchestrator::Gateway;
use rmcp::ServiceExt;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use types::Principal;

use crate::RequestIds;
use tool_server::ToolServer;

/// Agents that may be connected to the control socket at once.
const SESSIONS_MAX: usize = 64;
/// Calls of all agents that are carried out at once; further ones wait.
const CALLS_AT_ONCE: usize = 32;

/// Serves agents. Cheap to clone; all clones share their limits.
#[derive(Clone, Debug)]
pub struct Agents {
    gateway: Gateway,
    request_ids: RequestIds,
    sessions: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    http: StreamableHttpServerConfig,
}

impl Agents {
    /// Serves what `gateway` offers, which listens on `address`. Where that is loopback, requests
    /// over HTTP must name this machine as their host, so that no web page reaches it under a name
    /// of its own.
    pub fn new(gateway: Gateway, request_ids: RequestIds, address: IpAddr) -> Self {
        let http = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .enforce_origin_validation();
        let http = if address.is_loopback() {
            let address = address.to_string();
            http.with_allowed_hosts(["localhost", "127.0.0.1", "::1", &address])
        } else {
            http.disable_allowed_hosts()
        };
        Self {
            gateway,
            request_ids,
            sessions: Arc::new(Semaphore::new(SESSIONS_MAX)),
            calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
            http,
        }
    }

    /// What answers for them.
    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// A place for one more agent on the control socket, if there is one.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.sessions).try_acquire_owned().ok()
    }

    /// Serves one agent until it leaves or `stop`.
    pub(crate) async fn serve_session(
        &self,
        principal: Principal,
        place: OwnedSemaphorePermit,
        transport: (
            impl AsyncRead + Send + Unpin + 'static,
            impl AsyncWrite + Send + Unpin + 'static,
        ),
        stop: &CancellationToken,
    ) {
        let tools = self.tools(principal);
        // An error would repeat what the agent sent.
        match tools.serve_with_ct(transport, stop.child_token()).await {
            Ok(session) => match session.waiting().await {
                Ok(_) => {}
                Err(source) => tracing::error!(error = %source, "the session of an agent panicked"),
            },
            Err(_) => tracing::debug!("an agent left before its session began"),
        }
        drop(place);
    }

    /// Answers one request of an agent over HTTP, whose body is here and whose sender is known.
    pub(crate) async fn answer(&self, principal: Principal, request: Request<Bytes>) -> Response {
        let tools = self.tools(principal);
        let sessions = Arc::new(NeverSessionManager::default());
        let service =
            StreamableHttpService::new(move || Ok(tools.clone()), sessions, self.http.clone());
        service.handle(request.map(Full::new)).await.map(Body::new)
    }

    fn tools(&self, principal: Principal) -> ToolServer {
        ToolServer {
            gateway: self.gateway.clone(),
            principal,
            request_ids: self.request_ids.clone(),
            calls: Arc::clone(&self.calls),
        }
    }
}
