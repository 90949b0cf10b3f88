//! What goes out is what came in, but for the permitted splices.

use std::time::Duration;

use forebay_inference::OpenGate;
use http::{HeaderName, HeaderValue};
use simulator::{Fault, Script};
use wire::{Protocol, ProviderProtocol};

use crate::world::{CLIENTS, World, call, hear};

/// Sends `body` to providers of the same protocol; the first calls the model `m`, the second `own`.
#[track_caller]
fn check_splice(sent: &[u8], body: &str, splices: &[(&str, &str)]) {
    let mut expected = body.to_owned();
    for (from, to) in splices {
        assert!(expected.contains(from), "{from}");
        expected = expected.replacen(from, to, 1);
    }
    assert_eq!(String::from_utf8_lossy(sent), expected);
}

/// A request of either protocol that has messages, and with an input one of the third.
const ODD: &str = "{ \"messages\" : [ {\"role\":\"user\", \"content\":\"caf\\u00e9 \\ud83d\\ude00 \
                   \u{e9}\"} ],\n\t\"x_unknown\": [1.0e0, 1E2, -0.0, {\"b\":1,\"a\":2}],  \
                   \"max_tokens\": 10, \"model\":\"m\"@ }";

#[tokio::test]
async fn the_same_protocol_means_the_same_bytes() {
    for protocol in CLIENTS {
        let world = World::new(&[protocol]).await;
        let mut body = ODD.replace('@', "");
        if protocol == Protocol::OpenAiResponses {
            body = body.replace("\"messages\"", "\"input\"").replace("\"max_", "\"max_output_");
        }
        world.ask(&body, protocol).await.unwrap();
        let requests = world.providers[0].requests();
        check_splice(&requests[0].body, &body, &[]);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_stream_asks_for_its_usage_and_nothing_else_changes() {
    let world = World::new(&[Protocol::OpenAiChat]).await;
    let body = ODD.replace('@', ", \"stream\" : true, \"stream_options\":{\"include_usage\":true}");
    world.ask(&body, Protocol::OpenAiChat).await.unwrap();
    check_splice(&world.providers[0].requests()[0].body, &body, &[]);

    let without = ODD.replace('@', ", \"stream\" : true");
    world.ask(&without, Protocol::OpenAiChat).await.unwrap();
    let sent = world.providers[0].requests()[1].body.clone();
    let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
    let mut expected: serde_json::Value = serde_json::from_str(&without).unwrap();
    expected["stream_options"] = serde_json::json!({"include_usage": true});
    assert_eq!(sent, expected);
    world.stop().await;
}

#[tokio::test]
async fn a_mapped_model_is_the_only_other_splice() {
    let world = World::with(&[Protocol::OpenAiChat], |settings| {
        let provider = &mut settings.chain[0];
        provider.native.clear();
        provider.models.insert("m".parse().unwrap(), "own/model-1".parse().unwrap());
    })
    .await;
    let body = ODD.replace('@', "");
    world.ask(&body, Protocol::OpenAiChat).await.unwrap();
    let sent = world.providers[0].requests()[0].body.clone();
    check_splice(&sent, &body, &[("\"model\":\"m\"", "\"model\":\"own/model-1\"")]);
    world.stop().await;
}

/// Whoever stands in for another model is asked for no more than it can write; whoever is asked for
/// its own model in its own protocol gets the client's bytes.
#[tokio::test]
async fn a_limit_above_a_models_maximum_is_lowered_where_the_client_cannot_know_it() {
    let client = Protocol::OpenAiChat;
    let world = World::with(&[client, client, Protocol::AnthropicMessages], |settings| {
        let stand_in = &mut settings.chain[1];
        stand_in.native.clear();
        stand_in.models.insert("m".parse().unwrap(), "own".parse().unwrap());
    })
    .await;
    let limited = Fault::Status { code: 429, retry_after: None, error: None };
    for provider in &world.providers[..2] {
        provider.set_script(Script { always: limited.clone(), ..Script::default() });
    }
    for (asked, expected) in [(65_536, [65_536, 16_384, 8_192]), (4_096, [4_096; 3])] {
        world.hand.advance(Duration::from_secs(60));
        let limit = format!("\"max_tokens\":{asked},\"model\"");
        let body = crate::world::body(client, false).replace("\"model\"", &limit);
        let mut call = call(&world.inference, &body, client);
        call.edits.max_output_tokens = None;
        for (candidate, most) in call.route.candidates.iter_mut().zip([1_000, 16_384, 8_192]) {
            candidate.max_output = Some(most);
        }
        world.inference.dispatch(call, OpenGate).await.unwrap();
        let sent: Vec<Vec<u8>> = (world.providers.iter())
            .map(|provider| provider.requests().pop().unwrap().body.to_vec())
            .collect();
        check_splice(&sent[0], &body, &[]);
        let limit = |sent: &Vec<u8>| {
            let sent: serde_json::Value = serde_json::from_slice(sent).unwrap();
            sent["max_tokens"].as_u64().unwrap()
        };
        assert_eq!(sent.iter().map(limit).collect::<Vec<_>>(), expected);
    }
    world.stop().await;
}

/// A provider that speaks both of OpenAI's protocols gets each client's own bytes.
#[tokio::test]
async fn a_provider_may_speak_responses_beside_chat_completions() {
    let world = World::with(&[Protocol::OpenAiChat], |settings| {
        settings.chain[0].also_responses = true;
    })
    .await;
    for client in [Protocol::OpenAiResponses, Protocol::OpenAiChat] {
        let body = crate::world::body(client, false);
        let body = body.replace("\"model\"", "\"max_output_tokens\":9,\"max_tokens\":9,\"model\"");
        let other = if client == Protocol::OpenAiChat { "max_output_tokens" } else { "max_tokens" };
        let body = body.replace(&format!("\"{other}\":9,"), "");
        world.ask(&body, client).await.unwrap();
        let requests = world.providers[0].requests();
        check_splice(&requests.last().unwrap().body, &body, &[]);
    }
    let paths: Vec<String> =
        world.providers[0].requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/v1/responses", "/v1/chat/completions"]);
    world.stop().await;
}

/// OpenAI's newer models call tools with reasoning in Responses alone, and only chat completions has
/// sequences to stop at.
#[tokio::test]
async fn an_anthropic_client_is_translated_to_responses_where_that_can_say_it() {
    let world = World::with(&[Protocol::OpenAiChat], |settings| {
        settings.chain[0].also_responses = true;
    })
    .await;
    let client = Protocol::AnthropicMessages;
    let image = r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}"#;
    let tools = r#""system":"Be brief.","thinking":{"type":"adaptive"},"tools":[{"name":"look","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},"#;
    let stop = r#""stop_sequences":["END"],"#;
    for (fields, content, path) in [
        ("", "\"hi\"", "/v1/responses"),
        (tools, "\"hi\"", "/v1/responses"),
        ("", &format!("[{image}]"), "/v1/responses"),
        (r#""stop_sequences":[],"#, "\"hi\"", "/v1/responses"),
        (stop, "\"hi\"", "/v1/chat/completions"),
    ] {
        for is_stream in [false, true] {
            let body = crate::world::body(client, is_stream).replace("\"hi\"", content);
            let body = body.replace("\"model\"", &format!("{fields}\"model\""));
            let reply = world.ask(&body, client).await.unwrap();
            assert!(hear(reply.body).await.terminal, "{fields}");
            let asked = world.providers[0].requests().pop().unwrap();
            assert_eq!(asked.path, path, "{fields}");
        }
    }
    world.stop().await;
}

/// The model stands in Gemini's address, and nothing else of the request does.
#[tokio::test]
async fn gemini_is_asked_at_the_address_of_its_model() {
    let world = World::with(&[ProviderProtocol::Gemini], |settings| {
        let provider = &mut settings.chain[0];
        provider.native.clear();
        provider.models.insert("m".parse().unwrap(), "own-model-1".parse().unwrap());
    })
    .await;
    for (is_stream, method) in [(false, "generateContent"), (true, "streamGenerateContent")] {
        let body = crate::world::body(Protocol::AnthropicMessages, is_stream);
        world.ask(&body, Protocol::AnthropicMessages).await.unwrap();
        let request = world.providers[0].requests().pop().unwrap();
        assert_eq!(request.path, format!("/v1beta/models/own-model-1:{method}"));
        assert!(request.header("authorization").is_none() && request.header("x-api-key").is_none());
        assert!(!String::from_utf8_lossy(&request.body).contains("own-model-1"));
    }
    world.stop().await;
}

#[tokio::test]
async fn headers_are_those_on_the_list() {
    let world = World::new(&[Protocol::AnthropicMessages]).await;
    let body = crate::world::body(Protocol::AnthropicMessages, true);
    let mut call = call(&world.inference, &body, Protocol::AnthropicMessages);
    for (name, value) in
        [("cookie", "a=b"), ("authorization", "Bearer client"), ("anthropic-beta", "tools-1")]
    {
        let name = HeaderName::from_static(name);
        call.headers.push((name, HeaderValue::from_static(value)));
    }
    world.inference.dispatch(call, OpenGate).await.unwrap();
    let mut names: Vec<String> = world.providers[0].requests()[0]
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "accept",
            "anthropic-beta",
            "anthropic-version",
            "content-length",
            "content-type",
            "host",
            "idempotency-key",
            "user-agent",
            "x-api-key",
            "x-request-id",
        ]
    );
    world.stop().await;
}
