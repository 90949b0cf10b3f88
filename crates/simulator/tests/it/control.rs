//! Control over HTTP.

use serde_json::{Value, json};

use crate::client::{Response, get, openai, post, send, start};
use forebay_simulator::Simulator;

const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

async fn control(simulator: &Simulator, path: &str, body: &str) -> Response {
    send(simulator, &post(path, "", body)).await
}

#[tokio::test]
async fn a_script_is_taken_and_forgotten() {
    let simulator = start().await;
    let script = r#"{"next":[{"status":{"code":500}}],"models":{"m":{"status":{"code":502}}},"always":"refuse"}"#;
    assert_eq!(control(&simulator, "/simulator/script", script).await.status, 200);
    assert_eq!(send(&simulator, &openai(HELLO)).await.status, 500);
    assert_eq!(send(&simulator, &openai(HELLO)).await.status, 502);
    assert_eq!(control(&simulator, "/simulator/reset", "").await.status, 200);
    assert_eq!(send(&simulator, &openai(HELLO)).await.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn counts_are_told() {
    let simulator = start().await;
    send(&simulator, &openai(HELLO)).await;
    simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!(
        send(&simulator, &get("/simulator/counts", "")).await.json(),
        json!({
            "connections": 2, "requests": {"/v1/chat/completions": 1}, "in_flight": 0,
            "completed": 1, "refused": 0, "faulty": 0, "aborted": 0
        })
    );
    simulator.stop().await;
}

#[tokio::test]
async fn held_answers_are_released() {
    let simulator = start().await;
    control(&simulator, "/simulator/script", r#"{"next":[{"hold":{"at":"first"}}]}"#).await;
    let request = openai(HELLO);
    let (response, ()) = tokio::join!(send(&simulator, &request), async {
        simulator.counts_when(|counts| counts.in_flight == 1).await;
        assert_eq!(control(&simulator, "/simulator/release", "1").await.status, 200);
    });
    assert_eq!(response.status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn what_is_not_understood_is_told() {
    let simulator = start().await;
    for (path, body, status) in [
        ("/simulator/script", r#"{"next":["explode"]}"#, 400),
        ("/simulator/script", r#"{"later":[]}"#, 400),
        ("/simulator/release", "many", 400),
        ("/simulator/unknown", "", 404),
        ("/simulator/counts", "", 404),
    ] {
        let response = control(&simulator, path, body).await;
        assert_eq!(response.status, status, "{path} {body}");
        assert!(matches!(&response.json()["error"], Value::String(_)));
    }
    simulator.stop().await;
}
