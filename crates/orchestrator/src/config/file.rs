//! The configuration file as it is written.

use std::collections::BTreeMap;

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use types::ProviderId;

use super::{
    AnalysisSection, BudgetSection, CacheSection, DataSection, EmbeddingsSection, KnowledgeSection,
    LimitsSection, LogSection, PriceOverride, ProviderSection, ResilienceSection, ServerSection,
    TelemetrySection,
};

/// Every section of the file; each may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigFile {
    /// The listener and its limits.
    pub server: ServerSection,
    /// Where things are kept.
    pub data: DataSection,
    /// The answer cache.
    pub cache: CacheSection,
    /// Limits and reservations.
    pub budget: BudgetSection,
    /// What each tenant may use in a minute.
    pub limits: LimitsSection,
    /// Retries, time-outs and circuit breakers, for every provider.
    pub resilience: ResilienceSection,
    /// Analysis of documents.
    pub analysis: AnalysisSection,
    /// What the team knows.
    pub knowledge: KnowledgeSection,
    /// The model of this machine, which turns texts into vectors.
    pub embeddings: EmbeddingsSection,
    /// Logs on standard error.
    pub log: LogSection,
    /// Where OpenTelemetry's spans and metrics are sent.
    pub telemetry: TelemetrySection,
    /// The order in which providers are tried. Default: groq, anthropic, openai, gemini, local.
    pub chain: Option<Vec<ProviderId>>,
    /// Providers by name. The five of the default chain need no entry: each is used when its key
    /// is in the environment.
    pub providers: BTreeMap<ProviderId, ProviderSection>,
    /// Prices that replace or add to the built-in table.
    pub prices: Vec<PriceOverride>,
}
