//! From a call to a reply, over as many attempts as are allowed.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use wire::Edits;

use crate::attempt::{self, Limits, Outbound};
use crate::deadline::Deadline;
use crate::inference::Shared;
use crate::provider::{Permit, Provider};
use crate::settings::Target;
use crate::verdict::{BreakerEffect, Stage, Verdict};
use crate::{
    AllFailed, AttemptRecord, Call, Candidate, End, Error, Failure, Gate, GateQuestion, Skipped,
};
use crate::{Phase, PieceStream, Reply, ReplyBody, backoff, headers};

/// One call on its way through the candidates.
pub(crate) struct Dispatch<'a, G> {
    shared: &'a Shared,
    call: &'a Call,
    gate: G,
    deadline: Deadline,
    attempts: Vec<AttemptRecord>,
    skipped: Vec<Skipped>,
    untranslatable: Option<wire::Error>,
}

/// What follows from asking a candidate.
enum Step {
    Done(Box<Reply>),
    NextCandidate,
    Stop(Error),
}

impl<'a, G: Gate> Dispatch<'a, G> {
    pub(crate) fn new(shared: &'a Shared, call: &'a Call, gate: G) -> Self {
        let end = Deadline::after(Instant::now(), shared.settings.deadline, Phase::Request);
        Self {
            shared,
            call,
            gate,
            deadline: end,
            attempts: Vec::new(),
            skipped: Vec::new(),
            untranslatable: None,
        }
    }

    pub(crate) async fn run(mut self) -> Result<Reply, Error> {
        self.shared.retry_budget.lock().deposit(self.shared.clock.monotonic());
        for candidate in &self.call.route.candidates {
            let Some(provider) = self.shared.provider(&candidate.provider) else { continue };
            let outbound = match outbound(self.call, candidate, provider) {
                Ok(outbound) => outbound,
                Err(error) => {
                    self.untranslatable = Some(error);
                    continue;
                }
            };
            match self.ask(candidate, provider, &outbound).await {
                Step::Done(reply) => return Ok(*reply),
                Step::NextCandidate => {}
                Step::Stop(error) => return Err(error),
            }
        }
        Err(self.give_up(End::NobodyLeft))
    }

    /// Asks one candidate as often as is allowed.
    async fn ask(
        &mut self,
        candidate: &Candidate,
        provider: &Arc<Provider>,
        outbound: &Outbound,
    ) -> Step {
        for failed_here in 0..self.shared.settings.attempts_per_provider.max(1) {
            if failed_here > 0 {
                self.wait(failed_here).await;
            }
            let permit = match provider.admit() {
                Ok(permit) => permit,
                Err(skipped) => {
                    self.skipped.push(skipped);
                    return Step::NextCandidate;
                }
            };
            if let Err(end) = self.may_go_on(candidate).await {
                return Step::Stop(self.give_up(end));
            }
            let start = Instant::now();
            let result = Box::pin(self.attempt(candidate, permit, outbound, start)).await;
            let failure = match result {
                Ok(reply) => return Step::Done(reply),
                Err(failure) => failure,
            };
            let verdict = self.take_note(candidate, provider, failure, start.elapsed());
            if !verdict.next_provider {
                return Step::Stop(self.refused(candidate));
            }
            if !verdict.same_provider {
                return Step::NextCandidate;
            }
        }
        Step::NextCandidate
    }

    async fn attempt(
        &mut self,
        candidate: &Candidate,
        mut permit: Permit,
        outbound: &Outbound,
        start: Instant,
    ) -> Result<Box<Reply>, Failure> {
        let answer_bytes_max = self.shared.settings.answer_bytes_max;
        let limits = Limits { start, request: self.deadline, answer_bytes_max };
        let provider = Arc::clone(permit.provider());
        let sent = attempt::send(&provider, outbound, &limits, self.shared.clock.now()).await;
        let response = sent.inspect_err(|failure| permit.fail(failure, Stage::BeforeContent))?;
        let upstream_request_id = headers::request_id(response.headers(), &provider.redactor);
        let body = if outbound.request.is_stream() {
            let opened = PieceStream::open(response, permit, outbound, &limits).await;
            ReplyBody::Stream(Box::new(opened.map_err(|(failure, mut permit)| {
                permit.fail(&failure, Stage::BeforeContent);
                failure
            })?))
        } else {
            let answer = attempt::receive(&provider, outbound, &limits, response).await;
            let answer =
                answer.inspect_err(|failure| permit.fail(failure, Stage::BeforeContent))?;
            permit.succeed();
            ReplyBody::Complete(Box::new(answer))
        };
        let took = start.elapsed();
        let mut attempts = std::mem::take(&mut self.attempts);
        attempts.push(AttemptRecord { candidate: candidate.clone(), took, failure: None });
        let candidate = candidate.clone();
        Ok(Box::new(Reply { candidate, attempts, upstream_request_id, body }))
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

    async fn wait(&self, failed_here: u32) {
        let settings = &self.shared.settings.backoff;
        let span = backoff::wait(settings, failed_here, &mut self.shared.jitter.lock());
        let wake = Deadline::after(Instant::now(), span, Phase::Request).earlier(self.deadline);
        tokio::time::sleep_until(wake.at).await;
    }

    /// Keeps a failure and says what follows from it.
    fn take_note(
        &mut self,
        candidate: &Candidate,
        provider: &Provider,
        failure: Failure,
        took: Duration,
    ) -> Verdict {
        let verdict = Verdict::of(failure.kind, Stage::BeforeContent);
        tracing::warn!(
            request = %self.call.request_id,
            provider = %candidate.provider,
            model = %candidate.model,
            kind = ?failure.kind,
            took_ms = took.as_millis(),
            "attempt failed"
        );
        if verdict.breaker == BreakerEffect::Cooldown && provider.settings.org_level_limits {
            self.shared.rest_organisation(provider, failure.retry_after);
        }
        let candidate = candidate.clone();
        self.attempts.push(AttemptRecord { candidate, took, failure: Some(failure) });
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
                let asked = asked.filter_map(|failure| failure.retry_after);
                let waits = asked.chain(skipped.iter().filter_map(|skip| skip.wait));
                // A provider may ask for days; by then its breaker has long closed again.
                let longest = self.shared.settings.breaker.cooldown_max;
                let retry_after = waits.min().map(|wait| wait.min(longest));
                Error::AllFailed(Box::new(AllFailed { attempts, skipped, end, retry_after }))
            }
        }
    }
}

/// The request as a candidate is asked it.
fn outbound(
    call: &Call,
    candidate: &Candidate,
    provider: &Provider,
) -> Result<Outbound, wire::Error> {
    let is_stream = call.request.is_stream();
    let protocol = provider.settings.protocol_for(call.request.protocol());
    let same_model = candidate.model.as_str() == call.request.model();
    let edits = Edits {
        model: (!same_model).then(|| candidate.model.as_str().to_owned()),
        output_limit: provider.settings.output_limit,
        include_usage: is_stream,
        ..call.edits.clone()
    };
    let fixed: &HeaderMap = &provider.headers;
    let target =
        Target { operation: call.request.operation(), model: candidate.model.as_str(), is_stream };
    Ok(Outbound {
        protocol,
        endpoint: provider.settings.base_url.endpoint(protocol, &target),
        body: call.request.encode_for(protocol, &edits)?,
        headers: headers::outbound(fixed, protocol, is_stream, &call.request_id, &call.headers),
        request: Arc::clone(&call.request),
    })
}
