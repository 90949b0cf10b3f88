//! From a provider's complete answer to the client's.

use bytes::Bytes;

use crate::codec::{self, Writer};
use crate::json::borrowed;
use crate::{AnswerSummary, Error, Protocol, ProviderProtocol, Request, UpstreamError, record};

/// A complete answer in the client's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The JSON body.
    pub body: Bytes,
    /// What is known of it.
    pub summary: AnswerSummary,
}

/// Reads the body of a 200 that is no stream. For a client of the same protocol the bytes stay as
/// they are. The tools have the names that the provider knows; [`Request::decode_answer`] gives
/// those that the client knows.
///
/// # Errors
/// [`Error::Upstream`] for an error inside the 200 and for a tool call that cannot be said in the
/// client's protocol because the model wrote it badly, [`Error::Unreadable`] for what is no answer.
pub fn decode_answer(
    upstream: impl Into<ProviderProtocol>,
    client: Protocol,
    body: Bytes,
) -> Result<Answer, Error> {
    decode(upstream.into(), client, None, body)
}

/// Reads an answer, to `request` where that is known.
pub(crate) fn decode(
    upstream: ProviderProtocol,
    client: Protocol,
    request: Option<&Request>,
    body: Bytes,
) -> Result<Answer, Error> {
    let answer =
        borrowed::parse(&body).map_err(|_| Error::Unreadable { what: "the body is not json" })?;
    if let Some(error) = UpstreamError::inside(&answer) {
        return Err(Error::Upstream(error));
    }
    let mut summary = AnswerSummary::default();
    let mut writer = (upstream.client() != Some(client)).then(|| Writer::new(client, request));
    let mut pieces = Vec::new();
    codec::read_answer(upstream, &answer, &mut |event| {
        summary.observe(&event);
        writer.as_mut().map_or(Ok(()), |writer| writer.write(&event, &mut pieces))
    })?;
    if writer.is_none() {
        return Ok(Answer { body, summary });
    }
    let frames: Vec<Bytes> = pieces.into_iter().map(|piece| piece.bytes).collect();
    Ok(Answer { body: record::fold(client, &frames)?, summary })
}
