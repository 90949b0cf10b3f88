//! An answer that arrives in pieces.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use wire::{AnswerSummary, Piece, PieceKind, StreamDecoder};

use crate::attempt::{self, Limits, Outbound};
use crate::client::{self, Response};
use crate::deadline::Deadline;
use crate::provider::Permit;
use crate::redactor::StreamWatch;
use crate::verdict::Stage;
use crate::{Error, Failure, FailureKind, Phase};

/// How long to wait for the end of the connection's answer when the protocol's own end was seen,
/// so that the connection can be used again.
const DRAIN_TIME: Duration = Duration::from_millis(100);

/// An answer that arrives in pieces, the first content among those that are there already.
///
/// It ends with `None` only when the protocol's own end was seen; everything else is an error.
/// Dropping it closes the connection and tells the breaker nothing.
pub struct PieceStream {
    ready: VecDeque<Piece>,
    source: Source,
    is_over: bool,
}

impl PieceStream {
    /// Reads to the first content or to a clean end.
    pub(crate) async fn open(
        response: Response,
        permit: Permit,
        outbound: &Outbound,
        limits: &Limits,
    ) -> Result<Self, (Failure, Permit)> {
        let timeouts = &permit.provider().settings.timeouts;
        let first = Deadline::after(limits.start, timeouts.first_content, Phase::FirstContent)
            .earlier(limits.total(permit.provider()));
        let mut source = Source::new(response, permit, outbound, limits);
        let mut ready = VecDeque::new();
        loop {
            match source.read(first).await {
                Ok(pieces) => ready.extend(pieces),
                Err(failure) => return Err((failure, source.permit)),
            }
            let begun = ready.iter().any(|piece: &Piece| piece.kind == PieceKind::Content);
            if begun || source.is_complete() {
                source.permit.proven();
                return Ok(Self { ready, source, is_over: false });
            }
        }
    }

    /// The next piece in the client's protocol, in order; `None` after a clean end. May be dropped
    /// while it waits and called again.
    ///
    /// # Errors
    /// [`Error::Interrupted`], once, when the answer breaks off; nothing follows it.
    pub async fn next(&mut self) -> Option<Result<Piece, Error>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            if self.is_over {
                return None;
            }
            if self.source.is_complete() {
                self.is_over = true;
                self.source.drain().await;
                return None;
            }
            match self.source.read(self.source.next_chunk()).await {
                Ok(pieces) => self.ready.extend(pieces),
                Err(failure) => return Some(Err(self.interrupt(failure))),
            }
        }
    }

    /// What is known of the answer so far: usage, bytes of content, why it ended. It covers what
    /// was read from the provider, so it may be some pieces ahead of [`Self::next`].
    pub fn summary(&self) -> &AnswerSummary {
        self.source.decoder.summary()
    }

    fn interrupt(&mut self, failure: Failure) -> Error {
        self.is_over = true;
        self.source.permit.fail(&failure, Stage::AfterContent);
        let provider = self.source.permit.provider().settings.id.clone();
        Error::Interrupted { provider, failure }
    }
}

impl std::fmt::Debug for PieceStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PieceStream").field("ready", &self.ready.len()).finish()
    }
}

/// The connection and what is read from it.
struct Source {
    response: Response,
    decoder: StreamDecoder,
    permit: Permit,
    watch: StreamWatch,
    bytes_left: usize,
    total: Deadline,
}

impl Source {
    fn new(response: Response, permit: Permit, outbound: &Outbound, limits: &Limits) -> Self {
        let settings = &permit.provider().settings;
        let total = Deadline::after(limits.start, settings.timeouts.total, Phase::Total);
        Self {
            response,
            decoder: outbound.request.decode_stream(outbound.protocol),
            watch: StreamWatch::default(),
            bytes_left: limits.answer_bytes_max,
            total,
            permit,
        }
    }

    fn is_complete(&self) -> bool {
        self.decoder.summary().complete
    }

    fn next_chunk(&self) -> Deadline {
        let between = self.permit.provider().settings.timeouts.between_chunks;
        Deadline::after(Instant::now(), between, Phase::BetweenChunks).earlier(self.total)
    }

    /// The pieces of the next chunk; none where it completes no frame.
    async fn read(&mut self, deadline: Deadline) -> Result<Vec<Piece>, Failure> {
        let decoded = if self.decoder.has_failed() {
            self.decoder.push(&[])
        } else {
            match deadline.limit(client::next_chunk(&mut self.response)).await?? {
                Some(chunk) => {
                    self.bytes_left = self
                        .bytes_left
                        .checked_sub(chunk.len())
                        .ok_or(Failure::billed(FailureKind::Rubbish))?;
                    self.decoder.push(&chunk)
                }
                None => self.decoder.finish(),
            }
        };
        let Self { permit, watch, .. } = self;
        let provider = permit.provider();
        let pieces = decoded.map_err(|error| attempt::wire_failure(provider, error))?;
        if pieces.iter().any(|piece| watch.is_leaked(&provider.redactor, &piece.bytes)) {
            return Err(Failure::billed(FailureKind::Rubbish));
        }
        if self.is_complete() {
            self.permit.succeed();
        }
        Ok(pieces)
    }

    async fn drain(&mut self) {
        let end = Deadline::after(Instant::now(), DRAIN_TIME, Phase::BetweenChunks);
        while let Ok(Ok(Some(_))) = end.limit(client::next_chunk(&mut self.response)).await {}
    }
}
