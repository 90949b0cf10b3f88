//! What a gateway is made of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use budget::{Charged, KeyStore, Ledger, PriceTable, RateLimiter};
use cache::{Admission, Cache, TierStatistics};
use inference::{Inference, ServedModel};
use metrics::{counter, gauge};
use telemetry::{GenAi, names};
use types::{Clock, DeveloperId, Principal, TenantId};

use crate::LazyKnowledge;
use crate::config::{Config, KnowledgeConfig};
use crate::documents::Documents;
use crate::embedding_batches::EmbeddingBatches;
use crate::local_embeddings::LocalEmbeddings;
use crate::meters::Meters;
use crate::operator::{OperatorError, Store};
use crate::provider_gauges::ProviderGauges;

/// The crates below, opened.
#[derive(Debug)]
pub struct Parts {
    /// Providers.
    pub inference: Inference,
    /// Stored answers.
    pub cache: Arc<Cache>,
    /// Money.
    pub ledger: Ledger,
    /// Virtual keys.
    pub keys: KeyStore,
    /// Requests and tokens a minute.
    pub rates: RateLimiter,
    /// What models cost.
    pub prices: PriceTable,
    /// What may be stored.
    pub admission: Admission,
    /// Analyses documents.
    pub(crate) documents: Arc<Documents>,
    /// What is known.
    pub knowledge: Arc<LazyKnowledge>,
    /// Embeds with the model of this machine.
    pub(crate) local_embeddings: Arc<LocalEmbeddings>,
    /// Tells OpenTelemetry of requests, where a collector is configured.
    pub(crate) gen_ai: Option<Arc<GenAi>>,
    /// Requests for embeddings that wait for others.
    pub(crate) embedding_batches: Arc<EmbeddingBatches>,
    /// What is counted at each request.
    pub(crate) meters: Arc<Meters>,
    /// What is told of the providers.
    pub(crate) provider_gauges: Arc<ProviderGauges>,
    /// Time.
    pub clock: Clock,
    /// What requests may do.
    pub settings: GatewaySettings,
}

/// What requests may do.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// On whose behalf a request without a key acts; none where keys are required.
    pub keyless: Option<Principal>,
    /// Output tokens a request without a maximum is given.
    pub output_tokens_default: u64,
    /// How knowledge is found, and who is asked about it.
    pub knowledge: KnowledgeConfig,
    /// Whether answers are cached.
    pub cache_enabled: bool,
    /// How long a request for embeddings waits for others like it; zero sends each by itself.
    pub embeddings_gather: Duration,
}

impl Parts {
    /// Opens everything that a gateway on `store` needs.
    ///
    /// # Errors
    /// What the cache's file or the providers' settings say.
    pub fn open(
        config: &Config,
        store: &Store,
        keyless: bool,
        gen_ai: Option<Arc<GenAi>>,
    ) -> Result<Self, OperatorError> {
        let clock = store.clock().clone();
        let disk = if config.cache_enabled { Some(store.open_cache()?) } else { None };
        Ok(Self {
            inference: Inference::new(config.inference.clone(), clock.clone())?,
            cache: Arc::new(Cache::new(&config.cache, disk, clock.clone())?),
            ledger: store.ledger().clone(),
            keys: store.keys().clone(),
            rates: RateLimiter::new(config.rate_limits.clone(), clock.clone()),
            prices: config.prices.clone(),
            admission: config.admission.clone(),
            documents: Arc::new(Documents::new(config.analysis.settings.clone(), clock.clone())?),
            knowledge: Arc::clone(store.knowledge()),
            local_embeddings: Arc::new(LocalEmbeddings::new(Arc::clone(store.local_model()))?),
            gen_ai,
            embedding_batches: Arc::default(),
            meters: Arc::default(),
            provider_gauges: Arc::default(),
            clock,
            settings: GatewaySettings {
                knowledge: config.knowledge.clone(),
                keyless: keyless.then(local_developer),
                output_tokens_default: config.output_tokens_default,
                cache_enabled: config.cache_enabled,
                embeddings_gather: config.embeddings_gather,
            },
        })
    }

    /// The same with what `config` says of all that can change while it runs. What is not
    /// mentioned there, and what was learned about providers that stay the same, is shared with
    /// these parts.
    pub(crate) fn with_config(&self, config: &Config) -> Result<Self, OperatorError> {
        Ok(Self {
            inference: self.inference.with_settings(config.inference.clone())?,
            cache: Arc::clone(&self.cache),
            ledger: self.ledger.clone(),
            keys: self.keys.clone(),
            rates: self.rates.clone(),
            prices: config.prices.clone(),
            admission: config.admission.clone(),
            documents: Arc::clone(&self.documents),
            knowledge: Arc::clone(&self.knowledge),
            local_embeddings: Arc::clone(&self.local_embeddings),
            gen_ai: self.gen_ai.clone(),
            embedding_batches: Arc::clone(&self.embedding_batches),
            meters: Arc::clone(&self.meters),
            provider_gauges: Arc::clone(&self.provider_gauges),
            clock: self.clock.clone(),
            settings: GatewaySettings {
                knowledge: KnowledgeConfig {
                    vector_place: self.settings.knowledge.vector_place.clone(),
                    ..config.knowledge.clone()
                },
                keyless: self.settings.keyless.clone(),
                output_tokens_default: config.output_tokens_default,
                cache_enabled: self.settings.cache_enabled,
                embeddings_gather: config.embeddings_gather,
            },
        })
    }

    /// Every model that can be asked for by a name that is known: those that the configuration
    /// spells out, and those of the price table that a configured provider serves.
    pub(crate) fn served_models(&self) -> Vec<ServedModel> {
        let spelt = self.inference.models();
        let mut served: BTreeMap<_, _> =
            spelt.into_iter().map(|model| (model.id.clone(), model)).collect();
        for (provider, model) in self.prices.models() {
            let route = self.inference.route(model.as_str());
            let first = route.ok().and_then(|route| route.candidates.into_iter().next());
            if first.is_some_and(|first| first.provider == *provider && first.model == *model) {
                let entry = ServedModel { id: model.clone(), provider: provider.clone() };
                served.entry(model.clone()).or_insert(entry);
            }
        }
        served.into_values().collect()
    }

    /// Brings what is counted elsewhere up to date; called when somebody is about to read it.
    pub fn publish(&self) {
        self.provider_gauges.publish(&self.inference.health());
        let statistics = self.cache.statistics();
        publish_tier("memory", statistics.memory);
        if let Some(disk) = statistics.disk {
            publish_tier("disk", disk);
        }
        let ledger = self.ledger.statistics();
        counter!(names::OVERAGES).absolute(ledger.overages);
        counter!(names::OVERAGE_AMOUNT).absolute(ledger.overage.get());
        for charged in self.ledger.charged() {
            publish_charged(&charged);
        }
    }
}

fn publish_charged(Charged { provider, cost, usage }: &Charged) {
    let cache_write = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    let kinds = [
        ("input", usage.input),
        ("cache_read", usage.cache_read),
        ("cache_write", cache_write),
        ("output", usage.output),
    ];
    let provider = provider.to_string();
    for (kind, tokens) in kinds.into_iter().filter(|(_, tokens)| tokens.get() > 0) {
        let counter = counter!(names::TOKENS, "provider" => provider.clone(), "kind" => kind);
        counter.absolute(tokens.get());
    }
    counter!(names::SPEND, "provider" => provider).absolute(cost.get());
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 bytes are not reached")]
fn publish_tier(tier: &'static str, statistics: TierStatistics) {
    gauge!(names::CACHE_ENTRIES, "tier" => tier).set(statistics.entries as f64);
    gauge!(names::CACHE_BYTES, "tier" => tier).set(statistics.bytes as f64);
}

/// The built-in developer of a loopback listener.
#[expect(clippy::expect_used, reason = "both names are ids")]
pub(crate) fn local_developer() -> Principal {
    Principal {
        tenant: TenantId::new("default").expect("a valid id"),
        team: None,
        project: None,
        developer: DeveloperId::new("local").expect("a valid id"),
        key: None,
    }
}
