//! What agents need: every protocol with every provider, and quick answers to what is not served.

use std::net::SocketAddr;

use serde_json::{Value, json};
use wire::{Protocol, ProviderProtocol};

use crate::client::{Client, streamed, with};
use crate::raw::Raw;
use crate::reading::Said;
use crate::stand::{ANTHROPIC, MODEL, OPENAI, PROTOCOLS, Plan, RESPONSES};

const PROVIDERS: [ProviderProtocol; 5] = [
    ProviderProtocol::OpenAiChat,
    ProviderProtocol::OpenAiResponses,
    ProviderProtocol::AnthropicMessages,
    ProviderProtocol::Gemini,
    ProviderProtocol::Groq,
];

/// The beginning of what comes back to these bytes.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut raw = Raw::connect(address).await;
    assert!(raw.send(request).await);
    let received =
        if request.starts_with("HEAD") { raw.rest().await } else { raw.response().await };
    String::from_utf8(received.bytes).unwrap()
}

/// A question with a tool, in the client's own words.
fn with_tool(client: &Client, text: &str) -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = match client.protocol {
        Protocol::OpenAiChat => {
            json!({"type": "function", "function": {"name": "look_up", "parameters": schema}})
        }
        Protocol::OpenAiResponses => {
            json!({"type": "function", "name": "look_up", "parameters": schema, "strict": false})
        }
        Protocol::AnthropicMessages => json!({"name": "look_up", "input_schema": schema}),
    };
    with(&client.question(text), "tools", json!([tool]))
}

/// The same text, call, end and tokens come from every provider, streamed or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_is_answered_alike_by_every_provider() {
    for client in PROTOCOLS {
        let mut first: Option<Vec<Said>> = None;
        for provider in PROVIDERS {
            let stand = Plan::new(&[provider]).start().await;
            let client = stand.client(client).with_header("cache-control", "no-cache, no-store");
            let mut said = Vec::new();
            for question in [client.question("hi"), with_tool(&client, "call:look_up")] {
                let whole = client.ask(&question).await.said();
                let stream = client.ask(&streamed(&question)).await.said();
                assert!(whole.is_good(), "{provider}: {whole:?}");
                // Only a client that asks for it is told the usage of a stream of chat completions.
                let output_tokens = stream.output_tokens.or(whole.output_tokens);
                assert_eq!(Said { output_tokens, ..stream }, whole, "{provider}");
                said.push(whole);
            }
            assert!(said[1].text.contains("look_up"), "{provider}: {said:?}");
            assert_eq!(first.get_or_insert_with(|| said.clone()), &said, "{provider}");
            stand.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_cannot_be_asked_is_refused_before_it_is() {
    let stand = Plan::new(&[ProviderProtocol::Groq]).start().await;
    let client = stand.client(OPENAI);
    let refused = client.ask(&with(&client.question("hi"), "logprobs", true)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.problem().message.contains("logprobs cannot be translated to groq"));
    assert_eq!(stand.attempts(), [0]);
    stand.stop().await;
}

/// Codex falls back to the whole conversation at this code, and to plain HTTP at this status.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_elsewhere_is_refused_at_once() {
    let stand = Plan::new(&[RESPONSES]).start().await;
    let client = stand.client(RESPONSES);
    let refused = client.ask(&with(&client.question("hi"), "previous_response_id", "resp_1")).await;
    let problem = refused.problem();
    assert_eq!(refused.status, 400);
    assert_eq!(problem.code.as_deref(), Some("previous_response_not_found"));
    assert!(problem.message.contains("send the whole conversation"), "{problem:?}");
    assert_eq!(refused.header("retry-after"), "");
    let refused = client.get("/v1/responses/resp_1").await;
    assert_eq!((refused.status, refused.problem().kind.as_str()), (404, "invalid_request_error"));
    assert_eq!(client.get("/v1/responses").await.status, 405);
    let (address, end) = (stand.address(), "Content-Length: 2\r\n\r\n{}");
    let compact = format!("POST /v1/responses/compact HTTP/1.1\r\nHost: x\r\n{end}");
    assert!(exchange(address, &compact).await.starts_with("HTTP/1.1 404 "));
    let upgrade = "GET /v1/responses HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assert!(exchange(address, upgrade).await.starts_with("HTTP/1.1 426 "));
    assert_eq!(stand.attempts(), [0]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_s_own_paths_are_answered() {
    let stand = Plan::new(&[ANTHROPIC]).start().await;
    let head =
        exchange(stand.address(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let client = stand.client(ANTHROPIC);
    let answer = client.post_to("/v1/messages?beta=true", &client.question("hi")).await;
    assert!(answer.said().is_good());

    let mut question = client.question("How many tokens are these? ".repeat(100).as_str());
    question.as_object_mut().unwrap().remove("max_tokens");
    let counted = client.post_to("/v1/messages/count_tokens?beta=true", &question).await;
    let counted: Value = serde_json::from_slice(&counted.body).unwrap();
    // The sentence has six tokens; around all there are some more.
    let tokens = counted["input_tokens"].as_u64().unwrap();
    assert!((600..650).contains(&tokens), "{counted}");
    let refused = client.post_to("/v1/messages/count_tokens", &json!({"model": MODEL})).await;
    assert_eq!((refused.status, refused.problem().kind.as_str()), (400, "invalid_request_error"));
    assert_eq!(stand.attempts(), [1], "counting asks no provider");
    stand.stop().await;
}
