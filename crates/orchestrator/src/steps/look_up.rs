//! Whether the answer is known already.

use cache::{CacheStatus, Form, Hit, Key, KeyParts, RequestFacts, Storing};

use super::admit::Call;
use super::record::{self, protocol_label};
use crate::item::Source;
use crate::outgoing::{AnswerStream, Outgoing, OutgoingBody};
use crate::{Error, Parts};

/// Fields that choose the form of an answer and not its content; and the model, which stands in
/// the key as it was resolved.
const EXCLUDED: &[&str] = &["model", "stream", "stream_options"];

/// The result of looking an answer up.
#[derive(Debug)]
pub(crate) enum Found {
    Hit(Hit),
    Missed(Missed),
}

/// What is known once there is no stored answer.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    /// Under what the answer is stored; none where it may not be.
    pub(crate) key: Option<Key>,
    /// Whether callers of the same key share one answer that is being fetched.
    pub(crate) shared: bool,
    /// Why the request passes the cache by.
    bypass: Option<cache::Refusal>,
    /// Whether the client forbids storing.
    pub(crate) no_store: bool,
}

impl Missed {
    /// What the client is told of how the cache was used. Whether the answer is stored is known
    /// only at its end, so a stream's headers do not say.
    pub(crate) fn status(&self, call: &Call, led: bool) -> CacheStatus {
        let storing = if self.no_store {
            Storing::Refused(cache::Refusal::NoStore)
        } else {
            Storing::Undecided
        };
        match self.bypass {
            Some(refusal) => CacheStatus::Bypass(refusal),
            None if !led => CacheStatus::Collapsed,
            None if call.directives.may_look_up() => CacheStatus::Miss(storing),
            None => CacheStatus::Refresh(storing),
        }
    }
}

/// Looks the answer up where the request may have a stored one.
pub(crate) fn look_up(parts: &Parts, call: &Call) -> Result<Found, Error> {
    let fields = call.request.fields();
    if let Err(refusal) = parts.admission.request(&RequestFacts::of(fields)) {
        record::lookup("bypass");
        return missed(call, None, Some(refusal));
    }
    let key = cache::key(&KeyParts {
        tenant: &call.principal.tenant,
        endpoint: protocol_label(call.request.protocol()),
        model: &call.route.resolved,
        fields,
        excluded: EXCLUDED,
    });
    if let Some(hit) = stored(parts, call, &key) {
        return Ok(Found::Hit(hit));
    }
    record::lookup("miss");
    missed(call, Some(key), None)
}

/// Looks once more on behalf of a caller who is about to lead: the answer may have been stored
/// after the first look and before joining.
pub(crate) fn look_again(parts: &Parts, call: &Call, missed: &Missed) -> Option<Hit> {
    missed.key.as_ref().filter(|_| missed.shared).and_then(|key| stored(parts, call, key))
}

fn stored(parts: &Parts, call: &Call, key: &Key) -> Option<Hit> {
    let may_look_up = parts.settings.cache_enabled && call.directives.may_look_up();
    may_look_up.then(|| parts.cache.get(key, call.directives.max_age)).flatten()
}

fn missed(call: &Call, key: Option<Key>, bypass: Option<cache::Refusal>) -> Result<Found, Error> {
    if call.directives.only_if_cached {
        return Err(Error::NotStored);
    }
    // Who refuses a stored answer also refuses one that somebody else asked for earlier.
    let shared = key.is_some() && call.directives.may_look_up();
    Ok(Found::Missed(Missed { key, shared, bypass, no_store: call.directives.no_store }))
}

/// Answers with what is stored, in the form that this client asked for.
pub(crate) fn replay(parts: &Parts, call: &Call, hit: &Hit) -> Result<Outgoing, Error> {
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
    record::hit(parts, call, hit);
    let source = Source {
        provider: entry.provider.clone(),
        model: entry.model.clone(),
        origin: entry.origin.clone(),
    };
    Ok(Outgoing {
        cache_status: CacheStatus::Hit { tier: hit.tier, remaining: hit.remaining },
        source,
        body,
    })
}
