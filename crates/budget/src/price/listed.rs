//! Prices as a source lists them.

/// The prices that a source lists, in micro-dollars per million tokens.
///
/// What it leaves out is bounded from above, as [`Price`](crate::Price) says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listed {
    /// Input.
    pub input: u64,
    /// Output.
    pub output: u64,
    /// Input that the provider's prompt cache held.
    pub cached_input: Option<u64>,
    /// Input stored in the provider's prompt cache for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Input stored in the provider's prompt cache for an hour.
    pub cache_write_1h: Option<u64>,
    /// Output that is reasoning.
    pub reasoning: Option<u64>,
}
