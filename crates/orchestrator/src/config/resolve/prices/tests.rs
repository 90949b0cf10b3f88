use types::{Microdollars, ModelId, ProviderId, TokenUsage};

use super::*;
use crate::config::{ConfigFile, Environment};

fn table(text: &str) -> Result<PriceTable, String> {
    let file: ConfigFile = toml::from_str(text).expect("the configuration is TOML");
    let variable = |name: &str| (name == "HOME").then(|| "/home/ada".to_owned());
    let resolved = file.resolve(Environment { variable: &variable });
    resolved.map(|config| config.prices).map_err(|error| error.to_string())
}

fn stated(provider: &str, model: &str, options: &str) -> Result<Price, String> {
    let text = format!("[[prices]]\nprovider = '{provider}'\nmodel = '{model}'\n{options}");
    let (provider, model) = (ProviderId::new(provider), ModelId::new(model));
    let (provider, model) = (provider.expect("a name"), model.expect("a name"));
    Ok(table(&text)?.price(&provider, &model).expect("the price is stated").clone())
}

fn usage(input: u64, cache_read: u64, cache_write: u64, output: u64) -> TokenUsage {
    TokenUsage {
        input: TokenCount::new(input),
        cache_read: TokenCount::new(cache_read),
        cache_write_5m: TokenCount::new(cache_write),
        output: TokenCount::new(output),
        ..TokenUsage::default()
    }
}

fn cost(price: &Price, usage: TokenUsage) -> u64 {
    price.cost(&usage).map(Microdollars::get).expect("the amount fits")
}

/// 95 of 100 input tokens are cached: 4,000 at $3, 95,000 at $0.30, 1,000 written at $3.75 and
/// 1,000 of output at $15.
#[test]
fn a_new_model_charges_cached_input_as_stated() {
    let options = "input_usd = '3'\noutput_usd = '15'\ncached_input_usd = '0.30'\n\
                   cache_write_usd = '3.75'\ncache_write_1h_usd = '6'\nmax_output_tokens = 4096";
    let price = stated("anthropic", "claude-of-next-month", options).unwrap();
    assert_eq!(cost(&price, usage(4_000, 95_000, 1_000, 1_000)), 12_000 + 28_500 + 3_750 + 15_000);
    let hour = TokenUsage { cache_write_1h: TokenCount::new(1_000), ..TokenUsage::default() };
    assert_eq!(cost(&price, hour), 6_000);
    assert_eq!(price.max_output(), Some(TokenCount::new(4_096)));
}

#[test]
fn what_a_new_model_does_not_state_is_bounded() {
    let price = stated("groq", "new", "input_usd = '3'\noutput_usd = '15'").unwrap();
    assert_eq!(cost(&price, usage(0, 1_000, 1_000, 0)), 3_000 + 6_000);
    assert_eq!(price.max_output(), None);
}

/// Built in: $1.25 and $10, cached $0.125, and above 200,000 tokens $2.50 and $15, cached $0.25.
#[test]
fn a_discount_keeps_the_cached_price_the_tier_and_the_most_output() {
    let price = stated("gemini", "gemini-2.5-pro", "input_usd = '1'\noutput_usd = '8'").unwrap();
    assert_eq!(cost(&price, usage(5_000, 95_000, 0, 1_000)), 5_000 + 11_875 + 8_000);
    let long = usage(15_000, 285_000, 0, 1_000);
    assert_eq!(cost(&price, long), 37_500 + 71_250 + 15_000);
    assert_eq!(price.max_output(), Some(TokenCount::new(65_536)));
}

/// Built in, a cache write costs $3.75 where input costs $3.
#[test]
fn a_deep_discount_leaves_the_price_of_a_cache_write() {
    let options = "input_usd = '1'\noutput_usd = '15'";
    let price = stated("anthropic", "claude-sonnet-4-5", options).unwrap();
    assert_eq!(cost(&price, usage(0, 0, 1_000, 0)), 3_750);
}

#[test]
fn a_higher_price_must_say_what_its_tier_costs() {
    let higher = "input_usd = '2'\noutput_usd = '8'";
    let refusal = stated("gemini", "gemini-2.5-pro", higher).unwrap_err();
    for part in ["prices[0].above", "200000", "[]"] {
        assert!(refusal.contains(part), "{part} is not in: {refusal}");
    }
    let long = usage(300_000, 0, 0, 1_000);
    let flat = stated("gemini", "gemini-2.5-pro", &format!("{higher}\nabove = []")).unwrap();
    assert_eq!(cost(&flat, long), 600_000 + 8_000);
    let tier = "above = [{ tokens = 250000, input_usd = '4', output_usd = '16' }]";
    let tiered = stated("gemini", "gemini-2.5-pro", &format!("{higher}\n{tier}")).unwrap();
    assert_eq!(cost(&tiered, long), 1_200_000 + 16_000);
    assert_eq!(cost(&tiered, usage(250_000, 0, 0, 1_000)), 500_000 + 8_000);
}

/// Built in, cached input costs $0.30 where input costs $3.
#[test]
fn a_higher_price_does_not_keep_the_cached_price() {
    let options = "input_usd = '3.50'\noutput_usd = '15'\nabove = []";
    let price = stated("anthropic", "claude-sonnet-4-5", options).unwrap();
    assert_eq!(cost(&price, usage(0, 1_000, 0, 0)), 3_500);
}

#[test]
fn a_price_that_cannot_be_is_refused_with_its_option() {
    let base = "input_usd = '3'\noutput_usd = '15'";
    let tier = |rest: &str| format!("above = [{{ tokens = 9, {rest} }}]");
    let wrong = [
        ("cached_input_usd = '-1'".to_owned(), "prices[0].cached_input_usd"),
        ("cache_write_usd = 'free'".to_owned(), "prices[0].cache_write_usd"),
        ("cache_write_1h_usd = '1,5'".to_owned(), "prices[0].cache_write_1h_usd"),
        ("max_output_tokens = 0".to_owned(), "prices[0].max_output_tokens"),
        (tier("input_usd = '4', output_usd = '-9'"), "prices[0].above[0].output_usd"),
        (tier("input_usd = '4', output_usd = '9'"), "prices[0].above must not"),
        (
            "above = [{ tokens = 0, input_usd = '4', output_usd = '16' }]".to_owned(),
            "prices[0].above[0].tokens",
        ),
    ];
    for (option, named) in wrong {
        let refusal = stated("groq", "new", &format!("{base}\n{option}")).unwrap_err();
        assert!(refusal.contains(named), "{named} is not in: {refusal}");
    }
}

#[test]
fn a_model_has_one_price() {
    let one = "[[prices]]\nprovider = 'groq'\nmodel = 'new'\ninput_usd = '1'\noutput_usd = '1'\n";
    let refusal = table(&one.repeat(2)).map(|_| ()).unwrap_err();
    assert!(refusal.contains("prices[1]") && refusal.contains("second time"), "{refusal}");
}
