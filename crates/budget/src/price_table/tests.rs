use serde_json::Value;
use types::{Microdollars, TokenUsage};

use super::*;

const LIST: &str = include_str!("../../tests/data/list_prices.json");

/// Few enough tokens that no tier begins, and a part of a million that keeps prices whole.
const FEW: u64 = 100_000;
const MANY: u64 = 1_000_000;

fn dollars(entry: &Value, name: &str) -> Option<u64> {
    let text = entry.get(name)?.as_str()?;
    Some(text.parse::<Microdollars>().unwrap().get())
}

fn classes(tokens: u64) -> [(&'static str, TokenUsage); 5] {
    let none = TokenUsage::default();
    let tokens = TokenCount::new(tokens);
    [
        ("input", TokenUsage { input: tokens, ..none }),
        ("output", TokenUsage { output: tokens, ..none }),
        ("cached_input", TokenUsage { cache_read: tokens, ..none }),
        ("cache_write_5m", TokenUsage { cache_write_5m: tokens, ..none }),
        ("cache_write_1h", TokenUsage { cache_write_1h: tokens, ..none }),
    ]
}

/// The price of the table, also for what [`PriceTable::builtin`] leaves out.
fn price_of(entry: &Value) -> Price {
    let file: File = serde_json::from_str(BUILTIN).unwrap();
    let same = |row: &&Row| {
        entry["provider"] == row.provider.as_str() && entry["model"] == row.model.as_str()
    };
    file.models.iter().find(same).unwrap().price("").unwrap()
}

#[test]
fn every_listed_price_is_in_the_table_to_the_microdollar() {
    let list: Value = serde_json::from_str(LIST).unwrap();
    let entries = list["models"].as_array().unwrap();
    let file: File = serde_json::from_str(BUILTIN).unwrap();
    assert_eq!(file.models.len(), entries.len());
    for entry in entries {
        let price = price_of(entry);
        let max_output = entry.get("max_output_tokens").and_then(Value::as_u64);
        assert_eq!(price.max_output().map(TokenCount::get), max_output, "{entry}");
        for (class, usage) in classes(FEW) {
            if let Some(listed) = dollars(entry, &format!("usd_per_million_{class}")) {
                let cost = price.cost(&usage).unwrap().get();
                assert_eq!(cost, listed.div_ceil(MANY / FEW), "{class} of {entry}");
            }
        }
        for tier in entry.get("above_input_tokens").and_then(Value::as_array).into_iter().flatten()
        {
            check_tier(&price, tier);
        }
    }
}

#[track_caller]
fn check_tier(price: &Price, tier: &Value) {
    let threshold = tier["threshold"].as_u64().unwrap();
    let base_at = TokenUsage { input: TokenCount::new(threshold), ..TokenUsage::default() };
    let above = TokenUsage { input: TokenCount::new(threshold + 1), ..TokenUsage::default() };
    let input = dollars(tier, "input").unwrap();
    let cost = price.cost(&above).unwrap().get();
    assert_eq!(cost, (input * (threshold + 1)).div_ceil(MANY), "{tier}");
    assert!(price.cost(&base_at).unwrap().get() <= cost);
    for (class, usage) in classes(MANY) {
        let Some(listed) = dollars(tier, class) else { continue };
        let long = TokenUsage { input: above.input, ..usage };
        let extra = if class == "input" { 0 } else { (input * (threshold + 1)).div_ceil(MANY) };
        let usage = if class == "input" { usage } else { long };
        let cost = price.cost(&usage).unwrap().get();
        assert!(cost.abs_diff(listed + extra) <= 1, "{class} of {tier}: {cost}");
    }
}

#[test]
fn the_table_of_this_crate_holds_together() {
    let table = PriceTable::builtin().unwrap();
    assert_eq!(table.version(), "2026-11-20.1");
    let file: File = serde_json::from_str(BUILTIN).unwrap();
    let covered = file.models.iter().filter(|row| row.uncovered.is_none()).count();
    assert_eq!(table.models.len(), covered);
    assert_eq!((file.models.len(), covered), (188, 151));
}

#[track_caller]
fn check_known(table: &PriceTable, provider: &str, model: &str, known: bool) {
    let (provider, model) = (provider.parse().unwrap(), model.parse().unwrap());
    assert_eq!(table.price(&provider, &model).is_some(), known, "{provider} {model}");
}

#[test]
fn only_the_exact_name_has_a_price() {
    let table = PriceTable::builtin().unwrap();
    check_known(&table, "openai", "gpt-4o", true);
    check_known(&table, "openai", "gpt-4o-2024-05-13", true);
    check_known(&table, "openai", "gpt-4o-2026-01-01", false);
    check_known(&table, "openai", "GPT-4o", false);
    check_known(&table, "groq", "gpt-4o", false);
    check_known(&table, "local", "llama", false);
}

#[test]
fn what_tokens_do_not_cover_has_no_price_until_one_is_stated() {
    let table = PriceTable::builtin().unwrap();
    for (provider, model) in [("openai", "gpt-audio"), ("gemini", "lyria-3.5")] {
        check_known(&table, provider, model, false);
    }
    let gemini: ProviderId = "gemini".parse().unwrap();
    let song: ModelId = "lyria-3.5".parse().unwrap();
    let table = table.with(gemini.clone(), Some(song.clone()), Price::free());
    assert_eq!(table.price(&gemini, &song), Some(&Price::free()));
    assert_eq!(table.version(), "2026-11-20.1+configured");
}

#[test]
fn a_provider_can_have_one_price_for_all_its_models() {
    let local: ProviderId = "local".parse().unwrap();
    let one = Price::new(Microdollars::new(1), Microdollars::new(1));
    let dear: ModelId = "dear".parse().unwrap();
    let table = PriceTable::builtin().unwrap().with(local.clone(), None, Price::free()).with(
        local.clone(),
        Some(dear.clone()),
        one.clone(),
    );
    assert_eq!(table.price(&local, &"any".parse().unwrap()), Some(&Price::free()));
    assert_eq!(table.price(&local, &dear), Some(&one));
    assert_eq!(table.version(), "2026-11-20.1+configured");
}

#[track_caller]
fn check_refused(row: &str, because: &str) {
    let error = PriceTable::parse(&format!(r#"{{"version":"1","models":[{row}]}}"#)).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(because), "{error}: {source}");
}

#[test]
fn an_entry_that_does_not_hold_together_is_refused() {
    let good = r#"{"provider":"p","model":"m","input":1,"output":1}"#;
    assert!(PriceTable::parse(&format!(r#"{{"version":"1","models":[{good}]}}"#)).is_ok());
    check_refused(&format!("{good},{good}"), "twice");
    check_refused(r#"{"provider":"p","model":"m","input":1}"#, "output");
    check_refused(r#"{"provider":"p","model":"m","input":1,"output":-1}"#, "-1");
    check_refused(r#"{"provider":"p","model":"m","input":1,"output":1.5}"#, "1.5");
    check_refused(r#"{"provider":"p","model":"m m","input":1,"output":1}"#, "model");
    check_refused(r#"{"provider":"p","model":"m","input":1,"output":1,"inputs":1}"#, "inputs");
    let tier = r#""above":[{"tokens":5,"input":1,"output":0}]"#;
    check_refused(
        &format!(r#"{{"provider":"p","model":"m","input":1,"output":1,{tier}}}"#),
        "tier",
    );
}
