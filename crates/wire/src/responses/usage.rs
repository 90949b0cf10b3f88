//! `usage`.

use serde_json::json;
use serde_json_borrow::Value;
use types::{TokenCount, TokenUsage};

use crate::json::borrowed::member;

/// Reads a usage object; none where it is null or no object. `input_tokens` includes what the cache
/// served and stored, `output_tokens` the reasoning.
pub(super) fn read(usage: &Value<'_>) -> Option<TokenUsage> {
    usage.as_object()?;
    let count = |name| TokenCount::new(member(usage, name).as_u64().unwrap_or(0));
    let detail =
        |details, name| TokenCount::new(member(member(usage, details), name).as_u64().unwrap_or(0));
    let cache_read = detail("input_tokens_details", "cached_tokens");
    let cache_write = detail("input_tokens_details", "cache_write_tokens");
    Some(TokenUsage {
        input: count("input_tokens").saturating_sub(cache_read).saturating_sub(cache_write),
        cache_read,
        cache_write_5m: cache_write,
        cache_write_1h: TokenCount::ZERO,
        output: count("output_tokens"),
        reasoning: detail("output_tokens_details", "reasoning_tokens"),
    })
}

pub(super) fn write(usage: &TokenUsage) -> serde_json::Value {
    json!({
        "input_tokens": usage.total_input(),
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total(),
    })
}
