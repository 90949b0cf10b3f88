//! A conversation stays with the provider that has its beginning cached.

use std::time::Duration;

use forebay_inference::{Call, Inference, OpenGate, ProviderSettings, Reply, Session};
use simulator::{Fault, Position, Script};
use wire::Protocol;

use crate::world::{World, body, call, hear};

const CLIENT: Protocol = Protocol::OpenAiChat;

fn question(inference: &Inference, session: u64) -> Call {
    let session = Some(Session::new(session));
    Call { session, ..call(inference, &body(CLIENT, true), CLIENT) }
}

async fn open(world: &World, session: u64) -> Reply {
    let call = question(&world.inference, session);
    world.inference.dispatch(call, OpenGate).await.unwrap()
}

/// Who answers a conversation.
async fn ask(world: &World, session: u64) -> String {
    let reply = open(world, session).await;
    assert!(hear(reply.body).await.terminal);
    reply.candidate.provider.to_string()
}

async fn moved_to_the_second(change: impl FnOnce(&mut [ProviderSettings])) -> World {
    let world = World::with(&[CLIENT, CLIENT], |settings| {
        settings.attempts_per_provider = 1;
        change(&mut settings.chain);
    })
    .await;
    assert_eq!(ask(&world, 1).await, "p0");
    world.providers[0].script(vec![Fault::ResetBeforeHeaders]);
    assert_eq!(ask(&world, 1).await, "p1");
    world
}

#[tokio::test]
async fn it_stays_where_it_went_for_as_long_as_that_is_of_use() {
    let world = moved_to_the_second(|_| ()).await;
    for _ in 0..3 {
        assert_eq!(ask(&world, 1).await, "p1", "its beginning is there now");
        assert_eq!(ask(&world, 2).await, "p0", "another one begins as ever");
        world.hand.advance(Duration::from_secs(200));
    }
    world.hand.advance(Duration::from_secs(100));
    assert_eq!(ask(&world, 1).await, "p0", "its beginning is forgotten");
    world.stop().await;
}

#[tokio::test]
async fn it_leaves_a_provider_that_rests() {
    let world = moved_to_the_second(|_| ()).await;
    let retry_after = Some("9".to_owned());
    world.providers[1].script(vec![Fault::Status { code: 429, retry_after, error: None }]);
    assert_eq!(ask(&world, 1).await, "p0");
    assert_eq!(ask(&world, 1).await, "p0", "it has moved again");
    world.hand.advance(Duration::from_secs(9));
    assert_eq!(ask(&world, 1).await, "p0");
    world.stop().await;
}

#[tokio::test]
async fn it_does_not_stay_with_another_model() {
    let stand_in = |chain: &mut [ProviderSettings]| {
        chain[1].native.clear();
        chain[1].models.insert("m".parse().unwrap(), "other".parse().unwrap());
    };
    let world = moved_to_the_second(stand_in).await;
    assert_eq!(ask(&world, 1).await, "p0");
    world.stop().await;
}

#[tokio::test]
async fn it_waits_for_a_place_where_another_would_move_on() {
    let world = World::with(&[CLIENT, CLIENT], |settings| {
        settings.chain[0].concurrency_max = 1;
    })
    .await;
    assert_eq!(ask(&world, 1).await, "p0");
    let held = Fault::Hold { at: Position::Last };
    world.providers[0].set_script(Script { always: held, ..Script::default() });
    let holder = open(&world, 3).await;
    assert_eq!(ask(&world, 2).await, "p1");
    let others = async {
        while world.inference.health()[0].waiting == 0 {
            tokio::task::yield_now().await;
        }
        world.providers[0].set_script(Script::default());
        world.providers[0].release(1);
        assert!(hear(holder.body).await.terminal);
    };
    let (provider, ()) = tokio::join!(ask(&world, 1), others);
    assert_eq!(provider, "p0");
    world.stop().await;
}

#[tokio::test]
async fn it_goes_on_where_nobody_may_wait() {
    for (waiting_max, wait_max) in [(0, Duration::from_secs(10)), (256, Duration::ZERO)] {
        let world = World::with(&[CLIENT], |settings| {
            settings.queue.waiting_max = waiting_max;
            settings.queue.wait_max = wait_max;
        })
        .await;
        for _ in 0..3 {
            assert_eq!(ask(&world, 1).await, "p0", "{waiting_max} {wait_max:?}");
        }
        world.stop().await;
    }
}

#[tokio::test]
async fn a_provider_that_takes_it_is_told_which_conversation_it_is() {
    let world = World::with(&[CLIENT], |settings| {
        settings.chain[0].prompt_cache_key = true;
    })
    .await;
    ask(&world, 0xabc).await;
    ask(&world, 0xabc).await;
    for request in world.providers[0].requests() {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["prompt_cache_key"], "0000000000000abc");
    }
    world.stop().await;
}
