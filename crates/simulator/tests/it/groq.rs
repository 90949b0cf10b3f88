//! Groq's own version of OpenAI chat completions.

use serde_json::Value;

use crate::client::{BEARER, Response, events, post, send, start};

const PATH: &str = "/openai/v1/chat/completions";

async fn request(more: &str, message: &str) -> Response {
    let simulator = start().await;
    let body =
        format!(r#"{{"model":"m"{more},"messages":[{{"role":"user","content":"hi"{message}}}]}}"#);
    let response = send(&simulator, &post(PATH, BEARER, &body)).await;
    simulator.stop().await;
    response
}

#[tokio::test]
async fn what_it_documents_as_refused_is_refused() {
    for (more, message) in [
        (r#","logprobs":true"#, ""),
        (r#","top_logprobs":1"#, ""),
        (r#","logit_bias":{}"#, ""),
        (r#","n":2"#, ""),
        ("", r#","name":"ann""#),
    ] {
        let response = request(more, message).await;
        assert_eq!(response.status, 400, "{more}{message}");
        assert_eq!(response.json()["error"]["type"], "invalid_request_error");
    }
    assert!(request(r#","n":1"#, "").await.json()["x_groq"]["id"].is_string());
}

#[tokio::test]
async fn a_stream_has_its_own_member_in_the_first_and_the_last_chunk() {
    for more in ["", r#","stream_options":{"include_usage":true}"#] {
        let response = request(&format!(r#","stream":true{more}"#), "").await;
        let events = events(&response);
        let (done, chunks) = events.split_last().unwrap();
        assert_eq!(done.1, "[DONE]");
        let chunks: Vec<Value> =
            chunks.iter().map(|(_, data)| serde_json::from_str(data).unwrap()).collect();
        let finished = |chunk: &Value| chunk["choices"][0]["finish_reason"].is_string();
        for (index, chunk) in chunks.iter().enumerate() {
            let has_own = index == 0 || finished(chunk);
            assert_eq!(chunk["x_groq"]["id"].is_string(), has_own, "{chunk}");
            assert_eq!(chunk["x_groq"]["usage"].is_object(), finished(chunk), "{chunk}");
        }
    }
}
