//! A provider at work: its client, its breaker, its places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderMap;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::{Clock, ProviderId};

use crate::breaker::{Breaker, BreakerState, Outcome, Ticket};
use crate::redactor::Redactor;
use crate::verdict::{BreakerEffect, Stage, Verdict};
use crate::{Error, Failure, InferenceSettings, ProviderSettings, SkipReason, Skipped};
use crate::{address, client, headers};

/// How a provider is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHealth {
    /// The provider.
    pub provider: ProviderId,
    /// The state of its breaker.
    pub state: BreakerState,
    /// How long it is left alone from now on.
    pub wait: Option<Duration>,
    /// Requests in flight, streams that are being read included.
    pub in_flight: usize,
    /// Attempts that ended well since the start.
    pub succeeded: u64,
    /// Attempts that failed since the start, rate limits and refused requests included.
    pub failed: u64,
}

/// A provider at work.
pub(crate) struct Provider {
    pub(crate) settings: ProviderSettings,
    pub(crate) client: reqwest::Client,
    pub(crate) headers: HeaderMap,
    pub(crate) redactor: Redactor,
    breaker: Mutex<Breaker>,
    places: Arc<Semaphore>,
    succeeded: AtomicU64,
    failed: AtomicU64,
    clock: Clock,
}

impl Provider {
    pub(crate) fn new(
        settings: ProviderSettings,
        shared: &InferenceSettings,
        clock: Clock,
    ) -> Result<Self, Error> {
        check(&settings)?;
        Ok(Self {
            client: client::build(&settings, shared)?,
            headers: headers::fixed(&settings)?,
            redactor: Redactor::new(settings.api_key.as_ref()),
            breaker: Mutex::new(Breaker::new(shared.breaker.clone())),
            places: Arc::new(Semaphore::new(settings.concurrency_max)),
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            clock,
            settings,
        })
    }

    /// Leave to send one request.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Permit, Skipped> {
        let skipped = |reason, wait| Skipped { provider: self.settings.id.clone(), reason, wait };
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| skipped(SkipReason::Full, None))?;
        let admitted = self.breaker.lock().admit(self.clock.monotonic());
        let ticket = admitted.map_err(|wait| skipped(SkipReason::Resting, Some(wait)))?;
        Ok(Permit { provider: Arc::clone(self), ticket: Some(ticket), _place: place })
    }

    /// Leaves the provider alone for a while.
    pub(crate) fn rest(&self, wait: Option<Duration>) {
        self.breaker.lock().cool_down(wait, self.clock.monotonic());
    }

    pub(crate) fn health(&self) -> ProviderHealth {
        let (state, wait) = self.breaker.lock().state(self.clock.monotonic());
        let free = self.places.available_permits();
        ProviderHealth {
            provider: self.settings.id.clone(),
            state,
            wait,
            in_flight: self.settings.concurrency_max.saturating_sub(free),
            succeeded: self.succeeded.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
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
    if settings.concurrency_max == 0 || settings.concurrency_max > Semaphore::MAX_PERMITS {
        return refuse("concurrency_max must be at least 1");
    }
    Ok(())
}

/// Leave to send one request. Dropped without a word it tells the breaker nothing.
pub(crate) struct Permit {
    provider: Arc<Provider>,
    ticket: Option<Ticket>,
    _place: OwnedSemaphorePermit,
}

impl Permit {
    pub(crate) fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }

    /// The answer ended well.
    pub(crate) fn succeed(&mut self) {
        self.provider.succeeded.fetch_add(1, Ordering::Relaxed);
        self.record(Outcome::Success);
    }

    /// The answer has begun. A probe has done its work by that: others need not wait for the end
    /// of a long stream, whose own end then counts as that of any other.
    pub(crate) fn proven(&mut self) {
        if self.ticket.as_ref().is_some_and(Ticket::is_probe) {
            self.record(Outcome::Success);
            self.ticket = self.provider.breaker.lock().admit(self.provider.clock.monotonic()).ok();
        }
    }

    /// The attempt failed.
    pub(crate) fn fail(&mut self, failure: &Failure, stage: Stage) {
        self.provider.failed.fetch_add(1, Ordering::Relaxed);
        self.record(match Verdict::of(failure.kind, stage).breaker {
            BreakerEffect::None => Outcome::Neutral,
            BreakerEffect::Count => Outcome::Failure,
            BreakerEffect::Cooldown => Outcome::RateLimited(failure.retry_after),
            BreakerEffect::HardDown => Outcome::HardDown,
        });
    }

    fn record(&mut self, outcome: Outcome) {
        if let Some(ticket) = self.ticket.take() {
            let now = self.provider.clock.monotonic();
            self.provider.breaker.lock().record(ticket, outcome, now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.record(Outcome::Neutral);
    }
}
