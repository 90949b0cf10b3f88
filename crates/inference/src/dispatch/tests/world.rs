//! A provider of limited capacity in virtual time, an open-loop client, and what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::Instant;
use types::{ManualClock, Timestamp};
use wire::{Answer, AnswerSummary, Protocol, Request, UpstreamErrorKind};

use super::super::*;
use crate::transport::Exchanged;
use crate::{FailureKind, Inference, InferenceSettings, OpenGate, Priority, ProviderSettings};
use crate::{ReplyBody, Route, Session, Trace};

/// What a provider does with a request that comes at some time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behaviour {
    /// Takes as many as its capacity, and answers each in half to one and a half times this.
    Answers(Duration),
    /// Fails at once with this.
    Fails(UpstreamErrorKind),
}

/// The provider: whom it takes, and what it does when.
pub(super) struct Upstream {
    capacity: usize,
    /// What a request over the capacity is told.
    full: UpstreamErrorKind,
    behaviour: fn(Duration) -> Behaviour,
    taken: AtomicUsize,
    random: Mutex<StdRng>,
    start: Instant,
}

const CONVERSATIONS: u64 = 20;
const REFUSES_AFTER: Duration = Duration::from_millis(20);

impl Upstream {
    pub(super) fn new(
        capacity: usize,
        full: UpstreamErrorKind,
        behaviour: fn(Duration) -> Behaviour,
        seed: u64,
    ) -> Self {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        let taken = AtomicUsize::new(0);
        Self { capacity, full, behaviour, taken, random, start: Instant::now() }
    }

    async fn answer(&self, first_content: Duration) -> Result<(), FailureKind> {
        let has_room = self.taken.load(Ordering::Relaxed) < self.capacity;
        let usual = match (self.behaviour)(self.start.elapsed()) {
            Behaviour::Answers(usual) if has_room => usual,
            Behaviour::Answers(_) => return refuse(self.full).await,
            Behaviour::Fails(kind) => return refuse(kind).await,
        };
        let _place = Taken::of(&self.taken);
        let takes = usual.mul_f64(self.random.lock().random_range(0.5..1.5));
        let limit = Deadline::after(Instant::now(), first_content, Phase::FirstContent);
        limit.limit(tokio::time::sleep(takes)).await.map_err(|failure| failure.kind)
    }
}

async fn refuse(kind: UpstreamErrorKind) -> Result<(), FailureKind> {
    tokio::time::sleep(REFUSES_AFTER).await;
    Err(FailureKind::Upstream(kind))
}

/// One of the provider's own places.
struct Taken<'a>(&'a AtomicUsize);

impl<'a> Taken<'a> {
    fn of(taken: &'a AtomicUsize) -> Self {
        taken.fetch_add(1, Ordering::Relaxed);
        Self(taken)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Transport for &Upstream {
    async fn exchange(
        &self,
        mut permit: Permit,
        _outbound: &Outbound,
        _limits: &Limits,
    ) -> Exchanged {
        let first_content = permit.provider().settings.timeouts.first_content;
        if let Err(kind) = self.answer(first_content).await {
            let result = Err((Failure::unbilled(kind), permit));
            return Exchanged { upstream_request_id: None, result };
        }
        permit.proven();
        permit.succeed();
        let answer = Answer { body: Bytes::new(), summary: AnswerSummary::default() };
        let result = Ok(ReplyBody::Complete(Box::new(answer)));
        Exchanged { upstream_request_id: None, result }
    }
}

/// What came of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// When it came, in seconds since the start.
    pub(super) came: f64,
    pub(super) took: Duration,
    pub(super) attempts: usize,
    pub(super) is_answered: bool,
    pub(super) retry_after: Option<Duration>,
}

/// Sends `rate(seconds)` requests a second for so many seconds, whatever comes of them, at random
/// moments. Gives what came of each, and the most that were open at once.
pub(super) async fn offer(
    upstream: Upstream,
    settings: impl FnOnce(&mut InferenceSettings),
    rate: fn(f64) -> f64,
    seconds: f64,
) -> (Vec<Outcome>, usize) {
    let hand = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
    let client = Arc::new(Client::new(upstream, &hand, settings));
    let seed = client.upstream.random.lock().random();
    let mut random = StdRng::seed_from_u64(seed);
    let mut running = JoinSet::new();
    let (mut outcomes, mut most) = (Vec::new(), 0);
    let start = client.upstream.start;
    let (mut now, mut next) = (0.0, 0.0);
    while now < seconds || !running.is_empty() {
        // The clock follows the runtime's in steps of a few milliseconds.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let elapsed = start.elapsed();
        hand.advance(elapsed.saturating_sub(hand.clock().monotonic()));
        now = elapsed.as_secs_f64();
        while next <= now && next < seconds {
            let client = Arc::clone(&client);
            // Half of them are turns of conversations, which wait for the provider that they know.
            let session = random.random_bool(0.5).then(|| random.random_range(0..CONVERSATIONS));
            let session = session.map(Session::new);
            running.spawn(async move { client.ask(next, session).await });
            next += -random.random_range(f64::MIN_POSITIVE..1.0_f64).ln() / rate(next);
        }
        while let Some(outcome) = running.try_join_next() {
            outcomes.push(outcome.unwrap());
        }
        most = most.max(running.len());
    }
    assert_eq!(client.inference.health()[0].in_flight, 0, "a place was lost");
    assert_eq!(client.inference.health()[0].waiting, 0, "somebody was forgotten");
    (outcomes, most)
}

/// Requests that all are the same, but for the conversations that they belong to.
struct Client {
    inference: Inference,
    upstream: Upstream,
    request: Arc<Request>,
    route: Route,
}

impl Client {
    fn new(
        upstream: Upstream,
        hand: &ManualClock,
        settings: impl FnOnce(&mut InferenceSettings),
    ) -> Self {
        let url = "https://provider.example".parse().unwrap();
        let mut provider = ProviderSettings::new("p".parse().unwrap(), Protocol::OpenAiChat, url);
        provider.native.push("m".parse().unwrap());
        let mut all = InferenceSettings::new(vec![provider]);
        settings(&mut all);
        let inference = Inference::new(all, hand.clock()).unwrap();
        let body = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
        let request = Request::decode(Protocol::OpenAiChat, Bytes::from_static(body.as_bytes()));
        let route = inference.route("m").unwrap();
        Self { inference, upstream, request: Arc::new(request.unwrap()), route }
    }

    async fn ask(&self, came: f64, session: Option<Session>) -> Outcome {
        let call = Call {
            request: Arc::clone(&self.request),
            route: self.route.clone(),
            edits: Edits::default(),
            headers: Vec::new(),
            request_id: "r".parse().unwrap(),
            session,
            priority: Priority::Normal,
            trace: Trace::None,
        };
        let start = Instant::now();
        let dispatch = Dispatch::new(self.inference.shared(), &call, OpenGate, &self.upstream);
        let (attempts, is_answered, retry_after) = match Box::pin(dispatch.run()).await {
            Ok(reply) => (reply.attempts.len(), true, None),
            Err(error) => (error.attempts().len(), false, error.retry_after()),
        };
        Outcome { came, took: start.elapsed(), attempts, is_answered, retry_after }
    }
}

/// The outcomes of requests that came within these seconds.
pub(super) fn between(
    outcomes: &[Outcome],
    seconds: std::ops::Range<f64>,
) -> impl Iterator<Item = &Outcome> {
    outcomes.iter().filter(move |outcome| seconds.contains(&outcome.came))
}

/// Answers that ended within these seconds, a second.
pub(super) fn goodput(outcomes: &[Outcome], seconds: std::ops::Range<f64>) -> f64 {
    let ended = |outcome: &&Outcome| {
        outcome.is_answered && seconds.contains(&(outcome.came + outcome.took.as_secs_f64()))
    };
    outcomes.iter().filter(ended).count() as f64 / (seconds.end - seconds.start)
}
