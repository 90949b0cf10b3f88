//! From what is written to what is used.

mod prices;

use std::collections::BTreeMap;
use std::time::Duration;

use ::budget::{LedgerSettings, RateLimit, RateLimits};
use ::cache::{Admission, CacheSettings};
use ::telemetry::{LogSettings, OtlpSettings};
use inference::{
    InferenceSettings, NativeModels, Network, ProviderSettings, Timeouts, UpstreamUrl,
};
use secrecy::SecretString;
use types::{Microdollars, ModelId, ProviderId};
use wire::OutputLimit;

use super::{
    AnalysisConfig, AnalysisSection, BudgetSection, CacheSection, Config, ConfigError, ConfigFile,
    Environment, KnowledgeConfig, KnowledgeSection, LeftOut, LimitsSection, LogSection,
    OutputLimitField, ProviderSection, ResilienceSection, ServerSection, TelemetrySection,
    VectorPlace, builtin,
};

pub(super) fn resolve(
    file: ConfigFile,
    environment: Environment<'_>,
) -> Result<Config, ConfigError> {
    check_server(&file.server)?;
    let data_directory = match file.data.directory {
        Some(directory) => directory,
        None => {
            super::under(environment, "XDG_DATA_HOME", ".local/share").ok_or(ConfigError::NoHome)?
        }
    };
    let providers = with_builtin(file.providers);
    let chain = file.chain.unwrap_or_else(builtin::chain);
    let (inference, left_out) = resolve_chain(&chain, providers, &file.resilience, environment)?;
    let (ledger, output_tokens_default) = resolve_budget(&file.budget)?;
    Ok(Config {
        server: file.server,
        data_directory,
        cache_enabled: file.cache.enabled,
        cache: resolve_cache(&file.cache)?,
        admission: Admission {
            any_temperature: file.cache.any_temperature,
            tool_calls: file.cache.tool_calls,
            ..Admission::default()
        },
        ledger,
        rate_limits: resolve_limits(&file.limits),
        output_tokens_default,
        embeddings_gather: Duration::from_millis(file.resilience.embeddings_gather_ms),
        inference,
        left_out,
        prices: prices::resolve(&file.prices)?,
        analysis: resolve_analysis(file.analysis)?,
        knowledge: resolve_knowledge(file.knowledge, environment)?,
        embeddings: file.embeddings,
        log: resolve_log(file.log),
        telemetry: resolve_telemetry(&file.telemetry)?,
    })
}

fn check_server(server: &ServerSection) -> Result<(), ConfigError> {
    at_least("server.connections_max", server.connections_max as u64, 1)?;
    at_least("server.header_bytes_max", server.header_bytes_max as u64, 8_192)?;
    at_least("server.body_bytes_max", server.body_bytes_max as u64, 1_024)?;
    at_least("server.header_read_seconds", server.header_read_seconds, 1)?;
    at_least("server.body_read_seconds", server.body_read_seconds, 1)?;
    at_least("server.write_stall_seconds", server.write_stall_seconds, 1)
}

fn at_least(option: &str, value: u64, least: u64) -> Result<(), ConfigError> {
    if value < least {
        return Err(ConfigError::value(option, format!("must be at least {least}")));
    }
    Ok(())
}

fn resolve_cache(cache: &CacheSection) -> Result<CacheSettings, ConfigError> {
    at_least("cache.memory_entries", cache.memory_entries as u64, 1)?;
    at_least("cache.memory_ttl_seconds", cache.memory_ttl_seconds, 1)?;
    at_least("cache.disk_ttl_seconds", cache.disk_ttl_seconds, 1)?;
    Ok(CacheSettings {
        l1_entries: cache.memory_entries,
        l1_bytes: cache.memory_bytes,
        l1_ttl: Duration::from_secs(cache.memory_ttl_seconds),
        l2_bytes: cache.disk_bytes,
        l2_ttl: Duration::from_secs(cache.disk_ttl_seconds),
    })
}

fn resolve_budget(budget: &BudgetSection) -> Result<(LedgerSettings, u64), ConfigError> {
    let settings = LedgerSettings {
        developer_limit: Some(dollars("budget.developer_limit_usd", &budget.developer_limit_usd)?),
        lease: dollars("budget.lease_usd", &budget.lease_usd)?,
    };
    at_least("budget.lease_usd in micro-dollars", settings.lease.get(), 1)?;
    at_least("budget.output_tokens_default", budget.output_tokens_default, 1)?;
    Ok((settings, budget.output_tokens_default))
}

fn resolve_limits(limits: &LimitsSection) -> RateLimits {
    let limited = |limit: u64| (limit > 0).then_some(limit);
    let usual = RateLimit {
        requests: limited(limits.requests_per_minute),
        tokens: limited(limits.tokens_per_minute),
    };
    let named = limits.tenants.iter().map(|(tenant, own)| {
        let requests = own.requests_per_minute.map_or(usual.requests, limited);
        let tokens = own.tokens_per_minute.map_or(usual.tokens, limited);
        (tenant.clone(), RateLimit { requests, tokens })
    });
    RateLimits { usual, named: named.collect() }
}

fn dollars(option: &str, text: &str) -> Result<Microdollars, ConfigError> {
    text.parse().map_err(|error: types::Error| ConfigError::value(option, error.to_string()))
}

fn resolve_analysis(analysis: AnalysisSection) -> Result<AnalysisConfig, ConfigError> {
    at_least("analysis.document_bytes_max", analysis.document_bytes_max, 1)?;
    at_least("analysis.document_seconds_max", analysis.document_seconds_max, 1)?;
    let settings = ::analysis::Settings {
        profile: analysis.profile,
        weights: analysis.weights,
        dialects: analysis.dialects,
        rules: Vec::new(),
        blocked_phrases: analysis.blocked_phrases,
        disabled_rules: analysis.disabled_rules,
        document_bytes_max: analysis.document_bytes_max,
        document_time_max: Duration::from_secs(analysis.document_seconds_max),
        score_words_min: analysis.score_words_min,
    };
    Ok(AnalysisConfig { settings, cache_bytes_max: analysis.cache_bytes_max })
}

fn resolve_knowledge(
    knowledge: KnowledgeSection,
    environment: Environment<'_>,
) -> Result<KnowledgeConfig, ConfigError> {
    Ok(KnowledgeConfig {
        vector_place: resolve_vector_place(&knowledge, environment)?,
        weights: knowledge.weights,
        answer_model: knowledge.answer_model,
        extraction_model: knowledge.extraction_model,
        classification_model: knowledge.classification_model,
        classification_confidence_min: knowledge.classification_confidence_min,
    })
}

/// Where vectors are looked for.
fn resolve_vector_place(
    knowledge: &KnowledgeSection,
    environment: Environment<'_>,
) -> Result<VectorPlace, ConfigError> {
    let Some(url) = &knowledge.qdrant_url else { return Ok(VectorPlace::Here) };
    let key = match &knowledge.qdrant_api_key_env {
        Some(name) => {
            let missing = || format!("names {name}, which is not in the environment");
            let option = "knowledge.qdrant_api_key_env";
            let key = (environment.variable)(name);
            Some(SecretString::from(key.ok_or_else(|| ConfigError::value(option, missing()))?))
        }
        None => None,
    };
    check_index_name(&knowledge.qdrant_index)?;
    on_qdrant(url, key, &knowledge.qdrant_index)
}

/// One that ends like a collection's name could be that of another index's collection.
fn check_index_name(name: &str) -> Result<(), ConfigError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_number = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    let ends_in_number = name.rsplit_once('-').is_some_and(|(_, end)| is_number(end));
    if name.is_empty() || !name.bytes().all(is_plain) || ends_in_number {
        let rule = "must be made of letters, digits, - and _, without - and a number at the end";
        return Err(ConfigError::value("knowledge.qdrant_index", rule));
    }
    Ok(())
}

#[cfg(feature = "qdrant")]
fn on_qdrant(url: &str, key: Option<SecretString>, name: &str) -> Result<VectorPlace, ConfigError> {
    Ok(VectorPlace::Qdrant { url: url.to_owned(), key, name: name.to_owned() })
}

#[cfg(not(feature = "qdrant"))]
fn on_qdrant(_: &str, _: Option<SecretString>, _: &str) -> Result<VectorPlace, ConfigError> {
    let rule = "needs a forebay that was built with `--features qdrant`";
    Err(ConfigError::value("knowledge.qdrant_url", rule.to_owned()))
}

fn resolve_log(log: LogSection) -> LogSettings {
    LogSettings { filter: log.level, format: log.format }
}

fn resolve_telemetry(telemetry: &TelemetrySection) -> Result<Option<OtlpSettings>, ConfigError> {
    let wrong = |error: ::telemetry::Error| {
        ConfigError::value("telemetry.otlp_endpoint", error.to_string())
    };
    telemetry.otlp_endpoint.as_deref().map(OtlpSettings::new).transpose().map_err(wrong)
}

/// The built-in sections, with what the file says laid over them option by option.
fn with_builtin(
    written: BTreeMap<ProviderId, ProviderSection>,
) -> BTreeMap<ProviderId, ProviderSection> {
    let mut providers = builtin::providers();
    for (id, section) in written {
        match providers.remove(&id) {
            Some(known) => providers.insert(id, section.over(known)),
            None => providers.insert(id, section),
        };
    }
    providers
}

impl ProviderSection {
    fn over(self, known: Self) -> Self {
        Self {
            enabled: self.enabled.or(known.enabled),
            protocol: self.protocol.or(known.protocol),
            also_responses: self.also_responses.or(known.also_responses),
            base_url: self.base_url.or(known.base_url),
            api_key_env: self.api_key_env.or(known.api_key_env),
            api_key_file: self.api_key_file.or(known.api_key_file),
            serves: self.serves.or(known.serves),
            models: if self.models.is_empty() { known.models } else { self.models },
            concurrency_max: self.concurrency_max.or(known.concurrency_max),
            output_limit_field: self.output_limit_field.or(known.output_limit_field),
            prompt_cache_key: self.prompt_cache_key.or(known.prompt_cache_key),
            org_level_limits: self.org_level_limits || known.org_level_limits,
            allow_plain_http: self.allow_plain_http || known.allow_plain_http,
            allow_private_addresses: self.allow_private_addresses || known.allow_private_addresses,
        }
    }
}

fn resolve_chain(
    chain: &[ProviderId],
    mut providers: BTreeMap<ProviderId, ProviderSection>,
    resilience: &ResilienceSection,
    environment: Environment<'_>,
) -> Result<(InferenceSettings, Vec<LeftOut>), ConfigError> {
    let mut usable = Vec::new();
    let mut left_out = Vec::new();
    for id in chain {
        let section = providers.remove(id).ok_or_else(|| {
            ConfigError::value(
                "chain",
                format!("names {id}, which has no section or is named twice"),
            )
        })?;
        match resolve_provider(id, &section, resilience, environment)? {
            Ok(provider) => usable.push(provider),
            Err(reason) => left_out.push(LeftOut { provider: id.clone(), reason }),
        }
    }
    for id in providers.into_keys() {
        left_out.push(LeftOut { provider: id, reason: "it is not in the chain".to_owned() });
    }
    let mut settings = InferenceSettings::new(usable);
    at_least("resilience.breaker_failures", resilience.breaker_failures.into(), 1)?;
    at_least("resilience.attempts_per_provider", resilience.attempts_per_provider.into(), 1)?;
    settings.breaker.failures_max = resilience.breaker_failures;
    settings.breaker.open = Duration::from_secs(resilience.breaker_open_seconds);
    settings.affinity = Duration::from_secs(resilience.affinity_seconds);
    settings.queue.waiting_max = resilience.queue_max;
    settings.queue.wait_max = Duration::from_millis(resilience.queue_wait_ms);
    settings.retry_budget.percent = resilience.retry_percent;
    settings.attempts_per_provider = resilience.attempts_per_provider;
    settings.deadline = Duration::from_millis(resilience.total_ms);
    Ok((settings, left_out))
}

/// A usable provider, or why it is left out; an error where the section itself is wrong.
fn resolve_provider(
    id: &ProviderId,
    section: &ProviderSection,
    resilience: &ResilienceSection,
    environment: Environment<'_>,
) -> Result<Result<ProviderSettings, String>, ConfigError> {
    if section.enabled == Some(false) {
        return Ok(Err("it is not enabled".to_owned()));
    }
    let option = |name: &str| format!("providers.{id}.{name}");
    let Some(base_url) = section.base_url.clone() else {
        return Ok(Err(format!("{} is not set", option("base_url"))));
    };
    let base_url: UpstreamUrl = base_url.parse().map_err(|error: inference::Error| {
        ConfigError::value(option("base_url"), error.to_string())
    })?;
    let protocol = section.protocol.ok_or_else(|| {
        ConfigError::value(
            option("protocol"),
            "must be openai-chat, openai-responses, anthropic-messages, gemini or groq",
        )
    })?;
    let api_key = match api_key(id, section, environment)? {
        Ok(api_key) => api_key,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut provider = ProviderSettings::new(id.clone(), protocol, base_url);
    provider.also_responses = section.also_responses.unwrap_or(false);
    provider.api_key = api_key;
    provider.native = natives(id, section)?;
    provider.models = stand_ins(id, section)?;
    provider.timeouts = timeouts(resilience);
    provider.network = Network {
        allow_plain_http: section.allow_plain_http,
        allow_private_addresses: section.allow_private_addresses,
    };
    provider.org_level_limits = section.org_level_limits;
    provider.prompt_cache_key = section.prompt_cache_key == Some(true);
    provider.output_limit = match section.output_limit_field {
        Some(OutputLimitField::MaxCompletionTokens) => OutputLimit::MaxCompletionTokens,
        Some(OutputLimitField::MaxTokens) | None => OutputLimit::MaxTokens,
    };
    if let Some(concurrency_max) = section.concurrency_max {
        at_least(&option("concurrency_max"), concurrency_max as u64, 1)?;
        provider.concurrency_max = concurrency_max;
    }
    Ok(Ok(provider))
}

/// The key of a provider; a reason to leave it out where it wants one that is not there.
fn api_key(
    id: &ProviderId,
    section: &ProviderSection,
    environment: Environment<'_>,
) -> Result<Result<Option<SecretString>, String>, ConfigError> {
    if let Some(path) = &section.api_key_file {
        let text = fs_err::read_to_string(path).map_err(|source| ConfigError::Read { source })?;
        if text.trim().is_empty() {
            let option = format!("providers.{id}.api_key_file");
            return Err(ConfigError::value(option, "names a file that is empty"));
        }
        return Ok(Ok(Some(text.trim().into())));
    }
    Ok(match &section.api_key_env {
        None => Ok(None),
        Some(name) => match (environment.variable)(name) {
            Some(key) => Ok(Some(key.into())),
            None => Err(format!("{name} is not in the environment")),
        },
    })
}

fn natives(id: &ProviderId, section: &ProviderSection) -> Result<Vec<NativeModels>, ConfigError> {
    let wrong = |error: types::Error| {
        ConfigError::value(format!("providers.{id}.serves"), error.to_string())
    };
    let patterns = section.serves.iter().flatten();
    patterns.map(|pattern| pattern.parse().map_err(wrong)).collect()
}

fn stand_ins(
    id: &ProviderId,
    section: &ProviderSection,
) -> Result<BTreeMap<ModelId, ModelId>, ConfigError> {
    let wrong = |error: types::Error| {
        ConfigError::value(format!("providers.{id}.models"), error.to_string())
    };
    let pair = |(asked, served): (&String, &String)| {
        Ok((ModelId::new(asked).map_err(wrong)?, ModelId::new(served).map_err(wrong)?))
    };
    section.models.iter().map(pair).collect()
}

fn timeouts(resilience: &ResilienceSection) -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(resilience.connect_ms),
        headers: Duration::from_millis(resilience.headers_ms),
        whole_answer: Duration::from_millis(resilience.whole_answer_ms),
        first_content: Duration::from_millis(resilience.first_content_ms),
        between_chunks: Duration::from_millis(resilience.between_chunks_ms),
        total: Duration::from_millis(resilience.total_ms),
    }
}
