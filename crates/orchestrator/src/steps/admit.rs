//! Who asks, what for, and which providers could answer.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use inference::{Priority, Route, Session, Trace};
use secrecy::{ExposeSecret, SecretString};
use telemetry::RequestTrace;
use types::{ModelId, Principal, RequestId};
use wire::{Operation, Request};

use super::caller::Caller;
use super::embed::LocalCall;
use super::session::session;
use crate::{Error, Incoming, Parts};

/// A request that is believed: authenticated, decoded and routed.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) principal: Principal,
    pub(crate) request: Arc<Request>,
    pub(crate) route: Route,
    pub(crate) directives: cache::Directives,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) request_id: RequestId,
    pub(crate) session: Option<Session>,
    pub(crate) priority: Priority,
    /// What providers are told of its trace.
    pub(crate) trace: Trace,
    /// Its span; none where nobody is told of it.
    pub(crate) telling: Option<RequestTrace>,
    /// When it was received, on the monotonic clock.
    pub(crate) received: Duration,
}

/// Who answers a request.
#[derive(Debug)]
pub(crate) enum Admitted {
    /// A provider, or what one has answered before.
    Call(Box<Call>),
    /// The model of this machine, which is for everyone: it costs nothing.
    Local(LocalCall),
}

/// Counts against what the tenant may ask in a minute, decodes and routes.
pub(crate) fn admit(parts: &Parts, caller: &Caller, incoming: Incoming) -> Result<Admitted, Error> {
    let received = parts.clock.monotonic();
    let Incoming { principal, request_id, .. } = incoming;
    caller.rate(parts, &principal.tenant)?;
    let request = match incoming.operation {
        Operation::Chat => Request::decode(incoming.protocol, incoming.body)?,
        Operation::Embeddings => Request::decode_embeddings(incoming.body)?,
    };
    if let Some(ask) = parts.local_embeddings.ask(&request) {
        return Ok(Admitted::Local(LocalCall { request: Arc::new(request), ask, request_id }));
    }
    let route = parts.inference.route_for(&request)?;
    if !may_ask(parts, &principal, request.model(), &route) {
        return Err(Error::ModelNotAllowed { model: route.resolved });
    }
    let telling = parts.gen_ai.as_ref().map(|gen_ai| gen_ai.begin(incoming.trace));
    let session = session(&principal.tenant, &request, incoming.session.as_deref());
    Ok(Admitted::Call(Box::new(Call {
        principal,
        request: Arc::new(request),
        route,
        directives: cache::Directives::parse(&incoming.cache_control),
        headers: incoming.headers,
        request_id,
        session,
        priority: incoming.priority,
        trace: match (telling, incoming.trace) {
            (Some(telling), _) => Trace::Own(telling.own),
            (None, Some(client)) => Trace::Passed(client),
            (None, None) => Trace::None,
        },
        telling,
        received,
    })))
}

/// A key that is limited to some models may ask for one by its own name or by any that leads to it.
pub(crate) fn may_ask(parts: &Parts, principal: &Principal, asked: &str, route: &Route) -> bool {
    let Some(key) = &principal.key else { return true };
    let permits = |model: &ModelId| parts.keys.permits(key, model);
    permits(&route.resolved) || ModelId::new(asked).is_ok_and(|asked| permits(&asked))
}

/// Whoever shows `credential`. Where no key is needed SDKs still send something, which need not
/// mean anything; but a key of ours must be good wherever it is shown.
pub(crate) fn identify(
    parts: &Parts,
    credential: Option<&SecretString>,
) -> Result<Principal, Error> {
    let shown = credential.map_or("", |credential| credential.expose_secret());
    match &parts.settings.keyless {
        Some(keyless) if !shown.starts_with(budget::KEY_PREFIX) => Ok(keyless.clone()),
        _ => Ok(parts.keys.authenticate(shown)?),
    }
}
