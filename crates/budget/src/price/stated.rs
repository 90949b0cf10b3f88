//! A price that the configuration states, over the one that is built in.

use super::{Listed, Price, Rates, Tier};

/// Why the tiers of a stated price cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TierProblem {
    /// The built-in price has a tier, and the stated one could be too low for it.
    #[error(
        "is missing: the model costs more above {tokens} input tokens, and a price above the \
         built-in one does not say how much; state it, or [] where there is no such tier"
    )]
    Missing {
        /// The threshold of the first tier.
        tokens: u64,
    },
    /// A longer request could cost less than a shorter one.
    #[error(
        "must not have a threshold or a price below the one before it, as the one above {tokens} \
         tokens has"
    )]
    Lower {
        /// The threshold of the tier.
        tokens: u64,
    },
}

impl Price {
    /// The price that the configuration states for a model whose built-in price is `known`.
    ///
    /// Where neither input nor output is dearer than built in, what is not stated stays as it is
    /// there. Where one is, so may be the rest: what is not stated is bounded as in [`Price`].
    /// `above` are the tiers, each with the input tokens above which it holds; `None` states
    /// nothing of them. The most output is a property of the model and stays.
    ///
    /// # Errors
    /// [`TierProblem`] for tiers that get cheaper, and for built-in ones that cannot stay.
    pub fn stated(
        listed: Listed,
        above: Option<&[(u64, Listed)]>,
        known: Option<&Self>,
    ) -> Result<Self, TierProblem> {
        let holds =
            |known: &&Self| listed.input <= known.base.input && listed.output <= known.base.output;
        let still = known.filter(holds);
        let mut price = Self::listed(listed).with_max_output(known.and_then(Self::max_output));
        if let Some(still) = still {
            price.base = price.base.with_known(&listed, &still.base);
        }
        let Some(above) = above else {
            price.tiers = still.map(|still| still.tiers_over(&price.base)).unwrap_or_default();
            let lost = known.filter(|_| still.is_none()).and_then(|known| known.tiers.first());
            return match lost {
                Some(tier) => Err(TierProblem::Missing { tokens: tier.above_input_tokens }),
                None => Ok(price),
            };
        };
        for (tokens, rates) in above {
            price =
                price.with_tier(*tokens, *rates).ok_or(TierProblem::Lower { tokens: *tokens })?;
        }
        Ok(price)
    }

    /// The tiers, none cheaper than `base`.
    fn tiers_over(&self, base: &Rates) -> Vec<Tier> {
        let raised = |tier: &Tier| Tier { rates: tier.rates.raised(base), ..*tier };
        self.tiers.iter().map(raised).collect()
    }
}

impl Rates {
    /// With the prices of `known` for what `listed` leaves out. Reasoning costs what output does,
    /// unless it is known to cost more.
    fn with_known(self, listed: &Listed, known: &Self) -> Self {
        let is_output = known.reasoning <= known.output;
        let reasoning = if is_output { self.reasoning } else { known.reasoning };
        Self {
            cached_input: listed.cached_input.unwrap_or(known.cached_input),
            cache_write_5m: listed.cache_write_5m.unwrap_or(known.cache_write_5m),
            cache_write_1h: listed.cache_write_1h.unwrap_or(known.cache_write_1h),
            reasoning: listed.reasoning.unwrap_or(reasoning),
            ..self
        }
    }

    fn raised(self, least: &Self) -> Self {
        Self {
            input: self.input.max(least.input),
            cached_input: self.cached_input.max(least.cached_input),
            cache_write_5m: self.cache_write_5m.max(least.cache_write_5m),
            cache_write_1h: self.cache_write_1h.max(least.cache_write_1h),
            output: self.output.max(least.output),
            reasoning: self.reasoning.max(least.reasoning),
        }
    }
}
