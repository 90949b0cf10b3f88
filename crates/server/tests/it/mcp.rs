//! `/mcp`: the tools of agents over HTTP, for whoever has a key and for no web page.

use serde_json::{Value, json};

use crate::client::plain_http;
use crate::stand::{OPENAI, Plan, Stand};

/// Posts a message as an agent does, with more headers; the status and the answer.
async fn post(stand: &Stand, headers: &[(&str, &str)], message: String) -> (u16, String) {
    let mut request = plain_http()
        .post(format!("http://{}/mcp", stand.address()))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(message);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

fn message(method: &str, params: Value) -> String {
    let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": method});
    message["params"] = params;
    message.to_string()
}

fn call(tool: &str, arguments: Value) -> String {
    let mut params = json!({"name": tool});
    params["arguments"] = arguments;
    message("tools/call", params)
}

#[track_caller]
fn json_of(answer: &str) -> Value {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_answered_in_json_without_a_session() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    });
    let (status, answer) = post(&stand, &[], message("initialize", hello)).await;
    assert_eq!(
        (status, &json_of(&answer)["result"]["serverInfo"]["name"]),
        (200, &json!("forebay"))
    );
    let (status, answer) = post(&stand, &[], message("tools/list", json!({}))).await;
    assert_eq!(status, 200);
    assert_eq!(json_of(&answer)["result"]["tools"].as_array().unwrap().len(), 9);
    let add = call("knowledge_add", json!({"content": "Tea is served at four."}));
    let (_, answer) = post(&stand, &[], add).await;
    assert_eq!(json_of(&answer)["result"]["structuredContent"]["outcome"], "created", "{answer}");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_asked_for_before_the_message_is_looked_at() {
    let stand = Plan::new(&[OPENAI])
        .with("server.require_keys = true")
        .with("server.body_bytes_max = 4096")
        .start()
        .await;
    for key in ["", "Bearer fb-wrong"] {
        let (status, answer) = post(&stand, &[("authorization", key)], "no message".into()).await;
        assert_eq!((status, &json_of(&answer)["error"]["code"]), (401, &json!("invalid_api_key")));
    }
    let key = format!("Bearer {}", stand.key("acme", "ada").await);
    let key = [("authorization", key.as_str())];
    let (status, answer) = post(&stand, &key, call("budget_status", json!({}))).await;
    let accounts = &json_of(&answer)["result"]["structuredContent"]["accounts"];
    assert_eq!((status, &accounts[0]["name"]), (200, &json!("ada")), "{answer}");
    let (status, _) = post(&stand, &key, "x".repeat(4097)).await;
    assert_eq!(status, 413);
    stand.stop().await;
}

/// A page may have its own name lead to this machine; the browser tells which page it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_web_page_reaches_the_tools_of_a_gateway_without_keys() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let list = || message("tools/list", json!({}));
    for header in [
        ("host", "evil.example"),
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
    ] {
        assert_eq!(post(&stand, &[header], list()).await.0, 403, "{header:?}");
    }
    assert_eq!(post(&stand, &[("host", "localhost")], list()).await.0, 200);
    stand.stop().await;
}
