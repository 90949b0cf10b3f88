//! Extra attempts: how many, and who is asked before them.

use std::sync::Arc;

use forebay_inference::{End, Error, FailureKind, Gate, GateQuestion};
use parking_lot::Mutex;
use simulator::{Fault, Script};
use wire::Protocol;

use crate::world::{SHORT, World, body};

const CLIENT: Protocol = Protocol::OpenAiChat;

#[tokio::test]
async fn extra_attempts_stay_within_a_fifth_and_the_floor() {
    let world = World::with(&[CLIENT, CLIENT], |settings| {
        settings.breaker.failures_max = u32::MAX;
        settings.retry_budget.floor_per_second = 1;
    })
    .await;
    for provider in &world.providers {
        let always = Fault::Status { code: 500, retry_after: None, error: None };
        provider.set_script(Script { always, ..Script::default() });
    }
    let mut refused = 0;
    for _ in 0..200 {
        match world.ask(&body(CLIENT, false), CLIENT).await {
            Err(Error::AllFailed(all)) => refused += u64::from(all.end == End::RetryBudget),
            other => panic!("{other:?}"),
        }
    }
    let attempts: u64 = world.attempts().iter().sum();
    assert_eq!(attempts, 200 + 200 / 5 + 10);
    assert!(refused >= 150, "{refused}");
    world.stop().await;
}

/// Notes each question and answers from a list.
#[derive(Clone)]
struct Notes {
    asked: Arc<Mutex<Vec<String>>>,
    allowed: usize,
}

impl Gate for Notes {
    async fn allow(&mut self, question: GateQuestion<'_>) -> bool {
        let GateQuestion { failed, may_be_billed, next } = question;
        let billed = if may_be_billed { "billed" } else { "free" };
        let mut asked = self.asked.lock();
        asked.push(format!("{} {billed} {}", failed.provider, next.provider));
        asked.len() <= self.allowed
    }
}

async fn check_gate(faults: [Fault; 4], allowed: usize, expected: &[&str], end: Option<End>) {
    let world = World::with(&[CLIENT, CLIENT, CLIENT], |settings| {
        settings.chain[0].timeouts.headers = SHORT;
    })
    .await;
    let [first, second, third, fourth] = faults;
    world.providers[0].script(vec![first, second]);
    world.providers[1].script(vec![third, fourth]);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let gate = Notes { asked: Arc::clone(&asked), allowed };
    let result = world.ask_through(&body(CLIENT, true), CLIENT, gate).await;
    assert_eq!(*asked.lock(), expected);
    match (result, end) {
        (Ok(reply), None) => assert_eq!(reply.candidate.provider.as_str(), "p2"),
        (Err(Error::AllFailed(all)), Some(end)) => assert_eq!(all.end, end),
        (other, _) => panic!("{other:?}"),
    }
    world.stop().await;
}

fn status(code: u16) -> Fault {
    Fault::Status { code, retry_after: None, error: None }
}

#[tokio::test]
async fn the_gate_is_told_what_may_be_billed() {
    check_gate(
        [status(500), Fault::CloseBeforeHeaders, status(429), Fault::None],
        usize::MAX,
        &["p0 free p0", "p0 billed p1", "p1 free p2"],
        None,
    )
    .await;
    check_gate(
        [Fault::HangBeforeHeaders, Fault::None, status(504), Fault::EmptyBody],
        usize::MAX,
        &["p0 billed p1", "p1 billed p1", "p1 billed p2"],
        None,
    )
    .await;
}

#[tokio::test]
async fn a_closed_gate_ends_the_request() {
    check_gate(
        [status(500), status(500), status(500), status(500)],
        1,
        &["p0 free p0", "p0 free p1"],
        Some(End::Gate),
    )
    .await;
}

#[tokio::test]
async fn nobody_listening_is_a_free_failure_to_connect() {
    let world = World::new(&[CLIENT, CLIENT]).await;
    let mut providers = world.providers.into_iter();
    providers.next().unwrap().stop().await;
    let call = crate::world::call(&world.inference, &body(CLIENT, false), CLIENT);
    let reply = world.inference.dispatch(call, forebay_inference::OpenGate).await.unwrap();
    assert_eq!(reply.attempts.len(), 3);
    for attempt in &reply.attempts[..2] {
        let failure = attempt.failure.as_ref().unwrap();
        assert_eq!((failure.kind, failure.may_be_billed), (FailureKind::Connect, false));
    }
}
