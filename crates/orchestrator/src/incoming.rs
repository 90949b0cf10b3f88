//! A request of which nothing is believed but who sends it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use inference::Priority;
use types::{Principal, RequestId, TraceParent};
use wire::{Operation, Protocol};

/// What a client sent, with the transport taken off.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What the client speaks, by the path it used.
    pub protocol: Protocol,
    /// What it asks for, by the path it used.
    pub operation: Operation,
    /// Who sent it, as [`Gateway::identify`](crate::Gateway::identify) says.
    pub principal: Principal,
    /// The body, at most as long as the listener allows.
    pub body: Bytes,
    /// Its `Cache-Control` header; empty where it has none.
    pub cache_control: String,
    /// Headers that are passed on to the provider, already allow-listed.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Tokens of input at most; the oldest turns of a longer conversation are left out. None sends
    /// it as it is.
    pub context_max: Option<u64>,
    /// The conversation that it says it belongs to, in a header.
    pub session: Option<String>,
    /// How urgent it is where a provider has no place for it at once.
    pub priority: Priority,
    /// The client's span in a distributed trace.
    pub trace: Option<TraceParent>,
    /// This request's id, the same over all attempts.
    pub request_id: RequestId,
}
