//! One thread.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Queue;
use super::job::{Batch, Job, Step};
use crate::Error;
use crate::batch::{BatchLimits, batches};
use crate::engine::{Engine, Tokenized};
use crate::tokenizer::Tokenizer;

#[cfg(test)]
mod tests;

pub(crate) struct Lane {
    queue: Arc<Queue>,
    engine: Box<dyn Engine>,
    tokenizer: Arc<Tokenizer>,
    limits: BatchLimits,
}

/// What an engine must not do; the thread goes on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("it panicked")]
    Panicked,
    #[error("it gave another number of vectors than it got texts")]
    Miscounted,
}

impl Lane {
    pub(crate) fn new(
        queue: Arc<Queue>,
        engine: Box<dyn Engine>,
        tokenizer: Arc<Tokenizer>,
        limits: BatchLimits,
    ) -> Self {
        Self { queue, engine, tokenizer, limits }
    }

    /// Works until the queue is closed.
    pub(crate) fn run(mut self) {
        while let Some((job, step)) = self.queue.next() {
            // What a panic may leave behind is inside of the engine, which keeps nothing from one
            // batch to the next.
            let outcome = catch_unwind(AssertUnwindSafe(|| self.step(&job, step)));
            let outcome = outcome.unwrap_or_else(|_| Err(self.failed(Failure::Panicked)));
            if let Err(error) = outcome {
                job.fail(error);
            }
        }
    }

    fn step(&mut self, job: &Arc<Job>, step: Step) -> Result<(), Error> {
        match step {
            Step::Tokenize(texts) => self.tokenize(job, texts),
            Step::Embed(batch) => self.embed(job, &batch),
        }
    }

    fn tokenize(&self, job: &Arc<Job>, texts: Range<usize>) -> Result<(), Error> {
        let first = texts.start;
        let mut tokens = job.texts[texts]
            .iter()
            .map(|text| self.tokenizer.tokens(text))
            .collect::<Result<Vec<_>, _>>()?;
        let lengths: Vec<usize> = tokens.iter().map(Vec::len).collect();
        let batches = batches(&lengths, self.limits);
        job.add_batches(batches.into_iter().map(|batch| {
            batch
                .into_iter()
                .map(|text| (first + text, std::mem::take(&mut tokens[text])))
                .collect()
        }));
        self.queue.add(Arc::clone(job))
    }

    fn embed(&mut self, job: &Job, batch: &Batch) -> Result<(), Error> {
        let texts: Vec<_> = batch
            .iter()
            .map(|(text, tokens)| Tokenized {
                text: self.tokenizer.read(&job.texts[*text]),
                tokens,
            })
            .collect();
        let vectors = self.engine.embed(&texts)?;
        if vectors.len() != texts.len() {
            return Err(self.failed(Failure::Miscounted));
        }
        job.finish(batch.iter().map(|(text, _)| *text).zip(vectors));
        Ok(())
    }

    fn failed(&self, failure: Failure) -> Error {
        let (engine, source) = (self.engine.kind(), failure.into());
        Error::Engine { engine, operation: "compute vectors", source }
    }
}
