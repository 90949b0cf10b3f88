//! `usage`.

use serde_json::{Map, Value, json};
use serde_json_borrow::Value as Borrowed;
use types::{TokenCount, TokenUsage};

/// The usage of a stream, whose parts come in several events. A later number replaces an earlier
/// one: they are cumulative.
#[derive(Debug, Default)]
pub(super) struct Usage(Map<String, Value>);

impl Usage {
    /// Takes over what is reported; the usage so far, or none where this reports nothing.
    pub(super) fn update(&mut self, reported: &Borrowed<'_>) -> Option<TokenUsage> {
        for (key, value) in reported.as_object()?.iter() {
            if !value.is_null() {
                self.0.insert(key.to_owned(), value.into());
            }
        }
        Some(self.tokens())
    }

    /// Where a conversation was compacted on the way, the numbers beside `iterations` are those of
    /// the last one alone, and all are billed.
    fn tokens(&self) -> TokenUsage {
        let iterations = self.0.get("iterations").and_then(Value::as_array);
        let iterations = iterations.into_iter().flatten().filter_map(Value::as_object);
        let sum = iterations.map(tokens).reduce(TokenUsage::saturating_add);
        let outside = tokens(&self.0);
        sum.filter(|sum| sum.total() > outside.total()).unwrap_or(outside)
    }
}

/// `input_tokens` leaves the cache out. The total of what the cache stored is newer than its
/// breakdown by period, which may be that of `message_start`.
fn tokens(usage: &Map<String, Value>) -> TokenUsage {
    let count = |name: &str| usage.get(name).and_then(Value::as_u64).map(TokenCount::new);
    let breakdown = |name: &str| {
        let count = usage.get("cache_creation").and_then(|periods| periods.get(name)?.as_u64());
        TokenCount::new(count.unwrap_or(0))
    };
    let hour = breakdown("ephemeral_1h_input_tokens");
    let listed = breakdown("ephemeral_5m_input_tokens").saturating_add(hour);
    let written = count("cache_creation_input_tokens").unwrap_or(listed);
    let cache_write_1h = std::cmp::min(hour, written);
    TokenUsage {
        input: count("input_tokens").unwrap_or_default(),
        cache_read: count("cache_read_input_tokens").unwrap_or_default(),
        cache_write_5m: written.saturating_sub(cache_write_1h),
        cache_write_1h,
        output: count("output_tokens").unwrap_or_default(),
        reasoning: TokenCount::ZERO,
    }
}

pub(super) fn write(usage: &TokenUsage) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reported: &Value) -> TokenUsage {
        let text = reported.to_string();
        Usage::default().update(&serde_json::from_str(&text).unwrap()).unwrap()
    }

    /// The example of Anthropic's documentation of compaction.
    #[test]
    fn what_was_compacted_on_the_way_counts_too() {
        let reported = json!({
            "input_tokens": 23_000,
            "output_tokens": 1_000,
            "iterations": [
                {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
                {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
            ],
        });
        let usage = read(&reported);
        assert_eq!((usage.input.get(), usage.output.get()), (203_000, 4_500));
    }

    #[test]
    fn one_iteration_counts_once() {
        let one = json!({"type": "message", "input_tokens": 5, "output_tokens": 2});
        let reported = json!({"input_tokens": 5, "output_tokens": 2, "iterations": [one]});
        let usage = read(&reported);
        assert_eq!((usage.input.get(), usage.output.get()), (5, 2));
    }
}
