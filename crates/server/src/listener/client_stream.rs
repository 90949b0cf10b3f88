//! The connection of a client, which has to read what it asked for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use telemetry::names;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The connection of a client. Where the system takes nothing of what is written to it for too
/// long, because the client has stopped reading, writing fails with [`io::ErrorKind::TimedOut`].
pub(super) struct ClientStream {
    socket: TcpStream,
    patience: Patience,
}

impl ClientStream {
    /// A connection on which a write may stall for so long.
    pub(super) fn new(socket: TcpStream, write_stall: Duration) -> Self {
        Self { socket, patience: Patience::new(write_stall) }
    }

    /// What came of a write, or that it has stalled for too long.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.patience.rest();
        } else if self.patience.poll_over(context).is_ready() {
            metrics::counter!(names::CONNECTIONS_STALLED).increment(1);
            // Closed as usual, the system would keep what is unsent for minutes.
            if self.socket.set_zero_linger().is_err() {
                metrics::counter!(names::SWALLOWED_ERRORS, "operation" => "linger").increment(1);
            }
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// How long something may make no progress.
struct Patience {
    span: Duration,
    /// Runs while there is none.
    over: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(span: Duration) -> Self {
        Self { span, over: None }
    }

    /// There is progress, or nothing to do.
    fn rest(&mut self) {
        self.over = None;
    }

    /// There is no progress: ready once that has been so for too long, and then wakes the task.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let over = self.over.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.span)));
        over.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::Instant;

    use super::*;

    const SPAN: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn patience_is_over_after_a_whole_span_without_progress() {
        let mut patience = Patience::new(SPAN);
        let start = Instant::now();
        for _ in 0..3 {
            let over = poll_fn(|context| patience.poll_over(context));
            assert!(tokio::time::timeout(SPAN - Duration::from_secs(1), over).await.is_err());
            patience.rest();
        }
        poll_fn(|context| patience.poll_over(context)).await;
        assert_eq!(start.elapsed(), 3 * (SPAN - Duration::from_secs(1)) + SPAN);
    }

    #[tokio::test(start_paused = true)]
    async fn looking_again_does_not_begin_anew() {
        let mut patience = Patience::new(SPAN);
        let start = Instant::now();
        for _ in 0..6 {
            let over = poll_fn(|context| patience.poll_over(context));
            assert!(tokio::time::timeout(SPAN / 10, over).await.is_err());
        }
        poll_fn(|context| patience.poll_over(context)).await;
        assert_eq!(start.elapsed(), SPAN);
    }
}
