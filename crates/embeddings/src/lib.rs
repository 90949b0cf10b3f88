//! Text to vectors on this machine, without a server and without a network.
#![forbid(unsafe_code)]

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
