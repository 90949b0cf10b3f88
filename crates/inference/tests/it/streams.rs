//! A stream that is cut anywhere.

use forebay_inference::Error;
use simulator::{Fault, Position};
use wire::{Protocol, ProviderProtocol};

use crate::world::{CLIENTS, PROVIDERS, World, body, healthy, hear};

/// The first provider closes its stream after every possible number of bytes. The client gets the
/// whole answer of the second, or the beginning of the first's and an error; nothing else.
async fn check_cuts(upstream: ProviderProtocol, client: Protocol) {
    let expected = healthy(upstream, client, true).await;
    let world = World::with(&[upstream, upstream], |settings| {
        settings.attempts_per_provider = 1;
        settings.breaker.failures_max = u32::MAX;
        settings.retry_budget.floor_per_second = u32::MAX;
    })
    .await;
    let length = match upstream.client() {
        Some(native) => healthy(upstream, native, true).await.len(),
        // More than such a stream has: what is cut later is cut at its end.
        None => 2_500,
    };
    let (mut fell, mut broke) = (0, 0);
    for after_bytes in (0..length).step_by(7).chain(length - 12..length) {
        world.providers[0].script(vec![Fault::Close { after_bytes }]);
        let reply = world.ask(&body(client, true), client).await.unwrap();
        let provider = reply.candidate.provider.to_string();
        let heard = hear(reply.body).await;
        let at = format!("{upstream} to {client} cut after {after_bytes} of {length}");
        if let Some(error) = heard.error {
            assert!(matches!(error, Error::Interrupted { .. }), "{at}: {error}");
            assert!(expected.starts_with(&heard.bytes) && !heard.terminal, "{at}");
            assert!(heard.content, "{at}: nothing was handed on, and nobody else was asked");
            assert_eq!(provider, "p0", "{at}: a second answer was spliced on");
            broke += 1;
        } else {
            assert_eq!(heard.bytes, expected, "{at}");
            fell += usize::from(provider == "p1");
        }
    }
    assert!(fell > 5 && broke > 20, "{fell} fell over, {broke} broke off");
    world.stop().await;
}

#[tokio::test]
async fn a_stream_cut_anywhere_falls_over_or_ends_in_an_error() {
    for upstream in PROVIDERS {
        for client in CLIENTS {
            check_cuts(upstream, client).await;
        }
    }
}

/// The providers' own words for an error decide what follows, inside a 200 as with a status.
#[tokio::test]
async fn an_error_inside_a_200_is_classified_as_its_status() {
    for (upstream, code, expected) in [
        (Protocol::OpenAiChat, "insufficient_quota", "p1"),
        (Protocol::OpenAiChat, "rate_limit_exceeded", "p1"),
        (Protocol::OpenAiChat, "context_length_exceeded", "refused"),
        (Protocol::OpenAiResponses, "insufficient_quota", "p1"),
        (Protocol::OpenAiResponses, "rate_limit_exceeded", "p1"),
        (Protocol::OpenAiResponses, "context_length_exceeded", "refused"),
        (Protocol::AnthropicMessages, "overloaded_error", "p1"),
        (Protocol::AnthropicMessages, "authentication_error", "p1"),
        (Protocol::AnthropicMessages, "invalid_request_error", "refused"),
    ] {
        for is_stream in [true, false] {
            let world = World::new(&[upstream, upstream]).await;
            let code = Some(code.to_owned());
            let error = Fault::ErrorEvent { position: Position::First, code: code.clone() };
            world.providers[0].script(vec![error.clone(), error]);
            let result = world.ask(&body(upstream, is_stream), upstream).await;
            let seen = match result {
                Ok(reply) => reply.candidate.provider.to_string(),
                Err(Error::Refused { .. }) => "refused".to_owned(),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(seen, expected, "{upstream} {code:?} {is_stream}");
            world.stop().await;
        }
    }
}

#[tokio::test]
async fn an_event_without_end_is_given_up() {
    for upstream in PROVIDERS {
        let world = World::new(&[upstream, upstream]).await;
        world.providers[0].script(vec![Fault::LongLine { bytes: wire::MAX_EVENT_BYTES + 1 }]);
        let client = Protocol::OpenAiChat;
        let reply = world.ask(&body(client, true), client).await.unwrap();
        assert_eq!(reply.candidate.provider.as_str(), "p1");
        world.stop().await;
    }
}
