//! When a provider that failed is asked again, to the millisecond.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;
use types::{ManualClock, Timestamp};
use wire::{Answer, AnswerSummary, Protocol, Request, UpstreamErrorKind};

use super::super::*;
use crate::transport::Exchanged;
use crate::{FailureKind, Inference, InferenceSettings, OpenGate, Priority, ProviderSettings};
use crate::{ReplyBody, Trace};

const STEP: Duration = Duration::from_millis(1);
const TAKES: Duration = Duration::from_millis(20);

/// Providers that fail as they are told, and answer once they were told nothing more.
struct Scripted {
    scripts: Mutex<Vec<VecDeque<Failure>>>,
    /// Who was asked when, in milliseconds.
    asked: Mutex<Vec<(usize, u128)>>,
    start: Instant,
}

impl Transport for &Scripted {
    async fn exchange(
        &self,
        mut permit: Permit,
        _outbound: &Outbound,
        _limits: &Limits,
    ) -> Exchanged {
        let provider: usize = permit.provider().settings.id.as_str()[1..].parse().unwrap();
        self.asked.lock().push((provider, self.start.elapsed().as_millis()));
        tokio::time::sleep(TAKES).await;
        let failure = self.scripts.lock()[provider].pop_front();
        let result = match failure {
            Some(failure) => Err((failure, permit)),
            None => {
                permit.proven();
                permit.succeed();
                let answer = Answer { body: Bytes::new(), summary: AnswerSummary::default() };
                Ok(ReplyBody::Complete(Box::new(answer)))
            }
        };
        Exchanged { upstream_request_id: None, result }
    }
}

fn failure(kind: UpstreamErrorKind, asked_wait: Option<u64>) -> Failure {
    let retry_after = asked_wait.map(Duration::from_millis);
    Failure { retry_after, ..Failure::unbilled(FailureKind::Upstream(kind)) }
}

fn overloaded(asked_wait: u64) -> Failure {
    failure(UpstreamErrorKind::Overloaded, Some(asked_wait))
}

/// Asks a chain of providers that fail like this, and gives who was asked when.
async fn ask(scripts: Vec<Vec<Failure>>) -> Vec<(usize, u128)> {
    let hand = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
    let provider = |number: usize| {
        let url = "https://provider.example".parse().unwrap();
        let id = format!("p{number}").parse().unwrap();
        let mut settings = ProviderSettings::new(id, Protocol::OpenAiChat, url);
        settings.native.push("m".parse().unwrap());
        settings
    };
    let mut settings = InferenceSettings::new((0..scripts.len()).map(provider).collect());
    settings.backoff.base = STEP;
    let inference = Inference::new(settings, hand.clock()).unwrap();
    let body = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
    let call = Call {
        request: Arc::new(Request::decode(Protocol::OpenAiChat, body.into()).unwrap()),
        route: inference.route("m").unwrap(),
        edits: Edits::default(),
        headers: Vec::new(),
        request_id: "r".parse().unwrap(),
        session: None,
        priority: Priority::Normal,
        trace: Trace::None,
    };
    let providers = Scripted {
        scripts: Mutex::new(scripts.into_iter().map(VecDeque::from).collect()),
        asked: Mutex::default(),
        start: Instant::now(),
    };
    let dispatch = Dispatch::new(inference.shared(), &call, OpenGate, &providers);
    let mut dispatch = Box::pin(dispatch.run());
    loop {
        tokio::select! {
            biased;
            result = &mut dispatch => break drop(result),
            () = std::future::ready(()) => {}
        }
        tokio::time::advance(STEP).await;
        hand.advance(STEP);
    }
    providers.asked.lock().clone()
}

#[tokio::test(start_paused = true)]
async fn a_wait_goes_on_while_others_are_asked() {
    let refused = failure(UpstreamErrorKind::Authentication, None);
    let asked = ask(vec![vec![overloaded(1_000)], vec![refused]]).await;
    assert_eq!(asked, [(0, 0), (1, 20), (0, 1_020)]);
    // Asking the others took longer than the wait.
    let refused = vec![overloaded(20), failure(UpstreamErrorKind::Authentication, None)];
    let asked = ask(vec![vec![overloaded(20)], refused.clone(), refused]).await;
    assert_eq!(asked, [(0, 0), (1, 20), (2, 40), (0, 60)]);
}

#[tokio::test(start_paused = true)]
async fn a_shorter_wait_is_worth_as_many_attempts() {
    // Who refuses twice in a row rests for half a second at the least.
    let asked = ask(vec![vec![overloaded(300); 2]]).await;
    assert_eq!(asked, [(0, 0), (0, 320), (0, 840)]);
    let asked = ask(vec![vec![overloaded(600); 2]]).await;
    assert_eq!(asked, [(0, 0), (0, 620), (0, 1_240)]);
    // Nobody waits for more than the longest wait.
    let asked = ask(vec![vec![overloaded(2_001)]]).await;
    assert_eq!(asked, [(0, 0)]);
}
