//! The fields that are acted on, checked once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{EmbeddingsAsk, Error, Protocol};

/// More than any model writes, and small enough for every sum.
const MAX_OUTPUT_TOKENS: u64 = 4_294_967_295;
const MAX_CHOICES: u64 = 128;
/// Those that cost no more than the standard one.
const SERVICE_TIERS: [&str; 6] =
    ["auto", "default", "standard", "standard_only", "flex", "on_demand"];
const SERVICE_TIERS_RULE: &str = "must be absent or one of auto, default, standard, standard_only, flex and on_demand: what other tiers cost is not known";

#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) model: String,
    pub(super) is_stream: bool,
    pub(super) wants_usage: bool,
    pub(super) max_output_tokens: Option<u64>,
    pub(super) temperature: Option<f64>,
    pub(super) choices: u64,
    /// What is asked of embeddings, where they are what is asked for.
    pub(super) embeddings: Option<EmbeddingsAsk>,
}

impl Checked {
    pub(super) fn new(protocol: Protocol, fields: &Map<String, Value>) -> Result<Self, Error> {
        match protocol {
            Protocol::OpenAiChat | Protocol::AnthropicMessages => messages(fields)?,
            Protocol::OpenAiResponses => input(fields)?,
        }
        standard_price(fields)?;
        let common = Self {
            model: model(fields)?,
            is_stream: flag(fields, "stream")?.unwrap_or(false),
            wants_usage: true,
            max_output_tokens: None,
            temperature: None,
            choices: 1,
            embeddings: None,
        };
        match protocol {
            Protocol::OpenAiChat => common.with_openai(fields),
            Protocol::OpenAiResponses => common.with_responses(fields),
            Protocol::AnthropicMessages => common.with_anthropic(fields),
        }
    }

    /// A question for the tokens of a request.
    pub(super) fn count(fields: &Map<String, Value>) -> Result<Self, Error> {
        messages(fields)?;
        Self::without_output(fields)
    }

    /// A request for embeddings.
    pub(super) fn embeddings(fields: &Map<String, Value>) -> Result<Self, Error> {
        let checked = Self::without_output(fields)?;
        Ok(Self { embeddings: Some(EmbeddingsAsk::new(fields)?), ..checked })
    }

    /// There is no output at all that could cost anything.
    fn without_output(fields: &Map<String, Value>) -> Result<Self, Error> {
        Ok(Self {
            model: model(fields)?,
            is_stream: false,
            wants_usage: true,
            max_output_tokens: Some(0),
            temperature: None,
            choices: 1,
            embeddings: None,
        })
    }

    fn with_openai(self, fields: &Map<String, Value>) -> Result<Self, Error> {
        let limits = ["max_tokens", "max_completion_tokens"].map(|name| output_limit(fields, name));
        let [old, new] = limits;
        Ok(Self {
            wants_usage: includes_usage(fields)?,
            max_output_tokens: Ord::max(old?, new?),
            temperature: temperature(fields, 2.0, "must be a number from 0 to 2")?,
            choices: choices(fields)?,
            ..self
        })
    }

    fn with_responses(self, fields: &Map<String, Value>) -> Result<Self, Error> {
        for name in ["previous_response_id", "conversation", "prompt"] {
            if present(fields, name).is_some() {
                return Err(Error::NotStored { field: name.to_owned() });
            }
        }
        if flag(fields, "background")? == Some(true) {
            return Err(Error::field("background", "must be false: responses are not stored here"));
        }
        Ok(Self {
            max_output_tokens: output_limit(fields, "max_output_tokens")?,
            temperature: temperature(fields, 2.0, "must be a number from 0 to 2")?,
            ..self
        })
    }

    fn with_anthropic(self, fields: &Map<String, Value>) -> Result<Self, Error> {
        // Of 0 a prompt is read into the provider's cache and not answered.
        let rule = "must be a whole number from 0 to 4294967295";
        let limit = whole(fields, "max_tokens", 0..=MAX_OUTPUT_TOKENS, rule)?;
        if limit.is_none() {
            return Err(Error::field("max_tokens", "is required: set the most tokens to answer"));
        }
        Ok(Self {
            max_output_tokens: limit,
            temperature: temperature(fields, 1.0, "must be a number from 0 to 1")?,
            ..self
        })
    }
}

/// The value of a field; null counts as absent, as it does for the providers.
pub(crate) fn present<'f>(fields: &'f Map<String, Value>, name: &str) -> Option<&'f Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn model(fields: &Map<String, Value>) -> Result<String, Error> {
    match present(fields, "model").and_then(Value::as_str) {
        Some(model) if !model.is_empty() => Ok(model.to_owned()),
        _ => Err(Error::field("model", "must be the name of a model")),
    }
}

fn messages(fields: &Map<String, Value>) -> Result<(), Error> {
    let messages = present(fields, "messages").and_then(Value::as_array);
    let Some(messages) = messages.filter(|messages| !messages.is_empty()) else {
        return Err(Error::field("messages", "must be an array of at least one message"));
    };
    for (position, message) in messages.iter().enumerate() {
        if message.get("role").and_then(Value::as_str).is_none() {
            let rule = "must be text: each message is an object with a role";
            return Err(Error::field(format!("messages[{position}].role"), rule));
        }
    }
    Ok(())
}

/// The input of Responses: text, or items. Items that stand for stored ones hold what is not known.
fn input(fields: &Map<String, Value>) -> Result<(), Error> {
    let rule = "must be text or an array of at least one item";
    let items = match present(fields, "input") {
        Some(Value::String(_)) => return Ok(()),
        Some(Value::Array(items)) if !items.is_empty() => items,
        _ => return Err(Error::field("input", rule)),
    };
    for (position, item) in items.iter().enumerate() {
        let kind = item.get("type").and_then(Value::as_str);
        if kind == Some("item_reference") {
            return Err(Error::NotStored { field: format!("input[{position}]") });
        }
        if kind.or_else(|| item.get("role")?.as_str()).is_none() {
            let rule = "must be an object with a type or a role";
            return Err(Error::field(format!("input[{position}]"), rule));
        }
    }
    Ok(())
}

/// Refuses what is dearer than the prices that are known.
fn standard_price(fields: &Map<String, Value>) -> Result<(), Error> {
    for (name, allowed, rule) in [
        ("service_tier", &SERVICE_TIERS[..], SERVICE_TIERS_RULE),
        ("speed", &["standard"], "must be absent or standard: what more speed costs is not known"),
    ] {
        let asked = present(fields, name);
        if asked.is_some_and(|asked| !allowed.iter().any(|name| asked == name)) {
            return Err(Error::field(name, rule));
        }
    }
    Ok(())
}

fn flag(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, Error> {
    present(fields, name)
        .map(|value| value.as_bool().ok_or_else(|| Error::field(name, "must be true or false")))
        .transpose()
}

fn includes_usage(fields: &Map<String, Value>) -> Result<bool, Error> {
    let Some(options) = present(fields, "stream_options") else { return Ok(false) };
    let Some(options) = options.as_object() else {
        return Err(Error::field("stream_options", "must be an object"));
    };
    match options.get("include_usage") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(wanted)) => Ok(*wanted),
        Some(_) => Err(Error::field("stream_options.include_usage", "must be true or false")),
    }
}

pub(crate) fn whole(
    fields: &Map<String, Value>,
    name: &str,
    range: RangeInclusive<u64>,
    rule: &'static str,
) -> Result<Option<u64>, Error> {
    let Some(value) = present(fields, name) else { return Ok(None) };
    match value.as_u64() {
        Some(number) if range.contains(&number) => Ok(Some(number)),
        _ => Err(Error::field(name, rule)),
    }
}

fn output_limit(fields: &Map<String, Value>, name: &str) -> Result<Option<u64>, Error> {
    whole(fields, name, 1..=MAX_OUTPUT_TOKENS, "must be a whole number from 1 to 4294967295")
}

fn choices(fields: &Map<String, Value>) -> Result<u64, Error> {
    let asked = whole(fields, "n", 1..=MAX_CHOICES, "must be a whole number from 1 to 128")?;
    Ok(asked.unwrap_or(1))
}

fn temperature(
    fields: &Map<String, Value>,
    most: f64,
    rule: &'static str,
) -> Result<Option<f64>, Error> {
    let Some(value) = present(fields, "temperature") else { return Ok(None) };
    match value.as_f64() {
        Some(number) if (0.0..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Error::field("temperature", rule)),
    }
}
