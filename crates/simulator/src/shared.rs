//! What all connections of a simulator share.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::endpoint::Endpoint;
use crate::plan::{Attempt, Outcome, Plan};
use crate::recorded::Recorder;
use crate::request::Request;
use crate::{Counts, Script, SimulatorSettings};

/// What all connections of a simulator share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) settings: SimulatorSettings,
    pub(crate) script: Mutex<Script>,
    pub(crate) counts: Mutex<Counts>,
    pub(crate) recorder: Mutex<Recorder>,
    sequence: AtomicU64,
    pub(crate) stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(settings: SimulatorSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Back to the state after the start; open connections stay.
    pub(crate) fn reset(&self) {
        *self.script.lock() = Script::default();
        *self.recorder.lock() = Recorder::default();
        let mut counts = self.counts.lock();
        *counts = Counts { in_flight: counts.in_flight, ..Counts::default() };
    }

    pub(crate) fn count_connection(&self) {
        self.counts.lock().connections += 1;
    }

    pub(crate) fn count_arrival(&self, path: &str) {
        let mut counts = self.counts.lock();
        counts.in_flight += 1;
        match counts.requests.get_mut(path) {
            Some(count) => *count += 1,
            None => {
                counts.requests.insert(path.to_owned(), 1);
            }
        }
    }

    /// Counts the end of a request; without an outcome its client left.
    pub(crate) fn count_end(&self, outcome: Option<Outcome>) {
        let mut counts = self.counts.lock();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        match outcome {
            Some(Outcome::Completed) => counts.completed += 1,
            Some(Outcome::Refused) => counts.refused += 1,
            Some(Outcome::Faulty) => counts.faulty += 1,
            None => counts.aborted += 1,
        }
    }

    /// The plan of a request that is wholly read.
    pub(crate) fn plan(&self, request: Request) -> Plan {
        let plan = match Endpoint::of(&request.path).protocol() {
            Some(protocol) => {
                let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
                let attempt = Attempt::new(protocol, &request, &self.settings, sequence);
                let fault = self.script.lock().take(attempt.model());
                attempt.plan(&fault)
            }
            None => Plan::aside(&request, &self.settings),
        };
        self.record(request);
        plan
    }

    pub(crate) fn record(&self, request: Request) {
        self.recorder.lock().keep(request, self.settings.kept_requests);
    }
}
