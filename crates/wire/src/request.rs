//! What a client asks of a model.

pub(crate) mod check;
mod splice;
mod text;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::json::{Outline, parse_object};
use crate::{
    Answer, Edits, EmbeddingsAsk, Error, Operation, Protocol, ProviderProtocol, StreamDecoder,
};
use crate::{answer, codec, embeddings_answer, groq};
use check::Checked;
pub use text::{part_images, part_text};

/// A request that was read and checked, beside the bytes that it came in.
#[derive(Clone, Debug)]
pub struct Request {
    protocol: Protocol,
    body: Bytes,
    fields: Map<String, Value>,
    outline: Outline,
    checked: Checked,
}

impl Request {
    /// Reads a body. Checks the fields that are acted on and keeps all others as they are.
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::DuplicateKey`] and [`Error::Field`], each saying what to mend.
    pub fn decode(protocol: Protocol, body: Bytes) -> Result<Self, Error> {
        Self::read(protocol, body, |fields| Checked::new(protocol, fields))
    }

    /// Reads the body of a request for embeddings, which is in OpenAI's protocol.
    ///
    /// # Errors
    /// As [`Request::decode`].
    pub fn decode_embeddings(body: Bytes) -> Result<Self, Error> {
        Self::read(Protocol::OpenAiChat, body, Checked::embeddings)
    }

    /// Reads the body of a question for the tokens of a request, which Anthropic's protocol alone
    /// has: a request without a limit of output, which is never sent.
    ///
    /// # Errors
    /// As [`Request::decode`].
    pub fn decode_count(body: Bytes) -> Result<Self, Error> {
        Self::read(Protocol::AnthropicMessages, body, Checked::count)
    }

    fn read(
        protocol: Protocol,
        body: Bytes,
        check: impl FnOnce(&Map<String, Value>) -> Result<Checked, Error>,
    ) -> Result<Self, Error> {
        let fields = parse_object(&body)?;
        let checked = check(&fields)?;
        let outline = Outline::of(&body, 0..body.len(), &splice::FIELDS)
            .ok_or(Error::field("the body", "must be a json object"))?;
        Ok(Self { protocol, body, fields, outline, checked })
    }

    /// The protocol that the client speaks.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What is asked for.
    pub fn operation(&self) -> Operation {
        match self.checked.embeddings {
            Some(_) => Operation::Embeddings,
            None => Operation::Chat,
        }
    }

    /// What is asked of embeddings, where they are what is asked for.
    pub fn embeddings(&self) -> Option<&EmbeddingsAsk> {
        self.checked.embeddings.as_ref()
    }

    /// The texts to embed, in order; none where there are none, or tokens in their place.
    pub fn input_texts(&self) -> Vec<&str> {
        match self.fields.get("input") {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The bytes as they came in.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Every top-level field, unknown ones included.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The model's name as the client gave it; not empty.
    pub fn model(&self) -> &str {
        &self.checked.model
    }

    /// Whether the answer is to come as a stream.
    pub fn is_stream(&self) -> bool {
        self.checked.is_stream
    }

    /// Whether the client wants the usage of a streamed answer. Anthropic always gives it.
    pub fn wants_usage(&self) -> bool {
        self.checked.wants_usage
    }

    /// The client's own limit of output tokens of one choice, reasoning included; of two limits
    /// the larger one. 0 where there is none: for embeddings, and where Anthropic's protocol asks
    /// only to fill the provider's cache.
    pub fn max_output_tokens(&self) -> Option<u64> {
        self.checked.max_output_tokens
    }

    /// The sampling temperature: 0 to 2, for Anthropic 0 to 1.
    pub fn temperature(&self) -> Option<f64> {
        self.checked.temperature
    }

    /// How many answers are asked for: 1 to 128.
    pub fn choices(&self) -> u64 {
        self.checked.choices
    }

    /// Whether the model is offered any tool.
    pub fn has_tools(&self) -> bool {
        let has = |tools: &Value| tools.as_array().is_some_and(|tools| !tools.is_empty());
        ["tools", "functions"].iter().filter_map(|name| self.fields.get(*name)).any(has)
            || elements(self.fields.get("input")).any(|item| has(&item["tools"]))
    }

    /// How many messages or items it holds, and tools, those in items and namespaces as well.
    pub fn item_count(&self) -> usize {
        fn with_tools(item: &Value) -> usize {
            1 + elements(item.get("tools")).map(with_tools).sum::<usize>()
        }
        let lists = ["messages", "input", "tools", "functions"].map(|name| self.fields.get(name));
        lists.into_iter().flat_map(elements).map(with_tools).sum()
    }

    /// Everything that a provider may count as input text: keys and values of all fields, one a
    /// line, without the data of images. Never less text than the model is given.
    pub fn session_text(&self) -> String {
        text::session_text(&self.fields)
    }

    /// How many images the request holds; their data is no part of [`Request::session_text`].
    pub fn image_count(&self) -> u64 {
        text::image_count(&self.fields)
    }

    /// The body for a provider. To the same protocol the client's bytes with the edits spliced in,
    /// reasoning that was made here or that Groq refuses taken out, and nothing else touched; to
    /// another one a translation.
    ///
    /// # Errors
    /// [`Error::Untranslatable`] for what the other protocol cannot say and what Groq refuses.
    pub fn encode_for(
        &self,
        target: impl Into<ProviderProtocol>,
        edits: &Edits,
    ) -> Result<Bytes, Error> {
        let target = target.into();
        if target.client() != Some(self.protocol) {
            return codec::translate_request(self, target, edits);
        }
        if target == ProviderProtocol::Groq {
            groq::check(self)?;
        }
        Ok(splice::apply(&self.body, &splice::plan(self, target, edits)))
    }

    /// Reads the body of a provider's 200 to this request that is no stream, as
    /// [`decode_answer`](crate::decode_answer) does, with the client's names of tools; of embeddings there must be as many as were asked for.
    ///
    /// # Errors
    /// [`Error::Upstream`] for an error inside the 200, [`Error::Unreadable`] for what is no answer.
    pub fn decode_answer(
        &self,
        upstream: impl Into<ProviderProtocol>,
        body: Bytes,
    ) -> Result<Answer, Error> {
        match &self.checked.embeddings {
            Some(ask) => embeddings_answer::read(ask, body),
            None => answer::decode(upstream.into(), self.protocol, Some(self), body),
        }
    }

    /// A decoder of the stream that a provider answers this request with.
    pub fn decode_stream(&self, upstream: impl Into<ProviderProtocol>) -> StreamDecoder {
        StreamDecoder::answering(upstream.into(), self.protocol, Some(self))
    }
}

fn elements(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests;
