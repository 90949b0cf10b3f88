//! The one path of a request for an answer, whatever its protocol.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use orchestrator::{AnswerStream, Incoming, Outgoing, OutgoingBody, Priority};
use secrecy::SecretString;
use types::{Principal, TraceParent};
use wire::{Operation, Protocol};

use super::Api;
use super::reply::{PRIVATE, Refusal, Reply};

/// Request headers that are passed on to a provider of the same protocol.
const PASSED_ON: [&str; 3] =
    ["anthropic-version", "anthropic-beta", "x-openai-internal-codex-responses-lite"];

/// Takes the transport off, has the request answered, writes the answer.
pub(super) async fn answer(
    api: &Api,
    (protocol, operation): (Protocol, Operation),
    request: Request<Body>,
) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(protocol, &request_id);
    let Received { principal, head, body } = match receive(api, &reply, request).await {
        Ok(received) => received,
        Err(refused) => {
            api.gateway.refused(protocol, operation);
            return *refused;
        }
    };
    let (priority, context_max) = match (priority(&head.headers), context_max(&head.headers)) {
        (Ok(priority), Ok(context_max)) => (priority, context_max),
        (Err(refusal), _) | (_, Err(refusal)) => {
            api.gateway.refused(protocol, operation);
            return reply.refused(&refusal);
        }
    };
    let tenant = principal.tenant.clone();
    let asked = body.clone();
    let incoming = Incoming {
        protocol,
        operation,
        principal,
        body,
        cache_control: cache_control(&head.headers),
        headers: passed_on(&head.headers),
        context_max,
        session: session(&head.headers),
        priority,
        trace: trace(&head.headers),
        request_id: request_id.clone(),
    };
    let mut response = match api.gateway.answer(incoming).await {
        Ok(outgoing) => write(&reply, outgoing),
        Err(error) if reply.is_told_in_stream(&error) && asks_for_stream(protocol, asked) => {
            reply.failed_stream(&error)
        }
        Err(error) => reply.failed(&error),
    };
    super::rates::tell(&api.gateway.rates(&tenant), &mut response);
    response
}

/// Whether a request that has no answer is one for a stream; embeddings never are.
fn asks_for_stream(protocol: Protocol, body: Bytes) -> bool {
    wire::Request::decode(protocol, body).is_ok_and(|request| request.is_stream())
}

/// A request whose sender is known and whose body is there.
pub(super) struct Received {
    pub(super) principal: Principal,
    pub(super) head: Parts,
    pub(super) body: Bytes,
}

/// Finds out who sends a request, then reads its body; or what to answer where that fails.
pub(super) async fn receive(
    api: &Api,
    reply: &Reply<'_>,
    request: Request<Body>,
) -> Result<Received, Box<Response>> {
    let (head, mut body) = request.into_parts();
    let principal = match api.gateway.identify(credential(&head.headers).as_ref()) {
        Ok(principal) => principal,
        Err(error) => {
            discard(api, &mut body).await;
            return Err(Box::new(reply.failed(&error)));
        }
    };
    let read = match plain(&head.headers) {
        Ok(()) => read_body(api, &mut body).await,
        Err(refusal) => Err(refusal),
    };
    match read {
        Ok(body) => Ok(Received { principal, head, body }),
        Err(refusal) => {
            if matches!(refusal, Refusal::BodyTooLarge { .. } | Refusal::BodyEncoded { .. }) {
                discard(api, &mut body).await;
            }
            Err(Box::new(reply.refused(&refusal)))
        }
    }
}

/// Bodies are taken as they are, so none can become larger than it was sent.
fn plain(headers: &HeaderMap) -> Result<(), Refusal> {
    const CHARS_SHOWN: usize = 40;
    let encodings = headers.get_all(CONTENT_ENCODING).iter();
    let mut encodings = encodings.map(|value| value.to_str().unwrap_or("unreadable").trim());
    let encoded = encodings.find(|one| !one.is_empty() && !one.eq_ignore_ascii_case("identity"));
    encoded.map_or(Ok(()), |encoding| {
        let encoding = encoding.chars().take(CHARS_SHOWN).collect();
        Err(Refusal::BodyEncoded { encoding })
    })
}

async fn read_body(api: &Api, body: &mut Body) -> Result<Bytes, Refusal> {
    let limit = api.body_bytes_max;
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let limited = Limited::new(body, limit).collect();
    match tokio::time::timeout(api.body_read, limited).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge { limit }),
        Ok(Err(_)) => Err(Refusal::BodyBroken),
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}

/// Reads what a refused client is still sending and keeps none of it: most clients look at the
/// answer only once they have sent all. Whoever sends more than a body may have is hung up on.
async fn discard(api: &Api, body: &mut Body) {
    let mut left = api.body_bytes_max;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    // A client that is too slow is answered all the same.
    tokio::time::timeout(api.body_read, reading).await.ok();
}

/// The credential, from either header that SDKs use.
pub(super) fn credential(headers: &HeaderMap) -> Option<SecretString> {
    let bearer = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let api_key = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    api_key.or(bearer).map(SecretString::from)
}

/// All `cache-control` lines as one, which is what several lines mean.
pub(super) fn cache_control(headers: &HeaderMap) -> String {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

/// How urgent a request says that it is.
pub(super) fn priority(headers: &HeaderMap) -> Result<Priority, Refusal> {
    let Some(value) = headers.get("x-forebay-priority") else { return Ok(Priority::default()) };
    let parsed = value.to_str().unwrap_or_default().parse();
    parsed.map_err(|rule| Refusal::Malformed { reason: format!("x-forebay-priority {rule}") })
}

/// Tokens of input that a request wants to have at most.
pub(super) fn context_max(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(value) = headers.get("x-forebay-context-max") else { return Ok(None) };
    let parsed = value.to_str().unwrap_or_default().parse();
    parsed.map(Some).map_err(|_| Refusal::Malformed {
        reason: "x-forebay-context-max must be a number of tokens".to_owned(),
    })
}

/// The conversation that a request says it belongs to.
fn session(headers: &HeaderMap) -> Option<String> {
    headers.get("x-session-id").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The client's span. What cannot be read is none, as the standard has it.
pub(super) fn trace(headers: &HeaderMap) -> Option<TraceParent> {
    headers.get("traceparent").and_then(|value| TraceParent::parse(value.to_str().ok()?))
}

pub(super) fn passed_on(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let mut passed = Vec::new();
    for name in PASSED_ON.map(HeaderName::from_static) {
        for value in headers.get_all(&name) {
            passed.push((name.clone(), value.clone()));
        }
    }
    passed
}

fn write(reply: &Reply<'_>, outgoing: Outgoing) -> Response {
    let mut response = match outgoing.body {
        OutgoingBody::Complete(body) => reply.json(body),
        OutgoingBody::Stream(stream) => reply.stream(stream_body(reply.protocol(), stream)),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, PRIVATE);
    let cache_status = outgoing.cache_status.map(|status| ("cache-status", status.to_string()));
    let source = [
        ("x-forebay-provider", outgoing.source.provider.to_string()),
        ("x-forebay-model", outgoing.source.model.to_string()),
        ("x-forebay-origin", outgoing.source.origin.to_string()),
    ];
    let trimmed = outgoing.trimmed.map(|trimmed| ("x-forebay-trimmed", trimmed.to_string()));
    for (name, value) in source.into_iter().chain(cache_status).chain(trimmed) {
        // Ids hold visible ASCII only, so the value is always a header's.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Frames as they come; an answer that breaks off ends in the protocol's own error event.
fn stream_body(protocol: Protocol, stream: AnswerStream) -> Body {
    let begin = Some((stream, Bytes::new()));
    let frames = futures_util::stream::unfold(begin, move |state| async move {
        let (mut stream, sent) = state?;
        match stream.next().await? {
            Ok(frames) => {
                let sent = if frames.is_empty() { sent } else { frames.clone() };
                Some((Ok::<_, std::convert::Infallible>(frames), Some((stream, sent))))
            }
            Err(error) => Some((Ok(super::reply::last_frame(protocol, &error, &sent)), None)),
        }
    });
    Body::from_stream(frames)
}
