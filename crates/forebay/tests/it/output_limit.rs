//! The maximum of output that providers are asked with.

use serde_json::{Value, json};
use simulator::Fault;

use crate::client::Exchange;
use crate::place::Place;
use crate::process::{Process, serve};
use crate::settings;

/// What a request for `model` without a maximum is sent on with, where a developer has `dollars`.
async fn limit_for(model: &str, dollars: &str) -> Value {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    limits_for(&body, dollars, Vec::new()).await.remove(0)
}

/// The maxima that each of the providers is asked with, where the first meet these faults.
async fn limits_for(body: &Value, dollars: &str, faults: Vec<Fault>) -> Vec<Value> {
    let simulator = settings::simulator().await;
    simulator.script(faults);
    let address = simulator.address();
    let network = "allow_plain_http = true\nallow_private_addresses = true";
    let text = format!(
        r#"
chain = ["openai", "groq", "anthropic"]

[server]
listen = "127.0.0.1:0"

[budget]
developer_limit_usd = "{dollars}"

[providers.openai]
base_url = "http://{address}/v1"
{network}

[providers.groq]
base_url = "http://{address}/openai/v1"
{network}

[providers.anthropic]
base_url = "http://{address}/v1"
{network}
"#
    );
    let place = Place::with(&text.parse().unwrap());
    let mut command = serve(&place);
    for name in ["OPENAI_API_KEY", "GROQ_API_KEY", "ANTHROPIC_API_KEY"] {
        command.env(name, "sk-0123456789abcdef");
    }
    let gateway = Process::start(command, "listening on http://").await;
    let path = "/v1/chat/completions";
    let asked = Exchange::open(gateway.address(), "POST", path, "", &body.to_string()).await;
    let answer = asked.unwrap().finish().await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let requests = simulator.requests();
    gateway.stop().await;
    simulator.stop().await;
    requests.iter().map(|request| limit(&request.body)).collect()
}

fn limit(sent: &[u8]) -> Value {
    let sent: Value = serde_json::from_slice(sent).unwrap();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_stands_in_is_asked_for_no_more_than_it_writes() {
    let limited = Fault::Status { code: 429, retry_after: Some("9".to_owned()), error: None };
    let messages = json!([{"role": "user", "content": "Hi"}]);
    let body = json!({"model": "fast", "max_tokens": 200_000, "messages": messages});
    let limits = limits_for(&body, "100", vec![limited; 2]).await;
    assert_eq!(limits, [128_000, 65_536, 64_000]);
    let body = json!({"model": "gpt-4o", "max_tokens": 64_000, "messages": messages});
    assert_eq!(limits_for(&body, "100", Vec::new()).await, [64_000], "it goes as it is");
}
