//! The providers together.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::StdRng;
use types::{Clock, ModelId, ProviderId};
use wire::Request;

use crate::affinity::Affinity;
use crate::dispatch::Dispatch;
use crate::provider::{Provider, ProviderHealth};
use crate::retry_budget::RetryBudget;
use crate::transport::Http;
use crate::{Call, Error, Gate, InferenceSettings, ProviderSettings, Reply, Route};
use crate::{ServedModel, route};

/// The providers together. Cheap to share; all state is inside.
pub struct Inference {
    shared: Shared,
}

/// What every dispatch uses.
pub(crate) struct Shared {
    pub(crate) settings: InferenceSettings,
    pub(crate) clock: Clock,
    pub(crate) retry_budget: Arc<Mutex<RetryBudget>>,
    pub(crate) affinity: Arc<Mutex<Affinity>>,
    pub(crate) jitter: Arc<Mutex<StdRng>>,
    providers: Vec<Arc<Provider>>,
}

impl Inference {
    /// Providers that are ready to be asked. Opens no connection.
    ///
    /// # Errors
    /// [`Error::Settings`] where a provider's settings contradict each other or two have the same
    /// id, [`Error::Client`] where no HTTP client can be made.
    pub fn new(settings: InferenceSettings, clock: Clock) -> Result<Self, Error> {
        let providers =
            providers(&settings, |wanted| Provider::new(wanted.clone(), &settings, clock.clone()))?;
        let shared = Shared {
            retry_budget: Arc::new(Mutex::new(RetryBudget::new(settings.retry_budget.clone()))),
            affinity: Arc::new(Mutex::new(Affinity::new(settings.affinity))),
            jitter: Arc::new(Mutex::new(StdRng::seed_from_u64(settings.jitter_seed))),
            providers,
            settings,
            clock,
        };
        Ok(Self { shared })
    }

    /// The same under other settings. What was learned stays: of each provider that has the id,
    /// protocol, address and key of one before, its breaker, rests, places, those who wait for them,
    /// and, unless settings of theirs are others, its connections; the retry budget; with whom
    /// conversations stay. Other settings hold for what comes, here and for calls that are being
    /// made, which otherwise go on as they began.
    ///
    /// # Errors
    /// As [`new`](Self::new); then nothing has changed.
    pub fn with_settings(&self, settings: InferenceSettings) -> Result<Self, Error> {
        let before = &self.shared;
        let providers = providers(&settings, |wanted| {
            let known = before.provider(&wanted.id).filter(|known| known.settings.is_same(wanted));
            match known {
                Some(known) => known.with_settings(wanted.clone(), &settings),
                None => Provider::new(wanted.clone(), &settings, before.clock.clone()),
            }
        })?;
        for provider in &providers {
            provider.follow(&settings);
        }
        before.retry_budget.lock().follow(settings.retry_budget.clone());
        before.affinity.lock().set_lasts(settings.affinity);
        let shared = Shared {
            retry_budget: Arc::clone(&before.retry_budget),
            affinity: Arc::clone(&before.affinity),
            jitter: Arc::clone(&before.jitter),
            clock: before.clock.clone(),
            providers,
            settings,
        };
        Ok(Self { shared })
    }

    /// Who can answer for a model, or for a name that providers map to one, in order.
    ///
    /// # Errors
    /// [`Error::UnknownModel`], with what is served.
    pub fn route(&self, model: &str) -> Result<Route, Error> {
        route::route(&self.shared.settings, model)
    }

    /// Who can do what `request` asks of its model, as [`route`](Self::route) says; embeddings only
    /// those who speak OpenAI's protocol.
    ///
    /// # Errors
    /// As [`route`](Self::route); [`Error::Untranslatable`] where nobody of the route can.
    pub fn route_for(&self, request: &Request) -> Result<Route, Error> {
        self.route(request.model())?.able(request)
    }

    /// Asks the candidates of a call's route until one answers. Returns when the first content of
    /// a stream, or the whole answer where it is no stream, is there. Dropped before, it closes its
    /// connection.
    ///
    /// # Errors
    /// [`Error::Refused`] where a provider finds the request itself wrong, [`Error::AllFailed`]
    /// where nobody answers, [`Error::Untranslatable`] where nobody can be asked.
    pub async fn dispatch<G: Gate>(&self, call: Call, gate: G) -> Result<Reply, Error> {
        let transport = Http(&self.shared.clock);
        Box::pin(Dispatch::new(&self.shared, &call, gate, transport).run()).await
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Every name that is spelt out in the configuration, with the provider that is asked first.
    pub fn models(&self) -> Vec<ServedModel> {
        route::models(&self.shared.settings)
    }

    /// Where a provider is, by its name or address.
    pub fn host(&self, provider: &ProviderId) -> Option<&str> {
        self.shared.provider(provider).map(|provider| provider.settings.base_url.host())
    }

    /// How each provider is doing, in the order of the chain.
    pub fn health(&self) -> Vec<ProviderHealth> {
        self.shared.providers.iter().map(|provider| provider.health()).collect()
    }
}

impl std::fmt::Debug for Inference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.shared.providers.iter().map(|provider| &provider.settings.id);
        formatter.debug_list().entries(ids).finish()
    }
}

impl Shared {
    pub(crate) fn provider(&self, id: &ProviderId) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.settings.id == *id)
    }

    /// Rests a model at every provider that shares an organisation's limits with this one.
    pub(crate) fn rest_organisation(
        &self,
        limited: &Provider,
        model: &ModelId,
        wait: Option<Duration>,
    ) {
        let host = limited.settings.base_url.host();
        for provider in &self.providers {
            let settings = &provider.settings;
            if settings.org_level_limits && settings.base_url.host() == host {
                provider.rest(model, wait);
            }
        }
    }
}

/// The chain, each provider as `make` makes it.
fn providers(
    settings: &InferenceSettings,
    make: impl Fn(&ProviderSettings) -> Result<Provider, Error>,
) -> Result<Vec<Arc<Provider>>, Error> {
    check_ids(settings)?;
    settings.chain.iter().map(|wanted| make(wanted).map(Arc::new)).collect()
}

fn check_ids(settings: &InferenceSettings) -> Result<(), Error> {
    let ids: Vec<&ProviderId> = settings.chain.iter().map(|provider| &provider.id).collect();
    match ids.iter().enumerate().find(|(index, id)| ids[..*index].contains(id)) {
        Some((_, id)) => {
            let rule = "another provider has the same id";
            Err(Error::Settings { provider: (*id).clone(), rule })
        }
        None => Ok(()),
    }
}
