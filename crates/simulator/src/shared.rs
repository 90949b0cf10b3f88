//! What all connections of a simulator share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::endpoint::Endpoint;
use crate::plan::{Attempt, Outcome, Plan};
use crate::prefixes::Prefixes;
use crate::recorded::Recorder;
use crate::request::Request;
use crate::working::Working;
use crate::{Counts, Fault, Script, SimulatorSettings};

/// What all connections of a simulator share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: SimulatorSettings,
    pub(crate) script: Mutex<Script>,
    counts: Mutex<Counts>,
    /// Tells that counts changed.
    counted: Notify,
    pub(crate) recorder: Mutex<Recorder>,
    /// One permit for each held answer that may go on.
    pub(crate) releases: Semaphore,
    sequence: AtomicU64,
    at_work: Arc<AtomicU64>,
    prefixes: Mutex<Prefixes>,
    pub(crate) stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(settings: SimulatorSettings) -> Self {
        Self {
            settings,
            script: Mutex::default(),
            counts: Mutex::default(),
            counted: Notify::new(),
            recorder: Mutex::default(),
            releases: Semaphore::new(0),
            sequence: AtomicU64::new(0),
            at_work: Arc::default(),
            prefixes: Mutex::new(Prefixes::new()),
            stop: CancellationToken::new(),
        }
    }

    /// Back to the state after the start; open connections and what they do stay.
    pub(crate) fn reset(&self) {
        *self.script.lock() = Script::default();
        *self.recorder.lock() = Recorder::default();
        self.releases.forget_permits(Semaphore::MAX_PERMITS);
        self.count(|counts| *counts = Counts { in_flight: counts.in_flight, ..Counts::default() });
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().clone()
    }

    /// The counts once `condition` holds for them; asked at every change.
    pub(crate) async fn counts_when(&self, condition: impl Fn(&Counts) -> bool) -> Counts {
        loop {
            let counted = self.counted.notified();
            let counts = self.counts();
            if condition(&counts) {
                return counts;
            }
            counted.await;
        }
    }

    pub(crate) fn count_connection(&self) {
        self.count(|counts| counts.connections += 1);
    }

    pub(crate) fn count_arrival(&self, path: &str) {
        self.count(|counts| {
            counts.in_flight += 1;
            match counts.requests.get_mut(path) {
                Some(count) => *count += 1,
                None => {
                    counts.requests.insert(path.to_owned(), 1);
                }
            }
        });
    }

    /// Counts the end of a request; without an outcome its client left.
    pub(crate) fn count_end(&self, outcome: Option<Outcome>) {
        self.count(|counts| {
            counts.in_flight = counts.in_flight.saturating_sub(1);
            match outcome {
                Some(Outcome::Completed) => counts.completed += 1,
                Some(Outcome::Refused) => counts.refused += 1,
                Some(Outcome::Faulty) => counts.faulty += 1,
                None => counts.aborted += 1,
            }
        });
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock());
        self.counted.notify_waiters();
    }

    /// The plan of a request that is wholly read, and its place among those that are worked on.
    pub(crate) fn plan(&self, request: Request) -> (Plan, Option<Working>) {
        let planned = match Endpoint::of(&request.path).protocol() {
            Some(protocol) => {
                let working = Working::begin(&self.at_work, self.settings.concurrency_max);
                let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
                let mut attempt = Attempt::new(protocol, &request, &self.settings, sequence);
                let fault = match working {
                    Some(_) => self.script.lock().take(attempt.model()),
                    None => Fault::Status { code: 503, retry_after: None, error: None },
                };
                if self.settings.caches_prefixes && attempt.ask.is_ok() {
                    attempt.cached_tokens = self.read_before(&request);
                }
                (attempt.plan(&fault), working)
            }
            None => (Plan::aside(&request, &self.settings), None),
        };
        self.record(request);
        planned
    }

    /// Input tokens of `request` that were read before; those of an answer that fails are read, too.
    fn read_before(&self, request: &Request) -> u64 {
        match serde_json::from_slice(request.body()) {
            Ok(Value::Object(fields)) => self.prefixes.lock().read(&fields),
            Ok(_) | Err(_) => 0,
        }
    }

    pub(crate) fn record(&self, request: Request) {
        self.recorder.lock().keep(request, self.settings.kept_requests);
    }
}
