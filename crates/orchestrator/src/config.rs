//! Configuration in two phases: a file as it is written, then values that are known to be good.
//!
//! [`ConfigFile`] is what TOML says, sections and all; [`Config`] is what the crates below are
//! opened with. Files and environment are read here and nowhere below.

mod analysis;
mod budget;
mod builtin;
mod cache;
mod data;
mod embeddings;
mod error;
mod example;
mod file;
mod fixed;
mod knowledge;
mod limits;
mod log;
mod price;
mod provider;
mod resilience;
mod resolve;
mod server;
mod telemetry;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ::budget::{LedgerSettings, PriceTable, RateLimits};
use ::cache::{Admission, CacheSettings};
use ::telemetry::{LogSettings, OtlpSettings};
use inference::InferenceSettings;

pub use self::telemetry::TelemetrySection;
pub use analysis::{AnalysisConfig, AnalysisSection};
pub use budget::BudgetSection;
pub use cache::CacheSection;
pub use data::DataSection;
pub use embeddings::EmbeddingsSection;
pub use error::ConfigError;
pub use example::example;
pub use file::ConfigFile;
pub use knowledge::{KnowledgeConfig, KnowledgeSection, VectorPlace};
pub use limits::{LimitsSection, TenantLimits};
pub use log::LogSection;
pub use price::{PriceOverride, TierOverride};
pub use provider::{OutputLimitField, ProviderSection};
pub use resilience::ResilienceSection;
pub use server::ServerSection;

/// A configuration that can be used as it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The listener and its limits.
    pub server: ServerSection,
    /// The data directory.
    pub data_directory: PathBuf,
    /// Whether answers are cached.
    pub cache_enabled: bool,
    /// The tiers of the cache.
    pub cache: CacheSettings,
    /// What may be stored.
    pub admission: Admission,
    /// Accounts.
    pub ledger: LedgerSettings,
    /// Requests and tokens a minute.
    pub rate_limits: RateLimits,
    /// Output tokens a request without a maximum is given.
    pub output_tokens_default: u64,
    /// How long a request for embeddings waits for others like it; zero sends each by itself.
    pub embeddings_gather: Duration,
    /// Providers.
    pub inference: InferenceSettings,
    /// Providers of the chain that are left out, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// What models cost.
    pub prices: PriceTable,
    /// Analysis of documents.
    pub analysis: AnalysisConfig,
    /// What is known.
    pub knowledge: KnowledgeConfig,
    /// The model of this machine.
    pub embeddings: EmbeddingsSection,
    /// Logs.
    pub log: LogSettings,
    /// Where OpenTelemetry's spans and metrics are sent; none sends none.
    pub telemetry: Option<OtlpSettings>,
}

/// A provider that is configured but cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Which.
    pub provider: types::ProviderId,
    /// Why, and what to do.
    pub reason: String,
}

/// What the environment says, read once.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// The value of a variable, where it is set and not empty.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError::Read`], or [`ConfigError::Syntax`] with the line of what is wrong.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs_err::read_to_string(path).map_err(|source| ConfigError::Read { source })?;
        Self::parse(path, &text)
    }

    /// Reads what the file at `path` was found to hold.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] with the line of what is wrong.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|source| ConfigError::Syntax {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Where the file is looked for when nobody says.
    pub fn default_path(environment: Environment<'_>) -> Option<PathBuf> {
        under(environment, "XDG_CONFIG_HOME", ".config").map(|home| home.join("config.toml"))
    }

    /// Checks every value and fills in what is left out.
    ///
    /// # Errors
    /// The first option that cannot be used, with what would be right.
    pub fn resolve(self, environment: Environment<'_>) -> Result<Config, ConfigError> {
        resolve::resolve(self, environment)
    }
}

/// `$XDG/forebay`, else `~/fallback/forebay`.
fn under(environment: Environment<'_>, xdg: &str, fallback: &str) -> Option<PathBuf> {
    let home = (environment.variable)(xdg)
        .map(PathBuf::from)
        .or_else(|| (environment.variable)("HOME").map(|home| Path::new(&home).join(fallback)))?;
    Some(home.join("forebay"))
}
