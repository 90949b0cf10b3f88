//! OpenAI embeddings.

use forebay_simulator::Fault;
use serde_json::{Value, json};

use crate::client::{BEARER, Response, post, send, start};

async fn answer(body: &str) -> Response {
    let simulator = start().await;
    let response = send(&simulator, &post("/v1/embeddings", BEARER, body)).await;
    let counts = simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!(counts.attempts(), 1);
    simulator.stop().await;
    response
}

async fn vector(input: &str, more: &str) -> Vec<f64> {
    let answer = answer(&format!(r#"{{"model":"m","input":{input}{more}}}"#)).await.json();
    serde_json::from_value(answer["data"][0]["embedding"].clone()).unwrap()
}

#[tokio::test]
async fn an_answer_has_the_documented_members() {
    let response = answer(r#"{"model":"m","input":["hello","worlds"],"user":"u"}"#).await;
    let mut answer = response.json();
    for (index, item) in answer["data"].as_array_mut().unwrap().iter_mut().enumerate() {
        let vector: Vec<f64> = serde_json::from_value(item["embedding"].take()).unwrap();
        let length: f64 = vector.iter().map(|value| value * value).sum();
        assert!(vector.len() == 1_536 && (length - 1.0).abs() < 1e-5, "{index} {length}");
    }
    let item = |index| json!({"object": "embedding", "index": index, "embedding": null});
    // Eleven bytes are three tokens.
    let usage = json!({"prompt_tokens": 3, "total_tokens": 3});
    let data = [item(0), item(1)];
    let expected = json!({"object": "list", "data": data, "model": "m", "usage": usage});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_vector_depends_on_its_input_alone() {
    let one = vector(r#""one""#, "").await;
    assert_eq!(one, vector(r#"["one","two"]"#, "").await);
    assert_ne!(one, vector(r#""two""#, "").await);
    assert_eq!(vector(r#""one""#, r#","dimensions":3"#).await.len(), 3);
    assert_eq!(vector("[1,2]", "").await, vector("[[1,2],[3]]", "").await);
    assert_ne!(vector("[1,2]", "").await, vector("[12]", "").await);
}

#[tokio::test]
async fn base64_holds_the_same_numbers() {
    let floats = vector(r#""one""#, r#","dimensions":1"#).await;
    let body = r#"{"model":"m","input":"one","dimensions":1,"encoding_format":"base64"}"#;
    // Of length one, a single number is 1 or -1: 0x3f800000 or 0xbf800000, low byte first.
    let expected = if floats[0] > 0.0 { "AACAPw==" } else { "AACAvw==" };
    assert_eq!(answer(body).await.json()["data"][0]["embedding"], expected);
}

#[tokio::test]
async fn a_token_that_is_a_number_is_one_token() {
    let answer = answer(r#"{"model":"m","input":[[15339,1917],[0]]}"#).await.json();
    assert_eq!(answer["usage"]["total_tokens"], 3);
}

#[tokio::test]
async fn requests_are_checked() {
    for (fields, part_of_message) in [
        (r#""input":"#.to_owned() + "[]", "input: 1 to 2048"),
        (r#""input":"""#.to_owned(), "input: each must be"),
        (r#""input":[1,"a"]"#.to_owned(), "input: each must be"),
        (r#""user":"u""#.to_owned(), "input: a text or a list"),
        (r#""input":"a","dimensions":0"#.to_owned(), "dimensions"),
        (r#""input":"a","dimensions":3073"#.to_owned(), "dimensions"),
        (r#""input":"a","encoding_format":"int8""#.to_owned(), "encoding_format"),
        (r#""input":"a","max_tokens":1"#.to_owned(), "max_tokens: unknown argument"),
        (format!(r#""input":[{}"a"]"#, r#""a","#.repeat(2_048)), "input: 1 to 2048"),
    ] {
        let response = answer(&format!(r#"{{"model":"m",{fields}}}"#)).await;
        let envelope: Value = response.json();
        assert_eq!(response.status, 400, "{envelope}");
        let message = envelope["error"]["message"].as_str().unwrap();
        assert!(message.contains(part_of_message), "{message}");
    }
}

#[tokio::test]
async fn faults_bend_it_as_any_answer() {
    let simulator = start().await;
    let request = post("/v1/embeddings", BEARER, r#"{"model":"m","input":"a"}"#);
    let whole = send(&simulator, &request).await;
    simulator.script(vec![
        Fault::NoTerminal,
        Fault::Status { code: 503, retry_after: None, error: None },
    ]);
    let half = send(&simulator, &request).await;
    assert_eq!(half.body, whole.body[..whole.body.len() / 2]);
    let refused = send(&simulator, &request).await;
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (503, &json!("server_error")));
    simulator.stop().await;
}
