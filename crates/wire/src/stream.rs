//! From a provider's stream to the client's.

use crate::codec::{Reader, Writer};
use crate::{
    AnswerSummary, Error, Piece, Protocol, ProviderProtocol, Request, SseDecoder, SseEvent,
};

/// Turns the bytes of a provider's stream into frames for the client, and keeps account of them.
///
/// For a client of the same protocol the frames pass byte for byte; comments between them are
/// dropped, and an Anthropic frame that lacks its `event:` line gets it, because clients drop
/// frames without. For a client of another protocol they are translated.
/// What follows the terminal event is ignored.
#[derive(Debug)]
pub struct StreamDecoder {
    frames: SseDecoder,
    reader: Reader,
    writer: Option<Writer>,
    summary: AnswerSummary,
    /// Came after pieces of the same push, which were handed out first.
    held: Option<Error>,
    is_over: bool,
}

impl StreamDecoder {
    /// A decoder of a stream that `upstream` sends and a client of `client` gets. The tools have the
    /// names that the provider knows; [`Request::decode_stream`] gives those that the client knows.
    pub fn new(upstream: impl Into<ProviderProtocol>, client: Protocol) -> Self {
        Self::answering(upstream.into(), client, None)
    }

    /// A decoder of the answer to `request`, where that is known.
    pub(crate) fn answering(
        upstream: ProviderProtocol,
        client: Protocol,
        request: Option<&Request>,
    ) -> Self {
        Self {
            frames: SseDecoder::default(),
            reader: Reader::new(upstream),
            writer: (upstream.client() != Some(client)).then(|| Writer::new(client, request)),
            summary: AnswerSummary::default(),
            held: None,
            is_over: false,
        }
    }

    /// Takes bytes of the provider and gives the pieces that they complete.
    ///
    /// # Errors
    /// Each error once: [`Error::Upstream`] for an error event, [`Error::Unreadable`] and
    /// [`Error::EventTooLarge`] for what is no stream of the protocol. An error that follows
    /// pieces of the same bytes is held back: they are given first, [`Self::has_failed`] tells
    /// of it, and the next call of `push` (with nothing, say) or `finish` returns it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Error> {
        if let Some(error) = self.held.take() {
            return Err(error);
        }
        if self.is_over {
            return Ok(Vec::new());
        }
        self.frames.push(bytes);
        self.drain()
    }

    /// Says that the provider has closed the stream.
    ///
    /// # Errors
    /// [`Error::Truncated`] unless the terminal event was seen, or for Gemini, which has none, the
    /// reason for the end; and those of [`Self::push`].
    pub fn finish(&mut self) -> Result<Vec<Piece>, Error> {
        if let Some(error) = self.held.take() {
            return Err(error);
        }
        self.frames.finish();
        let rest = if self.is_over { Ok(Vec::new()) } else { self.drain_to_end() };
        self.is_over = true;
        match rest {
            Ok(pieces) if self.summary.complete => Ok(pieces),
            // A frame that was cut in half is no rubbish: the rest of it is missing.
            Ok(_) | Err(Error::Unreadable { .. }) => Err(Error::Truncated),
            Err(error) => Err(error),
        }
    }

    /// Whether an error is held back for the next call: nothing more needs to be read.
    pub fn has_failed(&self) -> bool {
        self.held.is_some()
    }

    /// What has been seen so far.
    pub fn summary(&self) -> &AnswerSummary {
        &self.summary
    }

    fn drain(&mut self) -> Result<Vec<Piece>, Error> {
        let mut pieces = Vec::new();
        while let Some(frame) = self.frames.next_event() {
            if let Err(error) = frame.and_then(|frame| self.take(&frame, &mut pieces)) {
                self.is_over = true;
                if pieces.is_empty() {
                    return Err(error);
                }
                self.held = Some(error);
                return Ok(pieces);
            }
            if self.summary.complete {
                self.is_over = true;
                break;
            }
        }
        Ok(pieces)
    }

    fn drain_to_end(&mut self) -> Result<Vec<Piece>, Error> {
        let mut pieces = self.drain()?;
        if !self.is_over {
            let Self { reader, writer, summary, .. } = self;
            reader.close(&mut |event| {
                summary.observe(&event);
                writer.as_mut().map_or(Ok(()), |writer| writer.write(&event, &mut pieces))
            })?;
        }
        Ok(pieces)
    }

    fn take(&mut self, frame: &SseEvent, pieces: &mut Vec<Piece>) -> Result<(), Error> {
        let Self { reader, writer, summary, .. } = self;
        let same = reader.read(frame, &mut |event| {
            summary.observe(&event);
            writer.as_mut().map_or(Ok(()), |writer| writer.write(&event, pieces))
        })?;
        if writer.is_none() {
            pieces.push(same);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
