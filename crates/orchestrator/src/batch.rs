//! Many requests at once, answered together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::Instant;
use types::ProviderId;

use crate::item::Source;
use crate::steps::Caller;
use crate::{Error, Gateway, Incoming, OutgoingBody, Trimmed};
use group::Group;

mod group;

/// How long requests of a batch are asked again after what passes: less than the ten minutes after
/// which OpenAI's packages hang up, for what was paid for by then would be lost.
const ASKED_AGAIN_FOR: Duration = Duration::from_secs(9 * 60);
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
    /// one holds up its own alone. One that is refused because something is full (a limit a minute,
    /// money that others hold, the provider) makes those of its model wait as long as it is told, a
    /// second at least, and is asked again, for nine minutes in all. Dropped, it leaves all of them.
    pub async fn answer_batch(&self, requests: Vec<Incoming>) -> Vec<Result<BatchAnswer, Error>> {
        let parts = self.parts();
        let callers: Vec<_> = requests.iter().map(|request| Caller::of(&parts, request)).collect();
        let mut answers: Vec<_> = requests.iter().map(|_| Err(Error::GivenUp)).collect();
        let until = Instant::now() + ASKED_AGAIN_FOR;
        let mut groups: BTreeMap<Option<ProviderId>, Group<(Caller, Incoming)>> = BTreeMap::new();
        for (index, request) in requests.into_iter().enumerate() {
            let glance: Glance = serde_json::from_slice(&request.body).unwrap_or_default();
            if glance.stream {
                let reason = "stream must be false in a batch";
                answers[index] = Err(Error::Batch { reason });
                continue;
            }
            let group = groups.entry(self.first_provider(&glance.model));
            let group = group.or_insert_with(|| Group::new(until));
            group.add(index, glance.model, (callers[index].patient(), request));
        }
        let left = Arc::new(AtomicUsize::new(ANSWER_BYTES_MAX));
        let mut running = JoinSet::new();
        for group in groups.into_values() {
            running.spawn(self.clone().answer_group(group, Arc::clone(&left)));
        }
        while let Some(group) = running.join_next().await {
            // One that panicked leaves its requests given up.
            for (index, answer) in group.unwrap_or_default() {
                answers[index] = answer;
            }
        }
        for (caller, answer) in callers.iter().zip(&answers) {
            if let Err(error) = answer {
                caller.unanswered(error);
            }
        }
        answers
    }

    fn first_provider(&self, model: &str) -> Option<ProviderId> {
        let route = self.parts().inference.route(model).ok()?;
        route.candidates.into_iter().next().map(|first| first.provider)
    }

    async fn answer_group(
        self,
        group: Group<(Caller, Incoming)>,
        left: Arc<AtomicUsize>,
    ) -> Vec<(usize, Result<BatchAnswer, Error>)> {
        let ask = |(caller, request): &(Caller, Incoming)| {
            let (gateway, left) = (self.clone(), Arc::clone(&left));
            let (caller, request) = (caller.clone(), request.clone());
            async move { gateway.answer_one(&caller, request, &left).await }
        };
        group.answer(ask, || self.is_stopping()).await
    }

    async fn answer_one(
        &self,
        caller: &Caller,
        request: Incoming,
        left: &AtomicUsize,
    ) -> Result<BatchAnswer, Error> {
        let outgoing = self.answer_caller(caller, request).await?;
        // Whoever asked for no stream gets none.
        let OutgoingBody::Complete(body) = outgoing.body else { return Err(Error::GivenUp) };
        let fits = |left: usize| left.checked_sub(body.len());
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| {
            Error::Batch { reason: "the answers of the batch are too large together: send less" }
        })?;
        Ok(BatchAnswer { source: outgoing.source, trimmed: outgoing.trimmed, body })
    }
}
