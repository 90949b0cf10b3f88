//! The promise of vectors.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{Embedding, Error};

pub(crate) type Outcome = Result<Vec<Embedding>, Error>;

/// Vectors that are being computed: await them, or [`wait`](Pending::wait) for them.
///
/// Dropping it drops what of the work has not begun.
#[must_use = "nothing is computed for nobody"]
pub struct Pending(oneshot::Receiver<Outcome>);

/// What awaiting a [`Pending`] polls.
#[must_use = "nothing is computed for nobody"]
pub struct PendingFuture(oneshot::AsyncReceiver<Outcome>);

/// The side that keeps the promise. Dropped without a word, it says [`Error::Closed`].
pub(crate) type Resolver = oneshot::Sender<Outcome>;

impl Pending {
    pub(crate) fn channel() -> (Resolver, Self) {
        let (resolver, receiver) = oneshot::channel();
        (resolver, Self(receiver))
    }

    /// Blocks this thread until the vectors are there. Never call it in an asynchronous task: await
    /// the value there.
    pub fn wait(self) -> Result<Vec<Embedding>, Error> {
        self.0.recv().unwrap_or(Err(Error::Closed))
    }
}

impl IntoFuture for Pending {
    type Output = Outcome;
    type IntoFuture = PendingFuture;

    fn into_future(self) -> PendingFuture {
        PendingFuture(self.0.into_future())
    }
}

impl Future for PendingFuture {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let received = Pin::new(&mut self.0).poll(context);
        received.map(|received| received.unwrap_or(Err(Error::Closed)))
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl fmt::Debug for PendingFuture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PendingFuture").finish_non_exhaustive()
    }
}
