//! Gemini's own protocol, and that a conversation is the same in every protocol.

use forebay_simulator::{Fault, Position, UsageFault};
use serde_json::{Value, json};

use crate::client::{ANTHROPIC, BEARER, Response, post, send, start};

const KEY: &str = "x-goog-api-key: sk-test\r\n";
const HELLO: &str = r#"{"systemInstruction":{"parts":[{"text":"be"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"#;
const CALLING: &str = r#"{"contents":[{"role":"user","parts":[{"text":"call:look_up, call:ping"}]}],
    "tools":[{"functionDeclarations":[
        {"name":"look_up","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}},
        {"name":"ping"}]}]}"#;

async fn request(method: &str, headers: &str, body: &str) -> Response {
    let simulator = start().await;
    let path = format!("/v1beta/models/m:{method}");
    let response = send(&simulator, &post(&path, headers, body)).await;
    simulator.stop().await;
    response
}

async fn ask(body: &str) -> Value {
    let response = request("generateContent", KEY, body).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

async fn stream(body: &str) -> Vec<Value> {
    let response = request("streamGenerateContent?alt=sse", KEY, body).await;
    let text = response.text().strip_suffix("\r\n\r\n").unwrap();
    let data = text.split("\r\n\r\n").map(|frame| frame.strip_prefix("data: ").unwrap());
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn parts(answer: &Value) -> &Vec<Value> {
    answer["candidates"][0]["content"]["parts"].as_array().unwrap()
}

#[tokio::test]
async fn a_complete_answer_has_the_documented_members() {
    let answer = ask(HELLO).await;
    let text = parts(&answer)[0]["text"].as_str().unwrap();
    assert!(text.starts_with("Simulated answer – é 🌊 "), "{text}");
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    assert_eq!(answer["modelVersion"], "m");
    assert_eq!(
        answer["usageMetadata"],
        // "m", "be" and "hi" are five bytes.
        json!({"promptTokenCount": 2, "candidatesTokenCount": 32, "totalTokenCount": 34})
    );
}

#[tokio::test]
async fn a_stream_says_what_the_complete_answer_says() {
    let (complete, chunks) = (ask(HELLO).await, stream(HELLO).await);
    let text: String =
        chunks.iter().map(|chunk| parts(chunk)[0]["text"].as_str().unwrap()).collect();
    assert_eq!(parts(&complete)[0]["text"], text);
    let (last, earlier) = chunks.split_last().unwrap();
    assert!(earlier.iter().all(|chunk| chunk["candidates"][0].get("finishReason").is_none()));
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"], complete["usageMetadata"]);
    let (complete, chunks) = (ask(CALLING).await, stream(CALLING).await);
    let calls: Vec<_> = chunks.iter().flat_map(|chunk| parts(chunk).clone()).collect();
    assert_eq!(&calls, parts(&complete));
    assert_eq!(calls[0]["functionCall"]["args"], json!({"city": "simulated – naïve"}));
    assert!(calls[0]["thoughtSignature"].is_string() && calls[1].get("thoughtSignature").is_none());
}

#[tokio::test]
async fn requests_are_checked() {
    let contents = |inner: &str| format!(r#"{{"contents":[{inner}]}}"#);
    let call = r#"{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}"#;
    let response = r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}"#;
    let signed = call.replace("}}}", r#"}},"thoughtSignature":"c2ln"}"#);
    for (body, part_of_message) in [
        ("{}".to_owned(), "contents"),
        (contents(r#"{"role":"assistant","parts":[{"text":"x"}]}"#), "valid role"),
        (contents(r#"{"role":"user","parts":[]}"#), "parts"),
        (contents(&format!("{call},{response}")), "thought_signature"),
        (contents(&signed), "no response"),
        (contents(response), "number of function response parts"),
        (HELLO.replacen('{', r#"{"model":"m","#, 1), "Unknown name \"model\""),
        (
            HELLO.replacen('{', r#"{"generationConfig":{"max_tokens":1},"#, 1),
            "Unknown name \"max_tokens\"",
        ),
    ] {
        let response = request("generateContent", KEY, &body).await;
        assert_eq!(response.status, 400, "{body}");
        let error = response.json()["error"].clone();
        assert_eq!((&error["code"], &error["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
        assert!(error["message"].as_str().unwrap().contains(part_of_message), "{error}");
    }
    ask(&contents(&format!("{signed},{response}"))).await;
    assert_eq!(request("generateContent", BEARER, HELLO).await.status, 401);
    assert_eq!(request("streamGenerateContent", KEY, HELLO).await.status, 400);
}

/// The same conversation in each protocol, with a tool's call and result.
const CONVERSATIONS: [(&str, &str, &str); 5] = [
    (
        "/v1/chat/completions",
        BEARER,
        r#"{"model":"m","messages":[{"role":"system","content":"be"},{"role":"user","content":"hi"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": \"xyz\"}"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"done"}]}"#,
    ),
    (
        "/openai/v1/chat/completions",
        BEARER,
        r#"{"model":"m","messages":[{"role":"system","content":"be"},{"role":"user","content":"hi"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": \"xyz\"}"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"done"}]}"#,
    ),
    (
        "/v1/responses",
        BEARER,
        r#"{"model":"m","instructions":"be","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]},
            {"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":\"xyz\"}"},
            {"type":"function_call_output","call_id":"call_1","output":"done"}]}"#,
    ),
    (
        "/v1/messages",
        ANTHROPIC,
        r#"{"model":"m","max_tokens":99,"system":"be","messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":"xyz"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"done"}]}]}]}"#,
    ),
    (
        "/v1beta/models/m:generateContent",
        KEY,
        r#"{"systemInstruction":{"parts":[{"text":"be"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]},
            {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":"xyz"}},"thoughtSignature":"c2ln"}]},
            {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"done"}}}]}]}"#,
    ),
];

#[tokio::test]
async fn a_conversation_has_the_same_answer_and_usage_in_every_protocol() {
    let simulator = start().await;
    let mut found = Vec::new();
    for (path, headers, body) in CONVERSATIONS {
        let response = send(&simulator, &post(path, headers, body)).await;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        let answer = response.json();
        let first = |places: &[&str]| -> Value {
            let found = places.iter().find_map(|place| answer.pointer(place));
            found.cloned().unwrap()
        };
        let text = first(&[
            "/choices/0/message/content",
            "/output/0/content/0/text",
            "/content/0/text",
            "/candidates/0/content/parts/0/text",
        ]);
        let input = first(&[
            "/usage/prompt_tokens",
            "/usage/input_tokens",
            "/usageMetadata/promptTokenCount",
        ]);
        found.push((text, input));
    }
    // "m", "be", "hi", "f", "xyz" and "done" are thirteen bytes.
    assert_eq!(found[0].1, 4);
    assert!(found.iter().all(|answer| *answer == found[0]), "{found:?}");
    simulator.stop().await;
}

#[tokio::test]
async fn faults_have_the_shapes_of_the_protocol() {
    let simulator = start().await;
    let error = Fault::ErrorEvent { position: Position::First, code: None };
    simulator.script(vec![
        error,
        Fault::Status { code: 429, retry_after: None, error: None },
        Fault::Usage(UsageFault::Missing),
        Fault::NoTerminal,
    ]);
    let stream = post("/v1beta/models/m:streamGenerateContent?alt=sse", KEY, HELLO);
    let complete = post("/v1beta/models/m:generateContent", KEY, HELLO);
    let response = send(&simulator, &stream).await;
    assert!(response.text().starts_with("data: {\"error\":{\"code\":529,"), "{}", response.text());
    let response = send(&simulator, &complete).await;
    let status = &response.json()["error"]["status"];
    assert_eq!((response.status, status), (429, &json!("RESOURCE_EXHAUSTED")));
    assert_eq!(send(&simulator, &complete).await.json().get("usageMetadata"), None);
    assert!(!send(&simulator, &stream).await.text().contains("finishReason"));
    simulator.stop().await;
}
