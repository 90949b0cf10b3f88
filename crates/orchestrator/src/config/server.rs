//! `[server]`

use std::net::SocketAddr;

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// The listener and its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSection {
    /// Address and port to listen on. Beyond loopback, keys must exist and are required.
    pub listen: SocketAddr,
    /// Whether a key is required on loopback as well; without one, requests act as the built-in
    /// developer `local`.
    pub require_keys: bool,
    /// Open connections at most; further ones wait to be accepted.
    pub connections_max: usize,
    /// Bytes of a request's headers at most.
    pub header_bytes_max: usize,
    /// Bytes of a request's body at most. The providers' own limit is 32 MB.
    pub body_bytes_max: usize,
    /// Seconds a client may take to send its headers, and a kept connection may be idle.
    pub header_read_seconds: u64,
    /// Seconds a client may take to send its body.
    pub body_read_seconds: u64,
    /// Seconds that a client may take nothing of what is written to it; then its connection is
    /// closed. The system's buffers come first, and it takes again when a third of them is free.
    pub write_stall_seconds: u64,
    /// Seconds that open requests are given to finish when the gateway is asked to stop.
    pub drain_seconds: u64,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4180)),
            require_keys: false,
            connections_max: 1_024,
            header_bytes_max: 65_536,
            body_bytes_max: 32 * 1_024 * 1_024,
            header_read_seconds: 30,
            body_read_seconds: 60,
            write_stall_seconds: 60,
            drain_seconds: 30,
        }
    }
}
