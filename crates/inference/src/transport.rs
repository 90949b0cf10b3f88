//! How an attempt gets to its provider and an answer back.

use types::Clock;

use crate::attempt::{self, Limits, Outbound};
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
    ) -> impl Future<Output = Result<Exchanged, (Failure, Permit)>> + Send;
}

/// An answer that has begun.
pub(crate) struct Exchanged {
    /// The provider's own id of the request, so far as it can be shown.
    pub(crate) upstream_request_id: Option<String>,
    pub(crate) body: ReplyBody,
}

/// Requests over HTTP, each with the client of its provider.
pub(crate) struct Http<'a>(pub(crate) &'a Clock);

impl Transport for Http<'_> {
    async fn exchange(
        &self,
        mut permit: Permit,
        outbound: &Outbound,
        limits: &Limits,
    ) -> Result<Exchanged, (Failure, Permit)> {
        let sent = attempt::send(&permit, outbound, limits, self.0.now()).await;
        let response = match sent {
            Ok(response) => response,
            Err(failure) => return Err((failure, permit)),
        };
        let provider = permit.provider();
        let upstream_request_id = headers::request_id(response.headers(), &provider.redactor);
        if outbound.request.is_stream() {
            let stream = PieceStream::open(response, permit, outbound, limits).await?;
            return Ok(Exchanged {
                upstream_request_id,
                body: ReplyBody::Stream(Box::new(stream)),
            });
        }
        match attempt::receive(provider, outbound, limits, response).await {
            Ok(answer) => {
                permit.proven();
                permit.succeed();
                Ok(Exchanged { upstream_request_id, body: ReplyBody::Complete(Box::new(answer)) })
            }
            Err(failure) => Err((failure, permit)),
        }
    }
}
