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
        let sum = sum.filter(|sum| sum.total() > outside.total());
        sum.map_or(outside, |sum| TokenUsage {
            reasoning: std::cmp::max(sum.reasoning, outside.reasoning),
            ..sum
        })
    }
}

/// `input_tokens` leaves the cache out. The total of what the cache stored is newer than its
/// breakdown by period, which may be that of `message_start`.
fn tokens(usage: &Map<String, Value>) -> TokenUsage {
    let count = |name: &str| usage.get(name).and_then(Value::as_u64).map(TokenCount::new);
    let detail = |details: &str, name: &str| {
        let count = usage.get(details).and_then(|details| details.get(name)?.as_u64());
        TokenCount::new(count.unwrap_or(0))
    };
    let hour = detail("cache_creation", "ephemeral_1h_input_tokens");
    let listed = detail("cache_creation", "ephemeral_5m_input_tokens").saturating_add(hour);
    let written = count("cache_creation_input_tokens").unwrap_or(listed);
    let cache_write_1h = std::cmp::min(hour, written);
    TokenUsage {
        input: count("input_tokens").unwrap_or_default(),
        cache_read: count("cache_read_input_tokens").unwrap_or_default(),
        cache_write_5m: written.saturating_sub(cache_write_1h),
        cache_write_1h,
        output: count("output_tokens").unwrap_or_default(),
        reasoning: detail("output_tokens_details", "thinking_tokens"),
    }
}

/// Writes a usage object. Not all providers count reasoning, so the details are left out where they
/// would be 0.
pub(super) fn write(usage: &TokenUsage) -> Value {
    let mut written = json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output,
    });
    if usage.reasoning != TokenCount::ZERO {
        written["output_tokens_details"] = json!({"thinking_tokens": usage.reasoning});
    }
    written
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
    fn thinking_is_a_part_of_the_output() {
        let details = json!({"thinking_tokens": 7});
        let mut reported = json!({"output_tokens": 9, "output_tokens_details": details});
        let usage = read(&reported);
        assert_eq!((usage.output.get(), usage.reasoning.get()), (9, 7));
        assert_eq!(write(&usage)["output_tokens_details"], details);
        // Iterations do not tell it.
        reported["iterations"] = json!([{"output_tokens": 5}, {"output_tokens": 9}]);
        let usage = read(&reported);
        assert_eq!((usage.output.get(), usage.reasoning.get()), (14, 7));
    }

    #[test]
    fn thinking_that_nobody_counted_is_not_written() {
        let usage = read(&json!({"output_tokens": 9}));
        assert_eq!(usage.reasoning, TokenCount::ZERO);
        assert_eq!(write(&usage).get("output_tokens_details"), None);
    }

    #[test]
    fn one_iteration_counts_once() {
        let one = json!({"type": "message", "input_tokens": 5, "output_tokens": 2});
        let reported = json!({"input_tokens": 5, "output_tokens": 2, "iterations": [one]});
        let usage = read(&reported);
        assert_eq!((usage.input.get(), usage.output.get()), (5, 2));
    }
}
