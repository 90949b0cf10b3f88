//! Whether the answer is known already.

use cache::{Hit, Key, KeyParts, RequestFacts};

use super::admit::Call;
use super::missed::Missed;
use super::record::{self, request_label};
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

/// Looks the answer up where the request may have a stored one.
pub(crate) fn look_up(parts: &Parts, call: &Call) -> Result<Found, Error> {
    let fields = call.request.fields();
    if let Err(refusal) = parts.admission.request(&RequestFacts::of(fields)) {
        record::lookup(parts, "bypass");
        return missed(call, None, Some(refusal));
    }
    let key = cache::key(&KeyParts {
        tenant: &call.principal.tenant,
        endpoint: &endpoint(call),
        model: &call.route.resolved,
        fields,
        excluded: EXCLUDED,
    });
    if may_look_up(parts, call)
        && let Some(hit) = parts.cache.get(&key, call.directives.max_age)
    {
        return Ok(Found::Hit(hit));
    }
    record::lookup(parts, "miss");
    missed(call, Some(key), None)
}

/// The protocol, and the headers that are passed on: a beta that is asked for can change the
/// answer as much as a field can.
fn endpoint(call: &Call) -> String {
    let mut endpoint = request_label(&call.request).to_owned();
    for (name, value) in &call.headers {
        endpoint.extend(["\n", name.as_str(), ": "]);
        endpoint.extend(value.as_bytes().iter().map(|byte| char::from(*byte)));
    }
    endpoint
}

/// Looks once more on behalf of a caller who is about to lead: the answer may have been stored
/// after the first look and before joining. What was stored a moment ago is in memory.
pub(crate) fn look_again(parts: &Parts, call: &Call, missed: &Missed) -> Option<Hit> {
    let key = missed.key.as_ref().filter(|_| missed.shared && may_look_up(parts, call))?;
    parts.cache.get_recent(key, call.directives.max_age)
}

fn may_look_up(parts: &Parts, call: &Call) -> bool {
    parts.settings.cache_enabled && call.directives.may_look_up()
}

fn missed(call: &Call, key: Option<Key>, bypass: Option<cache::Refusal>) -> Result<Found, Error> {
    if call.directives.only_if_cached {
        return Err(Error::NotStored);
    }
    // Who refuses a stored answer also refuses one that somebody else asked for earlier.
    let shared = key.is_some() && call.directives.may_look_up();
    Ok(Found::Missed(Missed { key, shared, bypass, no_store: call.directives.no_store }))
}
