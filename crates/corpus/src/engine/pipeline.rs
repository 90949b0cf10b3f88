//! Tasks out, outcomes back in order.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::mpsc;

use rayon::ThreadPool;

use crate::{Error, Outcome, Task};

/// Documents that travel together, so that handing them over costs little beside them.
const GROUP_TASKS: usize = 16;
/// Bytes at which a group is full before it has all its documents.
const GROUP_BYTES: usize = 128 << 10;
/// Groups for each thread that are under way or wait for an earlier one.
const WINDOW_GROUPS: usize = 8;

/// Tasks out, outcomes back in order.
pub(super) struct Pipeline<I: Iterator<Item = Task>, F> {
    tasks: Peekable<I>,
    analyze: F,
}

impl<I: Iterator<Item = Task>, F: Fn(Task) -> Outcome + Sync> Pipeline<I, F> {
    pub(super) fn new(tasks: I, analyze: F) -> Self {
        Self { tasks: tasks.peekable(), analyze }
    }

    pub(super) fn is_done(&mut self) -> bool {
        self.tasks.peek().is_none()
    }

    /// Works on `pool` until the tasks end, or until about `bytes_max` bytes are done. Returns how
    /// many bytes were.
    pub(super) fn run(
        &mut self,
        pool: &ThreadPool,
        bytes_max: Option<u64>,
        deliver: &mut impl FnMut(Outcome) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let Self { tasks, analyze } = self;
        let analyze = &*analyze;
        let window = pool.current_num_threads() * WINDOW_GROUPS;
        let (send, receive) = mpsc::channel();
        pool.in_place_scope(|scope| {
            let mut state = Window::default();
            loop {
                let is_over = bytes_max.is_some_and(|bytes_max| state.bytes >= bytes_max);
                while !is_over && state.under_way() < window {
                    let group = next_group(tasks);
                    if group.is_empty() {
                        break;
                    }
                    let (send, number) = (send.clone(), state.sent);
                    state.sent += 1;
                    scope.spawn(move |_| {
                        let outcomes: Vec<_> = group.into_iter().map(analyze).collect();
                        // Nobody listens any more where the batch has failed.
                        drop(send.send((number, outcomes)));
                    });
                }
                if state.under_way() == 0 {
                    return Ok(state.bytes);
                }
                let Ok((number, outcomes)) = receive.recv() else { return Ok(state.bytes) };
                state.arrived.insert(number, outcomes);
                state.deliver(deliver)?;
            }
        })
    }
}

/// The next tasks that travel together.
fn next_group(tasks: &mut impl Iterator<Item = Task>) -> Vec<Task> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while group.len() < GROUP_TASKS && bytes < GROUP_BYTES {
        let Some(task) = tasks.next() else { break };
        bytes += task.content.held();
        group.push(task);
    }
    group
}

/// Groups by number: sent, arrived out of order, delivered in order.
#[derive(Default)]
struct Window {
    sent: usize,
    delivered: usize,
    arrived: BTreeMap<usize, Vec<Outcome>>,
    bytes: u64,
}

impl Window {
    fn under_way(&self) -> usize {
        self.sent - self.delivered
    }

    fn deliver(
        &mut self,
        deliver: &mut impl FnMut(Outcome) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while let Some(outcomes) = self.arrived.remove(&self.delivered) {
            self.delivered += 1;
            for outcome in outcomes {
                self.bytes += outcome.found.as_ref().map_or(0, |found| found.report.bytes);
                deliver(outcome)?;
            }
        }
        Ok(())
    }
}
