//! Whether a connection is of use.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// The requests that one connection has open.
///
/// Whoever waits for the connection to be idle looks at this when it may be, and is not woken by
/// each request: that would cost every request a turn of the scheduler.
#[derive(Debug)]
pub(super) struct Requests(Arc<Mutex<State>>);

/// One of them, open until this is dropped.
#[derive(Debug)]
pub(super) struct OpenRequest(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    open: usize,
    /// When the last one ended.
    ended: Instant,
}

impl Requests {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { open: 0, ended: Instant::now() })))
    }

    pub(super) fn open(&self) -> OpenRequest {
        self.0.lock().open += 1;
        OpenRequest(Arc::clone(&self.0))
    }

    /// Resolves when none was open for so long.
    pub(super) async fn idle(&self, span: Duration) {
        loop {
            let now = Instant::now();
            let over = {
                let state = self.0.lock();
                let since = if state.open > 0 { now } else { state.ended };
                since + span
            };
            if over <= now {
                return;
            }
            sleep_until(over).await;
        }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.open -= 1;
        state.ended = Instant::now();
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
        let idle = requests.idle(SPAN);
        let ended = async {
            tokio::time::sleep(SPAN / 2).await;
            drop(second);
        };
        let began = Instant::now();
        tokio::join!(idle, ended);
        assert_eq!(began.elapsed(), SPAN + SPAN / 2);
    }
}
