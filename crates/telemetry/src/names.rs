//! The metrics, their units and their meaning.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Requests for an answer, each once, by `protocol` and `outcome`: out of the cache (hit), with the
/// answer that another request paid for (joined), by a provider or the model of this machine
/// (answered); refused for what is wrong with them, by the provider as well, or for a limit here
/// (refused); without a whole answer (failed); left by their clients before that (cancelled). Of
/// callers who share an answer that is being fetched, the one who caused it counts by what becomes
/// of that. Each request of a batch is one, however often it is asked.
pub const REQUESTS: &str = "forebay_requests_total";
/// From the request's last byte to the answer's last byte, by `protocol`.
pub const REQUEST_DURATION: &str = "forebay_request_duration_seconds";
/// From the request's last byte to the first content byte, by `protocol`.
pub const TIME_TO_FIRST_CONTENT: &str = "forebay_time_to_first_content_seconds";
/// Cache look-ups, by `result` (memory, disk, miss, bypass).
pub const CACHE_LOOKUPS: &str = "forebay_cache_lookups_total";
/// Texts looked up among the vectors that the model of this machine has made, by `result` (memory,
/// disk, miss).
pub const EMBEDDING_LOOKUPS: &str = "forebay_embedding_lookups_total";
/// Attempts upstream, by `provider` and `outcome` (ok, failed).
pub const UPSTREAM_ATTEMPTS: &str = "forebay_upstream_attempts_total";
/// Requests of conversations that were answered before, by `outcome`: by the provider that has their
/// beginning cached (stayed) or by another (moved).
pub const CONVERSATIONS: &str = "forebay_conversations_total";
/// Requests of which the oldest turns were left out, as their clients asked.
pub const TRIMMED: &str = "forebay_trimmed_total";
/// Tokens that were charged, by `provider` and `kind` (input, cache_read, cache_write, output): of
/// answers that broke off or were left, as far as they were metered.
pub const TOKENS: &str = "forebay_tokens_total";
/// Money that the ledger has charged since the start in micro-dollars, by `provider`: whatever was
/// settled or estimated, but nothing that a recovery charges or an operator corrects.
pub const SPEND: &str = "forebay_spend_microdollars_total";
/// Money that answers from the cache would have cost, in micro-dollars.
pub const SAVED: &str = "forebay_saved_microdollars_total";
/// Requests refused for money, by `reason` (exhausted, reserved, unpriced).
pub const BUDGET_REFUSALS: &str = "forebay_budget_refusals_total";
/// Requests refused because their tenant had used what a minute allows, by `kind` (requests,
/// tokens).
pub const RATE_REFUSALS: &str = "forebay_rate_limited_total";
/// Answers that cost more than was reserved for them.
pub const OVERAGES: &str = "forebay_budget_overages_total";
/// Money charged above reservations in micro-dollars.
pub const OVERAGE_AMOUNT: &str = "forebay_budget_overage_microdollars_total";
/// Time from asking for a reservation to having it, durable lease included.
pub const BUDGET_CHECK: &str = "forebay_budget_check_seconds";
/// Open client connections.
pub const CONNECTIONS: &str = "forebay_connections";
/// Connections that were closed because their clients took nothing of what was written to them.
pub const CONNECTIONS_STALLED: &str = "forebay_connections_stalled_total";
/// Changes of the configuration while the gateway ran, by `outcome` (done, refused).
pub const RELOADS: &str = "forebay_config_reloads_total";
/// Requests whose handlers panicked, each answered with 500.
pub const PANICS: &str = "forebay_panics_total";
/// Failures that were decided to be survivable, by `operation`.
pub const SWALLOWED_ERRORS: &str = "forebay_swallowed_errors_total";
/// Spans that no collector has, by `reason`: the queue to it was full (full) or it did not take them
/// (unsent).
pub const SPANS_DROPPED: &str = "forebay_spans_dropped_total";
/// Whether a provider's breaker lets requests through (1) or not (0), by `provider`.
pub const PROVIDER_AVAILABLE: &str = "forebay_provider_available";
/// Models that a provider is not asked for after their rate limits, by `provider`.
pub const PROVIDER_LIMITED_MODELS: &str = "forebay_provider_limited_models";
/// Requests that a provider is given at once now, as learned from its refusals, by `provider`.
pub const PROVIDER_LIMIT: &str = "forebay_provider_concurrency_limit";
/// Requests in flight at a provider, by `provider`.
pub const PROVIDER_IN_FLIGHT: &str = "forebay_provider_in_flight";
/// Requests that wait for a place at a provider, by `provider`.
pub const PROVIDER_WAITING: &str = "forebay_provider_waiting";
/// Requests sent away because too many were waiting for a provider, by `provider`.
pub const SHED: &str = "forebay_shed_total";
/// Entries by cache `tier`.
pub const CACHE_ENTRIES: &str = "forebay_cache_entries";
/// Bytes by cache `tier`.
pub const CACHE_BYTES: &str = "forebay_cache_bytes";

/// From a quarter of a millisecond (an answer from memory) to the longest answers.
pub(crate) const DURATION_BUCKETS_SECONDS: &[f64] = &[
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0,
    5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Tells the recorder what each metric means.
pub(crate) fn describe() {
    describe_counter!(REQUESTS, "Requests for an answer, by protocol and outcome");
    describe_histogram!(REQUEST_DURATION, Unit::Seconds, "Time to the last byte of an answer");
    describe_histogram!(TIME_TO_FIRST_CONTENT, Unit::Seconds, "Time to the first content byte");
    describe_counter!(CACHE_LOOKUPS, "Cache look-ups, by result");
    describe_counter!(EMBEDDING_LOOKUPS, "Texts looked up among known vectors, by result");
    describe_counter!(UPSTREAM_ATTEMPTS, "Attempts upstream, by provider and outcome");
    describe_counter!(CONVERSATIONS, "Requests of earlier conversations, by whether they stayed");
    describe_counter!(TRIMMED, "Requests of which the oldest turns were left out");
    describe_counter!(TOKENS, "Tokens charged, by provider and kind");
    describe_counter!(SPEND, "Micro-dollars charged, by provider");
    describe_counter!(SAVED, "Micro-dollars that answers from the cache would have cost");
    describe_counter!(BUDGET_REFUSALS, "Requests refused for money, by reason");
    describe_counter!(
        RATE_REFUSALS,
        "Requests over what their tenant may use in a minute, by kind"
    );
    describe_counter!(OVERAGES, "Answers that cost more than was reserved");
    describe_counter!(OVERAGE_AMOUNT, "Micro-dollars charged above reservations");
    describe_histogram!(BUDGET_CHECK, Unit::Seconds, "Time to get a reservation");
    describe_gauge!(CONNECTIONS, "Open client connections");
    describe_counter!(CONNECTIONS_STALLED, "Connections closed because nothing was read there");
    describe_counter!(RELOADS, "Changes of the configuration while running, by outcome");
    describe_counter!(PANICS, "Requests whose handlers panicked");
    describe_counter!(SWALLOWED_ERRORS, "Failures decided to be survivable, by operation");
    describe_counter!(SPANS_DROPPED, "Spans that no collector has, by reason");
    describe_gauge!(PROVIDER_AVAILABLE, "Whether a provider's breaker lets requests through");
    describe_gauge!(PROVIDER_LIMIT, "Requests that a provider is given at once now");
    describe_gauge!(PROVIDER_IN_FLIGHT, "Requests in flight at a provider");
    describe_gauge!(PROVIDER_LIMITED_MODELS, "Models that a provider is not asked for now");
    describe_gauge!(PROVIDER_WAITING, "Requests that wait for a place at a provider");
    describe_counter!(SHED, "Requests sent away because too many were waiting");
    describe_gauge!(CACHE_ENTRIES, "Entries by cache tier");
    describe_gauge!(CACHE_BYTES, "Bytes by cache tier");
}
