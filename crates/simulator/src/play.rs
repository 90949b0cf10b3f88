//! How each fault bends an answer.

use std::time::Duration;

use bytes::Bytes;

use crate::Fault;
use crate::answer::{Answer, Body, End, Step};
use crate::ask::Refusal;
use crate::bomb;
use crate::fault::Position;
use crate::plan::Attempt;
use crate::request::Request;

/// Response headers that an echo must not repeat, or the answer could not be read.
const FRAMING: [&str; 6] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "trailer",
    "transfer-encoding",
];
const NOT_HTTP: &[u8] = b"\x16\x03\x01 not HTTP\r\n\r\n";
const NOT_JSON: &[u8] = b"data: <html>\xff\xfe rubbish {\n\n";
const EARLY_HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\n\r\n";

impl Fault {
    /// What this fault does to `attempt`; none where it needs an accepted request and has none.
    pub(crate) fn play(&self, attempt: &Attempt<'_>) -> Option<Vec<Step>> {
        let answer = || attempt.answer(|_| ());
        Some(match self {
            Self::None => answer()?.whole(),
            Self::Refuse | Self::ResetBeforeHeaders => vec![Step::Reset],
            Self::CloseBeforeHeaders => vec![Step::Close],
            Self::HangOnAccept | Self::HangBeforeHeaders => vec![Step::Hang],
            Self::Delay { millis } => delay(answer()?, *millis),
            Self::Hold { at } => hold(answer()?, *at),
            Self::HangAfterHeaders => answer()?.steps(0, End::Hang),
            Self::HangAfterFirstEvent => {
                let answer = answer()?;
                answer.steps(first_part(&answer), End::Hang)
            }
            Self::HangBeforeTerminal => {
                let answer = answer()?;
                answer.steps(before_last_part(&answer), End::Hang)
            }
            Self::HangAfterTerminal => hang_after_terminal(&answer()?),
            Self::Drip { bytes, pause_ms } => {
                drip(&answer()?.whole(), *bytes, Duration::from_millis(*pause_ms))
            }
            Self::Reset { after_bytes } => answer()?.steps(*after_bytes, End::Reset),
            Self::Close { after_bytes } => answer()?.steps(*after_bytes, End::Close),
            Self::EmptyBody => with_document(answer()?, Bytes::new()).whole(),
            Self::ErrorEvent { position, code } => {
                error_event(attempt, answer()?, *position, code.as_deref()).whole()
            }
            Self::WrongContentLength { delta } => wrong_length(answer()?, *delta),
            Self::ChunkGarbage => chunk_garbage(&answer()?),
            Self::NotJson => with_document(answer()?, Bytes::from_static(NOT_JSON)).whole(),
            Self::Literal { body } => with_document(answer()?, body.clone().into()).whole(),
            Self::NotHttp => vec![Step::Send(Bytes::from_static(NOT_HTTP)), Step::Close],
            Self::InformationalFlood { count } => {
                let flood = Step::Send(EARLY_HINTS.repeat(*count).into());
                [flood].into_iter().chain(answer()?.whole()).collect()
            }
            Self::Redirect { location } => {
                attempt.plain(307, String::new()).with_header("location", location).whole()
            }
            Self::Status { code, retry_after, error } => {
                status(attempt, *code, retry_after.as_deref(), error.as_deref()).whole()
            }
            Self::ContextLength => attempt.error(&attempt.protocol.context_length()).whole(),
            Self::Usage(fault) => attempt.answer(|reply| reply.usage.bend(*fault))?.whole(),
            Self::NoTerminal => without_terminal(answer()?).whole(),
            Self::EchoHeaders => echo(attempt)?.whole(),
            Self::GzipBomb => with_document(answer()?, bomb::gzip())
                .with_header("content-encoding", "gzip")
                .whole(),
            Self::LongLine { bytes } => attempt.answer(|reply| reply.lengthen(*bytes))?.whole(),
        })
    }
}

fn delay(mut answer: Answer, millis: u64) -> Vec<Step> {
    answer.pace.first += Duration::from_millis(millis);
    answer.whole()
}

fn hold(mut answer: Answer, at: Position) -> Vec<Step> {
    answer.held_part = Some(part_at(answer.parts(), at));
    answer.whole()
}

/// The part of a body that stands at `position`.
fn part_at(parts: &[Bytes], position: Position) -> usize {
    match position {
        Position::First => 0,
        Position::Middle => parts.len() / 2,
        Position::Last => parts.len().saturating_sub(1),
    }
}

/// The length of the first event, or of half a document.
fn first_part(answer: &Answer) -> usize {
    match &answer.body {
        Body::Complete(document) => document.len() / 2,
        Body::Stream(events) => events.first().map_or(0, Bytes::len),
    }
}

/// The length of all but the terminal event, or but one byte of a document.
fn before_last_part(answer: &Answer) -> usize {
    let last = match &answer.body {
        Body::Complete(_) => 1,
        Body::Stream(events) => events.last().map_or(0, Bytes::len),
    };
    answer.length().saturating_sub(last)
}

fn hang_after_terminal(answer: &Answer) -> Vec<Step> {
    let limit = match &answer.body {
        Body::Complete(_) => before_last_part(answer),
        Body::Stream(_) => usize::MAX,
    };
    answer.steps(limit, End::Hang)
}

/// The same writes in pieces of `size` bytes.
fn drip(steps: &[Step], size: usize, pause: Duration) -> Vec<Step> {
    let mut dripped = Vec::new();
    for step in steps {
        let Step::Send(bytes) = step else {
            dripped.push(step.clone());
            continue;
        };
        for piece in bytes.chunks(size.max(1)) {
            dripped.push(Step::Send(bytes.slice_ref(piece)));
            if !pause.is_zero() {
                dripped.push(Step::Pause(pause));
            }
        }
    }
    dripped
}

/// The answer with another body of the same content type.
fn with_document(mut answer: Answer, document: Bytes) -> Answer {
    answer.body = match answer.body {
        Body::Complete(_) => Body::Complete(document),
        Body::Stream(_) => Body::Stream(vec![document]),
    };
    answer
}

fn error_event(
    attempt: &Attempt<'_>,
    mut answer: Answer,
    position: Position,
    code: Option<&str>,
) -> Answer {
    let mut refusal = Refusal::new(529, "the simulated provider failed on purpose");
    refusal.code = code.map(str::to_owned);
    answer.body = match answer.body {
        Body::Complete(_) => Body::Complete(attempt.protocol.envelope(&refusal).into()),
        Body::Stream(mut events) => {
            events.truncate(part_at(&events, position));
            events.push(attempt.protocol.error_event(&refusal));
            Body::Stream(events)
        }
    };
    answer
}

fn wrong_length(mut answer: Answer, delta: i64) -> Vec<Step> {
    let length = i64::try_from(answer.length()).unwrap_or(i64::MAX);
    let declared = length.saturating_add(delta).max(0);
    answer.declared_length = usize::try_from(declared).ok();
    answer.steps(usize::MAX, End::Close)
}

fn chunk_garbage(answer: &Answer) -> Vec<Step> {
    let mut stream = answer.clone();
    stream.body = Body::Stream(answer.parts().to_vec());
    let mut steps = stream.steps(first_part(answer), End::Proper);
    // The proper end of a chunked body is five bytes; rubbish stands in their place.
    if let Some(Step::Send(bytes)) = steps.last_mut() {
        let mut bent = bytes[..bytes.len() - 5].to_vec();
        bent.extend_from_slice(b"zz\r\nrubbish\r\n");
        *bytes = bent.into();
    }
    steps.push(Step::Close);
    steps
}

fn status(
    attempt: &Attempt<'_>,
    status: u16,
    retry_after: Option<&str>,
    error: Option<&str>,
) -> Answer {
    let mut refusal = Refusal::new(status, format!("simulated status {status}"));
    refusal.code = error.map(str::to_owned);
    let answer = attempt.error(&refusal);
    match retry_after {
        Some(value) => answer.with_header("retry-after", value),
        None => answer,
    }
}

fn without_terminal(mut answer: Answer) -> Answer {
    let half = first_part(&answer);
    match &mut answer.body {
        Body::Complete(document) => document.truncate(half),
        Body::Stream(events) => {
            events.pop();
        }
    }
    answer
}

fn echo(attempt: &Attempt<'_>) -> Option<Answer> {
    let headers = || sendable_headers(attempt.request);
    let mut answer = attempt.answer(|reply| {
        for text in &mut reply.texts {
            headers().for_each(|(name, value)| text.extend(["\n", name, ": ", value]));
        }
    })?;
    for (name, value) in headers() {
        answer = answer.with_header(name, value);
    }
    Some(answer)
}

fn sendable_headers(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    let is_framing = |name: &str| FRAMING.iter().any(|known| known.eq_ignore_ascii_case(name));
    request.headers().filter(move |(name, _)| !is_framing(name))
}
