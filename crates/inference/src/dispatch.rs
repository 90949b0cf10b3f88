//! From a call to a reply, over as many attempts as are allowed.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use types::{ModelId, UpstreamRequestId};
use wire::{Edits, ProviderProtocol};

use crate::attempt::{Limits, Outbound};
use crate::deadline::Deadline;
use crate::inference::Shared;
use crate::provider::{Form, Permit, Provider};
use crate::settings::Target;
use crate::transport::Transport;
use crate::verdict::{BreakerEffect, Pressure, Stage, Verdict};
use crate::{
    AllFailed, AttemptRecord, Call, Candidate, End, Error, Failure, Gate, GateQuestion, Skipped,
};
use crate::{Phase, Reply, SkipReason, backoff, headers};

/// One call on its way through the candidates.
pub(crate) struct Dispatch<'a, G, T> {
    shared: &'a Shared,
    call: &'a Call,
    gate: G,
    transport: T,
    began: Instant,
    deadline: Deadline,
    attempts: Vec<AttemptRecord>,
    skipped: Vec<Skipped>,
    untranslatable: Option<wire::Error>,
}

/// What follows from asking a candidate.
enum Step {
    Done(Box<Reply>),
    Full,
    NextCandidate,
    Stop(Error),
}

/// Whether to wait where a provider has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    AtOnce,
    InTurn,
}

impl<'a, G: Gate, T: Transport> Dispatch<'a, G, T> {
    pub(crate) fn new(shared: &'a Shared, call: &'a Call, gate: G, transport: T) -> Self {
        let began = Instant::now();
        Self {
            shared,
            call,
            gate,
            transport,
            began,
            deadline: Deadline::after(began, shared.settings.deadline, Phase::Request),
            attempts: Vec::new(),
            skipped: Vec::new(),
            untranslatable: None,
        }
    }

    /// Asks the provider of the conversation and waits there if need be, then everyone who has a
    /// place, then waits for the first of those who had none or said so.
    pub(crate) async fn run(mut self) -> Result<Reply, Error> {
        self.shared.retry_budget.lock().deposit(self.shared.clock.monotonic());
        let home = self.home();
        let mut full = None;
        let others = self.call.route.candidates.iter().filter(|other| Some(*other) != home);
        for candidate in home.into_iter().chain(others) {
            let manner = if Some(candidate) == home { Manner::InTurn } else { Manner::AtOnce };
            match self.ask(candidate, manner).await {
                Step::Done(reply) => return Ok(*reply),
                Step::Full => full = full.or(Some(candidate)),
                Step::NextCandidate => {}
                Step::Stop(error) => return Err(error),
            }
        }
        if let Some(candidate) = full {
            self.skipped.retain(|skipped| skipped.provider != candidate.provider);
            match self.ask(candidate, Manner::InTurn).await {
                Step::Done(reply) => return Ok(*reply),
                Step::Full | Step::NextCandidate => {}
                Step::Stop(error) => return Err(error),
            }
        }
        Err(self.give_up(End::NobodyLeft))
    }

    /// The candidate that answered this conversation last, where it is well and serves the same
    /// model.
    fn home(&self) -> Option<&'a Candidate> {
        let mut affinity = self.shared.affinity.lock();
        let now = self.shared.clock.monotonic();
        let provider = affinity.provider(self.call.session?, now)?;
        let route = &self.call.route;
        let is_home = |candidate: &&Candidate| {
            candidate.provider == *provider && candidate.model == route.resolved
        };
        let home = route.candidates.iter().find(is_home)?;
        let rests = self.shared.provider(provider)?.rests_for(&home.model);
        rests.is_none().then_some(home)
    }

    /// Notes who answers this conversation. Whether it was who answered it last.
    fn settle_in(&self, candidate: &Candidate) -> Option<bool> {
        let session = self.call.session?;
        let mut affinity = self.shared.affinity.lock();
        let now = self.shared.clock.monotonic();
        let stayed = affinity.provider(session, now).map(|last| *last == candidate.provider);
        affinity.note(session, &candidate.provider, now);
        stayed
    }

    /// Asks one candidate as often as is allowed.
    async fn ask(&mut self, candidate: &Candidate, manner: Manner) -> Step {
        let Some(provider) = self.shared.provider(&candidate.provider) else {
            return Step::NextCandidate;
        };
        let mut outbound = match outbound(self.call, candidate, provider) {
            Ok(outbound) => outbound,
            Err(error) => {
                self.untranslatable = Some(error);
                return Step::NextCandidate;
            }
        };
        for _ in 0..self.shared.settings.attempts_per_provider.max(1) {
            self.wait(candidate, provider).await;
            let permit = match self.admit(provider, &candidate.model, manner).await {
                Ok(permit) => permit,
                Err(skipped) => {
                    let is_full = skipped.reason == SkipReason::Full;
                    self.skipped.push(skipped);
                    return if is_full { Step::Full } else { Step::NextCandidate };
                }
            };
            if let Err(end) = self.may_go_on(candidate).await {
                return Step::Stop(self.give_up(end));
            }
            self.call.trace.write(self.attempts.len(), &mut outbound.headers);
            self.gate.at_stake(Some(candidate));
            let start = Instant::now();
            let result = Box::pin(self.attempt(candidate, permit, &outbound, start)).await;
            let (failure, id) = match result {
                Ok(reply) => return Step::Done(reply),
                Err(failed) => failed,
            };
            let asked_wait = failure.retry_after;
            let verdict = self.take_note(candidate, provider, (failure, id), start);
            if !verdict.next_provider {
                return Step::Stop(self.refused(candidate));
            }
            // A limit rests the model at once; for anything else a short wait is worth its time.
            let is_limit = verdict.breaker == BreakerEffect::Cooldown;
            let cap = self.shared.settings.backoff.cap;
            let is_too_long = asked_wait.is_some_and(|wait| is_limit || wait > cap);
            // It may have a place once others were asked, or once the wait that it asks for is over.
            let is_full = verdict.pressure == Pressure::Refused && !is_too_long;
            let may_repeat = verdict.same_provider && !is_too_long;
            let again = if is_full { manner == Manner::InTurn } else { may_repeat };
            if !again {
                return if is_full { Step::Full } else { Step::NextCandidate };
            }
        }
        Step::NextCandidate
    }

    async fn admit(
        &self,
        provider: &Arc<Provider>,
        model: &ModelId,
        manner: Manner,
    ) -> Result<Permit, Skipped> {
        let form = if self.call.request.is_stream() { Form::Stream } else { Form::Complete };
        match manner {
            Manner::AtOnce => provider.admit(model, form),
            Manner::InTurn => {
                let patience = self.deadline.at.saturating_duration_since(Instant::now());
                provider.admit_in_turn((model, form), self.call.priority, patience).await
            }
        }
    }

    async fn attempt(
        &mut self,
        candidate: &Candidate,
        permit: Permit,
        outbound: &Outbound,
        start: Instant,
    ) -> Result<Box<Reply>, (Failure, Option<UpstreamRequestId>)> {
        let answer_bytes_max = self.shared.settings.answer_bytes_max;
        let limits = Limits { start, request: self.deadline, answer_bytes_max };
        let exchanged = self.transport.exchange(permit, outbound, &limits).await;
        let upstream_request_id = exchanged.upstream_request_id;
        let body = match exchanged.result {
            Ok(body) => body,
            Err((failure, mut permit)) => {
                permit.fail(&failure, Stage::BeforeContent);
                return Err((failure, upstream_request_id));
            }
        };
        let (after, took) = (start - self.began, start.elapsed());
        let mut attempts = std::mem::take(&mut self.attempts);
        attempts.push(AttemptRecord {
            candidate: candidate.clone(),
            after,
            took,
            upstream_request_id,
            failure: None,
        });
        let (candidate, stayed) = (candidate.clone(), self.settle_in(candidate));
        Ok(Box::new(Reply { candidate, stayed, attempts, body }))
    }

    /// Whether another attempt may be made; the first always may.
    async fn may_go_on(&mut self, next: &Candidate) -> Result<(), End> {
        let Some(AttemptRecord { candidate: failed, failure, .. }) = self.attempts.last() else {
            return Ok(());
        };
        if Instant::now() >= self.deadline.at {
            return Err(End::Deadline);
        }
        if !self.shared.retry_budget.lock().withdraw(self.shared.clock.monotonic()) {
            return Err(End::RetryBudget);
        }
        let may_be_billed = failure.as_ref().is_some_and(|failure| failure.may_be_billed);
        let question = GateQuestion { failed, may_be_billed, next };
        if self.gate.allow(question).await { Ok(()) } else { Err(End::Gate) }
    }

    /// Waits before a candidate that failed is asked again: as long as it asked for at least, and
    /// until a short rest that followed is over.
    async fn wait(&self, candidate: &Candidate, provider: &Provider) {
        let failures = || self.attempts.iter().filter(|attempt| attempt.candidate == *candidate);
        let Some(last) = failures().next_back() else { return };
        let settings = &self.shared.settings.backoff;
        let failed = u32::try_from(failures().count()).unwrap_or(u32::MAX);
        let asked = last.failure.as_ref().and_then(|failure| failure.retry_after);
        let span = backoff::wait(settings, failed, &mut self.shared.jitter.lock());
        let span = span.max(asked.unwrap_or_default());
        let wake = Deadline::after(self.began + last.after + last.took, span, Phase::Request);
        let rest = provider.rests_for(&candidate.model).filter(|rest| *rest <= settings.cap);
        let rested = Instant::now() + rest.unwrap_or_default();
        tokio::time::sleep_until(wake.at.max(rested).min(self.deadline.at)).await;
    }

    /// Keeps a failure and says what follows from it.
    fn take_note(
        &mut self,
        candidate: &Candidate,
        provider: &Provider,
        (failure, upstream_request_id): (Failure, Option<UpstreamRequestId>),
        start: Instant,
    ) -> Verdict {
        let (after, took) = (start - self.began, start.elapsed());
        let verdict = Verdict::of(failure.kind, Stage::BeforeContent);
        tracing::warn!(
            request_id = %self.call.request_id,
            provider = %candidate.provider,
            model = %candidate.model,
            upstream_request_id = upstream_request_id.as_ref().map(tracing::field::display),
            kind = ?failure.kind,
            took_ms = took.as_millis(),
            "attempt failed"
        );
        if verdict.breaker == BreakerEffect::Cooldown && provider.settings.org_level_limits {
            self.shared.rest_organisation(provider, &candidate.model, failure.retry_after);
        }
        if !failure.may_be_billed {
            self.gate.at_stake(None);
        }
        let candidate = candidate.clone();
        let failure = Some(failure);
        let record = AttemptRecord { candidate, after, took, upstream_request_id, failure };
        self.gate.failed(&record);
        self.attempts.push(record);
        verdict
    }

    fn refused(&mut self, candidate: &Candidate) -> Error {
        let attempts = std::mem::take(&mut self.attempts);
        Error::Refused { provider: candidate.provider.clone(), attempts }
    }

    fn give_up(&mut self, end: End) -> Error {
        let attempts = std::mem::take(&mut self.attempts);
        let skipped = std::mem::take(&mut self.skipped);
        match self.untranslatable.take() {
            Some(source) if attempts.is_empty() && skipped.is_empty() => {
                Error::Untranslatable { source }
            }
            Some(_) | None => {
                let asked = attempts.iter().filter_map(|attempt| attempt.failure.as_ref());
                // A provider may ask for days; by then its breaker has long closed again.
                let longest = self.shared.settings.breaker.cooldown_max;
                let asked = asked.filter_map(|failure| Some(failure.retry_after?.min(longest)));
                let waits = asked.chain(skipped.iter().filter_map(|skip| skip.wait));
                let retry_after = waits.min().or_else(|| self.all_rest_for());
                Error::AllFailed(Box::new(AllFailed { attempts, skipped, end, retry_after }))
            }
        }
    }

    /// How long it is until the first candidate is asked again, where all are left alone.
    fn all_rest_for(&self) -> Option<Duration> {
        let rests_for = |candidate: &Candidate| {
            self.shared.provider(&candidate.provider)?.rests_for(&candidate.model)
        };
        let rests = self.call.route.candidates.iter().map(rests_for);
        rests.collect::<Option<Vec<Duration>>>()?.into_iter().min()
    }
}

/// The request as a candidate is asked it.
fn outbound(
    call: &Call,
    candidate: &Candidate,
    provider: &Provider,
) -> Result<Outbound, wire::Error> {
    let (request, settings) = (&call.request, &provider.settings);
    let encode =
        |protocol| request.encode_for(protocol, &edits(call, candidate, provider, protocol));
    let first = settings.protocol_for(request.protocol());
    let (protocol, body) = match encode(first) {
        Err(_) if first != settings.protocol => (settings.protocol, encode(settings.protocol)?),
        encoded => (first, encoded?),
    };
    let is_stream = request.is_stream();
    let fixed: &HeaderMap = &provider.headers;
    let target =
        Target { operation: request.operation(), model: candidate.model.as_str(), is_stream };
    Ok(Outbound {
        protocol,
        endpoint: settings.base_url.endpoint(protocol, &target),
        body,
        headers: headers::outbound(fixed, protocol, is_stream, &call.request_id, &call.headers),
        request: Arc::clone(request),
    })
}

/// The edits of the call with those for a candidate that is asked in `protocol`.
fn edits(
    call: &Call,
    candidate: &Candidate,
    provider: &Provider,
    protocol: ProviderProtocol,
) -> Edits {
    let (request, settings) = (&call.request, &provider.settings);
    let same_model = candidate.model.as_str() == request.model();
    // Who asks for a model in its own protocol knows what it takes.
    let knows_model = same_model && protocol.client() == Some(request.protocol());
    let is_limited = request.max_output_tokens().is_some();
    let most = candidate.max_output.filter(|_| is_limited && !knows_model);
    let session = call.session.filter(|_| settings.prompt_cache_key);
    Edits {
        model: (!same_model).then(|| candidate.model.as_str().to_owned()),
        max_output_tokens: call.edits.max_output_tokens.into_iter().chain(most).min(),
        output_limit: settings.output_limit,
        include_usage: request.is_stream(),
        prompt_cache_key: session.map(|session| session.to_string()),
    }
}

#[cfg(test)]
mod tests;
