//! OpenAI chat completions.

use forebay_simulator::{Simulator, SimulatorSettings};
use serde_json::{Value, json};

use crate::client::{BEARER, events, openai, post, send, start};

const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

const WEATHER: &str = r#""tools":[
    {"type":"function","function":{"name":"look_up","parameters":{"type":"object","properties":
        {"city":{"type":"string"},"unit":{"enum":["C","F"]},"days":{"type":"integer"},
         "exact":{"type":"boolean"},"near":{"type":"array"},"at":{"properties":{"x":{"type":"number"}}}}}}},
    {"type":"function","function":{"name":"ping"}}]"#;

fn calling(marker: &str, more: &str) -> String {
    let content = format!("please {marker}");
    format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{content}"}}],{WEATHER}{more}}}"#
    )
}

async fn ask(body: &str) -> Value {
    let simulator = start().await;
    let response = send(&simulator, &openai(body)).await;
    assert_eq!(response.status, 200);
    simulator.stop().await;
    response.json()
}

/// The data of each event before the terminal one.
async fn stream(body: &str) -> Vec<Value> {
    let simulator = start().await;
    let response = send(&simulator, &openai(body)).await;
    simulator.stop().await;
    let events = events(&response);
    assert!(events.iter().all(|(name, _)| name.is_empty()));
    let (terminal, chunks) = events.split_last().unwrap();
    assert_eq!(terminal.1, "[DONE]");
    chunks.iter().map(|(_, data)| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn a_complete_answer_has_the_documented_members() {
    let mut answer = ask(HELLO).await;
    let text = answer["choices"][0]["message"]["content"].take();
    assert_eq!(
        answer,
        json!({
            "id": "chatcmpl-b81e3f543b60b732", "object": "chat.completion",
            "created": 1_700_000_000, "model": "m",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": null, "refusal": null},
                "logprobs": null, "finish_reason": "stop"
            }],
            // "m" and "hi" are three bytes.
            "usage": {
                "prompt_tokens": 1, "completion_tokens": 32, "total_tokens": 33,
                "prompt_tokens_details": {"cached_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0}
            }
        })
    );
    let text = text.as_str().unwrap();
    assert!(text.starts_with("Simulated answer – é 🌊 "), "{text}");
    assert_eq!(text.len(), 4 * 32);
}

#[tokio::test]
async fn a_stream_says_what_the_complete_answer_says() {
    let chunks = stream(&HELLO.replace("}]}", "}],\"stream\":true}")).await;
    let head = |chunk: &Value| {
        let members = ["id", "object", "created", "model"].map(|name| chunk[name].clone());
        json!(members)
    };
    let expected =
        json!(["chatcmpl-b81e3f543b60b732", "chat.completion.chunk", 1_700_000_000, "m"]);
    assert!(chunks.iter().all(|chunk| head(chunk) == expected && chunk.get("usage").is_none()));
    let choices: Vec<_> = chunks.iter().map(|chunk| chunk["choices"][0].clone()).collect();
    assert_eq!(choices[0]["delta"], json!({"role": "assistant", "content": ""}));
    let (last, texts) = choices[1..].split_last().unwrap();
    assert_eq!(*last, json!({"index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop"}));
    assert_eq!(texts.len(), 8);
    assert!(texts.iter().all(|choice| choice["finish_reason"].is_null()));
    let text: String =
        texts.iter().map(|choice| choice["delta"]["content"].as_str().unwrap()).collect();
    assert_eq!(ask(HELLO).await["choices"][0]["message"]["content"], text);
}

#[tokio::test]
async fn usage_is_streamed_when_asked_for() {
    let options = r#"}],"stream":true,"stream_options":{"include_usage":true}}"#;
    let chunks = stream(&HELLO.replace("}]}", options)).await;
    let (last, others) = chunks.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"], ask(HELLO).await["usage"]);
    assert!(others.iter().all(|chunk| chunk.as_object().unwrap()["usage"].is_null()));

    let options = r#"}],"stream":true,"stream_options":{"include_usage":false}}"#;
    let chunks = stream(&HELLO.replace("}]}", options)).await;
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[tokio::test]
async fn tools_are_called_with_an_example_of_their_schema() {
    let answer = ask(&calling("call:look_up, then call:ping and call:unknown", "")).await;
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    let names: Vec<_> =
        calls.iter().map(|call| call["function"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["look_up", "ping"]);
    assert_eq!((&calls[0]["type"], &calls[1]["type"]), (&json!("function"), &json!("function")));
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    let arguments = calls[0]["function"]["arguments"].as_str().unwrap();
    assert_eq!(
        arguments,
        r#"{"city":"simulated – naïve","unit":"C","days":1,"exact":true,"near":[],"at":{"x":1}}"#
    );
    assert_eq!(calls[1]["function"]["arguments"], "{}");
    let bytes = arguments.len() + "{}".len() + "look_up".len() + "ping".len();
    assert_eq!(answer["usage"]["completion_tokens"], bytes.div_ceil(4));
}

#[tokio::test]
async fn streamed_tool_calls_come_in_fragments() {
    let chunks = stream(&calling("call:look_up call:ping", r#","stream":true"#)).await;
    let deltas: Vec<_> = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]).collect();
    assert_eq!(*deltas[0], json!({"role": "assistant", "content": null}));
    let mut arguments = [String::new(), String::new()];
    let mut starts = Vec::new();
    for delta in &deltas[1..deltas.len() - 1] {
        let call = &delta["tool_calls"][0];
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        arguments[index].push_str(call["function"]["arguments"].as_str().unwrap());
        if let Some(id) = call.get("id") {
            assert_eq!(call["type"], "function");
            starts.push((index, id.clone(), call["function"]["name"].clone()));
        } else {
            assert_eq!(call["function"].as_object().unwrap().len(), 1);
        }
    }
    let complete = ask(&calling("call:look_up call:ping", "")).await;
    let calls = &complete["choices"][0]["message"]["tool_calls"];
    for (index, id, name) in starts {
        assert_eq!((&id, &name), (&calls[index]["id"], &calls[index]["function"]["name"]));
        assert_eq!(calls[index]["function"]["arguments"], arguments[index]);
    }
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn nothing_is_called_after_the_tool_has_answered() {
    let body = format!(
        r#"{{"model":"m",{WEATHER},"messages":[{{"role":"user","content":"call:ping"}},
        {{"role":"assistant","tool_calls":[{{"id":"a","type":"function","function":{{"name":"ping","arguments":"{{}}"}}}}]}},
        {{"role":"tool","tool_call_id":"a","content":"call:ping"}}]}}"#
    );
    assert_eq!(ask(&body).await["choices"][0]["finish_reason"], "stop");
}

/// Output tokens and finish reason for a limit and the text's own length of 32.
async fn check_limit(limit: &str, tokens: u64, finish: &str) {
    let answer = ask(&HELLO.replace("}]}", &format!("}}],{limit}}}"))).await;
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], finish, "{limit}");
    assert_eq!(answer["usage"]["completion_tokens"], tokens, "{limit}");
    let bytes = u64::try_from(choice["message"]["content"].as_str().unwrap().len()).unwrap();
    assert_eq!(bytes.div_ceil(4), tokens, "{limit}");
}

#[tokio::test]
async fn a_limit_cuts_the_text_to_as_many_tokens() {
    for tokens in 1..32 {
        check_limit(&format!(r#""max_tokens":{tokens}"#), tokens, "length").await;
    }
    check_limit(r#""max_completion_tokens":31"#, 31, "length").await;
    check_limit(r#""max_tokens":32"#, 32, "stop").await;
    check_limit(r#""max_tokens":4000000000"#, 32, "stop").await;
}

#[tokio::test]
async fn several_choices_differ_and_are_all_counted() {
    let answer = ask(&HELLO.replace("}]}", r#"}],"n":3}"#)).await;
    let choices = answer["choices"].as_array().unwrap();
    assert_eq!(choices.iter().map(|choice| choice["index"].as_u64().unwrap()).sum::<u64>(), 3);
    assert_ne!(choices[0]["message"], choices[1]["message"]);
    assert_eq!(answer["usage"]["completion_tokens"], 96);
}

#[tokio::test]
async fn the_answer_depends_on_what_the_model_reads_and_on_nothing_else() {
    let text = async |body: &str| ask(body).await["choices"][0]["message"]["content"].to_string();
    let hello = text(HELLO).await;
    assert_eq!(hello, text(HELLO).await);
    assert_eq!(hello, text(&HELLO.replace("}]}", r#"}],"temperature":0.5,"user":"u"}"#)).await);
    for (from, to) in [(r#""hi""#, r#""ho""#), (r#""m""#, r#""n""#)] {
        assert_ne!(hello, text(&HELLO.replace(from, to)).await, "{to}");
    }
    let two =
        r#"{"model":"m","messages":[{"role":"user","content":"h"},{"role":"user","content":"i"}]}"#;
    assert_ne!(hello, text(two).await);
}

#[tokio::test]
async fn settings_choose_length_pieces_and_models() {
    let settings = SimulatorSettings {
        output_tokens: 100,
        chunks: 3,
        models: vec!["m".into(), "other".into()],
        ..SimulatorSettings::default()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let response = send(&simulator, &openai(&HELLO.replace("}]}", "}],\"stream\":true}"))).await;
    // Role, three pieces, finish reason and the terminal event.
    assert_eq!(events(&response).len(), 6);
    let response = send(&simulator, &post("/openai/v1/chat/completions?x=1", BEARER, HELLO)).await;
    assert_eq!(response.json()["usage"]["completion_tokens"], 100);
    let response = send(&simulator, &openai(&HELLO.replace(r#""m""#, r#""unknown""#))).await;
    assert_eq!(
        (response.status, &response.json()["error"]["code"]),
        (404, &json!("model_not_found"))
    );
    simulator.stop().await;
}
