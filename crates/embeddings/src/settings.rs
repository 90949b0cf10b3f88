//! What an embedder is told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use crate::{EngineChoice, Precision};

/// How texts are embedded.
#[derive(Clone, Debug)]
pub struct EmbedderSettings {
    /// The engine. Default: the faster one.
    pub engine: EngineChoice,
    /// The numbers of the weights. Default: 8-bit integers.
    pub precision: Precision,
    /// Where the library of ONNX Runtime is; without it that engine is absent. Default: none.
    pub onnx_runtime: Option<PathBuf>,
    /// How many texts or batches are computed beside each other, each on a thread of its own.
    /// Default: as many as there are processors.
    pub threads: NonZeroUsize,
    /// The most tokens of a text that count; the rest is cut off. Of a text no more than 128 bytes
    /// for each of them are read. Default: 256, the length that all-MiniLM-L6-v2 is made for.
    pub tokens_max: usize,
    /// The most tokens of a batch, padding included. It bounds what a thread needs beside the
    /// weights: in 32-bit floats about 25 kB a token with rten and 50 kB with ONNX Runtime.
    /// Default: 2,048.
    pub batch_tokens_max: usize,
    /// The most bytes of texts that wait and of the vectors that they become. Default: 64 MiB.
    pub waiting_bytes_max: usize,
}

impl Default for EmbedderSettings {
    fn default() -> Self {
        Self {
            engine: EngineChoice::default(),
            precision: Precision::default(),
            onnx_runtime: None,
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            tokens_max: 256,
            batch_tokens_max: 2_048,
            waiting_bytes_max: 64 << 20,
        }
    }
}
