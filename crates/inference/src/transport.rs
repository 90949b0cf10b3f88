//! How an attempt gets to its provider and an answer back.

use types::{Clock, UpstreamRequestId};

use crate::attempt::{self, Limits, Outbound};
use crate::client::Response;
use crate::headers;
use crate::provider::Permit;
use crate::{Failure, PieceStream, ReplyBody};

/// The way to a provider and back: HTTP, or a world in virtual time.
pub(crate) trait Transport: Sync {
    /// Sends a request and waits for the first content of a stream or for a whole answer, within
    /// `limits`. What the permit is to be told of a success it is told here; a failure comes back
    /// with it.
    fn exchange(
        &self,
        permit: Permit,
        outbound: &Outbound,
        limits: &Limits,
    ) -> impl Future<Output = Exchanged> + Send;
}

/// What came of one attempt.
pub(crate) struct Exchanged {
    /// What the provider calls the request, so far as it can be shown.
    pub(crate) upstream_request_id: Option<UpstreamRequestId>,
    /// An answer that has begun.
    pub(crate) result: Result<ReplyBody, (Failure, Permit)>,
}

/// Requests over HTTP, each with the client of its provider.
pub(crate) struct Http<'a>(pub(crate) &'a Clock);

impl Transport for Http<'_> {
    async fn exchange(&self, permit: Permit, outbound: &Outbound, limits: &Limits) -> Exchanged {
        match attempt::send(&permit, outbound, limits).await {
            Ok(response) => Exchanged {
                upstream_request_id: headers::request_id(
                    response.headers(),
                    &permit.provider().redactor,
                ),
                result: self.read(response, permit, outbound, limits).await,
            },
            Err(failure) => Exchanged { upstream_request_id: None, result: Err((failure, permit)) },
        }
    }
}

impl Http<'_> {
    async fn read(
        &self,
        response: Response,
        mut permit: Permit,
        outbound: &Outbound,
        limits: &Limits,
    ) -> Result<ReplyBody, (Failure, Permit)> {
        let provider = permit.provider();
        let checked = attempt::check(provider, response, outbound, limits, self.0.now()).await;
        let response = match checked {
            Ok(response) => response,
            Err(failure) => return Err((failure, permit)),
        };
        if outbound.request.is_stream() {
            let stream = PieceStream::open(response, permit, outbound, limits).await?;
            return Ok(ReplyBody::Stream(Box::new(stream)));
        }
        match attempt::receive(permit.provider(), outbound, limits, response).await {
            Ok(answer) => {
                permit.proven();
                permit.succeed();
                Ok(ReplyBody::Complete(Box::new(answer)))
            }
            Err(failure) => Err((failure, permit)),
        }
    }
}
