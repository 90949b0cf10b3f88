//! Whose turn it is.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};

use super::job::{Job, Step, Weight};
use crate::{Error, Pending};

pub(crate) struct Queue {
    turns: Mutex<Turns>,
    wake: Condvar,
    waiting_bytes: Arc<AtomicUsize>,
    waiting_bytes_max: usize,
    vector_bytes: usize,
}

#[derive(Default)]
struct Turns {
    jobs: VecDeque<Arc<Job>>,
    is_closed: bool,
}

impl Queue {
    /// Holds at most `waiting_bytes_max` of texts and of their vectors to be.
    pub(crate) fn new(waiting_bytes_max: usize, dimensions: usize) -> Self {
        Self {
            turns: Mutex::default(),
            wake: Condvar::new(),
            waiting_bytes: Arc::default(),
            waiting_bytes_max,
            vector_bytes: dimensions * size_of::<f32>(),
        }
    }

    pub(crate) fn submit(&self, texts: Vec<String>) -> Result<Pending, Error> {
        let (resolver, pending) = Pending::channel();
        let weight = self.weigh(&texts)?;
        let job = Job::new(texts, resolver, weight);
        if job.texts.is_empty() {
            job.finish(std::iter::empty());
        } else {
            self.add(Arc::new(job))?;
        }
        Ok(pending)
    }

    fn weigh(&self, texts: &[String]) -> Result<Weight, Error> {
        let own = texts.iter().map(|text| text.len() + size_of::<String>() + self.vector_bytes);
        let (bytes, bytes_max) = (own.sum(), self.waiting_bytes_max);
        if bytes > bytes_max {
            return Err(Error::TooLarge { bytes, bytes_max });
        }
        let total = Arc::clone(&self.waiting_bytes);
        let before = total.fetch_add(bytes, Ordering::Relaxed);
        // From here on dropping it takes its bytes off the total again.
        let weight = Weight { bytes, total };
        let fits = before.saturating_add(bytes) <= bytes_max;
        if fits { Ok(weight) } else { Err(Error::Full { waiting_bytes: before }) }
    }

    /// Gives `job` a turn, at the end of the line.
    pub(super) fn add(&self, job: Arc<Job>) -> Result<(), Error> {
        let mut turns = self.turns.lock();
        if turns.is_closed {
            return Err(Error::Closed);
        }
        turns.jobs.push_back(job);
        drop(turns);
        self.wake.notify_one();
        Ok(())
    }

    /// Sleeps until there is something to do; `None` once there never will be.
    pub(super) fn next(&self) -> Option<(Arc<Job>, Step)> {
        let mut turns = self.turns.lock();
        while !turns.is_closed {
            let Some(job) = turns.jobs.pop_front() else {
                self.wake.wait(&mut turns);
                continue;
            };
            if let Some((step, has_more)) = job.take_step() {
                if has_more {
                    turns.jobs.push_back(Arc::clone(&job));
                    self.wake.notify_one();
                }
                return Some((job, step));
            }
        }
        None
    }

    /// Wakes every thread for the last time. Who still waits is told so.
    pub(crate) fn close(&self) {
        let mut turns = self.turns.lock();
        turns.is_closed = true;
        let jobs = std::mem::take(&mut turns.jobs);
        drop(turns);
        self.wake.notify_all();
        jobs.iter().for_each(|job| job.fail(Error::Closed));
    }

    pub(crate) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use types::Class;

    use super::*;

    /// Vectors of 16 bytes.
    fn queue(waiting_bytes_max: usize) -> Queue {
        Queue::new(waiting_bytes_max, 4)
    }

    fn texts(count: usize) -> Vec<String> {
        vec!["text".to_owned(); count]
    }

    fn bytes(count: usize) -> usize {
        count * ("text".len() + size_of::<String>() + 16)
    }

    #[test]
    fn what_does_not_fit_is_refused_until_there_is_room() {
        let queue = queue(bytes(3));
        let error = queue.submit(texts(4)).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
        assert_eq!((error.class(), queue.waiting_bytes()), (Class::Caller, 0));

        let first = queue.submit(texts(2)).unwrap();
        let error = queue.submit(texts(2)).unwrap_err();
        assert!(matches!(error, Error::Full { .. }), "{error:?}");
        assert_eq!((error.class(), queue.waiting_bytes()), (Class::Busy, bytes(2)));

        let _second = queue.submit(texts(1)).unwrap();
        drop(first);
        // Whoever looks for work throws away what nobody waits for.
        let (job, _step) = queue.next().unwrap();
        assert_eq!((job.texts.len(), queue.waiting_bytes()), (1, bytes(1)));
    }

    #[test]
    fn everyone_gets_a_turn() {
        let queue = queue(usize::MAX);
        let _many = queue.submit(texts(1_000)).unwrap();
        let _one = queue.submit(texts(1)).unwrap();
        let turns: Vec<_> = (0..3).map(|_| queue.next().unwrap().0.texts.len()).collect();
        assert_eq!(turns, [1_000, 1, 1_000]);
    }

    #[test]
    fn who_waits_when_it_closes_is_told_so() {
        let queue = queue(usize::MAX);
        let waiting = queue.submit(texts(1)).unwrap();
        queue.close();
        assert!(matches!(waiting.wait(), Err(Error::Closed)));
        assert!(matches!(queue.submit(texts(1)), Err(Error::Closed)));
        assert!(queue.next().is_none());
        assert_eq!(queue.waiting_bytes(), 0);
    }
}
