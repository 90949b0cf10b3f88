//! ONNX Runtime through fastembed.

use std::path::{Path, PathBuf};

use fastembed::{
    InitOptionsUserDefined, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use ort::environment::Environment;
use parking_lot::Mutex;

use super::{Engine, EngineKind, Tokenized};
use crate::error::Reason;
use crate::model::{CONFIG, SPECIAL_TOKENS, TOKENIZER, TOKENIZER_CONFIG};
use crate::{Embedding, Error, Model, Precision};

/// The library, of which a process holds one for ever.
static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

pub(super) struct OnnxRuntime {
    embedding: TextEmbedding,
    model: Model,
    precision: Precision,
    tokens_max: usize,
    environment: Environment,
}

/// A process that has loaded one library cannot load another.
#[derive(Debug, thiserror::Error)]
#[error("{} is loaded already, so {} cannot be", loaded.display(), wanted.display())]
struct OtherLibrary {
    loaded: PathBuf,
    wanted: PathBuf,
}

impl OnnxRuntime {
    pub(super) fn load(
        library: &Path,
        model: &Model,
        precision: Precision,
        tokens_max: usize,
    ) -> Result<Self, Error> {
        Self::new(environment(library)?, model.clone(), precision, tokens_max)
    }

    fn new(
        environment: Environment,
        model: Model,
        precision: Precision,
        tokens_max: usize,
    ) -> Result<Self, Error> {
        let files = TokenizerFiles {
            tokenizer_file: model.read(TOKENIZER)?,
            config_file: model.read(CONFIG)?,
            special_tokens_map_file: model.read(SPECIAL_TOKENS)?,
            tokenizer_config_file: model.read(TOKENIZER_CONFIG)?,
        };
        let quantization = match precision {
            Precision::Fp32 => QuantizationMode::None,
            Precision::Int8 => QuantizationMode::Dynamic,
        };
        let defined = UserDefinedEmbeddingModel::new(model.read_graph(precision)?, files)
            .with_pooling(Pooling::Mean)
            .with_quantization(quantization);
        // With one thread there is no pool, so none that spins while there is nothing to do.
        let options = InitOptionsUserDefined::new()
            .with_environment(environment.clone())
            .with_max_length(tokens_max)
            .with_intra_threads(1);
        let embedding = TextEmbedding::try_new_from_user_defined(defined, options)
            .map_err(|source| failed("load the model", source))?;
        Ok(Self { embedding, model, precision, tokens_max, environment })
    }
}

impl Engine for OnnxRuntime {
    fn embed(&mut self, texts: &[Tokenized<'_>]) -> Result<Vec<Embedding>, Error> {
        let texts: Vec<_> = texts.iter().map(|text| text.text).collect();
        let count = texts.len();
        let vectors = self
            .embedding
            .embed(texts, Some(count.max(1)))
            .map_err(|source| failed("compute vectors", source))?;
        Ok(vectors.into_iter().map(Embedding::normalized).collect())
    }

    fn another(&self) -> Result<Box<dyn Engine>, Error> {
        let environment = self.environment.clone();
        let another = Self::new(environment, self.model.clone(), self.precision, self.tokens_max)?;
        Ok(Box::new(another))
    }

    fn kind(&self) -> EngineKind {
        EngineKind::OnnxRuntime
    }
}

/// Loads the library, or finds it loaded.
fn environment(library: &Path) -> Result<Environment, Error> {
    let mut loaded = LOADED.lock();
    if let Some((path, environment)) = &*loaded {
        if path == library {
            return Ok(environment.clone());
        }
        let other = OtherLibrary { loaded: path.clone(), wanted: library.to_owned() };
        return Err(failed("load its library", other));
    }
    let environment = ort::init_from(library)
        .map_err(|source| failed("load its library", source))?
        .with_telemetry(false)
        .build()
        .map_err(|source| failed("start", source))?;
    *loaded = Some((library.to_owned(), environment.clone()));
    Ok(environment)
}

fn failed(operation: &'static str, source: impl Into<Reason>) -> Error {
    Error::Engine { engine: EngineKind::OnnxRuntime, operation, source: source.into() }
}
