//! Writes that nobody waits for.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use storage::Pending;

use super::Core;
use crate::book::Lease;
use crate::journal::Entry;

/// How long a row that could not be written waits before it is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// What is on its way to the disk, looked at whenever money is asked for.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    is_busy: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    grants: Vec<(Pending<()>, Vec<Lease>)>,
    /// In the order in which they were queued, which is that in which they resolve.
    rows: VecDeque<(Pending<()>, Entry)>,
    failed: Vec<Entry>,
    /// Monotonic time of the next try.
    retry_at: Duration,
}

impl Backlog {
    /// Whether there is nothing to look after; may lag by one operation.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_busy.load(Ordering::Acquire)
    }

    pub(super) fn expect(&self, pending: Pending<()>, grants: Vec<Lease>) {
        self.add(|state| state.grants.push((pending, grants)));
    }

    pub(super) fn follow(&self, pending: Pending<()>, entry: Entry) {
        self.add(|state| state.rows.push_back((pending, entry)));
    }

    pub(super) fn retry_later(&self, entry: Entry) {
        self.add(|state| state.failed.push(entry));
    }

    fn add(&self, work: impl FnOnce(&mut State)) {
        work(&mut self.state.lock());
        self.is_busy.store(true, Ordering::Release);
    }

    /// Takes over what has landed and repeats what has failed, without waiting.
    pub(super) fn sweep(&self, core: &Core) {
        let Some(mut state) = self.state.try_lock() else { return };
        let landed = state.take_landed();
        state.take_written(core);
        let retries = state.take_retries(core.clock.monotonic());
        let is_busy =
            !(state.grants.is_empty() && state.rows.is_empty() && state.failed.is_empty());
        self.is_busy.store(is_busy, Ordering::Release);
        drop(state);
        for (grants, durable) in landed {
            core.land(&grants, durable);
        }
        for entry in retries {
            let (pending, entry) = core.queue(entry);
            self.follow(pending, entry);
        }
    }

    /// Waits for everything and returns the rows that are still not written.
    pub(super) async fn settle(&self, core: &Core) -> Vec<Entry> {
        let State { grants, rows, mut failed, .. } = std::mem::take(&mut *self.state.lock());
        for (pending, grants) in grants {
            let durable = pending.await.is_ok();
            core.land(&grants, durable);
        }
        for (pending, entry) in rows {
            match pending.await {
                Ok(()) => core.written(entry),
                Err(_) => failed.push(entry),
            }
        }
        failed
    }
}

impl State {
    fn take_landed(&mut self) -> Vec<(Vec<Lease>, bool)> {
        let mut landed = Vec::new();
        for (mut pending, grants) in std::mem::take(&mut self.grants) {
            match poll_once(&mut pending) {
                Some(result) => landed.push((grants, result.is_ok())),
                None => self.grants.push((pending, grants)),
            }
        }
        landed
    }

    fn take_written(&mut self, core: &Core) {
        while let Some((pending, _)) = self.rows.front_mut() {
            let Some(result) = poll_once(pending) else { return };
            let Some((_, entry)) = self.rows.pop_front() else { return };
            match result {
                Ok(()) => core.written(entry),
                Err(error) => {
                    core.counters.journal_failed();
                    tracing::warn!(%error, "a charge could not be written and will be tried again");
                    self.failed.push(entry);
                }
            }
        }
    }

    fn take_retries(&mut self, now: Duration) -> Vec<Entry> {
        if self.failed.is_empty() || now < self.retry_at {
            return Vec::new();
        }
        self.retry_at = now.saturating_add(RETRY_EVERY);
        std::mem::take(&mut self.failed)
    }
}

/// The result, where it is there. Nobody is woken later: the next sweep looks again.
fn poll_once(pending: &mut Pending<()>) -> Option<Result<(), storage::Error>> {
    match Pin::new(pending).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
