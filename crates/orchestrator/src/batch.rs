//! Many requests at once, answered together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use serde::Deserialize;
use tokio::task::JoinSet;
use types::ProviderId;

use crate::item::Source;
use crate::{Error, Gateway, Incoming, OutgoingBody, Trimmed};

/// Requests of one batch that are in flight at one provider at once.
const AT_ONCE: usize = 16;
/// Bytes of all answers of a batch at most.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// One answer of a batch.
#[derive(Debug)]
pub struct BatchAnswer {
    /// Who answered.
    pub source: Source,
    /// What was left out of the request, where the client asked for that.
    pub trimmed: Option<Trimmed>,
    /// One JSON document.
    pub body: Bytes,
}

/// What is looked at before a request is decoded.
#[derive(Debug, Default, Deserialize)]
struct Glance {
    #[serde(default)]
    model: String,
    #[serde(default)]
    stream: bool,
}

impl Gateway {
    /// Answers many requests, each as [`answer`](Self::answer) does: counted, admitted, looked up
    /// and paid for by itself. What comes of each is in the order in which they came. They are
    /// grouped by the provider that is asked first, sixteen at once in each group, so that a slow
    /// one holds up its own alone. Dropped, it leaves all of them.
    pub async fn answer_batch(&self, requests: Vec<Incoming>) -> Vec<Result<BatchAnswer, Error>> {
        let left = Arc::new(AtomicUsize::new(ANSWER_BYTES_MAX));
        let mut answers: Vec<_> = requests.iter().map(|_| Err(Error::GivenUp)).collect();
        let mut groups: BTreeMap<Option<ProviderId>, Vec<(usize, Incoming)>> = BTreeMap::new();
        for (index, request) in requests.into_iter().enumerate() {
            let glance: Glance = serde_json::from_slice(&request.body).unwrap_or_default();
            if glance.stream {
                let reason = "stream must be false in a batch";
                answers[index] = Err(Error::Batch { reason });
                continue;
            }
            groups.entry(self.first_provider(&glance.model)).or_default().push((index, request));
        }
        let mut running = JoinSet::new();
        for group in groups.into_values() {
            let (gateway, left) = (self.clone(), Arc::clone(&left));
            running.spawn(async move { gateway.answer_group(group, &left).await });
        }
        while let Some(group) = running.join_next().await {
            // One that panicked leaves its requests given up.
            for (index, answer) in group.unwrap_or_default() {
                answers[index] = answer;
            }
        }
        answers
    }

    fn first_provider(&self, model: &str) -> Option<ProviderId> {
        let route = self.parts().inference.route(model).ok()?;
        route.candidates.into_iter().next().map(|first| first.provider)
    }

    async fn answer_group(
        &self,
        group: Vec<(usize, Incoming)>,
        left: &Arc<AtomicUsize>,
    ) -> Vec<(usize, Result<BatchAnswer, Error>)> {
        let mut answers = Vec::with_capacity(group.len());
        let mut running = JoinSet::new();
        for (index, request) in group {
            if running.len() >= AT_ONCE
                && let Some(answered) = running.join_next().await
            {
                answers.extend(answered.ok());
            }
            let (gateway, left) = (self.clone(), Arc::clone(left));
            running.spawn(async move { (index, gateway.answer_one(request, &left).await) });
        }
        answers.extend(running.join_all().await);
        answers
    }

    async fn answer_one(
        &self,
        request: Incoming,
        left: &AtomicUsize,
    ) -> Result<BatchAnswer, Error> {
        let outgoing = self.answer(request).await?;
        // Whoever asked for no stream gets none.
        let OutgoingBody::Complete(body) = outgoing.body else { return Err(Error::GivenUp) };
        let fits = |left: usize| left.checked_sub(body.len());
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| {
            Error::Batch { reason: "the answers of the batch are too large together: send less" }
        })?;
        Ok(BatchAnswer { source: outgoing.source, trimmed: outgoing.trimmed, body })
    }
}
