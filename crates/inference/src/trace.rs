//! What providers are told of the trace that a request belongs to.

use http::{HeaderMap, HeaderName, HeaderValue};
use types::TraceParent;

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// What providers are told of the trace that a request belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trace {
    /// Nothing: it belongs to none.
    #[default]
    None,
    /// What the client told: this process adds no spans.
    Passed(TraceParent),
    /// The request's own span, below which each attempt is one.
    Own(TraceParent),
}

impl Trace {
    /// Adds the header for the attempt of this number, counted from 0.
    pub(crate) fn write(self, number: usize, headers: &mut HeaderMap) {
        let parent = match self {
            Self::None => return,
            Self::Passed(client) => client,
            Self::Own(own) => own.of_attempt(number),
        };
        if let Ok(value) = HeaderValue::try_from(parent.to_string()) {
            headers.insert(TRACE_PARENT, value);
        }
    }
}
