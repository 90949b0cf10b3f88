//! The one door to vectors.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use types::{Clock, TokenCount};

use crate::batch::BatchLimits;
use crate::bert::Architecture;
use crate::engine::{self, EngineKind};
use crate::model::CONFIG;
use crate::tokenizer::Tokenizer;
use crate::worker::{Lane, Queue};
use crate::{EmbedderSettings, Embedding, EmbeddingSpace, Error, Model, Pending, Precision, Unfit};

/// A model at work: threads of its own, which sleep while there is nothing to do, and a bounded
/// queue before them.
///
/// Dropping it ends the threads after the batches they are at; who still waits gets
/// [`Error::Closed`].
pub struct Embedder {
    queue: Arc<Queue>,
    tokenizer: Arc<Tokenizer>,
    lanes: Vec<JoinHandle<()>>,
    engine: EngineKind,
    measured: Vec<(EngineKind, Duration)>,
    space: EmbeddingSpace,
    dimensions: usize,
}

impl Embedder {
    /// Loads the model and starts the threads.
    pub fn start(model: &Model, settings: &EmbedderSettings, clock: &Clock) -> Result<Self, Error> {
        let architecture = Architecture::parse(&model.read(CONFIG)?)
            .and_then(|read| read.holding(settings.tokens_max))
            .map_err(|source: Unfit| Error::Unfit { path: model.directory().to_owned(), source })?;
        let tokenizer = Arc::new(Tokenizer::load(model, settings.tokens_max)?);
        let started = engine::start(model, settings, &tokenizer, clock)?;
        let kind = started.engine.kind();
        let mut engines = vec![started.engine];
        while engines.len() < settings.threads.get() {
            engines.push(engines[0].another()?);
        }
        let queue = Arc::new(Queue::new(settings.waiting_bytes_max, architecture.hidden_size));
        let limits = BatchLimits {
            // With 8-bit integers a batch shares one scale, so a text's vector would depend on the
            // texts beside it.
            texts_max: if settings.precision == Precision::Int8 { 1 } else { usize::MAX },
            tokens_max: settings.batch_tokens_max,
        };
        let mut embedder = Self {
            queue,
            tokenizer: Arc::clone(&tokenizer),
            lanes: Vec::with_capacity(engines.len()),
            engine: kind,
            measured: started.measured,
            space: EmbeddingSpace::new(model.id(), settings.precision, settings.tokens_max),
            dimensions: architecture.hidden_size,
        };
        for engine in engines {
            let (queue, tokenizer) = (Arc::clone(&embedder.queue), Arc::clone(&tokenizer));
            let lane = Lane::new(queue, engine, tokenizer, limits);
            let lane = thread::Builder::new()
                .name("embeddings".to_owned())
                .spawn(move || lane.run())
                .map_err(Error::file("start a thread"))?;
            embedder.lanes.push(lane);
        }
        Ok(embedder)
    }

    /// Queues `texts`. Their vectors come in the same order.
    ///
    /// Fails at once with [`Error::Full`] where too much is waiting, and with [`Error::TooLarge`]
    /// where these texts alone are too much: then embed them in parts.
    pub fn embed(&self, texts: Vec<String>) -> Result<Pending, Error> {
        self.queue.submit(texts)
    }

    /// Embeds `texts` and waits for it. Never call it in an asynchronous task: await
    /// [`embed`](Self::embed) there.
    pub fn embed_now(&self, texts: Vec<String>) -> Result<Vec<Embedding>, Error> {
        self.embed(texts)?.wait()
    }

    /// How many tokens of `text` count, those that every text has at its ends included.
    pub fn token_count(&self, text: &str) -> Result<TokenCount, Error> {
        let tokens = self.tokenizer.tokens(text)?.len();
        Ok(TokenCount::new(u64::try_from(tokens).unwrap_or(u64::MAX)))
    }

    /// The engine that computes.
    pub fn engine(&self) -> EngineKind {
        self.engine
    }

    /// How long each engine took for a few texts at the start, where there was a choice.
    pub fn measured(&self) -> &[(EngineKind, Duration)] {
        &self.measured
    }

    /// What vectors must have in common to be compared, and the keys of texts in it.
    pub fn space(&self) -> &EmbeddingSpace {
        &self.space
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Bytes of texts that wait and of the vectors that they become.
    pub fn waiting_bytes(&self) -> usize {
        self.queue.waiting_bytes()
    }
}

impl Drop for Embedder {
    fn drop(&mut self) {
        self.queue.close();
        for lane in self.lanes.drain(..) {
            // A lane catches panics, so there is none to pass on.
            drop(lane.join());
        }
    }
}

impl fmt::Debug for Embedder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Embedder")
            .field("engine", &self.engine)
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}
