//! What computes.

mod choose;
#[cfg(feature = "onnx-runtime")]
mod onnx_runtime;
#[cfg(feature = "rten")]
mod rten;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Embedding, Error};

pub(crate) use choose::start;

/// Which engine computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineChoice {
    /// The faster one of those that can be started, measured once on a few texts.
    #[default]
    Auto,
    /// ONNX Runtime through fastembed.
    OnnxRuntime,
    /// rten.
    Rten,
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// ONNX Runtime through fastembed.
    OnnxRuntime,
    /// rten.
    Rten,
}

impl EngineKind {
    /// Whether this program was built with the engine.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::OnnxRuntime => cfg!(feature = "onnx-runtime"),
            Self::Rten => cfg!(feature = "rten"),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OnnxRuntime => "ONNX Runtime",
            Self::Rten => "rten",
        })
    }
}

/// A text and its tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokenized<'a> {
    #[cfg_attr(
        not(any(feature = "onnx-runtime", test)),
        expect(dead_code, reason = "fastembed cuts texts into tokens itself")
    )]
    pub(crate) text: &'a str,
    #[cfg_attr(not(feature = "rten"), expect(dead_code, reason = "rten takes tokens"))]
    pub(crate) tokens: &'a [u32],
}

/// One model on one thread: nothing inside of it runs beside the caller, so what it gives does not
/// depend on how many processors there are.
pub(crate) trait Engine: Send {
    /// One vector for each of `texts`, in their order. They are computed at once, each as if it were
    /// as long as the longest.
    fn embed(&mut self, texts: &[Tokenized<'_>]) -> Result<Vec<Embedding>, Error>;

    /// Another one for another thread. What can be shared is.
    fn another(&self) -> Result<Box<dyn Engine>, Error>;

    fn kind(&self) -> EngineKind;
}
