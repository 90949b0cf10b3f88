//! A request before anything about it is believed.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use types::RequestId;
use wire::Protocol;

/// What a client sent, with the transport taken off.
#[derive(Debug)]
pub struct Incoming {
    /// What the client speaks, by the path it used.
    pub protocol: Protocol,
    /// The credential it showed, if any.
    pub credential: Option<SecretString>,
    /// The body, at most as long as the listener allows.
    pub body: Bytes,
    /// Its `Cache-Control` header; empty where it has none.
    pub cache_control: String,
    /// Headers that are passed on to the provider, already allow-listed.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// This request's id, the same over all attempts.
    pub request_id: RequestId,
}
