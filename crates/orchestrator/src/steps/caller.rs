//! Whoever asks for an answer, counted once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use types::TenantId;

use super::admit::Call;
use super::record;
use super::tell::{self, End};
use crate::{Error, Incoming, Parts};

/// Whoever asks for an answer: counted and told of once, by how it ends for them. All clones are
/// one caller; when the last is dropped before that, they have left.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    counted: Arc<Counted>,
    /// Whether it asks again after what passes.
    is_patient: bool,
}

#[derive(Debug)]
struct Counted {
    parts: Arc<Parts>,
    label: &'static str,
    /// None until it is admitted and once it is told of; whoever waits for others of its batch
    /// need not keep the request either.
    call: Mutex<Option<Arc<Call>>>,
    is_counted: AtomicBool,
    /// Whether it counts against its tenant's requests a minute.
    is_rated: AtomicBool,
}

impl Caller {
    pub(crate) fn of(parts: &Arc<Parts>, incoming: &Incoming) -> Self {
        let counted = Counted {
            parts: Arc::clone(parts),
            label: record::label(incoming.operation, incoming.protocol),
            call: Mutex::new(None),
            is_counted: AtomicBool::new(false),
            is_rated: AtomicBool::new(false),
        };
        Self { counted: Arc::new(counted), is_patient: false }
    }

    /// The same caller, who asks again after what passes and so does not end by it.
    pub(crate) fn patient(&self) -> Self {
        Self { is_patient: true, ..self.clone() }
    }

    /// Counts it against what its tenant may ask in a minute, once, however often it asks.
    pub(super) fn rate(&self, parts: &Parts, tenant: &TenantId) -> Result<(), Error> {
        if !self.counted.is_rated.load(Ordering::Relaxed) {
            parts.rates.admit(tenant).inspect_err(record::rate_limited)?;
            self.counted.is_rated.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// From here on OpenTelemetry is told as well.
    pub(crate) fn admitted(&self, call: &Arc<Call>) {
        *self.counted.call.lock() = Some(Arc::clone(call));
    }

    /// Counts how it ends, unless it is counted already. Returns whether it was not.
    pub(crate) fn ended(&self, end: End) -> bool {
        self.counted.ended(end)
    }

    /// It ends without an answer, unless it asks again.
    pub(crate) fn unanswered(&self, error: &Error) {
        if !self.asks_again(error) {
            self.ended(End::without(error));
        }
    }

    /// Counts how it ends, for whoever tells of it.
    pub(super) fn count(&self, end: End) {
        self.counted.count(end);
    }

    /// The same where there is no answer. Returns whether that is its end: it may ask again.
    pub(super) fn count_unanswered(&self, error: &Error) -> bool {
        let is_end = !self.asks_again(error);
        if is_end {
            self.count(End::without(error));
        } else {
            drop(self.counted.call.lock().take());
        }
        is_end
    }

    fn asks_again(&self, error: &Error) -> bool {
        self.is_patient && error.is_passing()
    }
}

impl Counted {
    /// Returns the call, where there is one, and whether it was not counted already.
    fn count(&self, end: End) -> (Option<Arc<Call>>, bool) {
        let counts = !self.is_counted.swap(true, Ordering::Relaxed);
        if counts {
            record::outcome(&self.parts, self.label, end.outcome);
        }
        (self.call.lock().take(), counts)
    }

    fn ended(&self, end: End) -> bool {
        let (call, counts) = self.count(end);
        if counts && let Some(call) = call {
            tell::unfetched(&self.parts, &call, end);
        }
        counts
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ended(End::well("cancelled"));
    }
}
