//! The settings change while requests are in flight.

use std::time::Duration;

use forebay_inference::{BreakerState, InferenceSettings, ProviderHealth};
use secrecy::SecretString;
use simulator::{Fault, Position, Script};
use wire::{Protocol, ProviderProtocol};

use crate::world::{World, body, hear, key, provider};

const CLIENT: Protocol = Protocol::OpenAiChat;

fn status(code: u16, retry_after: Option<&str>) -> Fault {
    Fault::Status { code, retry_after: retry_after.map(str::to_owned), error: None }
}

fn always(fault: Fault) -> Script {
    Script { always: fault, ..Script::default() }
}

impl World {
    /// So many providers, and the settings that they were made with.
    async fn with_known(
        count: usize,
        change: impl FnOnce(&mut InferenceSettings),
    ) -> (Self, InferenceSettings) {
        let mut known = None;
        let world = Self::with(&vec![CLIENT; count], |settings| {
            settings.attempts_per_provider = 1;
            change(settings);
            known = Some(settings.clone());
        })
        .await;
        (world, known.unwrap())
    }

    fn set(&mut self, settings: &InferenceSettings) {
        self.inference = self.inference.with_settings(settings.clone()).unwrap();
    }

    async fn ask_whole(&self) -> bool {
        match self.ask(&body(CLIENT, false), CLIENT).await {
            Ok(reply) => hear(reply.body).await.terminal,
            Err(_) => false,
        }
    }
}

#[tokio::test]
async fn what_was_learned_outlives_a_change_of_patience() {
    let (mut world, mut settings) = World::with_known(3, |_| ()).await;
    world.providers[0].set_script(always(status(500, None)));
    world.providers[1].set_script(always(status(429, Some("100"))));
    for _ in 0..5 {
        assert!(world.ask_whole().await);
    }
    world.providers[2].set_script(always(Fault::Hold { at: Position::Middle }));
    let open = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    let before = world.inference.health();
    assert_eq!(before[0].state, BreakerState::Open);
    assert_eq!((before[1].limited.len(), before[1].failed), (1, 1));
    assert_eq!((before[2].in_flight, before[2].succeeded), (1, 5));

    for provider in &mut settings.chain {
        provider.timeouts.first_content /= 2;
        provider.timeouts.connect /= 2;
        provider.network.allow_private_addresses = true;
        provider.models.insert("fast".parse().unwrap(), "m".parse().unwrap());
    }
    settings.breaker.failures_max = 7;
    settings.queue.waiting_max = 3;
    settings.idle_connections_max = 1;
    world.set(&settings);
    assert_eq!(world.inference.health(), before);
    world.providers[2].release(1);
    assert!(hear(open.body).await.terminal);
    let after = &world.inference.health()[2];
    assert_eq!((after.in_flight, after.succeeded), (0, 6));
    world.stop().await;
}

#[tokio::test]
async fn settings_of_breakers_and_rests_hold_for_what_comes() {
    let (mut world, mut settings) = World::with_known(1, |_| ()).await;
    world.providers[0].set_script(always(status(500, None)));
    for _ in 0..2 {
        assert!(!world.ask_whole().await);
    }
    settings.breaker.failures_max = 3;
    settings.breaker.open = Duration::from_secs(7);
    world.set(&settings);
    assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
    assert!(!world.ask_whole().await);
    let health = &world.inference.health()[0];
    assert_eq!((health.state, health.wait), (BreakerState::Open, Some(Duration::from_secs(7))));

    world.hand.advance(Duration::from_secs(7));
    settings.breaker.cooldown_max = Duration::from_secs(4);
    world.set(&settings);
    world.providers[0].set_script(always(status(429, Some("100"))));
    assert!(!world.ask_whole().await);
    assert_eq!(world.inference.health()[0].limited[0].1, Duration::from_secs(4));
    world.stop().await;
}

#[tokio::test]
async fn whoever_is_another_one_begins_anew() {
    let others: [fn(&mut InferenceSettings); 4] = [
        |settings| settings.chain[0].id = "other".parse().unwrap(),
        |settings| settings.chain[0].api_key = Some(SecretString::from(key(7))),
        |settings| settings.chain[0].protocol = ProviderProtocol::OpenAiResponses,
        |settings| {
            settings.chain[0].base_url = provider(0, CLIENT, "http://127.0.0.1:9").base_url;
        },
    ];
    for change in others {
        let (mut world, mut settings) = World::with_known(1, |_| ()).await;
        world.providers[0].set_script(always(status(401, None)));
        assert!(!world.ask_whole().await);
        assert_eq!(world.inference.health()[0].state, BreakerState::HardDown);
        change(&mut settings);
        world.set(&settings);
        let id = settings.chain[0].id.clone();
        let fresh = ProviderHealth {
            provider: id,
            state: BreakerState::Closed,
            wait: None,
            limited: Vec::new(),
            in_flight: 0,
            limit: 256,
            waiting: 0,
            succeeded: 0,
            failed: 0,
        };
        assert_eq!(world.inference.health(), [fresh]);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let (world, mut settings) = World::with_known(2, |_| ()).await;
    settings.breaker.failures_max = 1;
    settings.chain[0].concurrency_max = 7;
    settings.chain[1].concurrency_max = 0;
    world.inference.with_settings(settings).unwrap_err();
    world.providers[0].set_script(always(status(500, None)));
    assert!(world.ask_whole().await);
    let health = &world.inference.health()[0];
    assert_eq!((health.state, health.limit), (BreakerState::Closed, 256));
    world.stop().await;
}

#[tokio::test]
async fn a_change_refills_no_retry_budget() {
    let (mut world, mut settings) = World::with_known(1, |settings| {
        settings.attempts_per_provider = 2;
        settings.breaker.failures_max = 1_000;
        settings.retry_budget.percent = 0;
        settings.retry_budget.floor_per_second = 1;
    })
    .await;
    world.providers[0].set_script(always(status(500, None)));
    // Ten extra attempts in the ten seconds that the clock never leaves.
    for _ in 0..12 {
        assert!(!world.ask_whole().await);
    }
    assert_eq!(world.attempts(), [22]);
    settings.deadline /= 2;
    world.set(&settings);
    assert!(!world.ask_whole().await);
    assert_eq!(world.attempts(), [23]);
    settings.retry_budget.floor_per_second = 2;
    world.set(&settings);
    assert!(!world.ask_whole().await);
    assert_eq!(world.attempts(), [25]);
    world.stop().await;
}

#[tokio::test]
async fn connections_stay_unless_what_they_are_made_by_changes() {
    let (mut world, mut settings) = World::with_known(1, |_| ()).await;
    let connections = |world: &World| world.providers[0].counts().connections;
    assert!(world.ask_whole().await);
    settings.breaker.failures_max = 7;
    settings.chain[0].timeouts.first_content /= 2;
    settings.chain[0].concurrency_max /= 2;
    world.set(&settings);
    assert!(world.ask_whole().await);
    assert_eq!(connections(&world), 1);
    settings.chain[0].timeouts.connect /= 2;
    world.set(&settings);
    assert!(world.ask_whole().await);
    assert_eq!(connections(&world), 2);
    world.stop().await;
}

#[tokio::test]
async fn whoever_waits_gets_the_places_that_a_change_makes() {
    let (mut world, mut settings) =
        World::with_known(1, |settings| settings.chain[0].concurrency_max = 1).await;
    world.providers[0].set_script(always(Fault::Hold { at: Position::Middle }));
    let first = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    settings.chain[0].concurrency_max = 2;
    settings.queue.waiting_max = 0;
    let (asked, changed) = (body(CLIENT, true), async {
        while world.inference.health()[0].waiting == 0 {
            tokio::task::yield_now().await;
        }
        world.inference.with_settings(settings).unwrap()
    });
    let (second, inference) = tokio::join!(world.ask(&asked, CLIENT), changed);
    let second = second.unwrap();
    assert_eq!(inference.health()[0].in_flight, 2);
    world.providers[0].release(2);
    assert!(hear(first.body).await.terminal && hear(second.body).await.terminal);
    world.inference = inference;
    world.stop().await;
}
