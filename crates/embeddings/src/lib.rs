//! Text to vectors on this machine, without a server and without a network.
#![forbid(unsafe_code)]

mod bert;
mod error;
mod file_digest;
mod files;
mod manifest;
mod model;
mod model_spec;
mod onnx;
mod package;
mod precision;
mod runtime_library;

pub use bert::Unfit;
pub use error::Error;
pub use file_digest::FileDigest;
pub use model::Model;
pub use model_spec::ModelSpec;
pub use package::{PinnedFile, Source};
pub use precision::Precision;
pub use runtime_library::RuntimeLibrary;
