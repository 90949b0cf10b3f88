//! What the tokens of one model cost.

mod listed;
mod stated;
#[cfg(test)]
mod tests;

use types::{Microdollars, TokenCount, TokenUsage};

pub use listed::Listed;
pub use stated::TierProblem;

const TOKENS_PER_PRICE: u128 = 1_000_000;

/// Prices of one model in micro-dollars per million tokens.
///
/// Missing component prices are bounded from above, never taken as zero:
/// - cached input without a price costs what input costs;
/// - a cache write without a price costs twice the input price (the dearest write any provider
///   lists), or the price listed for the other period where that is more;
/// - reasoning without a price costs what output costs.
///
/// Above a threshold of total input the whole request is billed at that tier's prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// Ascending thresholds; every price at least the one of the tier below.
    tiers: Vec<Tier>,
    max_output: Option<TokenCount>,
}

/// Every component, the missing ones filled with their bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rates {
    input: u64,
    cached_input: u64,
    cache_write_5m: u64,
    cache_write_1h: u64,
    output: u64,
    reasoning: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tier {
    above_input_tokens: u64,
    rates: Rates,
}

impl Price {
    /// A price of `input` and `output` per million tokens, without tiers.
    pub fn new(input: Microdollars, output: Microdollars) -> Self {
        let listed = Listed { input: input.get(), output: output.get(), ..Listed::default() };
        Self::listed(listed)
    }

    /// Nothing, stated: for local and simulated models.
    pub fn free() -> Self {
        Self::new(Microdollars::ZERO, Microdollars::ZERO)
    }

    /// Sets what a million tokens read from the provider's prompt cache cost.
    /// Default: what input costs.
    #[must_use]
    pub fn with_cached_input(mut self, price: Microdollars) -> Self {
        self.base.cached_input = price.get();
        self
    }

    /// Sets what a million tokens stored in the provider's prompt cache cost, for five minutes
    /// and for an hour. Default: twice the input price for both.
    #[must_use]
    pub fn with_cache_writes(mut self, five_minutes: Microdollars, hour: Microdollars) -> Self {
        self.base.cache_write_5m = five_minutes.get();
        self.base.cache_write_1h = hour.get();
        self
    }

    pub(crate) fn listed(listed: Listed) -> Self {
        Self { base: Rates::filled(listed), tiers: Vec::new(), max_output: None }
    }

    /// Sets the most output tokens that the provider lets the model write. Default: unknown.
    #[must_use]
    pub fn with_max_output(mut self, tokens: Option<TokenCount>) -> Self {
        self.max_output = tokens;
        self
    }

    /// Adds a tier; `None` where its threshold or a price is not above the tier below, since
    /// then a longer request could cost less and a bound would be none.
    pub(crate) fn with_tier(mut self, above_input_tokens: u64, listed: Listed) -> Option<Self> {
        let rates = Rates::filled(listed);
        let (threshold, below) =
            self.tiers.last().map_or((0, self.base), |tier| (tier.above_input_tokens, tier.rates));
        // A source lists reasoning once; a tier must not make it cheaper.
        let rates = Rates { reasoning: rates.reasoning.max(below.reasoning), ..rates };
        if above_input_tokens <= threshold || !rates.covers(&below) {
            return None;
        }
        self.tiers.push(Tier { above_input_tokens, rates });
        Some(self)
    }

    /// The most output tokens that the provider lets the model write, where known.
    pub fn max_output(&self) -> Option<TokenCount> {
        self.max_output
    }

    /// What `usage` costs, rounded up once; `None` where the amount fits no [`Microdollars`].
    ///
    /// Reasoning above output, which a provider can only report by mistake, counts as output.
    pub fn cost(&self, usage: &TokenUsage) -> Option<Microdollars> {
        let rates = self.rates(usage.total_input());
        let reasoning = usage.reasoning.min(usage.output);
        total(&[
            (usage.input, rates.input),
            (usage.cache_read, rates.cached_input),
            (usage.cache_write_5m, rates.cache_write_5m),
            (usage.cache_write_1h, rates.cache_write_1h),
            (usage.output.saturating_sub(reasoning), rates.output),
            (reasoning, rates.reasoning),
        ])
    }

    /// The most that a request of at most `input` and `output` tokens can cost: every token in
    /// its dearest class, in the dearest tier that so much input can reach.
    ///
    /// Never below [`Price::cost`] of any usage within the two bounds. `None` where the amount
    /// fits no [`Microdollars`].
    pub fn worst_case(&self, input: TokenCount, output: TokenCount) -> Option<Microdollars> {
        // Tiers only get dearer, so the highest that can be reached is the dearest.
        let rates = self.rates(input);
        total(&[(input, rates.dearest_input()), (output, rates.output.max(rates.reasoning))])
    }

    fn rates(&self, total_input: TokenCount) -> &Rates {
        let reached = |tier: &&Tier| total_input.get() > tier.above_input_tokens;
        self.tiers.iter().rev().find(reached).map_or(&self.base, |tier| &tier.rates)
    }
}

impl Rates {
    fn filled(listed: Listed) -> Self {
        let twice_input = listed.input.saturating_mul(2);
        let write = |own: Option<u64>, other: Option<u64>| {
            own.unwrap_or_else(|| twice_input.max(other.unwrap_or(0)))
        };
        Self {
            input: listed.input,
            cached_input: listed.cached_input.unwrap_or(listed.input),
            cache_write_5m: write(listed.cache_write_5m, listed.cache_write_1h),
            cache_write_1h: write(listed.cache_write_1h, listed.cache_write_5m),
            output: listed.output,
            reasoning: listed.reasoning.unwrap_or(listed.output),
        }
    }

    fn dearest_input(&self) -> u64 {
        self.input.max(self.cached_input).max(self.cache_write_5m).max(self.cache_write_1h)
    }

    fn covers(&self, other: &Self) -> bool {
        self.input >= other.input
            && self.cached_input >= other.cached_input
            && self.cache_write_5m >= other.cache_write_5m
            && self.cache_write_1h >= other.cache_write_1h
            && self.output >= other.output
            && self.reasoning >= other.reasoning
    }
}

fn total(parts: &[(TokenCount, u64)]) -> Option<Microdollars> {
    let mut scaled: u128 = 0;
    for (tokens, rate) in parts {
        let part = u128::from(tokens.get()).checked_mul(u128::from(*rate))?;
        scaled = scaled.checked_add(part)?;
    }
    u64::try_from(scaled.div_ceil(TOKENS_PER_PRICE)).ok().map(Microdollars::new)
}
