//! The engine that is asked for, or the faster one.

use std::time::Duration;

use types::Clock;

use super::{Engine, EngineChoice, EngineKind, Tokenized};
use crate::tokenizer::Tokenizer;
use crate::{EmbedderSettings, Error, Model};

/// What the engines are measured on: about as long as a question, a remark and a paragraph.
const SAMPLES: [&str; 3] = [
    "how is money counted",
    "The upstream address comes from the configuration and never from a request.",
    "A request comes in at the top, falls through a short list of steps, and is answered at the \
     first step that can. Nothing below knows what is above it. A parallel function returns its \
     results in input order, each tied to its input.",
];
/// How often; the fastest time of each counts, because a neighbour can only make it longer.
const ROUNDS: usize = 3;

/// An engine that runs, and what is known of its speed.
pub(crate) struct Started {
    pub(crate) engine: Box<dyn Engine>,
    /// How long each engine took for the samples, where there was a choice.
    pub(crate) measured: Vec<(EngineKind, Duration)>,
}

/// Starts the engine that `settings` name.
pub(crate) fn start(
    model: &Model,
    settings: &EmbedderSettings,
    tokenizer: &Tokenizer,
    clock: &Clock,
) -> Result<Started, Error> {
    let only = |kind| {
        let engine = load(kind, model, settings)?;
        Ok(Started { engine, measured: Vec::new() })
    };
    match settings.engine {
        EngineChoice::OnnxRuntime => only(EngineKind::OnnxRuntime),
        EngineChoice::Rten => only(EngineKind::Rten),
        EngineChoice::Auto => fastest(model, settings, tokenizer, clock),
    }
}

/// The fastest engine that is there, starts and runs; a single one is not measured.
fn fastest(
    model: &Model,
    settings: &EmbedderSettings,
    tokenizer: &Tokenizer,
    clock: &Clock,
) -> Result<Started, Error> {
    let mut refusal = Error::Absent { engine: EngineKind::Rten };
    let mut leave_out = |kind, error| {
        tracing::warn!(%kind, error = %types::chain(&error), "engine left out");
        refusal = error;
    };
    let mut present = Vec::new();
    for kind in [EngineKind::Rten, EngineKind::OnnxRuntime] {
        match load(kind, model, settings) {
            Ok(engine) => present.push(engine),
            Err(Error::Absent { .. }) => {}
            Err(error) => leave_out(kind, error),
        }
    }
    let is_only = present.len() == 1;
    if let Some(engine) = present.pop_if(|_| is_only) {
        return Ok(Started { engine, measured: Vec::new() });
    }
    let mut timed = Vec::new();
    for mut engine in present {
        match measure(engine.as_mut(), tokenizer, clock) {
            Ok(time) => timed.push((time, engine)),
            Err(error) => leave_out(engine.kind(), error),
        }
    }
    let measured = timed.iter().map(|(time, engine)| (engine.kind(), *time)).collect();
    let fastest = timed.into_iter().min_by_key(|(time, _)| *time);
    fastest.map(|(_, engine)| Started { engine, measured }).ok_or(refusal)
}

/// How long `engine` takes for the samples, one after the other.
fn measure(
    engine: &mut dyn Engine,
    tokenizer: &Tokenizer,
    clock: &Clock,
) -> Result<Duration, Error> {
    let mut total = Duration::ZERO;
    for text in SAMPLES {
        let tokens = tokenizer.tokens(text)?;
        let mut fastest = Duration::MAX;
        for _ in 0..ROUNDS {
            let began = clock.monotonic();
            engine.embed(&[Tokenized { text, tokens: &tokens }])?;
            fastest = fastest.min(clock.monotonic().saturating_sub(began));
        }
        total += fastest;
    }
    Ok(total)
}

/// One engine; [`Error::Absent`] where it is not built in or has no library.
fn load(
    kind: EngineKind,
    model: &Model,
    settings: &EmbedderSettings,
) -> Result<Box<dyn Engine>, Error> {
    match kind {
        #[cfg(feature = "rten")]
        EngineKind::Rten => Ok(Box::new(super::rten::Rten::load(model, settings.precision)?)),
        #[cfg(feature = "onnx-runtime")]
        EngineKind::OnnxRuntime => {
            let library = settings.onnx_runtime.as_deref().ok_or(Error::Absent { engine: kind })?;
            let (precision, tokens_max) = (settings.precision, settings.tokens_max);
            let load = super::onnx_runtime::OnnxRuntime::load;
            Ok(Box::new(load(library, model, precision, tokens_max)?))
        }
        #[cfg(not(all(feature = "rten", feature = "onnx-runtime")))]
        absent => Err(Error::Absent { engine: absent }),
    }
}
