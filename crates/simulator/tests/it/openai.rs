//! OpenAI chat completions.

use crate::client::{openai, send, start};

#[tokio::test]
async fn answers() {
    let simulator = start().await;
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    println!("{}", send(&simulator, &openai(body)).await.text());
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    println!("{}", send(&simulator, &openai(body)).await.text());
    println!("{:?}", simulator.counts());
    simulator.stop().await;
}
