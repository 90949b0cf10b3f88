//! Requests that a provider would refuse.

use forebay_simulator::{Authentication, Simulator, SimulatorSettings};
use serde_json::{Value, json};

use crate::client::{ANTHROPIC, BEARER, anthropic, get, openai, post, send, start};

async fn check(request: &[u8], status: u16, part_of_message: &str) -> Value {
    let simulator = start().await;
    let response = send(&simulator, request).await;
    let mut envelope = response.json();
    assert_eq!(response.status, status, "{envelope}");
    let message = envelope["error"]["message"].take();
    assert!(message.as_str().unwrap().contains(part_of_message), "{message}");
    let counts = simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!((counts.refused, counts.completed), (1, 0));
    simulator.stop().await;
    envelope
}

async fn check_openai(body: &str, part_of_message: &str) {
    let envelope = check(&openai(body), 400, part_of_message).await;
    let error =
        json!({"message": null, "type": "invalid_request_error", "param": null, "code": null});
    assert_eq!(envelope, json!({ "error": error }));
}

async fn check_anthropic(body: &str, part_of_message: &str) {
    let envelope = check(&anthropic(body), 400, part_of_message).await;
    let error = json!({"type": "invalid_request_error", "message": null});
    assert_eq!(envelope, json!({"type": "error", "error": error, "request_id": "req_simulated"}));
}

#[tokio::test]
async fn openai_requests_are_checked() {
    let user = r#"{"role":"user","content":"hi"}"#;
    let call = r#"{"role":"assistant","tool_calls":[{"id":"a"}]}"#;
    let tool = r#"{"role":"tool","tool_call_id":"a","content":"x"}"#;
    let with =
        |messages: &[&str]| format!(r#"{{"model":"m","messages":[{}]}}"#, messages.join(","));
    let and = |more: &str| format!(r#"{{"model":"m","messages":[{user}],{more}}}"#);
    for (body, message) in [
        ("{".to_owned(), "not valid JSON"),
        ("[]".to_owned(), "not a JSON object"),
        (format!(r#"{{"messages":[{user}]}}"#), "model"),
        (format!(r#"{{"model":"","messages":[{user}]}}"#), "model"),
        (r#"{"model":"m"}"#.to_owned(), "messages"),
        (with(&[]), "messages"),
        (with(&[r#"{"role":"robot","content":"hi"}"#]), "messages[0].role"),
        (with(&[r#"{"role":"user","content":7}"#]), "messages[0].content"),
        (with(&[r#"{"role":"user"}"#]), "messages[0].content"),
        (with(&[user, tool]), "messages[1]: a message with role 'tool'"),
        (with(&[user, call]), "must be followed"),
        (with(&[user, call, user]), "must be followed"),
        (with(&[user, call, tool, tool]), "messages[3]: a message with role 'tool'"),
        (and(r#""max_tokens":0"#), "max_tokens"),
        (and(r#""max_tokens":1.5"#), "max_tokens"),
        (and(r#""max_tokens":"5""#), "max_tokens"),
        (and(r#""max_tokens":1,"max_completion_tokens":1"#), "together"),
        (and(r#""n":129"#), "n:"),
        (and(r#""temperature":2.1"#), "temperature"),
        (and(r#""stream":"yes""#), "stream"),
        (and(r#""stream_options":{"include_usage":true}"#), "only allowed when stream"),
        (and(r#""stream":true,"stream_options":{"include_usage":1}"#), "include_usage"),
        (and(r#""tool_choice":"auto""#), "tool_choice"),
        (and(r#""tools":[{"name":"x","input_schema":{}}]"#), "tools"),
        (and(r#""system":"x""#), "system"),
        (and(r#""stop_sequences":["x"]"#), "stop_sequences"),
    ] {
        check_openai(&body, message).await;
    }
}

#[tokio::test]
async fn anthropic_requests_are_checked() {
    let user = r#"{"role":"user","content":"hi"}"#;
    let call =
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}"#;
    let result = r#"{"type":"tool_result","tool_use_id":"a","content":"x"}"#;
    let text = r#"{"type":"text","text":"x"}"#;
    let answer = |blocks: &[&str]| format!(r#"{{"role":"user","content":[{}]}}"#, blocks.join(","));
    let with = |messages: &[&str]| {
        format!(r#"{{"model":"m","max_tokens":9,"messages":[{}]}}"#, messages.join(","))
    };
    let and = |more: &str| format!(r#"{{"model":"m","max_tokens":9,"messages":[{user}],{more}}}"#);
    for (body, message) in [
        (format!(r#"{{"model":"m","messages":[{user}]}}"#), "max_tokens: field required"),
        (format!(r#"{{"max_tokens":9,"messages":[{user}]}}"#), "model"),
        (with(&[]), "messages"),
        (with(&[r#"{"role":"system","content":"x"}"#]), "messages.0: role"),
        (with(&[r#"{"role":"assistant","content":"x"}"#]), "messages.0: the first"),
        (with(&[r#"{"role":"user","content":""}"#]), "messages.0: content"),
        (with(&[r#"{"role":"user","content":[]}"#]), "messages.0: content"),
        (with(&[user, call]), "needs a tool_result"),
        (with(&[user, call, user]), "needs a tool_result"),
        (with(&[user, call, &answer(&[text, result])]), "must come first"),
        (with(&[user, &answer(&[result])]), "no tool_use"),
        (with(&[user, call, &answer(&[result, result])]), "no tool_use"),
        (and(r#""temperature":1.1"#), "temperature"),
        (and(r#""system":[{"type":"image"}]"#), "system"),
        (and(r#""tool_choice":"auto""#), "tool_choice"),
        (and(r#""tools":[{"type":"function","function":{"name":"x"}}]"#), "tools"),
        (and(r#""tools":[{"name":"x"}]"#), "input_schema"),
        (and(r#""stream_options":{}"#), "stream_options"),
        (and(r#""n":1"#), "n:"),
    ] {
        check_anthropic(&body, message).await;
    }
    let fine = with(&[user, call, &answer(&[result, text])]);
    let no_version = post("/v1/messages", "x-api-key: k\r\n", &fine);
    check(&no_version, 400, "anthropic-version").await;
    let simulator = start().await;
    assert_eq!(send(&simulator, &anthropic(&fine)).await.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn paths_and_methods_are_checked() {
    check(&get("/v1/chat/completions", BEARER), 405, "POST").await;
    check(&get("/v1/messages", ANTHROPIC), 405, "POST").await;
    check(&post("/v1/models", BEARER, ""), 405, "GET").await;
    check(&get("/v1/other", BEARER), 404, "unknown path").await;
}

async fn check_key(authentication: &Authentication, headers: &str, accepted: bool) {
    let settings = SimulatorSettings {
        authentication: authentication.clone(),
        ..SimulatorSettings::default()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let (path, body) =
        ("/v1/chat/completions", r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    for request in [post(path, headers, body), get("/v1/models", headers)] {
        let response = send(&simulator, &request).await;
        let code = &response.json()["error"]["code"];
        let expected =
            if accepted { (200, &Value::Null) } else { (401, &json!("invalid_api_key")) };
        assert_eq!((response.status, code), expected, "{authentication:?} {headers}");
    }
    simulator.stop().await;
}

#[tokio::test]
async fn keys_are_checked() {
    let key = Authentication::Key("sk-1".into());
    for (authentication, headers, accepted) in [
        (&Authentication::Open, "", true),
        (&Authentication::AnyKey, "", false),
        (&Authentication::AnyKey, "authorization: Bearer \r\n", false),
        (&Authentication::AnyKey, "authorization: Basic sk-1\r\n", false),
        (&Authentication::AnyKey, "Authorization: Bearer sk-2\r\n", true),
        (&key, "authorization: Bearer sk-2\r\n", false),
        (&key, "authorization: Bearer sk-1\r\n", true),
    ] {
        check_key(authentication, headers, accepted).await;
    }
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    for key in ["", "x-api-key: \r\n"] {
        let headers = format!("anthropic-version: 2023-06-01\r\n{key}");
        let envelope = check(&post("/v1/messages", &headers, body), 401, "API key").await;
        assert_eq!(envelope["error"]["type"], "authentication_error");
    }
}

#[tokio::test]
async fn models_are_listed_in_both_shapes() {
    let settings =
        SimulatorSettings { models: vec!["a".into(), "b".into()], ..SimulatorSettings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    let model = |id: &str| json!({"id": id, "object": "model", "created": 1_700_000_000, "owned_by": "simulator"});
    let list = send(&simulator, &get("/openai/v1/models", BEARER)).await.json();
    assert_eq!(list, json!({"object": "list", "data": [model("a"), model("b")]}));
    let model = |id: &str| json!({"type": "model", "id": id, "display_name": id, "created_at": "2023-11-14T22:13:20Z"});
    let list = send(&simulator, &get("/v1/models", ANTHROPIC)).await.json();
    assert_eq!(
        list,
        json!({"data": [model("a"), model("b")], "has_more": false, "first_id": "a", "last_id": "b"})
    );
    simulator.stop().await;
}

#[tokio::test]
async fn settings_that_contradict_themselves_are_refused() {
    for (settings, message) in [
        (r#"{"latency":{"min_ms":2,"max_ms":1}}"#, "latency.min_ms is 2"),
        (r#"{"output_tokens":7}"#, "output_tokens is 7"),
        (r#"{"output_tokens":100001}"#, "output_tokens is 100001"),
        (r#"{"chunks":0}"#, "chunks is 0"),
    ] {
        let settings: SimulatorSettings = serde_json::from_str(settings).unwrap();
        let error = Simulator::start(settings).await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(error.class(), types::Class::Caller);
    }
    assert!(serde_json::from_str::<SimulatorSettings>(r#"{"unknown":1}"#).is_err());
    let first = start().await;
    let taken = SimulatorSettings { address: first.address(), ..SimulatorSettings::default() };
    assert_eq!(Simulator::start(taken).await.unwrap_err().class(), types::Class::Fault);
}
