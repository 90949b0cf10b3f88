//! Requests that their client leaves, and requests that take too long as a whole.

use std::time::Duration;

use forebay_inference::{End, Error, FailureKind, Phase, ReplyBody, Timeouts};
use simulator::{Fault, Script};
use tokio::time::Instant;
use wire::Protocol;

use crate::world::{SHORT, World, body, hear, no_task_left, within};

const CLIENT: Protocol = Protocol::OpenAiChat;

fn always(fault: Fault) -> Script {
    Script { always: fault, ..Script::default() }
}

#[tokio::test]
async fn leaving_closes_the_connection_and_tells_the_breaker_nothing() {
    let world = World::new(&[CLIENT]).await;
    world.providers[0].set_script(always(Fault::Drip { bytes: 64, pause_ms: 5 }));
    for _ in 0..10 {
        let reply = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
        let ReplyBody::Stream(mut stream) = reply.body else { panic!("no stream") };
        stream.next().await.unwrap().unwrap();
        drop(stream);
    }
    let counts = world.providers[0].counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!(counts.aborted, 10);
    let health = &world.inference.health()[0];
    assert_eq!((health.in_flight, health.succeeded, health.failed), (0, 0, 0));
    world.stop().await;
    no_task_left().await;
}

#[tokio::test]
async fn the_deadline_of_a_request_bounds_all_its_attempts() {
    within(Duration::from_millis(1_200), meet_the_deadline).await;
}

async fn meet_the_deadline() -> Duration {
    let world = World::with(&[CLIENT, CLIENT, CLIENT], |settings| {
        settings.deadline = Duration::from_millis(200);
    })
    .await;
    for provider in &world.providers {
        provider.set_script(always(Fault::HangBeforeHeaders));
    }
    let start = Instant::now();
    let error = world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    let took = start.elapsed();
    let Error::AllFailed(all) = &error else { panic!("{error}") };
    assert_eq!((all.end, all.attempts.len()), (End::Deadline, 1));
    let failure = error.failure().unwrap();
    assert_eq!(failure.kind, FailureKind::Timeout(Phase::Request));
    world.stop().await;
    took
}

/// Each phase ends by its own time-out and is named.
async fn check_phase(fault: Fault, phase: Phase, shorten: impl Fn(&mut Timeouts)) {
    within(SHORT + Duration::from_secs(1), || meet(&fault, phase, &shorten)).await;
}

async fn meet(fault: &Fault, phase: Phase, shorten: impl Fn(&mut Timeouts)) -> Duration {
    let world = World::with(&[CLIENT], |settings| shorten(&mut settings.chain[0].timeouts)).await;
    world.providers[0].set_script(always(fault.clone()));
    let start = Instant::now();
    let kind = match world.ask(&body(CLIENT, true), CLIENT).await {
        Err(error) => error.failure().unwrap().kind,
        Ok(reply) => hear(reply.body).await.error.unwrap().failure().unwrap().kind,
    };
    assert_eq!(kind, FailureKind::Timeout(phase), "{fault:?}");
    let took = start.elapsed();
    assert!(took >= SHORT, "{fault:?} took {took:?}");
    world.stop().await;
    took
}

#[tokio::test]
async fn every_phase_has_its_own_time_out() {
    check_phase(Fault::HangOnAccept, Phase::Headers, |times| times.headers = SHORT).await;
    check_phase(Fault::HangBeforeHeaders, Phase::Headers, |times| times.headers = SHORT).await;
    let first = |times: &mut Timeouts| times.first_content = SHORT;
    check_phase(Fault::HangAfterHeaders, Phase::FirstContent, first).await;
    check_phase(Fault::HangAfterFirstEvent, Phase::FirstContent, first).await;
    let between = |times: &mut Timeouts| times.between_chunks = SHORT;
    check_phase(Fault::HangBeforeTerminal, Phase::BetweenChunks, between).await;
    check_phase(Fault::HangBeforeTerminal, Phase::Total, |times| times.total = SHORT).await;
}
