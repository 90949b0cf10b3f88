//! Requests for embeddings that go to a provider together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use inference::{Call, Candidate, End, Gate, GateQuestion, Priority, Reply, ReplyBody, Trace};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use types::{Class, RequestId, TenantId, TokenCount};
use wire::EmbeddingsBatch;

use crate::steps::record;
use crate::{Error, Parts};

/// Inputs of one call at most, as OpenAI takes them.
const INPUTS_MAX: usize = 2_048;
/// Bytes of the requests of one call at most. OpenAI takes 300,000 tokens, which are no fewer bytes.
const BYTES_MAX: usize = 300_000;

/// Requests that wait a moment for others that differ from them in nothing but their inputs.
#[derive(Debug, Default)]
pub(crate) struct EmbeddingBatches {
    open: Mutex<HashMap<Kind, Vec<Waiting>>>,
    tasks: TaskTracker,
}

/// What came of waiting.
#[derive(Debug)]
pub(crate) enum Share {
    /// Nobody else came: the request goes by itself.
    Alone,
    /// Together they were not answered: each goes by itself.
    Apart {
        /// Whether what they did together may be billed all the same.
        may_be_billed: bool,
    },
    /// Its part of the answer.
    Answered {
        reply: Box<Reply>,
        /// Input tokens of the same call that others pay for.
        before: TokenCount,
    },
    /// Nobody answers them.
    Failed(Arc<Error>),
}

/// What is the same of requests that go together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    tenant: TenantId,
    candidates: Vec<Candidate>,
    priority: Priority,
    fields: String,
}

#[derive(Debug)]
struct Waiting {
    call: Call,
    share: oneshot::Sender<Share>,
}

impl EmbeddingBatches {
    /// Waits for others, where the call is one for embeddings, and has all asked for at once.
    pub(crate) async fn join(parts: &Arc<Parts>, tenant: &TenantId, call: &Call) -> Share {
        let gather = parts.settings.embeddings_gather;
        if gather.is_zero() {
            return Share::Alone;
        }
        let Some(fields) = EmbeddingsBatch::kind(&call.request) else { return Share::Alone };
        let candidates = call.route.candidates.clone();
        let kind = Kind { tenant: tenant.clone(), candidates, priority: call.priority, fields };
        let (share, shared) = oneshot::channel();
        let batches = &parts.embedding_batches;
        match batches.enter(&kind, Waiting { call: call.clone(), share }) {
            None => return Share::Alone,
            Some(1) => drop(batches.tasks.spawn(send(Arc::clone(parts), kind, gather))),
            Some(_) => {}
        }
        // Whoever sends says nothing only where its task has panicked.
        shared.await.unwrap_or(Share::Alone)
    }

    /// Takes its place among those who wait; none where they would be too many for one call.
    /// Returns how many wait now.
    fn enter(&self, kind: &Kind, one: Waiting) -> Option<usize> {
        let mut open = self.open.lock();
        let waiting = open.entry(kind.clone()).or_default();
        let (mut inputs, mut bytes) = size(&one);
        for other in waiting.iter() {
            let (other_inputs, other_bytes) = size(other);
            inputs += other_inputs;
            bytes += other_bytes;
        }
        let fits = waiting.is_empty() || inputs <= INPUTS_MAX && bytes <= BYTES_MAX;
        fits.then(|| {
            waiting.push(one);
            waiting.len()
        })
    }

    fn take(&self, kind: &Kind) -> Vec<Waiting> {
        self.open.lock().remove(kind).unwrap_or_default()
    }

    /// Waits until nobody waits; who comes later goes by itself.
    pub(crate) async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Inputs and bytes.
fn size(waiting: &Waiting) -> (usize, usize) {
    let request = &waiting.call.request;
    (request.embeddings().map_or(0, |ask| ask.inputs), request.body().len())
}

/// Waits for the others, asks for all at once, and gives each its share.
async fn send(parts: Arc<Parts>, kind: Kind, gather: Duration) {
    tokio::time::sleep(gather).await;
    let mut waiting = parts.embedding_batches.take(&kind);
    waiting.retain(|one| !one.share.is_closed());
    let requests: Vec<_> = waiting.iter().map(|one| Arc::clone(&one.call.request)).collect();
    let batch = EmbeddingsBatch::new(&requests).ok().filter(|_| requests.len() > 1);
    let Some(batch) = batch else { return give(waiting, || Share::Alone) };
    let Some(call) = together(&waiting, &batch) else { return give(waiting, || Share::Alone) };
    let answered = tokio::select! {
        answered = parts.inference.dispatch(call, OnlyUnbilled) => answered,
        () = all_left(&mut waiting) => return,
    };
    match answered {
        Ok(reply) => share_out(&parts, waiting, &batch, reply),
        Err(error) => {
            record::attempts(&parts, error.attempts());
            record::shed(&error);
            let last = error.attempts().last().and_then(|attempt| attempt.failure.as_ref());
            let may_be_billed = last.is_some_and(|failure| failure.may_be_billed);
            let was_asked =
                matches!(&error, inference::Error::Refused { .. } | inference::Error::AllFailed(_));
            let is_refused = was_asked && error.class() == Class::Caller;
            let may_go_on =
                matches!(&error, inference::Error::AllFailed(all) if all.end == End::Gate);
            if is_refused || may_go_on {
                return give(waiting, || Share::Apart { may_be_billed });
            }
            let error = Arc::new(Error::Inference(error));
            give(waiting, || Share::Failed(Arc::clone(&error)));
        }
    }
}

/// The call for all, under a name of its own: a provider that knows a name does not work twice.
fn together(waiting: &[Waiting], batch: &EmbeddingsBatch) -> Option<Call> {
    let first = &waiting.first()?.call;
    let request_id = RequestId::new(&format!("{}+{}", first.request_id, waiting.len())).ok()?;
    let request = Arc::clone(batch.request());
    Some(Call { request, request_id, trace: Trace::None, ..first.clone() })
}

async fn all_left(waiting: &mut [Waiting]) {
    for one in waiting {
        one.share.closed().await;
    }
}

/// Who has left in the meantime has no use for a share.
fn give(waiting: Vec<Waiting>, share: impl Fn() -> Share) {
    for one in waiting {
        one.share.send(share()).ok();
    }
}

fn share_out(parts: &Parts, waiting: Vec<Waiting>, batch: &EmbeddingsBatch, reply: Reply) {
    let Reply { candidate, attempts, body, .. } = reply;
    let answers = match body {
        ReplyBody::Complete(answer) => batch.split(&answer).ok(),
        ReplyBody::Stream(_) => None,
    };
    record::attempts(parts, &attempts);
    let Some(answers) = answers else {
        return give(waiting, || Share::Apart { may_be_billed: true });
    };
    let mut before = TokenCount::ZERO;
    for (one, answer) in waiting.into_iter().zip(answers) {
        let input = answer.summary.usage.map_or(TokenCount::ZERO, |usage| usage.total_input());
        let reply = Reply {
            candidate: candidate.clone(),
            stayed: None,
            attempts: attempts.clone(),
            body: ReplyBody::Complete(Box::new(answer)),
        };
        one.share.send(Share::Answered { reply: Box::new(reply), before }).ok();
        before = before.saturating_add(input);
    }
}

/// Asks nobody again after a call that may be billed: whose money that costs is not for all to say.
struct OnlyUnbilled;

impl Gate for OnlyUnbilled {
    async fn allow(&mut self, question: GateQuestion<'_>) -> bool {
        !question.may_be_billed
    }
}
