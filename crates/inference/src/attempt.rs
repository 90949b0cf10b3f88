//! One request to one provider, up to the headers of its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode, Uri};
use tokio::time::Instant;
use types::Timestamp;
use wire::{Answer, ProviderProtocol, Request, UpstreamErrorKind};

use crate::client::{self, Response};
use crate::deadline::Deadline;
use crate::provider::{Permit, Provider};
use crate::{Failure, FailureKind, Phase, retry_after};

const ERROR_BYTES_MAX: usize = 64 << 10;
const ERROR_TIME: Duration = Duration::from_secs(5);

/// What is sent, and what is expected back.
pub(crate) struct Outbound {
    /// What the provider is spoken to in, and answers in.
    pub(crate) protocol: ProviderProtocol,
    /// None where the model has no address.
    pub(crate) endpoint: Option<Uri>,
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    /// What the client asked, in whose protocol it gets the answer.
    pub(crate) request: Arc<Request>,
}

/// One attempt's limits.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) start: Instant,
    /// When all attempts of the request are over.
    pub(crate) request: Deadline,
    pub(crate) answer_bytes_max: usize,
}

impl Limits {
    /// The end of this attempt.
    pub(crate) fn total(&self, provider: &Provider) -> Deadline {
        let total = provider.settings.timeouts.total;
        Deadline::after(self.start, total, Phase::Total).earlier(self.request)
    }

    fn headers(&self, provider: &Provider, is_stream: bool) -> Deadline {
        let timeouts = &provider.settings.timeouts;
        let span = if is_stream { timeouts.headers } else { timeouts.whole_answer };
        Deadline::after(self.start, span, Phase::Headers).earlier(self.total(provider))
    }
}

/// Sends a request and waits for the headers of its answer, whatever they say.
pub(crate) async fn send(
    permit: &Permit,
    outbound: &Outbound,
    limits: &Limits,
) -> Result<Response, Failure> {
    let provider = permit.provider();
    let endpoint = outbound.endpoint.as_ref();
    let endpoint = endpoint.ok_or_else(|| Failure::unbilled(FailureKind::Connect))?;
    let sent = permit.client().post(endpoint, &outbound.headers, &outbound.body);
    let deadline = limits.headers(provider, outbound.request.is_stream());
    deadline.limit(sent).await?
}

/// Passes a response that has a success status and the right kind of content.
pub(crate) async fn check(
    provider: &Provider,
    response: Response,
    outbound: &Outbound,
    limits: &Limits,
    now: Timestamp,
) -> Result<Response, Failure> {
    if !response.status().is_success() {
        let deadline = limits.headers(provider, outbound.request.is_stream());
        return Err(refusal((provider, outbound.protocol), response, deadline, now).await);
    }
    check_content(provider, response, outbound, limits).await
}

/// Reads a whole answer.
pub(crate) async fn receive(
    provider: &Provider,
    outbound: &Outbound,
    limits: &Limits,
    response: Response,
) -> Result<Answer, Failure> {
    let deadline = limits.total(provider);
    let body = read_body(provider, response, deadline, limits.answer_bytes_max).await?;
    if provider.redactor.is_leaked(&body) {
        return Err(Failure::billed(FailureKind::Rubbish));
    }
    let answer = outbound.request.decode_answer(outbound.protocol, body);
    answer.map_err(|error| wire_failure(provider, error))
}

/// The failure that an error of the answer stands for. The provider has worked, so it may bill.
pub(crate) fn wire_failure(provider: &Provider, error: wire::Error) -> Failure {
    if let wire::Error::Upstream(error) = error {
        return Failure { may_be_billed: true, ..upstream_failure(provider, error) };
    }
    let is_cut = matches!(error, wire::Error::Truncated);
    Failure::billed(if is_cut { FailureKind::Truncated } else { FailureKind::Rubbish })
}

/// The failure that an error status stands for.
async fn refusal(
    (provider, protocol): (&Provider, ProviderProtocol),
    response: Response,
    deadline: Deadline,
    now: Timestamp,
) -> Failure {
    let status = response.status();
    if status.is_redirection() || status.is_informational() {
        return Failure::unbilled(FailureKind::Rubbish);
    }
    let asked = retry_after::parse(status, response.headers(), now);
    let soon = Deadline::after(Instant::now(), ERROR_TIME, deadline.phase).earlier(deadline);
    // The status alone says enough where the body cannot be read.
    let body = read_body(provider, response, soon, ERROR_BYTES_MAX).await.unwrap_or_default();
    let error = wire::decode_error(protocol, status.as_u16(), &body);
    let failure = upstream_failure(provider, error);
    // An error status is not billed, but who gave up waiting for itself may have worked.
    let gave_up = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT);
    let may_be_billed = gave_up || failure.may_be_billed;
    Failure { retry_after: asked.or(failure.retry_after), may_be_billed, ..failure }
}

fn upstream_failure(provider: &Provider, error: wire::UpstreamError) -> Failure {
    let about_us =
        matches!(error.kind, UpstreamErrorKind::Authentication | UpstreamErrorKind::OutOfMoney);
    let message = if about_us { String::new() } else { provider.redactor.clean(error.message) };
    Failure {
        kind: FailureKind::Upstream(error.kind),
        message,
        retry_after: error.retry_after,
        may_be_billed: error.kind == UpstreamErrorKind::Timeout,
    }
}

/// Passes a response whose content can be what was asked for.
async fn check_content(
    provider: &Provider,
    response: Response,
    outbound: &Outbound,
    limits: &Limits,
) -> Result<Response, Failure> {
    let rubbish = || Failure::billed(FailureKind::Rubbish);
    let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let encoded = text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if encoded || response.status() == StatusCode::NO_CONTENT {
        return Err(rubbish());
    }
    let kind = text(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let is_json = kind.contains("json");
    if !outbound.request.is_stream() {
        return if is_json || kind.is_empty() { Ok(response) } else { Err(rubbish()) };
    }
    if kind.starts_with("text/event-stream") {
        return Ok(response);
    }
    if !is_json {
        return Err(rubbish());
    }
    // Some providers answer a request for a stream with an error as JSON and status 200.
    match receive(provider, outbound, limits, response).await {
        Err(failure) => Err(failure),
        Ok(_) => Err(rubbish()),
    }
}

async fn read_body(
    provider: &Provider,
    mut response: Response,
    deadline: Deadline,
    bytes_max: usize,
) -> Result<Bytes, Failure> {
    let between = provider.settings.timeouts.between_chunks;
    let mut body = BytesMut::new();
    loop {
        let next = Deadline::after(Instant::now(), between, Phase::BetweenChunks);
        match next.earlier(deadline).limit(client::next_chunk(&mut response)).await?? {
            None => return Ok(body.freeze()),
            Some(chunk) if body.len().saturating_add(chunk.len()) > bytes_max => {
                return Err(Failure::billed(FailureKind::Rubbish));
            }
            Some(chunk) => body.extend_from_slice(&chunk),
        }
    }
}
