//! Breakers over real attempts, with a clock that stands still.

use std::time::Duration;

use forebay_inference::{BreakerState, Error, FailureKind, InferenceSettings, SkipReason};
use simulator::{Fault, Script};
use tokio::time::Instant;
use types::{Class, ModelId};
use wire::{Protocol, ProviderProtocol, UpstreamErrorKind};

use crate::world::{World, body, hear};

const CLIENT: Protocol = Protocol::OpenAiChat;

fn once(settings: &mut InferenceSettings) {
    settings.attempts_per_provider = 1;
}

fn status(code: u16, retry_after: Option<&str>) -> Fault {
    Fault::Status { code, retry_after: retry_after.map(str::to_owned), error: None }
}

fn always(fault: Fault) -> Script {
    Script { always: fault, ..Script::default() }
}

#[tokio::test]
async fn five_failures_open_it_and_one_probe_closes_it() {
    let world = World::with(&[CLIENT, CLIENT], once).await;
    world.providers[0].set_script(always(status(500, None)));
    for _ in 0..8 {
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    }
    assert_eq!(world.attempts(), [5, 8]);
    assert_eq!(world.inference.health()[0].state, BreakerState::Open);
    world.hand.advance(Duration::from_secs(59));
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [5, 9]);

    // One probe is held; whoever asks meanwhile goes to the next provider.
    world.hand.advance(Duration::from_secs(1));
    world.providers[0].set_script(always(Fault::Hold { at: simulator::Position::First }));
    let asked_body = body(CLIENT, false);
    let probe = world.ask(&asked_body, CLIENT);
    let others = async {
        world.providers[0].counts_when(|counts| counts.in_flight == 1).await;
        for _ in 0..5 {
            let reply = world.ask(&asked_body, CLIENT).await.unwrap();
            assert_eq!(reply.candidate.provider.as_str(), "p1");
        }
        assert_eq!(world.inference.health()[0].state, BreakerState::HalfOpen);
        world.providers[0].release(1);
    };
    let (probe, ()) = tokio::join!(probe, others);
    assert_eq!(probe.unwrap().candidate.provider.as_str(), "p0");
    assert_eq!(world.attempts(), [6, 14]);
    assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
    world.stop().await;
}

#[tokio::test]
async fn a_failed_probe_opens_it_again() {
    let world = World::with(&[CLIENT, CLIENT], once).await;
    world.providers[0].set_script(always(Fault::Refuse));
    for _ in 0..5 {
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    }
    world.hand.advance(Duration::from_secs(60));
    for _ in 0..3 {
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    }
    assert_eq!(world.attempts(), [6, 8]);
    world.stop().await;
}

#[tokio::test]
async fn a_probe_that_is_left_by_its_client_frees_its_place() {
    let world = World::with(&[CLIENT, CLIENT], once).await;
    world.providers[0].set_script(always(Fault::Refuse));
    for _ in 0..5 {
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    }
    world.hand.advance(Duration::from_secs(60));
    world.providers[0].set_script(always(Fault::Hold { at: simulator::Position::First }));
    let asked_body = body(CLIENT, false);
    tokio::select! {
        _ = world.ask(&asked_body, CLIENT) => panic!("answered"),
        _ = world.providers[0].counts_when(|counts| counts.in_flight == 1) => {}
    }
    assert_eq!(world.inference.health()[0].in_flight, 0);
    world.providers[0].set_script(Script::default());
    let reply = world.ask(&asked_body, CLIENT).await.unwrap();
    assert_eq!(reply.candidate.provider.as_str(), "p0");
    world.stop().await;
}

#[tokio::test]
async fn nobody_is_told_to_wait_longer_than_a_provider_rests() {
    let world = World::with(&[CLIENT], once).await;
    world.providers[0].script(vec![status(429, Some("604800"))]);
    let error = world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    world.stop().await;
}

#[tokio::test]
async fn a_rate_limit_rests_the_model_and_is_no_failure() {
    let world = World::with(&[CLIENT], once).await;
    world.providers[0].script(vec![status(429, Some("7"))]);
    let error = world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    assert_eq!((error.class(), error.retry_after()), (Class::Busy, Some(Duration::from_secs(7))));
    world.hand.advance(Duration::from_secs(5));
    let error = world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    assert_eq!((error.class(), error.retry_after()), (Class::Busy, Some(Duration::from_secs(2))));
    let Error::AllFailed(all) = error else { panic!("{error}") };
    assert_eq!(all.skipped[0].reason, SkipReason::Resting);
    assert_eq!(world.attempts(), [1]);
    world.hand.advance(Duration::from_secs(2));
    world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn who_asks_for_time_is_given_it() {
    for (code, rests) in [(503, true), (529, true), (500, false), (504, false)] {
        let world = World::new(&[CLIENT, CLIENT]).await;
        world.providers[0].script(vec![status(code, Some("30")); 2]);
        for asked in 1..=2 {
            world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
            assert_eq!(world.attempts(), [asked, asked], "{code}");
        }
        let (again, spared) = if rests { (2, 3) } else { (3, 2) };
        world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
        assert_eq!(world.attempts(), [again, spared], "who answers nobody rests: {code}");
        world.hand.advance(Duration::from_secs(30));
        world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
        assert_eq!(world.attempts(), [again + 1, spared], "{code}");
        world.stop().await;
    }
}

#[tokio::test]
async fn a_short_wait_is_waited_for() {
    for code in [500, 503] {
        let world = World::new(&[CLIENT]).await;
        world.providers[0].script(vec![status(code, Some("0.3"))]);
        let began = Instant::now();
        world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(300), "{code} {:?}", began.elapsed());
        assert_eq!(world.attempts(), [2], "{code}");
        world.stop().await;
    }
}

#[tokio::test]
async fn nobody_waits_for_a_place_at_a_provider_that_is_left_alone() {
    let world = World::with(&[CLIENT], |settings| {
        once(settings);
        settings.breaker.failures_max = 1;
        settings.chain[0].concurrency_max = 2;
    })
    .await;
    // Its silence opens the breaker and leaves one place, which is taken.
    world.providers[0].script(vec![Fault::HangBeforeHeaders, status(408, None)]);
    let asked_body = body(CLIENT, true);
    let mut other = Box::pin(world.ask(&asked_body, CLIENT));
    tokio::select! {
        _ = &mut other => panic!("the provider hangs"),
        _ = world.providers[0].counts_when(|counts| counts.in_flight == 1) => {}
    }
    world.ask(&asked_body, CLIENT).await.unwrap_err();
    let health = &world.inference.health()[0];
    assert_eq!((health.state, health.limit, health.in_flight), (BreakerState::Open, 1, 1));
    let error = world.ask(&asked_body, CLIENT).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    let Error::AllFailed(all) = error else { panic!("{error}") };
    assert_eq!(all.skipped[0].reason, SkipReason::Resting);
    drop(other);
    world.stop().await;
}

#[tokio::test]
async fn a_model_over_its_limit_leaves_the_others_alone() {
    let world = World::with(&[CLIENT, CLIENT], |settings| {
        once(settings);
        settings.chain[0].native.push("n".parse().unwrap());
    })
    .await;
    let other_model = body(CLIENT, false).replace(r#""model":"m""#, r#""model":"n""#);
    assert_ne!(other_model, body(CLIENT, false));
    world.providers[0].script(vec![status(429, Some("60"))]);
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [1, 1]);
    assert_eq!(world.inference.health()[0].wait, None);
    world.ask(&other_model, CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [2, 1]);
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [2, 2]);
    world.stop().await;
}

/// It would wait for a place that it is not given then, and hold others up.
#[tokio::test]
async fn a_model_over_its_limit_does_not_wait_for_a_place() {
    let world = World::with(&[CLIENT], |settings| {
        once(settings);
        settings.chain[0].concurrency_max = 1;
        settings.chain[0].native.push("n".parse().unwrap());
    })
    .await;
    world.providers[0].script(vec![status(429, Some("60")), Fault::HangBeforeHeaders]);
    world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    let other_model = body(CLIENT, true).replace(r#""model":"m""#, r#""model":"n""#);
    let mut others = Box::pin(world.ask(&other_model, CLIENT));
    tokio::select! {
        _ = &mut others => panic!("the provider hangs"),
        counts = world.providers[0].counts_when(|counts| counts.in_flight == 1) => {
            assert_eq!(counts.in_flight, 1);
        }
    }
    let error = world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    let Error::AllFailed(all) = error else { panic!("{error}") };
    assert_eq!(all.skipped[0].reason, SkipReason::Resting);
    drop(others);
    world.stop().await;
}

#[tokio::test]
async fn a_probe_that_meets_a_rate_limit_leaves_the_next_one_to_another_model() {
    for retry_after in [None, Some("30")] {
        let world = World::with(&[CLIENT], |settings| {
            once(settings);
            settings.chain[0].native.push("n".parse().unwrap());
        })
        .await;
        let mut faults = vec![status(500, None); 5];
        faults.push(status(429, retry_after));
        world.providers[0].script(faults);
        for _ in 0..5 {
            world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
        }
        assert_eq!(world.inference.health()[0].state, BreakerState::Open);
        world.hand.advance(Duration::from_secs(60));
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
        assert_eq!(world.inference.health()[0].state, BreakerState::HalfOpen);
        world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
        assert_eq!(world.attempts(), [6], "it rests");
        let other_model = body(CLIENT, false).replace(r#""model":"m""#, r#""model":"n""#);
        world.ask(&other_model, CLIENT).await.unwrap();
        assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
        world.stop().await;
    }
}

#[tokio::test]
async fn refused_credentials_take_the_provider_down_for_long() {
    let world = World::with(&[CLIENT, CLIENT], once).await;
    world.providers[0].script(vec![status(401, None)]);
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.inference.health()[0].state, BreakerState::HardDown);
    world.hand.advance(Duration::from_secs(14 * 60));
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [1, 2]);
    world.hand.advance(Duration::from_secs(60));
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    assert_eq!(world.attempts(), [2, 2]);
    world.stop().await;
}

#[tokio::test]
async fn limits_of_an_organisation_rest_all_its_keys() {
    let world = World::with(&[CLIENT, CLIENT, CLIENT], |settings| {
        once(settings);
        settings.chain[0].org_level_limits = true;
        settings.chain[2].org_level_limits = true;
    })
    .await;
    world.providers[0].script(vec![status(429, Some("9"))]);
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap();
    let limited = world.inference.health().into_iter().map(|health| health.limited);
    let m = vec![(ModelId::new("m").unwrap(), Duration::from_secs(9))];
    assert_eq!(limited.collect::<Vec<_>>(), [m.clone(), vec![], m]);
    world.stop().await;
}

#[tokio::test]
async fn a_stream_counts_at_its_end_and_a_broken_one_as_a_failure() {
    let world = World::with(&[CLIENT], once).await;
    world.providers[0].set_script(always(Fault::NoTerminal));
    for _ in 0..5 {
        let reply = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
        assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
        let error = hear(reply.body).await.error.unwrap();
        assert_eq!(error.failure().unwrap().kind, FailureKind::Truncated);
    }
    let health = &world.inference.health()[0];
    assert_eq!((health.state, health.failed), (BreakerState::Open, 5));
    world.stop().await;
}

#[tokio::test]
async fn a_stream_that_ends_well_is_a_success() {
    let world = World::with(&[CLIENT], once).await;
    world.providers[0].script(vec![status(500, None); 4]);
    for _ in 0..4 {
        world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    }
    let reply = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    assert_eq!(world.inference.health()[0].succeeded, 0);
    assert!(hear(reply.body).await.terminal);
    assert_eq!(world.inference.health()[0].succeeded, 1);
    // The failures before it no longer count towards the five.
    world.providers[0].script(vec![status(500, None)]);
    world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
    world.stop().await;
}

#[tokio::test]
async fn a_probe_is_over_with_its_first_content() {
    let world = World::with(&[CLIENT], once).await;
    world.providers[0].script(vec![Fault::Refuse; 5]);
    for _ in 0..5 {
        world.ask(&body(CLIENT, true), CLIENT).await.unwrap_err();
    }
    world.hand.advance(Duration::from_secs(60));
    world.providers[0].script(vec![Fault::Hold { at: simulator::Position::Last }]);
    let probe = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
    world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    world.providers[0].release(1);
    assert!(hear(probe.body).await.terminal);
    world.stop().await;
}

#[tokio::test]
async fn a_full_provider_is_passed_over() {
    let world = World::with(&[CLIENT, CLIENT], |settings| {
        settings.chain[0].concurrency_max = 1;
    })
    .await;
    let first = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    let second = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    assert_eq!(second.candidate.provider.as_str(), "p1");
    assert_eq!(world.inference.health()[0].in_flight, 1);
    drop(first);
    let third = world.ask(&body(CLIENT, true), CLIENT).await.unwrap();
    assert_eq!(third.candidate.provider.as_str(), "p0");
    world.stop().await;
}

/// Calls of tools that no client can be given, as models write them now and then.
const MALFORMED: [(ProviderProtocol, &str); 4] = [
    (
        ProviderProtocol::OpenAiChat,
        r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":"tool_calls"}]}"#,
    ),
    (
        ProviderProtocol::Groq,
        r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"f()"}}]},"finish_reason":"stop"}]}"#,
    ),
    (
        ProviderProtocol::OpenAiResponses,
        r#"{"id":"r","object":"response","status":"completed","model":"m","output":[{"id":"i","type":"function_call","call_id":"t","name":"f","arguments":"{\"a\":"}]}"#,
    ),
    (
        ProviderProtocol::Gemini,
        r#"{"candidates":[{"content":{"role":"model","parts":[]},"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#,
    ),
];

/// Five failures in a row would open it for everybody; that one model fails at one request says
/// nothing about others.
#[tokio::test]
async fn a_malformed_tool_call_goes_to_the_next_provider_and_is_no_failure_of_this_one() {
    let client = Protocol::AnthropicMessages;
    for (provider, answer) in MALFORMED {
        let world = World::new(&[provider, client.into()]).await;
        world.providers[0].set_script(always(Fault::Literal { body: answer.to_owned() }));
        for _ in 0..6 {
            let reply = world.ask(&body(client, false), client).await.unwrap();
            assert_eq!(reply.candidate.provider.as_str(), "p1", "{provider}");
            let failure = reply.attempts[0].failure.clone().unwrap();
            assert_eq!(failure.kind, FailureKind::Upstream(UpstreamErrorKind::Unable));
            assert_eq!(failure.message, "the model's tool call is malformed");
            assert!(failure.may_be_billed, "the model has written it");
        }
        assert_eq!(world.attempts(), [6, 6], "{provider}");
        assert_eq!(world.inference.health()[0].state, BreakerState::Closed, "{provider}");
        world.stop().await;
    }
}

/// Who was limited or is left alone might have taken it.
#[tokio::test]
async fn what_only_some_do_not_take_passes() {
    let code = "unsupported_value".to_owned();
    let refusal = Fault::Status { code: 400, retry_after: None, error: Some(code) };
    let limit = Fault::Status { code: 429, retry_after: Some("60".to_owned()), error: None };
    let world = World::new(&[ProviderProtocol::OpenAiChat; 2]).await;
    world.providers[0].set_script(always(limit));
    world.providers[1].set_script(always(refusal));
    for attempts in [2, 1] {
        let error = world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
        assert_eq!(error.class(), Class::Busy, "{error}");
        assert_eq!(error.attempts().len(), attempts);
        let unsupported = FailureKind::Upstream(UpstreamErrorKind::Unsupported);
        assert!(error.failure().is_none_or(|failure| failure.kind != unsupported));
    }
    world.stop().await;
}

/// Nobody mends a key within the minutes that a provider may ask for.
#[tokio::test]
async fn who_is_hard_down_says_for_how_long() {
    let world = World::new(&[ProviderProtocol::OpenAiChat]).await;
    world.providers[0].set_script(always(Fault::Status {
        code: 401,
        retry_after: None,
        error: None,
    }));
    world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
    let error = world.ask(&body(CLIENT, false), CLIENT).await.unwrap_err();
    assert_eq!(error.attempts().len(), 0);
    assert!(error.retry_after().unwrap() > Duration::from_secs(600), "{error}");
    world.stop().await;
}

/// A temperature that one model refuses is nothing against the provider, and others take it.
#[tokio::test]
async fn what_one_provider_does_not_take_goes_to_the_next_and_alone_is_the_caller_s() {
    let code = "unsupported_value".to_owned();
    let refusal = Fault::Status { code: 400, retry_after: None, error: Some(code) };
    for (count, answers) in [(2, true), (1, false)] {
        let world = World::new(&[ProviderProtocol::OpenAiChat; 2][..count]).await;
        world.providers[0].set_script(always(refusal.clone()));
        for _ in 0..6 {
            match world.ask(&body(CLIENT, false), CLIENT).await {
                Ok(reply) => assert_eq!(reply.candidate.provider.as_str(), "p1"),
                Err(error) => {
                    assert!(!answers, "{error}");
                    assert_eq!(error.class(), Class::Caller);
                    let failure = error.failure().unwrap();
                    let unsupported = FailureKind::Upstream(UpstreamErrorKind::Unsupported);
                    assert_eq!(failure.kind, unsupported);
                }
            }
        }
        assert_eq!(world.inference.health()[0].state, BreakerState::Closed);
        world.stop().await;
    }
}
