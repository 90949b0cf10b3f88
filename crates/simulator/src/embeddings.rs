//! OpenAI embeddings, in literal JSON.

use serde_json::{Map, Value};

use crate::ask::{Ask, Fields, Refusal};
use crate::prompt::Prompt;
use crate::protocol::quoted;
use crate::reply::{Reply, next_random};

/// Fields of chats, which the provider does not know here.
const FOREIGN: [&str; 4] = ["messages", "max_tokens", "stream", "temperature"];
const MOST_INPUTS: usize = 2_048;
const DEFAULT_DIMENSIONS: u64 = 1_536;
const MOST_DIMENSIONS: u64 = 3_072;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The vectors that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vectors {
    /// What each of them is made from, the same for the same input.
    seeds: Vec<u64>,
    dimensions: u64,
    is_base64: bool,
}

pub(crate) fn ask(fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    let fields = Fields(fields);
    fields.refuse(&FOREIGN)?;
    let model = fields.model()?;
    let inputs = inputs(fields.get("input"))?;
    let dimensions = fields.count("dimensions")?.unwrap_or(DEFAULT_DIMENSIONS);
    if dimensions > MOST_DIMENSIONS {
        return Err(Refusal::invalid(format!("dimensions: must be at most {MOST_DIMENSIONS}")));
    }
    let is_base64 = match fields.get("encoding_format").map(Value::as_str) {
        None | Some(Some("float")) => false,
        Some(Some("base64")) => true,
        Some(_) => return Err(Refusal::invalid("encoding_format: must be float or base64")),
    };
    let seeds = inputs.iter().map(|input| Prompt::of_inputs(&[*input]).hash).collect();
    Ok(Ask {
        model: model.to_owned(),
        is_stream: false,
        wants_usage: true,
        max_output_tokens: None,
        choices: 0,
        calls: Vec::new(),
        prompt: Prompt::of_inputs(&inputs),
        vectors: Some(Vectors { seeds, dimensions, is_base64 }),
    })
}

/// The inputs: each a text, or a list of numbers of tokens.
fn inputs(input: Option<&Value>) -> Result<Vec<&Value>, Refusal> {
    let refusal = |message: &'static str| Err(Refusal::invalid(message));
    let is_tokens = |value: &Value| {
        let items = value.as_array().filter(|items| !items.is_empty());
        items.is_some_and(|items| items.iter().all(Value::is_u64))
    };
    let inputs = match input {
        Some(input @ Value::String(_)) => vec![input],
        Some(input) if is_tokens(input) => vec![input],
        Some(Value::Array(items)) => items.iter().collect(),
        _ => return refusal("input: a text or a list is required"),
    };
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        return refusal("input: 1 to 2048 inputs are allowed");
    }
    let is_good =
        |input: &&Value| is_tokens(input) || input.as_str().is_some_and(|t| !t.is_empty());
    if inputs.iter().all(is_good) {
        Ok(inputs)
    } else {
        refusal("input: each must be a text or a list of tokens that is not empty")
    }
}

pub(crate) fn complete(reply: &Reply) -> String {
    let (model, vectors) = (quoted(&reply.model), &reply.vectors);
    let item = |(index, seed): (usize, &u64)| {
        let embedding = written(&vector(*seed, vectors.dimensions), vectors.is_base64);
        format!(r#"{{"object":"embedding","index":{index},"embedding":{embedding}}}"#)
    };
    let data = vectors.seeds.iter().enumerate().map(item).collect::<Vec<_>>().join(",");
    let tokens = reply.usage.input;
    let usage = format!(r#","usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}"#);
    let usage = usage.repeat(reply.usage.times);
    format!(r#"{{"object":"list","data":[{data}],"model":{model}{usage}}}"#)
}

/// A vector of length one.
fn vector(seed: u64, dimensions: u64) -> Vec<f32> {
    let mut random = seed;
    let mut draw = || {
        let high = u16::try_from(next_random(&mut random) >> 48).unwrap_or(0);
        f32::from(high) / 32_768.0 - 1.0
    };
    let values: Vec<f32> = (0..dimensions).map(|_| draw()).collect();
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.iter().map(|value| value / length).collect()
}

fn written(vector: &[f32], is_base64: bool) -> String {
    if is_base64 {
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        format!("\"{}\"", base64(&bytes))
    } else {
        let values = vector.iter().map(f32::to_string).collect::<Vec<_>>();
        format!("[{}]", values.join(","))
    }
}

/// Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4_usize {
            let six = usize::try_from(group >> (18 - 6 * place) & 63).unwrap_or(0);
            text.push(if place <= chunk.len() { char::from(BASE64[six]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn vectors_have_length_one_and_depend_on_their_text() {
        let one = vector(1, 1_536);
        let length: f64 = one.iter().map(|value| f64::from(*value).powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert_eq!(one, vector(1, 1_536));
        assert_ne!(one, vector(2, 1_536));
    }
}
