//! An answer on its way to one client.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use cache::{CacheStatus, Subscription, Turn};
use wire::PieceKind;

use crate::item::{Item, Source};
use crate::steps::{Call, Caller, End, Missed, Trimmed, record};
use crate::{Error, Parts};

/// An answer, ready to be written.
#[derive(Debug)]
pub struct Outgoing {
    /// How the cache was used; none where the model of this machine answered, which has its own.
    pub cache_status: Option<CacheStatus>,
    /// Who answered.
    pub source: Source,
    /// What was left out of the request, where the client asked for that.
    pub trimmed: Option<Trimmed>,
    /// The answer.
    pub body: OutgoingBody,
}

/// An answer in the form that the client asked for.
#[derive(Debug)]
pub enum OutgoingBody {
    /// One JSON document.
    Complete(Bytes),
    /// Server-sent events.
    Stream(AnswerStream),
}

/// The events of an answer, one or more complete frames at a time.
#[derive(Debug)]
pub struct AnswerStream(Frames);

#[derive(Debug)]
enum Frames {
    Stored(VecDeque<Bytes>),
    Live(Box<Live>),
}

impl AnswerStream {
    pub(crate) fn stored(frames: Vec<Bytes>) -> Self {
        Self(Frames::Stored(frames.into()))
    }

    /// The next frames; `None` after a clean end, an error where the answer broke off.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        match &mut self.0 {
            Frames::Stored(frames) => frames.pop_front().map(Ok),
            Frames::Live(live) => live.next_frames().await,
        }
    }
}

/// A caller's place at an answer that is being fetched.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) caller: Caller,
    pub(crate) call: Arc<Call>,
    pub(crate) missed: Missed,
    pub(crate) seat: Subscription<Item>,
    pub(crate) source: Source,
    pub(crate) led: bool,
    pub(crate) parts: Arc<Parts>,
}

impl Live {
    /// The answer in the form that this caller asked for, whatever form is being fetched.
    pub(crate) async fn into_outgoing(mut self) -> Result<Outgoing, Error> {
        record::began(&self.parts, &self.call);
        let cache_status = Some(self.missed.status(&self.call, self.led));
        let source = self.source.clone();
        let body = if self.call.request.is_stream() {
            OutgoingBody::Stream(AnswerStream(Frames::Live(Box::new(self))))
        } else {
            OutgoingBody::Complete(self.complete().await?)
        };
        Ok(Outgoing { cache_status, source, trimmed: None, body })
    }

    async fn complete(&mut self) -> Result<Bytes, Error> {
        let completed = self.gather().await?;
        self.ended();
        Ok(completed)
    }

    async fn gather(&mut self) -> Result<Bytes, Error> {
        let mut frames = Vec::new();
        loop {
            match self.seat.next().await {
                Turn::Item(Item::Complete(body)) => return Ok(body),
                Turn::Item(Item::Piece(piece)) => frames.push(piece.bytes),
                Turn::Item(Item::Failed(error)) => return Err(Error::Shared(error)),
                Turn::Landed => {
                    return Ok(wire::fold(self.call.request.protocol(), &frames)?);
                }
                Turn::Lost | Turn::Lead(_) | Turn::Item(Item::Opened(_)) => {
                    return Err(Error::GivenUp);
                }
            }
        }
    }

    async fn next_frames(&mut self) -> Option<Result<Bytes, Error>> {
        let frames = self.read_frames().await;
        if let Some(Err(error)) = &frames {
            self.caller.unanswered(error);
        }
        frames
    }

    async fn read_frames(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            match self.seat.next().await {
                Turn::Item(Item::Piece(piece)) if self.wants(piece.kind) => {
                    // Whoever has the end may leave with it.
                    if piece.kind == PieceKind::Terminal {
                        self.ended();
                    }
                    return Some(Ok(piece.bytes));
                }
                Turn::Item(Item::Piece(_)) => {}
                Turn::Item(Item::Complete(body)) => {
                    let frames = self.unfolded(&body);
                    if frames.is_ok() {
                        self.ended();
                    }
                    return Some(frames);
                }
                Turn::Item(Item::Failed(error)) => return Some(Err(Error::Shared(error))),
                Turn::Landed => return None,
                Turn::Lost | Turn::Lead(_) | Turn::Item(Item::Opened(_)) => {
                    return Some(Err(Error::GivenUp));
                }
            }
        }
    }

    fn wants(&self, kind: PieceKind) -> bool {
        kind != PieceKind::UsageOnly || self.call.request.wants_usage()
    }

    fn unfolded(&self, body: &Bytes) -> Result<Bytes, Error> {
        let request = &self.call.request;
        let frames = wire::unfold(request.protocol(), body, request.wants_usage())?;
        Ok(frames.concat().into())
    }

    /// Counts the answer for a caller who only joined; the leader's is counted where it is paid.
    fn ended(&mut self) {
        if self.caller.ended(End::well("joined")) {
            record::joined(&self.parts, &self.call, &self.source);
        }
        record::ended(&self.parts, &self.call);
    }
}
