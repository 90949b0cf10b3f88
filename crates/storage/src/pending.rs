//! The promise of a result.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Condvar, Mutex};

use crate::Error;

/// The result of a queued write: await it, or [`wait`](Pending::wait) for it.
///
/// Dropping it does not cancel the write.
#[must_use = "a write may fail: await it, wait for it, or drop it on purpose"]
pub struct Pending<T>(Arc<Slot<T>>);

struct Slot<T> {
    state: Mutex<State<T>>,
    resolved: Condvar,
}

enum State<T> {
    Waiting(Option<Waker>),
    Resolved(Result<T, Error>),
    Taken,
}

impl<T> Pending<T> {
    /// One that has its result already.
    pub fn resolved(result: Result<T, Error>) -> Self {
        let (resolver, pending) = channel();
        resolver.resolve(result);
        pending
    }

    /// Blocks this thread until the write is committed or has failed. Never call it in an
    /// asynchronous task: await the value there.
    pub fn wait(self) -> Result<T, Error> {
        let mut state = self.0.state.lock();
        loop {
            match std::mem::replace(&mut *state, State::Taken) {
                State::Waiting(waker) => *state = State::Waiting(waker),
                State::Resolved(result) => return result,
                State::Taken => return Err(Error::Closed),
            }
            self.0.resolved.wait(&mut state);
        }
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state.lock();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Waiting(_) => {
                *state = State::Waiting(Some(context.waker().clone()));
                Poll::Pending
            }
            State::Resolved(result) => Poll::Ready(result),
            State::Taken => Poll::Ready(Err(Error::Closed)),
        }
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// The side that keeps the promise. Dropped without a word, it says [`Error::Closed`].
pub(crate) struct Resolver<T>(Arc<Slot<T>>);

/// A promise and the side that keeps it.
pub(crate) fn channel<T>() -> (Resolver<T>, Pending<T>) {
    let state = Mutex::new(State::Waiting(None));
    let slot = Arc::new(Slot { state, resolved: Condvar::new() });
    (Resolver(Arc::clone(&slot)), Pending(slot))
}

impl<T> Resolver<T> {
    /// Keeps the promise.
    pub(crate) fn resolve(self, result: Result<T, Error>) {
        self.0.settle(result);
    }
}

impl<T> Drop for Resolver<T> {
    fn drop(&mut self) {
        self.0.settle(Err(Error::Closed));
    }
}

impl<T> Slot<T> {
    /// The first result counts.
    fn settle(&self, result: Result<T, Error>) {
        let mut state = self.state.lock();
        if let State::Waiting(waker) = &mut *state {
            let waker = waker.take();
            *state = State::Resolved(result);
            drop(state);
            self.resolved.notify_all();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}
