//! `[cache]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// The answer cache.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSection {
    /// Whether answers are cached at all.
    pub enabled: bool,
    /// Answers kept in memory at most.
    pub memory_entries: usize,
    /// Bytes of answers kept in memory at most.
    pub memory_bytes: u64,
    /// Seconds an answer is served from memory.
    pub memory_ttl_seconds: u64,
    /// Bytes of answers kept on disk at most.
    pub disk_bytes: u64,
    /// Seconds an answer is served from disk.
    pub disk_ttl_seconds: u64,
    /// Whether answers to requests with a temperature above 0 are cached as well.
    pub any_temperature: bool,
    /// Whether answers that end in a tool call are cached as well.
    pub tool_calls: bool,
}

impl Default for CacheSection {
    fn default() -> Self {
        Self {
            enabled: true,
            memory_entries: 10_000,
            memory_bytes: 256 * 1_024 * 1_024,
            memory_ttl_seconds: 300,
            disk_bytes: 1_000 * 1_000 * 1_000,
            disk_ttl_seconds: 3_600,
            any_temperature: false,
            tool_calls: false,
        }
    }
}
