//! Answering with what is stored.

use cache::{CacheStatus, Form, Hit};

use super::admit::Call;
use super::caller::Caller;
use super::record;
use super::tell::End;
use crate::item::Source;
use crate::outgoing::{AnswerStream, Outgoing, OutgoingBody};
use crate::{Error, Parts};

/// Answers with what is stored, in the form that this client asked for.
pub(crate) fn replay(
    parts: &Parts,
    caller: &Caller,
    call: &Call,
    hit: &Hit,
) -> Result<Outgoing, Error> {
    let entry = &hit.entry;
    let (protocol, wants_usage) = (call.request.protocol(), call.request.wants_usage());
    let body = match (call.request.is_stream(), entry.form) {
        (true, Form::Stream) => {
            let mut frames = entry.frames.clone();
            frames.retain(|frame| wants_usage || !wire::is_usage_only(protocol, frame));
            OutgoingBody::Stream(AnswerStream::stored(frames))
        }
        (true, Form::Complete) => {
            let frames = wire::unfold(protocol, &entry.frames.concat().into(), wants_usage)?;
            OutgoingBody::Stream(AnswerStream::stored(frames))
        }
        (false, Form::Stream) => OutgoingBody::Complete(wire::fold(protocol, &entry.frames)?),
        (false, Form::Complete) => OutgoingBody::Complete(entry.frames.concat().into()),
    };
    caller.ended(End::well("hit"));
    record::hit(parts, call, hit);
    let source = Source {
        provider: entry.provider.clone(),
        model: entry.model.clone(),
        origin: entry.origin.clone(),
    };
    Ok(Outgoing {
        cache_status: Some(CacheStatus::Hit { tier: hit.tier, remaining: hit.remaining }),
        source,
        trimmed: None,
        body,
    })
}
