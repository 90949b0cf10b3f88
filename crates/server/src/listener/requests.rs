//! Whether a connection is of use.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// The requests that one connection has open.
#[derive(Debug)]
pub(super) struct Requests(Arc<watch::Sender<usize>>);

/// One of them, open until this is dropped.
#[derive(Debug)]
pub(super) struct OpenRequest(Arc<watch::Sender<usize>>);

impl Requests {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(super) fn open(&self) -> OpenRequest {
        self.0.send_modify(|open| *open += 1);
        OpenRequest(Arc::clone(&self.0))
    }

    /// Resolves when none was open for so long.
    pub(super) async fn idle(&self, span: Duration) {
        let mut open = self.0.subscribe();
        // The sender lives as long as `self`, so waiting never fails.
        while open.wait_for(|open| *open == 0).await.is_ok() {
            if tokio::time::timeout(span, open.wait_for(|open| *open > 0)).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_only_while_nothing_is_open() {
        let requests = Requests::new();
        let long = tokio::time::timeout(2 * SPAN, requests.idle(SPAN));
        assert!(long.await.is_ok(), "nothing was ever asked");
        let (first, second) = (requests.open(), requests.open());
        assert!(tokio::time::timeout(9 * SPAN, requests.idle(SPAN)).await.is_err());
        drop(first);
        assert!(tokio::time::timeout(9 * SPAN, requests.idle(SPAN)).await.is_err());
        drop(second);
        assert!(tokio::time::timeout(2 * SPAN, requests.idle(SPAN)).await.is_ok());
    }
}
