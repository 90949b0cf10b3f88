//! Several requests for embeddings as one.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use types::{TokenCount, TokenUsage};

use crate::{Answer, AnswerSummary, Error, Request};

/// Several requests for embeddings as one, whose answer is theirs together.
#[derive(Clone, Debug)]
pub struct EmbeddingsBatch {
    whole: Arc<Request>,
    parts: Vec<Part>,
}

/// What one request has of the whole.
#[derive(Clone, Copy, Debug)]
struct Part {
    inputs: usize,
    /// Its share of the tokens: bytes of text, or tokens.
    weight: u64,
}

/// What is read of the answer to the whole.
#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    data: Vec<WholeItem<'a>>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct WholeItem<'a> {
    index: Option<usize>,
    #[serde(borrow)]
    embedding: &'a RawValue,
}

/// What is written for one request.
#[derive(Serialize)]
struct Written<'a> {
    object: &'static str,
    data: Vec<WrittenItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<WrittenUsage>,
}

#[derive(Serialize)]
struct WrittenItem<'a> {
    object: &'static str,
    index: usize,
    embedding: &'a RawValue,
}

#[derive(Serialize)]
struct WrittenUsage {
    prompt_tokens: TokenCount,
    total_tokens: TokenCount,
}

impl EmbeddingsBatch {
    /// What must be the same of requests that go as one: everything but the inputs, and whether
    /// these are text. None where no embeddings are asked for.
    pub fn kind(request: &Request) -> Option<String> {
        let is_text = request.embeddings()?.is_text;
        let fields = request.fields().iter().filter(|(name, _)| *name != "input");
        let fields: Map<String, Value> =
            fields.map(|(name, value)| (name.clone(), value.clone())).collect();
        Some(format!("{is_text} {}", Value::Object(fields)))
    }

    /// Requests of one kind as one, in their order.
    ///
    /// # Errors
    /// [`Error::Field`] where they are none, or too many inputs for one request.
    pub fn new(requests: &[Arc<Request>]) -> Result<Self, Error> {
        let refuse = || Error::field("input", "must be of requests for embeddings");
        let first = requests.first().ok_or_else(refuse)?;
        let mut items = Vec::new();
        let mut parts = Vec::new();
        for request in requests {
            let inputs = inputs(request).ok_or_else(refuse)?;
            parts.push(Part { inputs: inputs.len(), weight: inputs.iter().map(weight).sum() });
            items.extend(inputs);
        }
        let mut fields = first.fields().clone();
        fields.insert("input".to_owned(), Value::Array(items));
        let body = Bytes::from(Value::Object(fields).to_string());
        Ok(Self { whole: Arc::new(Request::decode_embeddings(body)?), parts })
    }

    /// The one request.
    pub fn request(&self) -> &Arc<Request> {
        &self.whole
    }

    /// The answer to each request, in order. Their tokens add up to those of the whole; each has of
    /// them what its inputs are of all inputs.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the vectors are not those of the inputs.
    pub fn split(&self, answer: &Answer) -> Result<Vec<Answer>, Error> {
        let unreadable =
            || Error::Unreadable { what: "its embeddings are not those of the inputs" };
        let whole: Whole<'_> = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        let vectors = in_order(&whole.data).ok_or_else(unreadable)?;
        let shares = self.shares(answer.summary.usage.map(|usage| usage.total_input().get()));
        let mut vectors = vectors.into_iter();
        let answers = self.parts.iter().zip(shares).map(|(part, tokens)| {
            let item = |(index, embedding)| WrittenItem { object: "embedding", index, embedding };
            let usage =
                tokens.map(|tokens| WrittenUsage { prompt_tokens: tokens, total_tokens: tokens });
            let written = Written {
                object: "list",
                data: vectors.by_ref().take(part.inputs).enumerate().map(item).collect(),
                model: whole.model.as_deref(),
                usage,
            };
            let usage = tokens.map(|input| TokenUsage { input, ..TokenUsage::default() });
            let summary = AnswerSummary { usage, ..answer.summary.clone() };
            Answer { body: body(&written), summary }
        });
        Ok(answers.collect())
    }

    /// The tokens of each part: rounded so that they add up to `total`.
    fn shares(&self, total: Option<u64>) -> Vec<Option<TokenCount>> {
        let all: u128 = self.parts.iter().map(|part| u128::from(part.weight)).sum();
        let mut seen = 0;
        let mut given = 0;
        let share = |part: &Part| {
            seen += u128::from(part.weight);
            let up_to_here = u128::from(total?) * seen / all.max(1);
            let up_to_here = u64::try_from(up_to_here).ok()?;
            let tokens = up_to_here - given;
            given = up_to_here;
            Some(TokenCount::new(tokens))
        };
        self.parts.iter().map(share).collect()
    }
}

/// The inputs of a request, each as one item of a list.
fn inputs(request: &Request) -> Option<Vec<Value>> {
    request.embeddings()?;
    let input = request.fields().get("input")?;
    let is_one = |items: &&Vec<Value>| items.first().is_some_and(Value::is_number);
    let list = input.as_array().filter(|items| !is_one(items));
    Some(list.cloned().unwrap_or_else(|| vec![input.clone()]))
}

fn weight(input: &Value) -> u64 {
    let length = input.as_str().map_or_else(|| input.as_array().map_or(0, Vec::len), str::len);
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The vectors by their indices, which some servers leave out; none where one is missing or there
/// twice.
fn in_order<'a>(items: &[WholeItem<'a>]) -> Option<Vec<&'a RawValue>> {
    let mut vectors = vec![None; items.len()];
    for (position, item) in items.iter().enumerate() {
        let place = vectors.get_mut(item.index.unwrap_or(position))?;
        if place.replace(item.embedding).is_some() {
            return None;
        }
    }
    vectors.into_iter().collect()
}

#[expect(clippy::expect_used, reason = "names, texts and raw values are always JSON")]
fn body(written: &Written<'_>) -> Bytes {
    serde_json::to_vec(written).expect("an answer is JSON").into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(input: &Value) -> Arc<Request> {
        let body = json!({"model": "m", "input": input, "dimensions": 2}).to_string();
        Arc::new(Request::decode_embeddings(body.into()).unwrap())
    }

    fn answered(data: &[(usize, f64)], tokens: u64) -> Answer {
        let item = |(index, value): &(usize, f64)| json!({"index": index, "embedding": [value, 1]});
        let data: Vec<Value> = data.iter().map(item).collect();
        let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        let body = json!({"object": "list", "data": data, "model": "m-1", "usage": usage});
        let request = request(&json!(vec!["x"; data.len()]));
        request.decode_answer(crate::Protocol::OpenAiChat, body.to_string().into()).unwrap()
    }

    #[test]
    fn inputs_go_together_in_order() {
        let batch = EmbeddingsBatch::new(&[
            request(&json!("one")),
            request(&json!(["two", "three"])),
            request(&json!(["four"])),
        ]);
        let whole = batch.unwrap();
        let body: Value = serde_json::from_slice(whole.request().body()).unwrap();
        let expected = json!({
            "model": "m", "input": ["one", "two", "three", "four"], "dimensions": 2
        });
        assert_eq!(body, expected);
        let tokens = EmbeddingsBatch::new(&[request(&json!([1, 2])), request(&json!([[3], [4]]))]);
        let body: Value = serde_json::from_slice(tokens.unwrap().request().body()).unwrap();
        assert_eq!(body["input"], json!([[1, 2], [3], [4]]));
    }

    #[test]
    fn only_what_is_alike_but_for_its_inputs_is_of_one_kind() {
        let kind = |body: Value| {
            let request = Request::decode_embeddings(body.to_string().into()).unwrap();
            EmbeddingsBatch::kind(&request).unwrap()
        };
        let plain = kind(json!({"model": "m", "input": "one"}));
        assert_eq!(plain, kind(json!({"model": "m", "input": ["two", "three"]})));
        assert_ne!(plain, kind(json!({"model": "m", "input": [1, 2]})));
        assert_ne!(plain, kind(json!({"model": "n", "input": "one"})));
        assert_ne!(plain, kind(json!({"model": "m", "input": "one", "dimensions": 2})));
        assert_ne!(plain, kind(json!({"model": "m", "input": "one", "user": "u"})));
    }

    #[test]
    fn answers_are_split_by_index_and_their_tokens_add_up() {
        let requests =
            [request(&json!(["aaaa", "bb"])), request(&json!("c")), request(&json!("d"))];
        let batch = EmbeddingsBatch::new(&requests).unwrap();
        for tokens in [0, 1, 3, 7, 1_000_003] {
            let whole = answered(&[(3, 0.5), (0, 0.25), (2, 0.125), (1, 0.75)], tokens);
            let answers = batch.split(&whole).unwrap();
            let bodies: Vec<Value> = answers
                .iter()
                .map(|answer| serde_json::from_slice(&answer.body).unwrap())
                .collect();
            assert_eq!(bodies[0]["data"][0]["embedding"], json!([0.25, 1]));
            assert_eq!(
                bodies[0]["data"][1],
                json!({"object": "embedding", "index": 1, "embedding": [0.75, 1]})
            );
            assert_eq!(
                bodies[1]["data"],
                json!([{"object": "embedding", "index": 0, "embedding": [0.125, 1]}])
            );
            assert_eq!(bodies[2]["model"], "m-1");
            let shares: Vec<u64> = answers
                .iter()
                .map(|answer| answer.summary.usage.unwrap().total_input().get())
                .collect();
            assert_eq!(shares.iter().sum::<u64>(), tokens, "{shares:?}");
            let told: Vec<u64> =
                bodies.iter().map(|b| b["usage"]["total_tokens"].as_u64().unwrap()).collect();
            assert_eq!(told, shares);
            assert!(shares[0] >= shares[1] * 5, "{shares:?}");
        }
    }

    #[test]
    fn vectors_that_are_not_one_for_each_input_are_refused() {
        let batch = EmbeddingsBatch::new(&[request(&json!("a")), request(&json!("b"))]).unwrap();
        for data in [[(0, 1.0), (0, 2.0)], [(0, 1.0), (2, 2.0)]] {
            assert!(batch.split(&answered(&data, 2)).is_err());
        }
    }
}
