//! How many threads pay.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use types::Clock;

use crate::Error;

/// Bytes of documents that each thread of a probe gets.
const PROBE_BYTES: u64 = 4 << 20;
/// What half of the threads must reach of the speed of all of them to be preferred.
const ENOUGH: f64 = 0.95;

/// How many threads pay: all cores first, then half of them for a while; whichever was faster does
/// the rest. Cores that share caches or a container's quota often make the smaller number win.
/// Batches smaller than the two probes never get that far, and one that fits a single group of
/// documents is done by one thread whatever the pool's size.
#[derive(Debug)]
pub(super) struct Workers {
    clock: Clock,
    threads: usize,
    phase: Phase,
    began: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    All,
    Half { bytes_per_second_of_all: f64 },
    Decided,
}

impl Workers {
    /// As many as `jobs` says, else as many as pay.
    pub(super) fn new(jobs: Option<usize>, clock: Clock) -> Self {
        let available = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = jobs.unwrap_or(available);
        let is_decided = jobs.is_some() || threads == 1;
        let phase = if is_decided { Phase::Decided } else { Phase::All };
        let began = clock.monotonic();
        Self { clock, threads, phase, began }
    }

    /// The threads of the next phase, which begins now.
    pub(super) fn pool(&mut self) -> Result<ThreadPool, Error> {
        self.began = self.clock.monotonic();
        ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .thread_name(|index| format!("analysis {index}"))
            .build()
            .map_err(|source| Error::Start { source })
    }

    /// How many bytes the phase takes; none where it lasts to the end.
    pub(super) fn phase_bytes(&self) -> Option<u64> {
        let threads = u64::try_from(self.threads).unwrap_or(u64::MAX);
        (self.phase != Phase::Decided).then(|| PROBE_BYTES.saturating_mul(threads))
    }

    /// A phase ended after this many bytes.
    pub(super) fn measured(&mut self, bytes: u64) {
        let took = self.clock.monotonic().saturating_sub(self.began);
        let speed = float(bytes) / took.as_secs_f64().max(1e-9);
        self.decide(speed);
    }

    fn decide(&mut self, speed: f64) {
        match self.phase {
            Phase::All => {
                self.threads = self.threads.div_ceil(2);
                self.phase = Phase::Half { bytes_per_second_of_all: speed };
            }
            Phase::Half { bytes_per_second_of_all } => {
                if speed < ENOUGH * bytes_per_second_of_all {
                    self.threads *= 2;
                }
                self.phase = Phase::Decided;
            }
            Phase::Decided => {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a speed needs no more than 53 bits")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_decision(all: f64, half: f64, expected: usize) {
        let mut workers = Workers::new(None, Clock::system());
        (workers.threads, workers.phase) = (8, Phase::All);
        workers.decide(all);
        assert_eq!(workers.threads, 4);
        workers.decide(half);
        assert_eq!((workers.threads, workers.phase_bytes()), (expected, None));
    }

    #[test]
    fn half_of_the_threads_stay_where_they_are_as_fast() {
        check_decision(100.0, 99.0, 4);
        check_decision(100.0, 180.0, 4);
        check_decision(100.0, 60.0, 8);
    }

    #[test]
    fn a_stated_number_is_kept() {
        let mut workers = Workers::new(Some(3), Clock::system());
        workers.decide(1.0);
        assert_eq!((workers.threads, workers.phase_bytes()), (3, None));
    }
}
