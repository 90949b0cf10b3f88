//! Forebay over HTTP: the protocols' endpoints, the tools of agents, the listener with its limits,
//! and the local control socket.
//!
//! - No business rule lives here: a handler takes the transport off a request, hands it to the
//!   orchestrator, and writes what comes back.
//! - HTTP status, body shape and log level of an error are decided in `api::reply`, alone.
//! - Headers pass by allow-list, in both directions.
#![forbid(unsafe_code)]

mod api;
mod control;
mod daemon;
mod error;
mod listener;
mod mcp;

pub use api::{Api, RequestIds, router};
pub use control::{ControlClient, ControlSocket};
pub use daemon::Daemon;
pub use error::Error;
pub use listener::{Listener, ListenerSettings};
pub use mcp::Agents;
