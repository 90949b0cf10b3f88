//! The promise that a charge is written.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use storage::Pending;

use crate::Error;
use crate::core::Core;
use crate::journal::Entry;

/// Resolves when the charge survives the death of the process.
///
/// It need not be awaited: a charge that could not be written is kept and tried again, and until
/// then its open reservation stands for it in the ledger.
#[derive(Debug)]
pub struct Settled {
    core: Arc<Core>,
    state: Option<(Pending<()>, Entry)>,
}

impl Settled {
    pub(crate) fn new(core: Arc<Core>, pending: Pending<()>, entry: Entry) -> Self {
        Self { core, state: Some((pending, entry)) }
    }

    /// Blocks this thread until the charge is written. Never call it in an asynchronous task:
    /// await the value there.
    ///
    /// # Errors
    /// [`Error::Journal`] where it could not be written yet.
    pub fn wait(mut self) -> Result<(), Error> {
        let Some((pending, entry)) = self.state.take() else { return Ok(()) };
        let result = pending.wait();
        self.finish(entry, result)
    }

    fn finish(&self, entry: Entry, result: Result<(), storage::Error>) -> Result<(), Error> {
        match result {
            Ok(()) => {
                self.core.written(entry);
                Ok(())
            }
            Err(source) => {
                self.core.retry_later(entry);
                Err(Error::Journal { operation: "write a charge", source })
            }
        }
    }
}

impl Future for Settled {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((mut pending, entry)) = self.state.take() else { return Poll::Ready(Ok(())) };
        match Pin::new(&mut pending).poll(context) {
            Poll::Ready(result) => Poll::Ready(self.finish(entry, result)),
            Poll::Pending => {
                self.state = Some((pending, entry));
                Poll::Pending
            }
        }
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        if let Some((pending, entry)) = self.state.take() {
            self.core.follow(pending, entry);
        }
    }
}
