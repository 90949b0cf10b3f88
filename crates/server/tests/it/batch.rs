//! Many requests in one, answered in one list.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Fault, Position, Script};

use crate::client::{Answer, Client, with};
use crate::stand::{ANTHROPIC, MODEL, OPENAI, PROTOCOLS, Plan, Stand};

async fn send(client: &Client, requests: &[Value]) -> Answer {
    client.post_to("/v1/batch", &json!({ "requests": requests })).await
}

fn item(client: &Client, id: &str, text: &str) -> Value {
    let body = with(&client.question(text), "temperature", 1);
    json!({"custom_id": id, "url": client.path(), "body": body})
}

fn responses(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["responses"].as_array().unwrap().clone()
}

fn pick<'a>(responses: &'a [Value], field: &str) -> Vec<&'a Value> {
    responses.iter().map(|response| &response[field]).collect()
}

async fn two_models() -> Stand {
    let plan = Plan::new(&[OPENAI]).and_provider(ANTHROPIC, "serves = [\"other\"]");
    plan.with(
        "[[prices]]\nprovider = \"p1\"\nmodel = \"other\"\ninput_usd = \"1\"\noutput_usd = \"1\"\n",
    )
    .start()
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_in_the_order_of_the_requests_whoever_gives_them() {
    let stand = two_models().await;
    let clients = PROTOCOLS.map(|protocol| stand.client(protocol));
    // The first provider is the slower one.
    let slow = Fault::Delay { millis: 50 };
    stand.providers[0].set_script(Script { always: slow, ..Script::default() });
    let requests: Vec<_> = (0..42)
        .map(|number| {
            let (client, id) = (&clients[number % 3], number.to_string());
            let mut request = item(client, &id, &format!("question {number}"));
            request["body"]["model"] = [MODEL, "other"][number / 3 % 2].into();
            request
        })
        .collect();
    let answered = responses(&send(&clients[0], &requests).await);
    for (number, response) in answered.iter().enumerate() {
        assert_eq!(response["custom_id"], number.to_string());
        assert_eq!(response["status"], 200, "{response}");
        assert_eq!(response["provider"], ["p0", "p1"][number / 3 % 2]);
        // Each in the protocol that it was asked in.
        let name = ["choices", "output", "content"][number % 3];
        assert!(response["body"][name].is_array(), "{response}");
    }
    assert_eq!(stand.attempts(), [21, 21]);
    stand.settled().await;
    assert!(stand.money("local").await.0 > 0);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_are_in_flight_at_a_provider_and_no_more() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let held = Fault::Hold { at: Position::First };
    stand.providers[0].set_script(Script { always: held, ..Script::default() });
    let requests = many(&client, 20);
    let others = async {
        stand.seen(0, |counts| counts.in_flight == 16).await;
        for _ in 0..20 {
            assert_eq!(stand.status().await.in_flight, 16);
        }
        stand.providers[0].set_script(Script::default());
        stand.providers[0].release(16);
    };
    let (answer, ()) = tokio::join!(send(&client, &requests), others);
    assert_eq!(responses(&answer).len(), 20);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_fails_alone() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let client = stand.client(OPENAI);
    let good = item(&client, "good", "hi");
    let mut unknown = good.clone();
    unknown["body"]["model"] = "nobody's".into();
    let mut stream = good.clone();
    stream["body"]["stream"] = true.into();
    let anthropic = json!({"url": "/v1/messages", "body": {"model": MODEL}});
    let answer = send(&client, &[unknown, good.clone(), stream, anthropic]).await;
    let answered = responses(&answer);
    assert_eq!(pick(&answered, "status"), [404, 200, 400, 400]);
    assert!(answered[0]["body"]["error"]["message"].as_str().unwrap().contains("no provider"));
    assert!(answered[2]["body"]["error"]["message"].as_str().unwrap().contains("stream"));
    assert_eq!(answered[3]["body"]["type"], "error", "in its own protocol");
    assert_eq!(stand.attempts(), [1]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_admitted_and_cached_by_itself() {
    let stand = Plan::new(&[OPENAI]).with("limits.requests_per_minute = 5").start().await;
    let client = stand.client(OPENAI);
    let same = json!({"url": client.path(), "body": client.question("the same")});
    let answer = send(&client, &vec![same; 5]).await;
    assert_eq!(pick(&responses(&answer), "status"), [200; 5]);
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "0");
    assert_eq!(stand.attempts(), [1]);
    stand.stop().await;
}

/// Lets the gateway's clock, on which providers rest, run ahead until `answer` is there.
pub(crate) async fn while_time_passes(
    stand: &Stand,
    answer: impl Future<Output = Answer>,
) -> Answer {
    let passes = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            stand.hand.advance(Duration::from_secs(1));
        }
    };
    tokio::select! {
        answer = answer => answer,
        () = passes => unreachable!(),
    }
}

/// So many requests, no two alike.
fn many(client: &Client, requests: usize) -> Vec<Value> {
    (0..requests).map(|number| item(client, "", &format!("question {number}"))).collect()
}

#[track_caller]
fn check_all_answered(answer: &Answer) {
    for (number, response) in responses(answer).iter().enumerate() {
        assert_eq!(response["status"], 200, "{number}: {}", response["body"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_a_provider_s_limit_is_asked_again() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let limited = Fault::Status { code: 429, retry_after: Some("1".to_owned()), error: None };
    let mut next = vec![Fault::None; 20];
    next.extend(vec![limited; 5]);
    stand.providers[0].script(next);
    let client = stand.client(OPENAI);
    let requests = many(&client, 60);
    check_all_answered(&while_time_passes(&stand, send(&client, &requests)).await);
    assert!(stand.attempts()[0] > 60);
    stand.settled().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_no_place_is_asked_again_and_counts_once_against_the_tenant_s_limit() {
    let serves = format!("serves = [\"{MODEL}\"]\nconcurrency_max = 2");
    let plan = Plan::empty().and_provider(OPENAI, &serves).with("resilience.queue_max = 8");
    let stand = plan.with("limits.requests_per_minute = 60").start().await;
    let slow = Fault::Delay { millis: 50 };
    stand.providers[0].set_script(Script { always: slow, ..Script::default() });
    let client = stand.client(OPENAI);
    let answer = send(&client, &many(&client, 20)).await;
    check_all_answered(&answer);
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "40");
    stand.settled().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_batch_is_refused_whole() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let stranger = stand.client(OPENAI);
    assert_eq!(send(&stranger, &[item(&stranger, "a", "hi")]).await.status, 401);
    let client = stranger.with_key(&stand.key("t", "ada").await);
    let good = item(&client, "a", "hi");
    let elsewhere = json!({"url": "/v1/models", "body": {}});
    for (requests, said) in [
        (vec![], "1 to 1000"),
        (vec![good.clone(); 1_001], "1 to 1000"),
        (vec![good.clone(), elsewhere], "requests[1].url"),
        (vec![json!({"url": "/v1/messages"})], "body"),
    ] {
        let refused = send(&client, &requests).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains(said), "{}", refused.text());
    }
    assert_eq!(stand.attempts(), [0]);
    stand.stop().await;
}
