//! What a simulator has seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a simulator has seen since it started or was reset.
///
/// Once nothing is in flight every request is in exactly one of `completed`, `refused`, `faulty`
/// and `aborted`. Requests to `/simulator/` are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Connections accepted, those of control requests included.
    pub connections: u64,
    /// Requests whose headers arrived, by path without its query.
    pub requests: BTreeMap<String, u64>,
    /// Requests that are not ended.
    pub in_flight: u64,
    /// Proper answers that were sent whole.
    pub completed: u64,
    /// Requests that the simulator itself found wrong: status 4xx.
    pub refused: u64,
    /// Requests on which a scripted fault was played to its end.
    pub faulty: u64,
    /// Requests whose client left before the answer, or the fault, was at its end.
    pub aborted: u64,
}

impl Counts {
    /// Attempts at an answer of a model: requests for a chat in any protocol or for
    /// embeddings.
    pub fn attempts(&self) -> u64 {
        let is_model = |path: &str| crate::endpoint::Endpoint::of(path).protocol().is_some();
        self.requests.iter().filter(|(path, _)| is_model(path)).map(|(_, count)| count).sum()
    }
}
