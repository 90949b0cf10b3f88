//! The tokens that one answer cost, in one shape for all providers.

use serde::{Deserialize, Serialize};

use crate::TokenCount;

/// Tokens by price class. The classes do not overlap, so their costs add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// Input that no provider cache served or stored.
    pub input: TokenCount,
    /// Input read from the provider's prompt cache.
    pub cache_read: TokenCount,
    /// Input stored in the provider's prompt cache for five minutes, or for its only period.
    pub cache_write_5m: TokenCount,
    /// Input stored in the provider's prompt cache for an hour.
    pub cache_write_1h: TokenCount,
    /// Output, reasoning included.
    pub output: TokenCount,
    /// The part of `output` that was reasoning; not another class.
    pub reasoning: TokenCount,
}

impl TokenUsage {
    /// All input, however it was priced.
    pub fn total_input(&self) -> TokenCount {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
    }

    /// Input stored in the provider's prompt cache, for however long.
    pub fn cache_written(&self) -> TokenCount {
        self.cache_write_5m.saturating_add(self.cache_write_1h)
    }

    /// Both, class by class.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write_5m: self.cache_write_5m.saturating_add(other.cache_write_5m),
            cache_write_1h: self.cache_write_1h.saturating_add(other.cache_write_1h),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }

    /// All input and output.
    pub fn total(&self) -> TokenCount {
        self.total_input().saturating_add(self.output)
    }
}
