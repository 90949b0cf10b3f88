//! An answer that is vectors.

mod base64;

use std::fmt;

use bytes::Bytes;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use types::{TokenCount, TokenUsage};

use crate::{Answer, AnswerSummary, EmbeddingsAsk, Error, Finish, UpstreamError, VectorEncoding};

/// Vectors that were made here, to be said in OpenAI's words.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingsAnswer<'a, V> {
    /// The model that made them.
    pub model: &'a str,
    /// One for each input, in order.
    pub vectors: &'a [V],
    /// How they are written.
    pub encoding: VectorEncoding,
    /// The tokens of the input.
    pub tokens: TokenCount,
}

/// The JSON body. Numbers are written as 32-bit floats, which is half as long as 64 bits.
#[derive(Serialize)]
struct Written<'a> {
    object: &'static str,
    data: Vec<WrittenItem<'a>>,
    model: &'a str,
    usage: WrittenUsage,
}

#[derive(Serialize)]
struct WrittenItem<'a> {
    object: &'static str,
    index: usize,
    embedding: WrittenVector<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenVector<'a> {
    Float(&'a [f32]),
    Base64(String),
}

#[derive(Serialize)]
struct WrittenUsage {
    prompt_tokens: TokenCount,
    total_tokens: TokenCount,
}

impl<V: AsRef<[f32]>> EmbeddingsAnswer<'_, V> {
    /// The JSON body.
    #[expect(clippy::expect_used, reason = "names, texts and numbers are always JSON")]
    pub fn body(&self) -> Bytes {
        let vectors = self.vectors.iter().map(|vector| self.written(vector.as_ref()));
        let item = |(index, embedding)| WrittenItem { object: "embedding", index, embedding };
        let written = Written {
            object: "list",
            data: vectors.enumerate().map(item).collect(),
            model: self.model,
            usage: WrittenUsage { prompt_tokens: self.tokens, total_tokens: self.tokens },
        };
        serde_json::to_vec(&written).expect("an answer is JSON").into()
    }

    fn written<'v>(&self, vector: &'v [f32]) -> WrittenVector<'v> {
        match self.encoding {
            VectorEncoding::Float => WrittenVector::Float(vector),
            VectorEncoding::Base64 => WrittenVector::Base64(base64::written(vector)),
        }
    }
}

/// What is read of an answer. The vectors are measured and not kept: there may be millions of
/// numbers.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    data: Option<Vec<Item>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
struct Item {
    embedding: Length,
}

/// How long a vector is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Numbers(usize),
    /// Characters of base64.
    Text(usize),
}

/// Reads the answer to `ask`, which keeps its bytes; but vectors that were asked for in base64 and
/// came as lists are written anew, because many servers know no other form and clients decode what
/// they asked for.
pub(crate) fn read(ask: &EmbeddingsAsk, body: Bytes) -> Result<Answer, Error> {
    let unreadable = |what| Error::Unreadable { what };
    let read: Body = serde_json::from_slice(&body)
        .map_err(|_| unreadable("the body is no json with a list of embeddings"))?;
    let rest = Value::Object(read.rest);
    // Errors are read as they came; all but the vectors is little.
    let text = rest.to_string();
    let error = serde_json::from_str(&text).ok().as_ref().and_then(UpstreamError::inside);
    if let Some(error) = error {
        return Err(Error::Upstream(error));
    }
    let items = read.data.ok_or(unreadable("it has no embeddings"))?;
    if items.len() != ask.inputs {
        return Err(unreadable("it has another number of embeddings than was asked for"));
    }
    let length = items.first().map_or(Length::Numbers(0), |item| item.embedding);
    let is_empty = matches!(length, Length::Numbers(0) | Length::Text(0));
    if is_empty || items.iter().any(|item| item.embedding != length) {
        return Err(unreadable("its embeddings are empty or of several lengths"));
    }
    let body = match (ask.encoding, length) {
        (VectorEncoding::Base64, Length::Numbers(_)) => base64::rewritten(&body)
            .ok_or(unreadable("its embeddings are not of 32-bit numbers"))?,
        (VectorEncoding::Base64, Length::Text(_)) | (VectorEncoding::Float, _) => body,
    };
    let summary = AnswerSummary {
        usage: usage(rest.get("usage")),
        finish: Some(Finish::Stop),
        has_content: true,
        complete: true,
        model: rest.get("model").and_then(Value::as_str).map(str::to_owned),
        ..AnswerSummary::default()
    };
    Ok(Answer { body, summary })
}

/// Everything counts as input: some servers say only the total.
fn usage(usage: Option<&Value>) -> Option<TokenUsage> {
    let usage = usage?.as_object()?;
    let counts = ["prompt_tokens", "total_tokens"].map(|name| usage.get(name)?.as_u64());
    let input = counts.into_iter().flatten().max()?;
    Some(TokenUsage { input: TokenCount::new(input), ..TokenUsage::default() })
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LengthVisitor)
    }
}

struct LengthVisitor;

impl<'de> Visitor<'de> for LengthVisitor {
    type Value = Length;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of numbers or base64")
    }

    fn visit_str<E>(self, text: &str) -> Result<Length, E> {
        Ok(Length::Text(text.len()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Length, A::Error> {
        let mut length = 0;
        while numbers.next_element::<f64>()?.is_some() {
            length += 1;
        }
        Ok(Length::Numbers(length))
    }
}

#[cfg(test)]
mod tests;
