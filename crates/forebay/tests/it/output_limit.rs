//! The maximum of output that a request without one gets, which is what is reserved for.

use serde_json::{Value, json};

use crate::client::Exchange;
use crate::place::Place;
use crate::process::{Process, serve};
use crate::settings;

/// What a request for `model` without a maximum is sent on with, where a developer has `dollars`.
async fn limit_for(model: &str, dollars: &str) -> Value {
    let simulator = settings::simulator().await;
    let text = format!(
        r#"
chain = ["openai"]

[server]
listen = "127.0.0.1:0"

[budget]
developer_limit_usd = "{dollars}"

[providers.openai]
base_url = "http://{}/v1"
allow_plain_http = true
allow_private_addresses = true
"#,
        simulator.address()
    );
    let place = Place::with(&text.parse().unwrap());
    let mut command = serve(&place);
    command.env("OPENAI_API_KEY", "sk-0123456789abcdef");
    let gateway = Process::start(command, "listening on http://").await;
    let body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    let path = "/v1/chat/completions";
    let asked = Exchange::open(gateway.address(), "POST", path, "", &body.to_string()).await;
    let answer = asked.unwrap().finish().await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let sent: Value = serde_json::from_slice(&simulator.requests()[0].body).unwrap();
    gateway.stop().await;
    simulator.stop().await;
    [&sent["max_completion_tokens"], &sent["max_tokens"]]
        .into_iter()
        .find(|limit| !limit.is_null())
        .unwrap()
        .clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_gets_what_it_writes_at_most_up_to_a_long_answer() {
    assert_eq!(limit_for("gpt-4o", "100").await, 16_384);
    assert_eq!(limit_for("gpt-5-mini", "100").await, 32_000);
}

/// A long answer of this model would cost 16 cents.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_money_for_a_long_answer_a_short_one_is_asked_for() {
    assert_eq!(limit_for("gpt-4o", "0.10").await, 8_192);
}
