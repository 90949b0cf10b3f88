//! How a simulator behaves when nothing is scripted.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::reply::{LEAST_OUTPUT_TOKENS, MOST_OUTPUT_TOKENS};

/// How a simulator behaves when nothing is scripted. Every field may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulatorSettings {
    /// Where to listen; port 0 takes a free port. Default: `127.0.0.1:0`.
    pub address: SocketAddr,
    /// What a request must carry as credentials. Default: any key.
    pub authentication: Authentication,
    /// The models served, and listed by `GET /v1/models`. Default: none named, which serves all.
    pub models: Vec<String>,
    /// Time from a whole request to the first byte of its answer. Default: 0.
    pub latency: Latency,
    /// Pause before each event of a stream after the first, in milliseconds. Default: 0.
    pub chunk_delay_ms: u64,
    /// Tokens of a text answer that the request does not cut shorter. Default: 32.
    pub output_tokens: u64,
    /// Pieces that a stream cuts its text into. Default: 8.
    pub chunks: usize,
    /// Requests that are worked on at once; one more is refused with 503. Default: as many as come.
    pub concurrency_max: u64,
    /// Whether input tokens at the beginning of a request that were read before are told as cached.
    /// Default: false.
    pub caches_prefixes: bool,
    /// The newest requests kept for [`Simulator::requests`](crate::Simulator::requests); 0 keeps
    /// none. Default: 1,000.
    pub kept_requests: usize,
}

/// What a request must carry as credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Nothing, as a local model server.
    Open,
    /// Any key that is not empty, in the protocol's header.
    #[default]
    AnyKey,
    /// This key.
    Key(String),
}

/// A range that each answer's latency is drawn from, the same sequence for the same seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// The shortest, in milliseconds. Default: 0.
    pub min_ms: u64,
    /// The longest, in milliseconds. Default: 0.
    pub max_ms: u64,
    /// Chooses the sequence. Default: 0.
    pub seed: u64,
}

impl Default for SimulatorSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            authentication: Authentication::AnyKey,
            models: Vec::new(),
            latency: Latency::default(),
            chunk_delay_ms: 0,
            output_tokens: 32,
            chunks: 8,
            concurrency_max: u64::MAX,
            caches_prefixes: false,
            kept_requests: 1_000,
        }
    }
}

impl SimulatorSettings {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Latency { min_ms, max_ms, .. } = self.latency;
        let tokens = self.output_tokens;
        if min_ms > max_ms {
            return Err(Error::Latency { min_ms, max_ms });
        }
        if !(LEAST_OUTPUT_TOKENS..=MOST_OUTPUT_TOKENS).contains(&tokens) {
            let (least, most) = (LEAST_OUTPUT_TOKENS, MOST_OUTPUT_TOKENS);
            return Err(Error::OutputTokens { tokens, least, most });
        }
        if self.chunks == 0 { Err(Error::Chunks) } else { Ok(()) }
    }
}
