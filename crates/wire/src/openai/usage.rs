//! `usage`.

use serde_json::json;
use serde_json_borrow::Value;
use types::{TokenCount, TokenUsage};

use crate::json::borrowed::member;

/// Reads a usage object; none where it is null or no object.
///
/// `prompt_tokens` includes what the cache served and stored. Some servers leave reasoning out of
/// `completion_tokens` but not out of `total_tokens`, so the larger of the two counts as output.
pub(super) fn read(usage: &Value<'_>) -> Option<TokenUsage> {
    usage.as_object()?;
    let count = |name| TokenCount::new(member(usage, name).as_u64().unwrap_or(0));
    let detail =
        |details, name| TokenCount::new(member(member(usage, details), name).as_u64().unwrap_or(0));
    let prompt = count("prompt_tokens");
    let cache_read = detail("prompt_tokens_details", "cached_tokens");
    let cache_write = detail("prompt_tokens_details", "cache_write_tokens");
    let beyond_prompt = count("total_tokens").saturating_sub(prompt);
    Some(TokenUsage {
        input: prompt.saturating_sub(cache_read).saturating_sub(cache_write),
        cache_read,
        cache_write_5m: cache_write,
        cache_write_1h: TokenCount::ZERO,
        output: std::cmp::max(count("completion_tokens"), beyond_prompt),
        reasoning: detail("completion_tokens_details", "reasoning_tokens"),
    })
}

pub(super) fn write(usage: &TokenUsage) -> serde_json::Value {
    let cache_write = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    json!({
        "prompt_tokens": usage.total_input(),
        "completion_tokens": usage.output,
        "total_tokens": usage.total(),
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": cache_write,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    })
}
