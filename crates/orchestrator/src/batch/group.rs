//! The requests of a batch that one provider is asked first.

use std::collections::{HashMap, VecDeque};
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
/// once it said that this may help, and until then nobody else of the same model is asked: they
/// would meet the same.
pub(super) struct Group<T> {
    waiting: VecDeque<Waiting<T>>,
    /// When a model is asked for again that somebody was refused.
    resumes: HashMap<String, Instant>,
    began: Instant,
    /// Nobody is asked again later.
    until: Instant,
}

struct Waiting<T> {
    /// Where its answer belongs.
    place: usize,
    model: String,
    request: T,
}

impl<T: Send + 'static> Group<T> {
    pub(super) fn new(until: Instant) -> Self {
        Self { waiting: VecDeque::new(), resumes: HashMap::new(), began: Instant::now(), until }
    }

    pub(super) fn add(&mut self, place: usize, model: String, request: T) {
        self.waiting.push_back(Waiting { place, model, request });
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
                && let Some(next) = self.next(is_stopping())
            {
                let answer = ask(&next.request);
                running.spawn(async move { (next, answer.await) });
            }
            let is_waiting = !self.waiting.is_empty() && running.len() < AT_ONCE;
            let look = Instant::now() + LOOK;
            let look =
                self.waiting.iter().map(|waits| self.resumes(waits)).fold(look, Instant::min);
            let ended = tokio::select! {
                Some(ended) = running.join_next() => ended,
                () = sleep_until(look), if is_waiting => continue,
                else => return answers,
            };
            let Ok((asked, answer)) = ended else { continue };
            match answer {
                Err(error) if !is_stopping() && self.waits_after(&error, &asked.model) => {
                    self.waiting.push_back(asked);
                }
                answer => answers.push((asked.place, answer)),
            }
        }
    }

    fn next(&mut self, is_stopping: bool) -> Option<Waiting<T>> {
        let now = Instant::now();
        let is_due = |waits: &Waiting<T>| is_stopping || self.resumes(waits) <= now;
        self.waiting.remove(self.waiting.iter().position(is_due)?)
    }

    /// When it may be asked; a time that is over where nobody of its model was refused.
    fn resumes(&self, waits: &Waiting<T>) -> Instant {
        self.resumes.get(&waits.model).copied().unwrap_or(self.began)
    }

    /// Whether who was refused so is asked again; then nobody of the model is until that may help.
    fn waits_after(&mut self, error: &Error, model: &str) -> bool {
        let wait = error.retry_after().unwrap_or_default().max(WAIT_MIN);
        let resumes = Instant::now() + wait;
        let waits = error.is_passing() && resumes < self.until;
        if waits {
            let known = self.resumes.entry(model.to_owned()).or_insert(resumes);
            *known = resumes.max(*known);
        }
        waits
    }
}

#[cfg(test)]
mod tests;
