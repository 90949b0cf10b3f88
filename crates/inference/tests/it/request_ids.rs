//! A provider's own id of each request, which its support asks for.

use forebay_inference::{AttemptRecord, Error, ReplyBody};
use simulator::{Fault, Position};
use types::UpstreamRequestId;

use crate::world::{CLIENTS, PROVIDERS, World};

fn status(code: u16) -> Fault {
    Fault::Status { code, retry_after: None, error: None }
}

fn ids(attempts: &[AttemptRecord]) -> Vec<Option<&str>> {
    let ids = attempts.iter().map(|attempt| attempt.upstream_request_id.as_ref());
    ids.map(|id| id.map(UpstreamRequestId::as_str)).collect()
}

fn body(is_stream: bool) -> String {
    let said = r#""messages":[{"role":"user","content":"hi"}]"#;
    format!(r#"{{"model":"m","max_tokens":10,"stream":{is_stream},{said}}}"#)
}

/// Simulators number what they are asked from 0, and name their answers by that.
#[tokio::test]
async fn an_attempt_has_its_provider_s_id_however_it_ends() {
    for protocol in PROVIDERS {
        for is_stream in [false, true] {
            let world = World::with(&[protocol, protocol], |settings| {
                settings.attempts_per_provider = 4;
            })
            .await;
            let broken = Fault::ErrorEvent { position: Position::First, code: None };
            let faults = vec![status(500), Fault::CloseBeforeHeaders, status(500), broken];
            world.providers[0].script(faults);
            let reply = world.ask(&body(is_stream), CLIENTS[0]).await.unwrap();
            let expected = [Some("req_0"), None, Some("req_2"), Some("req_3"), Some("req_0")];
            assert_eq!(ids(&reply.attempts), expected, "{protocol:?} {is_stream}");
            assert_eq!(matches!(reply.body, ReplyBody::Stream(_)), is_stream);
            drop(reply);
            world.stop().await;
        }
    }
}

#[tokio::test]
async fn who_refuses_the_request_itself_has_named_it_too() {
    let world = World::new(&PROVIDERS[..1]).await;
    world.providers[0].script(vec![status(400)]);
    let error = world.ask(&body(false), CLIENTS[0]).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(ids(error.attempts()), [Some("req_0")]);
    world.stop().await;
}
