//! OpenAI Responses.

use forebay_simulator::{Fault, Position, UsageFault};
use serde_json::{Value, json};

use crate::client::{BEARER, events, post, send, start};

const HELLO: &str = r#"{"model":"m","instructions":"be","input":[{"role":"user","content":"hi"}]}"#;

fn calling(more: &str) -> String {
    format!(
        r#"{{"model":"m","tools":[
            {{"type":"function","name":"look_up","parameters":{{"type":"object","properties":{{"city":{{"type":"string"}}}}}}}},
            {{"type":"function","name":"ping","parameters":{{"type":"object"}}}}],
        "input":[{{"role":"user","content":[{{"type":"input_text","text":"call:look_up, call:ping"}}]}}]{more}}}"#
    )
}

async fn ask(body: &str) -> Value {
    let simulator = start().await;
    let response = send(&simulator, &post("/v1/responses", BEARER, body)).await;
    simulator.stop().await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

/// The data of each event, whose name must be its type and whose number its place.
async fn stream(body: &str) -> Vec<Value> {
    let simulator = start().await;
    let response = send(&simulator, &post("/v1/responses", BEARER, body)).await;
    simulator.stop().await;
    let data = |(place, (name, data)): (usize, &(&str, &str))| {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(place)));
        data
    };
    events(&response).iter().enumerate().map(data).collect()
}

#[tokio::test]
async fn a_complete_answer_has_the_documented_members() {
    let answer = ask(HELLO).await;
    assert_eq!(answer["status"], "completed");
    assert_eq!(answer["output"][0]["content"][0]["type"], "output_text");
    let text = answer["output"][0]["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("Simulated answer – é 🌊 "), "{text}");
    assert_eq!(
        answer["usage"],
        // "m", "be" and "hi" are five bytes.
        json!({"input_tokens": 2, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 32,
               "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 34})
    );
}

#[tokio::test]
async fn a_stream_ends_with_the_complete_answer_and_its_deltas_add_up_to_it() {
    for body in [HELLO.to_owned(), calling("")] {
        let complete = ask(&body).await;
        let events = stream(&body.replacen('{', r#"{"stream":true,"#, 1)).await;
        let last = events.last().unwrap();
        assert_eq!(last["type"], "response.completed");
        assert_eq!(last["response"], complete);
        for (index, item) in complete["output"].as_array().unwrap().iter().enumerate() {
            let own: Vec<_> =
                events.iter().filter(|event| event["output_index"] == index).collect();
            let deltas: String = own.iter().filter_map(|event| event["delta"].as_str()).collect();
            let said = item["content"][0]["text"].as_str().or(item["arguments"].as_str());
            assert_eq!(Some(deltas.as_str()), said);
            assert_eq!(own.last().unwrap()["item"], *item);
        }
    }
}

#[tokio::test]
async fn a_limit_makes_a_response_incomplete() {
    let answer = ask(&HELLO.replacen('{', r#"{"max_output_tokens":7,"#, 1)).await;
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["incomplete_details"], json!({"reason": "max_output_tokens"}));
    assert_eq!(answer["usage"]["output_tokens"], 7);
}

#[tokio::test]
async fn requests_are_checked() {
    let call = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
    let output = r#"{"type":"function_call_output","call_id":"c","output":"x"}"#;
    for (fields, part_of_message) in [
        (r#""x":1"#.to_owned(), "input"),
        (r#""input":[]"#.to_owned(), "input"),
        (r#""input":"x","max_tokens":1"#.to_owned(), "max_tokens"),
        (r#""input":"x","stop":"y""#.to_owned(), "stop"),
        (format!(r#""input":[{call}]"#), "no tool output found"),
        (format!(r#""input":[{output}]"#), "no tool call found"),
        (
            r#""input":[{"role":"user","content":[{"type":"text","text":"x"}]}]"#.to_owned(),
            "content",
        ),
        (r#""input":[{"type":"strange"}]"#.to_owned(), "unknown type"),
    ] {
        let simulator = start().await;
        let body = format!(r#"{{"model":"m",{fields}}}"#);
        let response = send(&simulator, &post("/v1/responses", BEARER, &body)).await;
        assert_eq!(response.status, 400, "{body}");
        let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(part_of_message), "{message}");
        simulator.stop().await;
    }
    let body = format!(r#"{{"model":"m","input":[{call},{output}]}}"#);
    assert_eq!(ask(&body).await["status"], "completed");
}

#[tokio::test]
async fn faults_have_the_shapes_of_the_protocol() {
    let simulator = start().await;
    let streamed = HELLO.replacen('{', r#"{"stream":true,"#, 1);
    let error = Fault::ErrorEvent { position: Position::Middle, code: None };
    simulator.script(vec![
        error,
        Fault::Status { code: 429, retry_after: None, error: None },
        Fault::Usage(UsageFault::Missing),
        Fault::NoTerminal,
    ]);
    let response = send(&simulator, &post("/v1/responses", BEARER, &streamed)).await;
    let (name, data) = *events(&response).last().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        (name, &data["type"], &data["code"]),
        ("error", &json!("error"), &json!("server_error"))
    );
    let response = send(&simulator, &post("/v1/responses", BEARER, HELLO)).await;
    assert_eq!((response.status, &response.json()["error"]["type"]), (429, &json!("requests")));
    let response = send(&simulator, &post("/v1/responses", BEARER, HELLO)).await;
    assert_eq!(response.json().get("usage"), None);
    let response = send(&simulator, &post("/v1/responses", BEARER, &streamed)).await;
    assert_eq!(events(&response).last().unwrap().0, "response.output_item.done");
    simulator.stop().await;
}
