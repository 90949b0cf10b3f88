//! Anthropic messages.

use serde_json::{Value, json};

use crate::client::{ANTHROPIC, anthropic, events, post, send, start};

const HELLO: &str =
    r#"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],"system":"be"}"#;

fn calling(more: &str) -> String {
    format!(
        r#"{{"model":"m","max_tokens":99,"tools":[
            {{"name":"look_up","input_schema":{{"type":"object","properties":{{"city":{{"type":"string"}}}}}}}},
            {{"name":"ping","input_schema":{{"type":"object"}}}}],
        "messages":[{{"role":"user","content":[{{"type":"text","text":"call:look_up, call:ping"}}]}}]{more}}}"#
    )
}

async fn ask(body: &str) -> Value {
    let simulator = start().await;
    let response = send(&simulator, &anthropic(body)).await;
    assert_eq!((response.status, response.header("request-id")), (200, Some("req_0")));
    simulator.stop().await;
    response.json()
}

/// The data of each event, whose name must be its type.
async fn stream(body: &str) -> Vec<Value> {
    let simulator = start().await;
    let response = send(&simulator, &anthropic(body)).await;
    simulator.stop().await;
    let data = |(name, data): &(&str, &str)| {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["type"], *name);
        data
    };
    events(&response).iter().map(data).collect()
}

fn types(events: &[Value]) -> String {
    let mut types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    types.dedup();
    types.join(" ")
}

#[tokio::test]
async fn a_complete_answer_has_the_documented_members() {
    let mut answer = ask(HELLO).await;
    let text = answer["content"][0]["text"].take();
    let id = answer["id"].take();
    assert_eq!(
        answer,
        json!({
            "id": null, "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "text", "text": null}],
            "stop_reason": "end_turn", "stop_sequence": null,
            // "m", "be" and "hi" are five bytes.
            "usage": {
                "input_tokens": 2, "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0, "output_tokens": 32
            }
        })
    );
    assert!(id.as_str().unwrap().starts_with("msg_"));
    assert!(text.as_str().unwrap().starts_with("Simulated answer – é 🌊 "), "{text}");
    assert_eq!(text.as_str().unwrap().len(), 4 * 32);
}

#[tokio::test]
async fn a_stream_says_what_the_complete_answer_says() {
    let events = stream(&HELLO.replace("99", r#"99,"stream":true"#)).await;
    assert_eq!(
        types(&events),
        "message_start ping content_block_start content_block_delta content_block_stop \
         message_delta message_stop"
    );
    let complete = ask(HELLO).await;
    let mut message = complete.clone();
    message["content"] = json!([]);
    message["stop_reason"] = Value::Null;
    message["usage"]["output_tokens"] = json!(1);
    assert_eq!(events[0], json!({"type": "message_start", "message": message}));
    let block = json!({"type": "text", "text": ""});
    assert_eq!(
        events[2],
        json!({"type": "content_block_start", "index": 0, "content_block": block})
    );
    let text: String = events[3..11]
        .iter()
        .map(|event| {
            assert_eq!(
                (&event["index"], &event["delta"]["type"]),
                (&json!(0), &json!("text_delta"))
            );
            event["delta"]["text"].as_str().unwrap()
        })
        .collect();
    assert_eq!(complete["content"][0]["text"], text);
    assert_eq!(
        events[11..],
        [
            json!({"type": "content_block_stop", "index": 0}),
            json!({
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                "usage": {"output_tokens": 32}
            }),
            json!({"type": "message_stop"}),
        ]
    );
}

#[tokio::test]
async fn tools_are_called_with_an_example_of_their_schema() {
    let answer = ask(&calling("")).await;
    assert_eq!(answer["stop_reason"], "tool_use");
    let mut content = answer["content"].clone();
    let ids = [content[0]["id"].take(), content[1]["id"].take()];
    assert_ne!(ids[0], ids[1]);
    assert_eq!(
        content,
        json!([
            {"type": "tool_use", "id": null, "name": "look_up", "input": {"city": "simulated – naïve"}},
            {"type": "tool_use", "id": null, "name": "ping", "input": {}},
        ])
    );
}

#[tokio::test]
async fn streamed_tool_calls_come_in_fragments() {
    let events = stream(&calling(r#","stream":true"#)).await;
    assert_eq!(
        types(&events),
        "message_start ping content_block_start content_block_delta content_block_stop \
         content_block_start content_block_delta content_block_stop message_delta message_stop"
    );
    let complete = ask(&calling("")).await;
    for (index, call) in complete["content"].as_array().unwrap().iter().enumerate() {
        let own: Vec<_> = events.iter().filter(|event| event["index"] == index).collect();
        let mut start = call.clone();
        start["input"] = json!({});
        assert_eq!(own[0]["content_block"], start);
        let json: String = own[1..own.len() - 1]
            .iter()
            .map(|event| {
                assert_eq!(event["delta"]["type"], "input_json_delta");
                event["delta"]["partial_json"].as_str().unwrap()
            })
            .collect();
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), call["input"]);
    }
}

#[tokio::test]
async fn nothing_is_called_after_the_tool_has_answered() {
    let calls =
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"ping","input":{}}]}"#;
    let results = r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"call:ping"}]}"#;
    let body = calling("").replace("\"}]}]", &format!("\"}}]}},{calls},{results}]"));
    assert_eq!(ask(&body).await["stop_reason"], "end_turn");
}

#[tokio::test]
async fn a_limit_cuts_the_text_to_as_many_tokens() {
    for tokens in [1, 2, 7, 31] {
        let answer = ask(&HELLO.replace("99", &tokens.to_string())).await;
        assert_eq!(answer["stop_reason"], "max_tokens");
        assert_eq!(answer["usage"]["output_tokens"], tokens);
        assert_eq!(answer["content"][0]["text"].as_str().unwrap().len().div_ceil(4), tokens);
    }
}

#[tokio::test]
async fn a_limit_of_nothing_gives_no_text() {
    let answer = ask(&HELLO.replace("99", "0")).await;
    assert_eq!(answer["stop_reason"], "max_tokens");
    assert_eq!((&answer["usage"]["output_tokens"], &answer["content"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn instructions_between_messages_need_their_beta() {
    let simulator = start().await;
    let later = r#"},{"role":"system","content":"be brief"}]"#;
    let body = calling("").replace("}]}]", &format!("}}]{later}"));
    assert_eq!(send(&simulator, &post("/v1/messages", ANTHROPIC, &body)).await.status, 400);
    let beta = format!("{ANTHROPIC}anthropic-beta: a, mid-conversation-system-2026-04-07\r\n");
    let answer = send(&simulator, &post("/v1/messages", &beta, &body)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["stop_reason"], "tool_use");
    simulator.stop().await;
}

#[tokio::test]
async fn a_bearer_key_and_a_query_are_fine() {
    let simulator = start().await;
    let headers = ANTHROPIC.replace("x-api-key: ", "authorization: Bearer ");
    let response = send(&simulator, &post("/any/v1/messages?beta=true", &headers, HELLO)).await;
    assert_eq!(response.status, 200);
    simulator.stop().await;
}
