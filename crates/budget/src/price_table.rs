//! Prices by provider and model.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use types::{ModelId, ProviderId, TokenCount};

use crate::price::Listed;
use crate::{Error, Price};

const BUILTIN: &str = include_str!("../prices.json");

/// The prices in force: the table in this crate and what the configuration sets above it.
///
/// A model is found by its exact name. A dated name never falls back to the name without its
/// date, nor the other way: `gpt-4o-2024-05-13` costs twice what `gpt-4o` costs, so a guess could
/// be an under-count.
#[derive(Clone, Debug)]
pub struct PriceTable {
    version: Arc<str>,
    models: FxHashMap<(ProviderId, ModelId), Price>,
    providers: FxHashMap<ProviderId, Price>,
}

impl PriceTable {
    /// The list prices of `prices.json`.
    ///
    /// Models that bill something which their token prices do not cover (audio, web searches,
    /// songs, a free tier that is not for everyone) are listed there with the reason and have no
    /// price here until the configuration states one.
    ///
    /// # Errors
    /// [`Error::Price`] for an entry that does not hold together.
    pub fn builtin() -> Result<Self, Error> {
        Self::parse(BUILTIN)
    }

    /// States the price of one model, or with `None` of all models of `provider` that have no
    /// price of their own.
    #[must_use]
    pub fn with(mut self, provider: ProviderId, model: Option<ModelId>, price: Price) -> Self {
        match model {
            Some(model) => self.models.insert((provider, model), price),
            None => self.providers.insert(provider, price),
        };
        if !self.version.ends_with(CHANGED) {
            self.version = format!("{}{CHANGED}", self.version).into();
        }
        self
    }

    /// The price of `model` at `provider`; `None` means unknown, never free.
    pub fn price(&self, provider: &ProviderId, model: &ModelId) -> Option<&Price> {
        self.models.get(&(provider.clone(), model.clone())).or_else(|| self.providers.get(provider))
    }

    /// Every model that has a price of its own, in no order.
    pub fn models(&self) -> impl Iterator<Item = (&ProviderId, &ModelId)> {
        self.models.keys().map(|(provider, model)| (provider, model))
    }

    /// The version of the table; ends in `+configured` where the configuration adds to it.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let file: File = serde_json::from_str(text)
            .map_err(|source| Error::Price { entry: "the table".to_owned(), source })?;
        let mut models = FxHashMap::default();
        for row in file.models {
            let entry = format!("{} {}", row.provider, row.model);
            let key = (row.provider.clone(), row.model.clone());
            let price = if row.uncovered.is_none() { Some(row.price(&entry)?) } else { None };
            if models.insert(key, price).is_some() {
                return Err(refuse(entry, "is listed twice"));
            }
        }
        let known = |(key, price): (_, Option<Price>)| price.map(|price| (key, price));
        Ok(Self {
            version: file.version.into(),
            models: models.into_iter().filter_map(known).collect(),
            providers: FxHashMap::default(),
        })
    }
}

const CHANGED: &str = "+configured";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    models: Vec<Row>,
}

/// One model; prices in micro-dollars per million tokens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    provider: ProviderId,
    model: ModelId,
    input: u64,
    output: u64,
    cached_input: Option<u64>,
    cache_write_5m: Option<u64>,
    cache_write_1h: Option<u64>,
    reasoning: Option<u64>,
    #[serde(default)]
    above: Vec<Above>,
    max_output_tokens: Option<TokenCount>,
    /// What the provider bills beside tokens.
    uncovered: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Above {
    tokens: u64,
    input: u64,
    output: u64,
    cached_input: Option<u64>,
    cache_write_5m: Option<u64>,
}

impl Row {
    fn price(&self, entry: &str) -> Result<Price, Error> {
        let mut price = Price::listed(Listed {
            input: self.input,
            output: self.output,
            cached_input: self.cached_input,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.reasoning,
        })
        .with_max_output(self.max_output_tokens);
        for above in &self.above {
            let listed = Listed {
                input: above.input,
                output: above.output,
                cached_input: above.cached_input,
                cache_write_5m: above.cache_write_5m,
                ..Listed::default()
            };
            price = price
                .with_tier(above.tokens, listed)
                .ok_or_else(|| refuse(entry.to_owned(), "has a tier below the one before it"))?;
        }
        Ok(price)
    }
}

fn refuse(entry: String, problem: &'static str) -> Error {
    let source = <serde_json::Error as serde::de::Error>::custom(problem);
    Error::Price { entry, source }
}
