//! Requests kept for assertions.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::request::Request;

/// All kept bodies and headers together stay below this.
const MOST_KEPT_BYTES: usize = 64 << 20;

/// A request as it arrived. Holds the credentials that were sent: for assertions, not for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Without the query.
    pub path: String,
    /// Names as they were spelled, in their order.
    pub headers: Vec<(String, String)>,
    /// Without chunk framing. Empty where a fault struck before it was read.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The first value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The newest requests.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    kept: VecDeque<Request>,
    bytes: usize,
}

impl Recorder {
    /// Keeps `request` and lets the oldest go that do not fit beside it.
    pub(crate) fn keep(&mut self, request: Request, most: usize) {
        self.bytes += request.length();
        self.kept.push_back(request);
        while self.kept.len() > most || self.bytes > MOST_KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.length();
        }
    }

    /// Oldest first.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let record = |request: &Request| RecordedRequest {
            path: request.path.clone(),
            headers: request.headers().map(own).collect(),
            body: request.body().clone(),
        };
        self.kept.iter().map(record).collect()
    }
}
