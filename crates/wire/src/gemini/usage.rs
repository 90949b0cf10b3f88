//! `usageMetadata`.

use serde_json_borrow::Value;
use types::{TokenCount, TokenUsage};

use crate::json::borrowed::member;

/// Reads the usage so far; none where there is none. `promptTokenCount` includes what the cache
/// served; thoughts are counted beside the candidates and are output.
pub(super) fn read(usage: &Value<'_>) -> Option<TokenUsage> {
    usage.as_object()?;
    let count = |name| TokenCount::new(member(usage, name).as_u64().unwrap_or(0));
    let prompt = count("promptTokenCount").saturating_add(count("toolUsePromptTokenCount"));
    let cache_read = count("cachedContentTokenCount");
    let reasoning = count("thoughtsTokenCount");
    let listed = count("candidatesTokenCount").saturating_add(reasoning);
    let beyond_prompt = count("totalTokenCount").saturating_sub(prompt);
    Some(TokenUsage {
        input: prompt.saturating_sub(cache_read),
        cache_read,
        cache_write_5m: TokenCount::ZERO,
        cache_write_1h: TokenCount::ZERO,
        output: std::cmp::max(listed, beyond_prompt),
        reasoning,
    })
}
