//! `[resilience]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// Retries, time-outs and circuit breakers, for every provider.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct ResilienceSection {
    /// Failures in a row that open a provider's breaker.
    pub breaker_failures: u32,
    /// Seconds an open breaker waits before it lets one probe through.
    pub breaker_open_seconds: u64,
    /// Attempts at one provider before the next one is tried.
    pub attempts_per_provider: u32,
    /// Further attempts as a percentage of requests, over ten seconds.
    pub retry_percent: u32,
    /// Seconds that a conversation stays with the provider that answered it last, as long as that is
    /// well and serves the same model; 0 lets it go to the first in order each time.
    pub affinity_seconds: u64,
    /// Requests that may wait where a provider has no place for them; 0 lets none wait.
    pub queue_max: usize,
    /// Milliseconds that a request waits for a place at most. One that has others before it and can
    /// expect to wait for more than half of that is refused at once.
    pub queue_wait_ms: u64,
    /// Milliseconds that a request for a provider's embeddings waits for others of its tenant that
    /// differ in nothing but their inputs, to ask for all at once; 0 sends each by itself.
    pub embeddings_gather_ms: u64,
    /// Milliseconds to connect, TLS included.
    pub connect_ms: u64,
    /// Milliseconds from sending a request for a stream to the answer's headers. Local servers send
    /// them when they have loaded the model and read the prompt, which takes minutes.
    pub headers_ms: u64,
    /// Milliseconds from sending a request for a whole answer to its headers, which most providers
    /// send when the answer is made.
    pub whole_answer_ms: u64,
    /// Milliseconds from sending a request for a stream to its first content. Reasoning that is not
    /// shown comes before that, and takes minutes.
    pub first_content_ms: u64,
    /// Milliseconds between two chunks of a stream after its first content. Reasoning that is not
    /// shown may come between them, too.
    pub between_chunks_ms: u64,
    /// Milliseconds that one attempt may take, and all attempts until the first content.
    pub total_ms: u64,
}

impl Default for ResilienceSection {
    fn default() -> Self {
        Self {
            breaker_failures: 5,
            breaker_open_seconds: 15,
            attempts_per_provider: 2,
            retry_percent: 20,
            affinity_seconds: 300,
            queue_max: 256,
            queue_wait_ms: 10_000,
            embeddings_gather_ms: 2,
            connect_ms: 5_000,
            headers_ms: 300_000,
            whole_answer_ms: 600_000,
            first_content_ms: 300_000,
            between_chunks_ms: 300_000,
            total_ms: 3_600_000,
        }
    }
}
