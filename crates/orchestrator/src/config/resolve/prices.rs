//! The built-in prices, with what `[[prices]]` states laid over them.

#[cfg(test)]
mod tests;

use budget::{Listed, Price, PriceTable};
use types::TokenCount;

use super::{at_least, dollars};
use crate::config::{ConfigError, PriceOverride, TierOverride};

pub(super) fn resolve(overrides: &[PriceOverride]) -> Result<PriceTable, ConfigError> {
    let builtin = PriceTable::builtin()
        .map_err(|error| ConfigError::value("the built-in price table", error.to_string()))?;
    let mut table = builtin.clone();
    for (index, stated) in overrides.iter().enumerate() {
        let (provider, model) = (&stated.provider, &stated.model);
        let is_same = |other: &PriceOverride| (&other.provider, &other.model) == (provider, model);
        if overrides.iter().take(index).any(is_same) {
            let problem = format!("states the price of {model} at {provider} a second time");
            return Err(ConfigError::value(format!("prices[{index}]"), problem));
        }
        let known = builtin.price(provider, model);
        let price = price(&format!("prices[{index}]"), stated, known)?;
        table = table.with(provider.clone(), Some(model.clone()), price);
    }
    Ok(table)
}

fn price(
    option: &str,
    stated: &PriceOverride,
    known: Option<&Price>,
) -> Result<Price, ConfigError> {
    let above = match &stated.above {
        Some(tiers) => Some(above(option, tiers)?),
        None => None,
    };
    let listed = Listed {
        input: rate(option, "input_usd", &stated.input_usd)?,
        output: rate(option, "output_usd", &stated.output_usd)?,
        cached_input: perhaps(option, "cached_input_usd", stated.cached_input_usd.as_ref())?,
        cache_write_5m: perhaps(option, "cache_write_usd", stated.cache_write_usd.as_ref())?,
        cache_write_1h: perhaps(option, "cache_write_1h_usd", stated.cache_write_1h_usd.as_ref())?,
        reasoning: None,
    };
    let wrong = |problem: budget::TierProblem| {
        ConfigError::value(format!("{option}.above"), problem.to_string())
    };
    let price = Price::stated(listed, above.as_deref(), known).map_err(wrong)?;
    let Some(tokens) = stated.max_output_tokens else { return Ok(price) };
    at_least(&format!("{option}.max_output_tokens"), tokens, 1)?;
    Ok(price.with_max_output(Some(TokenCount::new(tokens))))
}

fn above(option: &str, tiers: &[TierOverride]) -> Result<Vec<(u64, Listed)>, ConfigError> {
    let tier = |(index, tier): (usize, &TierOverride)| {
        let option = format!("{option}.above[{index}]");
        at_least(&format!("{option}.tokens"), tier.tokens, 1)?;
        let listed = Listed {
            input: rate(&option, "input_usd", &tier.input_usd)?,
            output: rate(&option, "output_usd", &tier.output_usd)?,
            cached_input: perhaps(&option, "cached_input_usd", tier.cached_input_usd.as_ref())?,
            cache_write_5m: perhaps(&option, "cache_write_usd", tier.cache_write_usd.as_ref())?,
            cache_write_1h: perhaps(
                &option,
                "cache_write_1h_usd",
                tier.cache_write_1h_usd.as_ref(),
            )?,
            reasoning: None,
        };
        Ok((tier.tokens, listed))
    };
    tiers.iter().enumerate().map(tier).collect()
}

/// Micro-dollars per million tokens.
fn rate(section: &str, name: &str, text: &str) -> Result<u64, ConfigError> {
    Ok(dollars(&format!("{section}.{name}"), text)?.get())
}

fn perhaps(section: &str, name: &str, text: Option<&String>) -> Result<Option<u64>, ConfigError> {
    text.map(|text| rate(section, name, text)).transpose()
}
