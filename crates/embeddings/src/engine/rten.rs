//! rten.

use std::sync::Arc;

use rten::{ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::{Engine, EngineKind, Tokenized};
use crate::{Embedding, Error, Model, Precision};

pub(super) struct Rten {
    shared: Arc<Shared>,
    options: RunOptions,
}

/// The weights, which threads share.
struct Shared {
    model: rten::Model,
    inputs: [NodeId; 2],
    output: NodeId,
}

impl Rten {
    pub(super) fn load(model: &Model, precision: Precision) -> Result<Self, Error> {
        let graph = model.read_graph(precision)?;
        let loaded = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(graph)
            .map_err(|source| failed("load the model", source))?;
        let node = |name| loaded.node_id(name).map_err(|source| failed("load the model", source));
        let inputs = [node("input_ids")?, node("attention_mask")?];
        let output = node("last_hidden_state")?;
        Ok(Self::new(Arc::new(Shared { model: loaded, inputs, output })))
    }

    fn new(shared: Arc<Shared>) -> Self {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        Self { shared, options: RunOptions::default().with_thread_pool(Some(pool)) }
    }
}

impl Engine for Rten {
    fn embed(&mut self, texts: &[Tokenized<'_>]) -> Result<Vec<Embedding>, Error> {
        let length = texts.iter().map(|text| text.tokens.len()).max().unwrap_or(0);
        let mut ids = NdTensor::<i32, 2>::zeros([texts.len(), length]);
        let mut mask = NdTensor::<i32, 2>::zeros([texts.len(), length]);
        for (row, text) in texts.iter().enumerate() {
            for (column, token) in text.tokens.iter().enumerate() {
                ids[[row, column]] = token.cast_signed();
                mask[[row, column]] = 1;
            }
        }
        let Shared { model, inputs: [ids_node, mask_node], output } = &*self.shared;
        let inputs = vec![(*ids_node, ids.view().into()), (*mask_node, mask.view().into())];
        let [hidden] = model
            .run_n(inputs, [*output], Some(self.options.clone()))
            .map_err(|source| failed("compute vectors", source))?;
        let hidden: NdTensor<f32, 3> =
            hidden.try_into().map_err(|source| failed("compute vectors", source))?;
        let pool =
            |(row, text): (usize, &Tokenized<'_>)| mean(hidden.slice(row), text.tokens.len());
        Ok(texts.iter().enumerate().map(pool).collect())
    }

    fn another(&self) -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Self::new(Arc::clone(&self.shared))))
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Rten
    }
}

/// The direction of the mean of the first `tokens` rows.
fn mean(hidden: NdTensorView<'_, f32, 2>, tokens: usize) -> Embedding {
    let mut sum = vec![0.0; hidden.size(1)];
    for token in 0..tokens {
        for (sum, value) in sum.iter_mut().zip(hidden.slice(token).iter()) {
            *sum += value;
        }
    }
    // The length of the sum is all that the mean would change.
    Embedding::normalized(sum)
}

fn failed(
    operation: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::Engine { engine: EngineKind::Rten, operation, source: source.into() }
}
