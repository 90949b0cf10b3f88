//! Fetching an answer for everyone who waits for it, in a task of its own.

use std::sync::Arc;

use cache::{Form, Producer};
use inference::{PieceStream, Reply, ReplyBody};
use wire::{AnswerSummary, Edits, PieceKind};

use super::admit::Call;
use super::asking::Asking;
use super::bill::Bill;
use super::caller::Caller;
use super::missed::Missed;
use super::recording::Recording;
use super::reserve::Reserved;
use super::tell::{self, End, Seen};
use super::{record, store};
use crate::embedding_batches::{EmbeddingBatches, Share};
use crate::item::{Item, Source};
use crate::{Error, Parts};

const ANSWERED: End = End::well("answered");

/// Calls a provider and shares what comes. When nobody is left to read, the call is dropped, which
/// hangs up and charges what was metered. The caller who caused it is counted by what becomes of it.
pub(crate) async fn produce(
    parts: &Arc<Parts>,
    call: &Call,
    missed: &Missed,
    reserved: Reserved,
    (caller, producer): (Caller, Producer<Item>),
) {
    let fetch = Fetch { parts, call, missed, caller: &caller, producer: &producer };
    let mut seen = Seen { dispatched: tell::since(parts, call), ..Seen::default() };
    let fetched = tokio::select! {
        fetched = fetch.run(reserved, &mut seen) => fetched,
        () = producer.abandoned() => {
            let end = End::well("cancelled");
            caller.count(end);
            return tell::fetched(parts, call, end, seen);
        }
    };
    let (leftover, end) = match fetched {
        Ok(leftover) => (leftover, ANSWERED),
        Err(error) => {
            let end = End::without(&error);
            if caller.count_unanswered(&error) {
                record::no_answer(call, &error, seen.interrupted_id());
            }
            producer.push(Item::Failed(Arc::new(error)));
            (None, end)
        }
    };
    producer.land();
    tell::fetched(parts, call, end, seen);
    if let Some(mut pieces) = leftover {
        // The answer is over; reading to the end of the body lets the connection be used again.
        drop(pieces.next().await);
    }
}

/// One answer being fetched.
struct Fetch<'a> {
    parts: &'a Arc<Parts>,
    call: &'a Call,
    missed: &'a Missed,
    /// Who caused it.
    caller: &'a Caller,
    producer: &'a Producer<Item>,
}

impl Fetch<'_> {
    /// Returns the stream, where there is one, once all of the answer was shared.
    async fn run(
        &self,
        reserved: Reserved,
        seen: &mut Seen,
    ) -> Result<Option<Box<PieceStream>>, Error> {
        let mut bill = Bill::open(self.parts, reserved)?;
        let upstream_call = self.upstream_call(&bill);
        let reply = match self.ask(upstream_call, &mut bill, seen).await {
            Ok(reply) => reply,
            Err(error) => {
                bill.settle_unanswered(&error);
                return Err(error);
            }
        };
        record::conversation(reply.stayed);
        let source = self.source(&reply);
        seen.attempts = reply.attempts;
        match reply.body {
            ReplyBody::Complete(answer) => {
                let frames = vec![answer.body.clone()];
                let summary = answer.summary;
                self.see(seen, &summary);
                let opened = Item::Opened(source.clone());
                self.close_books(bill, Recording { form: Form::Complete, frames, summary, source });
                // Both at once, so that who waits is woken once.
                self.producer.push(opened);
                self.producer.push(Item::Complete(answer.body));
                Ok(None)
            }
            ReplyBody::Stream(pieces) => {
                self.producer.push(Item::Opened(source.clone()));
                seen.first_content = Some(tell::since(self.parts, self.call));
                self.relay(bill, (pieces, source), seen).await.map(Some)
            }
        }
    }

    /// Asks together with others, where there are any like it, or else by itself.
    async fn ask(
        &self,
        call: inference::Call,
        bill: &mut Bill<'_>,
        seen: &mut Seen,
    ) -> Result<Reply, Error> {
        let tenant = &self.call.principal.tenant;
        match EmbeddingBatches::join(self.parts, tenant, &call).await {
            Share::Alone | Share::Apart { may_be_billed: false } => {}
            Share::Apart { may_be_billed: true } => bill.again().await?,
            Share::Answered { reply, before } => {
                bill.share_after(before);
                return Ok(*reply);
            }
            Share::Failed(error) => return Err(Error::Shared(error)),
        }
        bill.wait_for_a_turn();
        let asking = Asking { parts: self.parts, call: self.call, bill, seen };
        let dispatched = self.parts.inference.dispatch(call, asking).await;
        seen.asked = None;
        match dispatched {
            Ok(reply) => {
                record::attempts(self.parts, &reply.attempts);
                Ok(reply)
            }
            Err(error) => {
                record::attempts(self.parts, error.attempts());
                record::shed(&error);
                seen.attempts = error.attempts().to_vec();
                Err(error.into())
            }
        }
    }

    fn upstream_call(&self, bill: &Bill<'_>) -> inference::Call {
        inference::Call {
            request: Arc::clone(&self.call.request),
            route: bill.route().clone(),
            edits: Edits { max_output_tokens: bill.output_limit(), ..Edits::default() },
            headers: self.call.headers.clone(),
            request_id: self.call.request_id.clone(),
            session: self.call.session,
            priority: self.call.priority,
            trace: self.call.trace,
        }
    }

    fn source(&self, reply: &Reply) -> Source {
        Source {
            provider: reply.candidate.provider.clone(),
            model: reply.candidate.model.clone(),
            origin: self.call.request_id.clone(),
        }
    }

    /// Shares a stream piece by piece, its end only once it is paid for and stored.
    async fn relay(
        &self,
        mut bill: Bill<'_>,
        (mut pieces, source): (Box<PieceStream>, Source),
        seen: &mut Seen,
    ) -> Result<Box<PieceStream>, Error> {
        let mut frames = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            frames.push(piece.bytes.clone());
            if piece.kind == PieceKind::Terminal {
                let summary = pieces.summary().clone();
                self.see(seen, &summary);
                self.close_books(bill, Recording { form: Form::Stream, frames, summary, source });
                self.producer.push(Item::Piece(piece));
                return Ok(pieces);
            }
            seen.metered = Some(bill.meter(&source, pieces.summary()));
            self.producer.push(Item::Piece(piece));
        }
        // A stream ends by its terminal piece or by an error.
        Err(Error::GivenUp)
    }

    /// Keeps what is told of an answer, where it is.
    fn see(&self, seen: &mut Seen, summary: &AnswerSummary) {
        seen.summary = self.call.telling.map(|_| summary.clone());
    }

    fn close_books(&self, bill: Bill<'_>, recording: Recording) {
        let cost = bill.settle(&recording.source, &recording.summary);
        self.caller.count(ANSWERED);
        store::store(self.parts, self.call, self.missed, recording, cost);
    }
}
