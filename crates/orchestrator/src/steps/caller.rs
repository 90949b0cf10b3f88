//! Whoever asks for an answer, counted once.

use std::sync::Arc;

use super::admit::Call;
use super::record;
use super::tell::{self, End};
use crate::{Error, Incoming, Parts};

/// Whoever asks for an answer: counted and told of once, by how it ends for them. Dropped before
/// that, they have left.
#[derive(Debug)]
pub(crate) struct Caller {
    parts: Arc<Parts>,
    label: &'static str,
    /// None until it is admitted.
    call: Option<Arc<Call>>,
    is_counted: bool,
}

impl Caller {
    pub(crate) fn of(parts: &Arc<Parts>, incoming: &Incoming) -> Self {
        let label = record::label(incoming.operation, incoming.protocol);
        Self { parts: Arc::clone(parts), label, call: None, is_counted: false }
    }

    /// From here on OpenTelemetry is told as well.
    pub(crate) fn admitted(&mut self, call: &Arc<Call>) {
        self.call = Some(Arc::clone(call));
    }

    /// Leaves it to the task that fetches the answer, which counts whoever caused it.
    pub(crate) fn leads(&mut self) {
        self.is_counted = true;
    }

    /// The same caller, to go with the answer; this one counts nothing any more.
    pub(crate) fn hand_over(&mut self) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            label: self.label,
            call: self.call.clone(),
            is_counted: std::mem::replace(&mut self.is_counted, true),
        }
    }

    /// Counts how it ends, unless it is counted already. Returns whether it was not.
    pub(crate) fn ended(&mut self, end: End) -> bool {
        let counts = !std::mem::replace(&mut self.is_counted, true);
        if counts {
            record::outcome(&self.parts, self.label, end.outcome);
            if let Some(call) = &self.call {
                tell::unfetched(&self.parts, call, end);
            }
        }
        counts
    }

    /// What was being fetched has failed.
    pub(crate) fn failed(&mut self, error: &Error) {
        self.ended(End::badly("failed", error));
    }

    /// Nothing was fetched.
    pub(crate) fn unanswered(&mut self, error: &Error) {
        self.ended(End::badly(record::unanswered(error), error));
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.ended(End::well("cancelled"));
    }
}
