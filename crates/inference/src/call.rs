//! What is asked of the providers, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use types::{RequestId, UpstreamRequestId};
use wire::{Answer, Edits, Request};

use crate::{Candidate, Failure, PieceStream, Priority, Route, Session, Trace};

/// A request with the way it is to go.
#[derive(Clone, Debug)]
pub struct Call {
    /// The client's request.
    pub request: Arc<Request>,
    /// Who can answer it.
    pub route: Route,
    /// The edits that are the same for all candidates. The model, an output limit that is above what
    /// it writes, the limit's name and the usage of streams are filled in for each.
    pub edits: Edits,
    /// The client's headers; only `anthropic-version` and `anthropic-beta` are ever passed on.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The request's id, the same over all attempts.
    pub request_id: RequestId,
    /// The conversation that it belongs to, where that is known.
    pub session: Option<Session>,
    /// How urgent it is where it has to wait.
    pub priority: Priority,
    /// The trace that it belongs to.
    pub trace: Trace,
}

/// An answer that has begun.
#[derive(Debug)]
pub struct Reply {
    /// Who answers.
    pub candidate: Candidate,
    /// Whether its conversation stayed where its beginning is cached; none for one that is new.
    pub stayed: Option<bool>,
    /// Every attempt, the one that succeeded last.
    pub attempts: Vec<AttemptRecord>,
    /// The answer.
    pub body: ReplyBody,
}

/// An answer in the client's protocol.
#[derive(Debug)]
pub enum ReplyBody {
    /// As a stream, because the request asks for one.
    Stream(Box<PieceStream>),
    /// As a whole.
    Complete(Box<Answer>),
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Who was asked.
    pub candidate: Candidate,
    /// From the call of [`dispatch`](crate::Inference::dispatch) to the attempt.
    pub after: Duration,
    /// The time to the failure, to the first content of a stream, or to the whole answer.
    pub took: Duration,
    /// What the provider calls it; none where it said nothing.
    pub upstream_request_id: Option<UpstreamRequestId>,
    /// What went wrong; none where it succeeded.
    pub failure: Option<Failure>,
}
