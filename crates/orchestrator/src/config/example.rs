//! The commented example, made from the definitions themselves.

use std::fmt::Write as _;

use documented::DocumentedFields;
use serde::Serialize;

use super::{ConfigFile, PriceOverride, builtin};

const WIDTH: usize = 92;

const HEAD: &str = "\
# Forebay's configuration: every option, what it does, and its default.
# A line that begins with `#` and a name is the default; take the `#` away to change it.
";

/// A configuration file with every option commented out at its default.
pub fn example() -> String {
    let file = ConfigFile::default();
    let mut text = String::from(HEAD);
    option_doc::<ConfigFile>(&mut text, "chain");
    text.push_str("# chain = [\"groq\", \"anthropic\", \"openai\", \"gemini\", \"local\"]\n");
    section(&mut text, "server", &file.server);
    section(&mut text, "data", &file.data);
    section(&mut text, "cache", &file.cache);
    section(&mut text, "budget", &file.budget);
    section(&mut text, "limits", &file.limits);
    section(&mut text, "resilience", &file.resilience);
    section(&mut text, "analysis", &file.analysis);
    section(&mut text, "knowledge", &file.knowledge);
    section(&mut text, "embeddings", &file.embeddings);
    section(&mut text, "log", &file.log);
    section(&mut text, "telemetry", &file.telemetry);
    option_doc::<ConfigFile>(&mut text, "providers");
    for (id, provider) in builtin::providers() {
        section(&mut text, &format!("providers.{id}"), &provider);
    }
    option_doc::<ConfigFile>(&mut text, "prices");
    text.push_str("#\n# [[prices]]\n");
    for (name, doc) in PriceOverride::FIELD_NAMES.iter().zip(PriceOverride::FIELD_DOCS) {
        paragraph(&mut text, doc);
        let value = match *name {
            "provider" => "\"local\"",
            "model" => "\"qwen3:8b\"",
            "max_output_tokens" => "8192",
            "above" => "[{ tokens = 200000, input_usd = \"0\", output_usd = \"0\" }]",
            _ => "\"0\"",
        };
        line(&mut text, format_args!("# {name} = {value}"));
    }
    text
}

fn option_doc<T: DocumentedFields>(text: &mut String, name: &str) {
    text.push('\n');
    if let Ok(doc) = T::get_field_docs(name) {
        paragraph(text, doc);
    }
}

/// `[name]` with each option, its documentation and the value that `defaults` has for it.
#[expect(clippy::expect_used, reason = "sections are plain structs, which TOML can hold")]
fn section<T: DocumentedFields + Serialize>(text: &mut String, name: &str, defaults: &T) {
    line(text, format_args!("\n# [{name}]"));
    let values = toml::Table::try_from(defaults).expect("a section is a table");
    for (option, doc) in T::FIELD_NAMES.iter().zip(T::FIELD_DOCS) {
        paragraph(text, doc);
        match values.get(*option) {
            Some(value) => line(text, format_args!("# {option} = {value}")),
            None => line(text, format_args!("# ({option} is not set)")),
        }
    }
}

/// `doc` as comment lines of at most [`WIDTH`] characters.
fn paragraph(text: &mut String, doc: &str) {
    let mut written = 0;
    text.push_str("# ");
    for word in doc.split_whitespace() {
        if written > 0 && written + word.len() >= WIDTH {
            text.push_str("\n# ");
            written = 0;
        }
        if written > 0 {
            text.push(' ');
        }
        text.push_str(word);
        written += word.len() + 1;
    }
    text.push('\n');
}

#[expect(clippy::expect_used, reason = "a string takes every write")]
fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example with every default taken out of its comment.
    fn uncommented() -> String {
        let is_setting = |line: &str| line.starts_with('[') || line.contains(" = ");
        let lines = example();
        let lines = lines.lines().filter_map(|line| line.strip_prefix("# "));
        lines.filter(|line| is_setting(line)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_states_the_defaults() {
        let stated: ConfigFile = toml::from_str(&uncommented()).expect("the example is TOML");
        let mut defaults = ConfigFile {
            chain: Some(builtin::chain()),
            providers: builtin::providers(),
            ..ConfigFile::default()
        };
        let mut stated = stated;
        stated.prices.clear();
        defaults.prices.clear();
        assert_eq!(format!("{stated:?}"), format!("{defaults:?}"));
    }

    #[test]
    fn as_it_is_the_example_changes_nothing() {
        let file: ConfigFile = toml::from_str(&example()).expect("the example is TOML");
        assert_eq!(format!("{file:?}"), format!("{:?}", ConfigFile::default()));
    }
}
