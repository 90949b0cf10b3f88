//! The texts of one caller.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::pending::Resolver;
use crate::{Embedding, Error};

/// Texts that are cut into tokens, and sorted by length, at once.
const TEXTS_A_STEP: usize = 256;

pub(super) struct Job {
    pub(super) texts: Vec<String>,
    plan: Mutex<Plan>,
    output: Mutex<Output>,
    _weight: Weight,
}

/// Texts, by their number, and their tokens.
pub(super) type Batch = Vec<(usize, Vec<u32>)>;

/// What a thread does in one turn.
pub(super) enum Step {
    /// Cut these texts into tokens and make batches of them.
    Tokenize(Range<usize>),
    /// Compute.
    Embed(Batch),
}

/// What is still to do.
#[derive(Default)]
struct Plan {
    /// The first text that no step was given for.
    next: usize,
    batches: VecDeque<Batch>,
}

/// What is done.
struct Output {
    vectors: Vec<Option<Embedding>>,
    missing: usize,
    /// None once it is resolved.
    resolver: Option<Resolver>,
}

/// What a job weighs in the queue, until it is gone.
pub(super) struct Weight {
    pub(super) bytes: usize,
    pub(super) total: Arc<AtomicUsize>,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Job {
    pub(super) fn new(texts: Vec<String>, resolver: Resolver, weight: Weight) -> Self {
        let missing = texts.len();
        let vectors = vec![None; missing];
        let output = Mutex::new(Output { vectors, missing, resolver: Some(resolver) });
        Self { texts, plan: Mutex::default(), output, _weight: weight }
    }

    /// The next step, if there is one and somebody waits for it, and whether there is another.
    pub(super) fn take_step(&self) -> Option<(Step, bool)> {
        let is_waited_for = |resolver: &Resolver| !resolver.is_closed();
        if !self.output.lock().resolver.as_ref().is_some_and(is_waited_for) {
            return None;
        }
        let mut plan = self.plan.lock();
        let step = match plan.batches.pop_front() {
            Some(batch) => Step::Embed(batch),
            None if plan.next < self.texts.len() => {
                let begin = plan.next;
                plan.next = self.texts.len().min(begin + TEXTS_A_STEP);
                Step::Tokenize(begin..plan.next)
            }
            None => return None,
        };
        let has_more = !plan.batches.is_empty() || plan.next < self.texts.len();
        Some((step, has_more))
    }

    pub(super) fn add_batches(&self, batches: impl Iterator<Item = Batch>) {
        self.plan.lock().batches.extend(batches);
    }

    /// Puts vectors in their places; with the last one everything goes to the caller.
    pub(super) fn finish(&self, vectors: impl Iterator<Item = (usize, Embedding)>) {
        let mut output = self.output.lock();
        for (text, vector) in vectors {
            output.missing -= usize::from(output.vectors[text].replace(vector).is_none());
        }
        if output.missing == 0 {
            let vectors = std::mem::take(&mut output.vectors).into_iter().flatten().collect();
            output.resolve(Ok(vectors));
        }
    }

    pub(super) fn fail(&self, error: Error) {
        self.output.lock().resolve(Err(error));
    }
}

impl Output {
    /// The first result counts.
    fn resolve(&mut self, result: Result<Vec<Embedding>, Error>) {
        if let Some(resolver) = self.resolver.take() {
            // It fails only where the caller is gone, who then wants nothing.
            drop(resolver.send(result));
        }
    }
}
