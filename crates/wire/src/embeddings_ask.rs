//! What a request for embeddings asks.

use serde_json::{Map, Value};

use crate::Error;
use crate::request::check::{present, whole};

/// The most inputs of one request.
const INPUTS_MAX: usize = 2_048;
/// More numbers than any model gives.
const DIMENSIONS_MAX: u64 = 65_536;

/// What a request for embeddings asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddingsAsk {
    /// How many vectors are asked for: 1 to 2,048.
    pub inputs: usize,
    /// Whether the inputs are text. Otherwise they are numbers of tokens, which only the model's
    /// own vocabulary gives a meaning.
    pub is_text: bool,
    /// How many numbers a vector is to have; absent where the model decides.
    pub dimensions: Option<u64>,
    /// How the vectors are to be written.
    pub encoding: VectorEncoding,
}

/// How the vectors of an answer are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VectorEncoding {
    /// As lists of numbers.
    #[default]
    Float,
    /// As base64 of little-endian 32-bit floats.
    Base64,
}

impl EmbeddingsAsk {
    pub(crate) fn new(fields: &Map<String, Value>) -> Result<Self, Error> {
        let (inputs, is_text) = inputs(present(fields, "input"))?;
        if present(fields, "user").is_some_and(|user| !user.is_string()) {
            return Err(Error::field("user", "must be text"));
        }
        if present(fields, "stream").is_some_and(|stream| *stream != Value::Bool(false)) {
            return Err(Error::field("stream", "must be absent or false: embeddings come whole"));
        }
        let rule = "must be a whole number from 1 to 65536";
        let dimensions = whole(fields, "dimensions", 1..=DIMENSIONS_MAX, rule)?;
        Ok(Self { inputs, is_text, dimensions, encoding: encoding(fields)? })
    }
}

fn encoding(fields: &Map<String, Value>) -> Result<VectorEncoding, Error> {
    match present(fields, "encoding_format").map(Value::as_str) {
        None => Ok(VectorEncoding::default()),
        Some(Some("float")) => Ok(VectorEncoding::Float),
        Some(Some("base64")) => Ok(VectorEncoding::Base64),
        Some(_) => Err(Error::field("encoding_format", "must be float or base64")),
    }
}

/// How many inputs there are and whether they are text.
fn inputs(input: Option<&Value>) -> Result<(usize, bool), Error> {
    let refuse = |rule| Err(Error::field("input", rule));
    let items = match input {
        Some(Value::String(text)) if text.is_empty() => return refuse("must not be empty"),
        Some(Value::String(_)) => return Ok((1, true)),
        Some(Value::Array(items)) => items,
        _ => return refuse("must be text, a list of texts, tokens, or a list of lists of tokens"),
    };
    match items.first() {
        None => refuse("must not be empty"),
        Some(Value::Number(_)) => tokens(items, "input").map(|()| (1, false)),
        Some(_) if items.len() > INPUTS_MAX => {
            refuse("must be at most 2048 inputs: send several requests")
        }
        Some(first) => {
            let is_text = first.is_string();
            for (position, item) in items.iter().enumerate() {
                check_item(item, is_text, position)?;
            }
            Ok((items.len(), is_text))
        }
    }
}

fn check_item(item: &Value, is_text: bool, position: usize) -> Result<(), Error> {
    let field = format!("input[{position}]");
    match (item.as_str(), item.as_array()) {
        (Some(""), _) if is_text => Err(Error::field(field, "must not be empty")),
        (Some(_), _) if is_text => Ok(()),
        (_, Some(items)) if !is_text => tokens(items, &field),
        _ => Err(Error::field(field, "must be text, or a list of tokens, as all others are")),
    }
}

/// Checks one input that is given as tokens.
fn tokens(items: &[Value], field: &str) -> Result<(), Error> {
    if items.is_empty() {
        return Err(Error::field(field, "must not be empty"));
    }
    match items.iter().position(|token| token.as_u64().is_none()) {
        None => Ok(()),
        Some(position) => {
            let rule = "must be the number of a token, as the first one is";
            Err(Error::field(format!("{field}[{position}]"), rule))
        }
    }
}

#[cfg(test)]
mod tests;
