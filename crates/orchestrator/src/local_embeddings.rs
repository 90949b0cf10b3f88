//! Requests for embeddings that the model of this machine answers.

use std::sync::Arc;

use bytes::Bytes;
use embeddings::ModelSpec;
use inference::ServedModel;
use tokio::sync::Semaphore;
use types::{ModelId, ProviderId, RequestId, TokenCount};
use wire::{EmbeddingsAnswer, EmbeddingsAsk, Request};

use crate::item::Source;
use crate::{Error, LocalModel, TextVectorsError};

/// Another name of the model of this machine, whichever it is.
const ALIAS: &str = "local";
/// Who answers, where a provider would be named.
const PROVIDER: &str = "forebay";
/// Requests that are embedded at once; further ones wait. They take turns at the model, so that
/// more would only wait there.
const AT_ONCE: usize = 8;

/// Answers with the model of this machine, off the threads that answer requests.
#[derive(Debug)]
pub(crate) struct LocalEmbeddings {
    model: Arc<LocalModel>,
    places: Arc<Semaphore>,
    served: ServedModel,
}

impl LocalEmbeddings {
    pub(crate) fn new(model: Arc<LocalModel>) -> Result<Self, TextVectorsError> {
        let (id, provider) = (ModelId::new(ModelSpec::DEFAULT)?, ProviderId::new(PROVIDER)?);
        let served = ServedModel { id, provider };
        Ok(Self { model, places: Arc::new(Semaphore::new(AT_ONCE)), served })
    }

    /// What is asked of the model of this machine; `None` where another is asked.
    pub(crate) fn ask(&self, request: &Request) -> Option<EmbeddingsAsk> {
        let is_ours = [self.served.id.as_str(), ALIAS].contains(&request.model());
        request.embeddings().filter(|_| is_ours).copied()
    }

    /// The model as it is listed, where it is installed.
    pub(crate) fn served(&self) -> Option<&ServedModel> {
        self.model.is_installed().then_some(&self.served)
    }

    /// Who answered the request of this id.
    pub(crate) fn source(&self, request_id: RequestId) -> Source {
        let ServedModel { id, provider } = self.served.clone();
        Source { provider, model: id, origin: request_id }
    }

    /// The answer.
    pub(crate) async fn embed(
        &self,
        request: Arc<Request>,
        ask: EmbeddingsAsk,
    ) -> Result<Bytes, Error> {
        let (model, name) = (Arc::clone(&self.model), self.served.id.clone());
        let place = Arc::clone(&self.places).acquire_owned().await;
        let embedded = tokio::task::spawn_blocking(move || {
            // Held until the work has ended, also where the client has left.
            let _place = place;
            embed(&model, &name, &request, ask)
        });
        // It fails only where the work panicked or the runtime ends.
        embedded.await.unwrap_or(Err(Error::GivenUp))
    }
}

fn embed(
    model: &LocalModel,
    name: &ModelId,
    request: &Request,
    ask: EmbeddingsAsk,
) -> Result<Bytes, Error> {
    if !ask.is_text {
        let rule = "must be text: the model of this machine has another vocabulary";
        return Err(wire::Error::Field { field: "input".to_owned(), rule }.into());
    }
    let Some(text_vectors) = model.text_vectors()? else {
        return Err(Error::NoLocalModel { model: name.clone() });
    };
    let dimensions = text_vectors.dimensions();
    if let Some(asked) = ask.dimensions
        && usize::try_from(asked) != Ok(dimensions)
    {
        return Err(Error::Dimensions { model: name.clone(), asked, dimensions });
    }
    let texts = request.input_texts();
    let mut tokens = TokenCount::ZERO;
    for text in &texts {
        tokens = tokens.saturating_add(text_vectors.token_count(text)?);
    }
    let vectors = text_vectors.embed(texts.into_iter().map(str::to_owned).collect())?;
    let encoding = ask.encoding;
    Ok(EmbeddingsAnswer { model: name.as_str(), vectors: &vectors, encoding, tokens }.body())
}
