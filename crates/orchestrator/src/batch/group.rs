//! The requests of a batch that one provider is asked first.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::Error;

/// Requests of one batch that are in flight at one provider at once.
const AT_ONCE: usize = 16;
/// The shortest wait before asking again.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// How often a group that waits looks whether the gateway stops.
const LOOK: Duration = Duration::from_secs(1);

/// Requests that are asked a few at once. Who is refused because something is full is asked again
/// once it said that this may help, and until then nobody else is asked: they would meet the same.
pub(super) struct Group<T> {
    /// With the places of their answers.
    waiting: VecDeque<(usize, T)>,
    /// Nobody is asked before.
    resumes: Instant,
    /// Nobody is asked again later.
    until: Instant,
}

impl<T: Send + 'static> Group<T> {
    pub(super) fn new(until: Instant) -> Self {
        Self { waiting: VecDeque::new(), resumes: Instant::now(), until }
    }

    pub(super) fn add(&mut self, place: usize, request: T) {
        self.waiting.push_back((place, request));
    }

    /// What comes of each, in any order; one that panics is missing. Dropped, it leaves them all.
    pub(super) async fn answer<A, F>(
        mut self,
        ask: impl Fn(&T) -> F,
        is_stopping: impl Fn() -> bool,
    ) -> Vec<(usize, Result<A, Error>)>
    where
        A: Send + 'static,
        F: Future<Output = Result<A, Error>> + Send + 'static,
    {
        let mut answers = Vec::with_capacity(self.waiting.len());
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some((place, request)) = self.next(is_stopping())
            {
                let answer = ask(&request);
                running.spawn(async move { (place, request, answer.await) });
            }
            let is_waiting = !self.waiting.is_empty() && running.len() < AT_ONCE;
            let look = self.resumes.min(Instant::now() + LOOK);
            let ended = tokio::select! {
                Some(ended) = running.join_next() => ended,
                () = sleep_until(look), if is_waiting => continue,
                else => return answers,
            };
            let Ok((place, request, answer)) = ended else { continue };
            match answer {
                Err(error) if !is_stopping() && self.waits_after(&error) => {
                    self.waiting.push_back((place, request));
                }
                answer => answers.push((place, answer)),
            }
        }
    }

    fn next(&mut self, is_stopping: bool) -> Option<(usize, T)> {
        let is_time = is_stopping || Instant::now() >= self.resumes;
        is_time.then(|| self.waiting.pop_front())?
    }

    /// Whether who was refused so is asked again; then nobody is asked until that may help.
    fn waits_after(&mut self, error: &Error) -> bool {
        let wait = error.retry_after().unwrap_or_default().max(WAIT_MIN);
        let resumes = Instant::now() + wait;
        let waits = error.is_passing() && resumes < self.until;
        if waits {
            self.resumes = self.resumes.max(resumes);
        }
        waits
    }
}

#[cfg(test)]
mod tests;
