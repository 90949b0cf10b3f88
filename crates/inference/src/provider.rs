//! A provider at work: how it is asked, and what is learned about it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderMap;
use types::{Clock, ModelId, ProviderId};

use crate::breaker::{BreakerState, Outcome, Ticket};
use crate::client::Client;
use crate::lanes::{Lanes, Seat};
use crate::learned::Learned;
use crate::places::Place;
use crate::redactor::Redactor;
use crate::verdict::{BreakerEffect, Pressure, Stage, Verdict};
use crate::{Error, Failure, InferenceSettings, Priority, ProviderSettings, SkipReason, Skipped};
use crate::{address, headers};

/// How a provider is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHealth {
    /// The provider.
    pub provider: ProviderId,
    /// The state of its breaker.
    pub state: BreakerState,
    /// How long it is left alone from now on.
    pub wait: Option<Duration>,
    /// Models that it is not asked for after their rate limits, and for how long from now on.
    pub limited: Vec<(ModelId, Duration)>,
    /// Requests in flight, streams that are being read included.
    pub in_flight: usize,
    /// Requests that it is given at once now, as learned from what it refused.
    pub limit: usize,
    /// Requests that wait for a place at it.
    pub waiting: usize,
    /// Attempts that ended well since the start.
    pub succeeded: u64,
    /// Attempts that failed since the start, rate limits and refused requests included.
    pub failed: u64,
}

/// A provider at work. Under other settings it is another one of these, which shares what was
/// learned.
pub(crate) struct Provider {
    pub(crate) settings: ProviderSettings,
    lanes: Arc<Lanes>,
    pub(crate) headers: HeaderMap,
    pub(crate) redactor: Redactor,
    learned: Arc<Learned>,
    clock: Clock,
}

impl Provider {
    pub(crate) fn new(
        settings: ProviderSettings,
        shared: &InferenceSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        check(&settings)?;
        let lanes = Arc::new(Lanes::new(&settings, shared)?);
        let learned = Arc::new(Learned::new(&settings, shared, clock.clone()));
        Self::with(settings, lanes, learned, clock)
    }

    /// The same provider under other settings, with its connections where those do not concern
    /// them. What is learned follows only when [`follow`](Self::follow) says so.
    pub(crate) fn with_settings(
        &self,
        settings: ProviderSettings,
        shared: &InferenceSettings,
    ) -> Result<Self, Error> {
        check(&settings)?;
        let lanes = if self.lanes.suit(&settings, shared) {
            Arc::clone(&self.lanes)
        } else {
            Arc::new(Lanes::new(&settings, shared)?)
        };
        Self::with(settings, lanes, Arc::clone(&self.learned), self.clock.clone())
    }

    fn with(
        settings: ProviderSettings,
        lanes: Arc<Lanes>,
        learned: Arc<Learned>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let headers = headers::fixed(&settings)?;
        let redactor = Redactor::new(settings.api_key.as_ref());
        Ok(Self { settings, lanes, headers, redactor, learned, clock })
    }

    /// Lets what is learned go on under this provider's settings.
    pub(crate) fn follow(&self, shared: &InferenceSettings) {
        self.learned.follow(&self.settings, shared);
    }

    /// Leave to send one request for a model, where there is a place at once.
    pub(crate) fn admit(self: &Arc<Self>, model: &ModelId, form: Form) -> Result<Permit, Skipped> {
        self.check_rest(model)?;
        let place =
            self.learned.places.try_take().ok_or_else(|| self.skipped(SkipReason::Full, None))?;
        self.admit_to(place, model, form)
    }

    /// The same, waiting for a place in turn.
    pub(crate) async fn admit_in_turn(
        self: &Arc<Self>,
        (model, form): (&ModelId, Form),
        priority: Priority,
        patience: Duration,
    ) -> Result<Permit, Skipped> {
        self.check_rest(model)?;
        match self.learned.places.wait(priority, patience).await {
            Ok(place) => {
                // Its rest may have begun meanwhile.
                self.check_rest(model)?;
                self.admit_to(place, model, form)
            }
            Err(shed) => Err(self.skipped(SkipReason::Shed, Some(shed.retry_after))),
        }
    }

    fn admit_to(
        self: &Arc<Self>,
        place: Place,
        model: &ModelId,
        form: Form,
    ) -> Result<Permit, Skipped> {
        let admitted = self.learned.breaker.lock().admit(self.clock.monotonic());
        let ticket = admitted.map_err(|wait| self.skipped(SkipReason::Resting, Some(wait)))?;
        let (provider, model) = (Arc::clone(self), model.clone());
        Ok(Permit { provider, model, ticket: Some(ticket), place, seat: self.lanes.sit(), form })
    }

    /// An error where the provider or the model rests: nobody waits for a place that may not be
    /// used.
    fn check_rest(&self, model: &ModelId) -> Result<(), Skipped> {
        match self.rests_for(model) {
            Some(wait) => Err(self.skipped(SkipReason::Resting, Some(wait))),
            None => Ok(()),
        }
    }

    fn skipped(&self, reason: SkipReason, wait: Option<Duration>) -> Skipped {
        Skipped { provider: self.settings.id.clone(), reason, wait }
    }

    /// Does not ask for a model for a while.
    pub(crate) fn rest(&self, model: &ModelId, wait: Option<Duration>) {
        self.learned.rests.lock().add(model, wait, self.clock.monotonic());
    }

    /// How long it is not asked for a model from now on.
    pub(crate) fn rests_for(&self, model: &ModelId) -> Option<Duration> {
        let now = self.clock.monotonic();
        let (_, wait) = self.learned.breaker.lock().state(now);
        wait.max(self.learned.rests.lock().left(model, now))
    }

    pub(crate) fn health(&self) -> ProviderHealth {
        let now = self.clock.monotonic();
        let (state, wait) = self.learned.breaker.lock().state(now);
        let occupancy = self.learned.places.occupancy();
        ProviderHealth {
            provider: self.settings.id.clone(),
            state,
            wait,
            limited: self.learned.rests.lock().all(now),
            in_flight: occupancy.in_flight,
            limit: occupancy.limit,
            waiting: occupancy.waiting,
            succeeded: self.learned.succeeded.load(Ordering::Relaxed),
            failed: self.learned.failed.load(Ordering::Relaxed),
        }
    }
}

fn check(settings: &ProviderSettings) -> Result<(), Error> {
    let refuse = |rule| Err(Error::Settings { provider: settings.id.clone(), rule });
    let network = settings.network;
    if settings.base_url.is_plain_http() && !network.allow_plain_http {
        return refuse("base_url must be https, or allow_plain_http must be set");
    }
    let literal = settings.base_url.literal_address();
    let private = literal.is_some_and(|literal| !address::is_public(literal));
    if private && !network.allow_private_addresses {
        return refuse("base_url is no public address: set allow_private_addresses to allow it");
    }
    if settings.concurrency_max == 0 {
        return refuse("concurrency_max must be at least 1");
    }
    Ok(())
}

/// Whether a request asks for a stream: then silence tells something about the provider, where a
/// whole answer may just be long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Stream,
    Complete,
}

/// Leave to send one request. Dropped without a word it tells the breaker nothing.
pub(crate) struct Permit {
    provider: Arc<Provider>,
    model: ModelId,
    ticket: Option<Ticket>,
    place: Place,
    seat: Seat,
    form: Form,
}

impl Permit {
    pub(crate) fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }

    /// What the request is to be sent with.
    pub(crate) fn client(&self) -> &Client {
        self.seat.client()
    }

    /// The answer ended well.
    pub(crate) fn succeed(&mut self) {
        self.provider.learned.succeeded.fetch_add(1, Ordering::Relaxed);
        self.record(Outcome::Success);
    }

    /// The answer has begun, which is all that the limit of places learns from it: how long it is
    /// says nothing about the provider. A probe has done its work by that: others need not wait
    /// for the end of a long stream, whose own end then counts as that of any other.
    pub(crate) fn proven(&mut self) {
        self.place.answered();
        if self.ticket.as_ref().is_some_and(Ticket::is_probe) {
            self.record(Outcome::Success);
            self.ticket =
                self.provider.learned.breaker.lock().admit(self.provider.clock.monotonic()).ok();
        }
    }

    /// The attempt failed.
    pub(crate) fn fail(&mut self, failure: &Failure, stage: Stage) {
        self.provider.learned.failed.fetch_add(1, Ordering::Relaxed);
        let verdict = Verdict::of(failure.kind, stage);
        let is_excused = self.press(verdict.pressure);
        let is_limit = verdict.breaker == BreakerEffect::Cooldown;
        let says_when = verdict.pressure == Pressure::Refused && failure.retry_after.is_some();
        // Of several servers behind one address, one that has no room speaks for itself alone.
        if (is_limit && says_when) || ((is_limit || says_when) && !is_excused) {
            self.provider.rest(&self.model, failure.retry_after);
        }
        let outcome = match verdict.breaker {
            BreakerEffect::None | BreakerEffect::Cooldown => Outcome::Neutral,
            BreakerEffect::Count if is_excused => Outcome::Neutral,
            BreakerEffect::Count => Outcome::Failure,
            BreakerEffect::CountOnce => Outcome::Broken,
            BreakerEffect::HardDown => Outcome::HardDown,
        };
        self.record(outcome);
    }

    /// Cuts the places where the failure says that they are too many. Returns whether the cut is
    /// all that should follow: a provider that answers others only had too much to do.
    fn press(&self, pressure: Pressure) -> bool {
        let is_probe = self.ticket.as_ref().is_some_and(Ticket::is_probe);
        match (pressure, self.form) {
            (Pressure::Refused, _) => !self.place.refused() && !is_probe,
            (Pressure::Silent, Form::Stream) => {
                self.place.refused();
                false
            }
            (Pressure::Silent, Form::Complete) | (Pressure::None, _) => false,
        }
    }

    fn record(&mut self, outcome: Outcome) {
        if let Some(ticket) = self.ticket.take() {
            let now = self.provider.clock.monotonic();
            self.provider.learned.breaker.lock().record(ticket, outcome, now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.record(Outcome::Neutral);
    }
}
