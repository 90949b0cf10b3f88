//! Conversations that are too long, shortened where the client asks for it.

use serde_json::{Value, json};

use crate::stand::{OPENAI, PROTOCOLS, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_turns_go_and_the_answer_says_so() {
    for protocol in PROTOCOLS {
        let stand = Plan::new(&[protocol]).start().await;
        let client = stand.client(protocol);
        let mut question = client.question("the newest question");
        let old = json!({"role": "user", "content": "an old question ".repeat(200)});
        let answered = json!({"role": "assistant", "content": "an old answer"});
        let messages = question[client.said_field()].as_array_mut().unwrap();
        messages.splice(0..0, [old, answered]);
        let whole = client.ask(&question).await;
        assert_eq!((whole.status, whole.header("x-forebay-trimmed")), (200, ""));
        let short = client.with_header("x-forebay-context-max", "500").ask(&question).await;
        assert_eq!(short.status, 200, "{}", short.text());
        assert!(short.header("x-forebay-trimmed").starts_with("messages=2, tokens="));
        let sent: Vec<Value> = stand.providers[0]
            .requests()
            .iter()
            .map(|request| serde_json::from_slice(&request.body).unwrap())
            .collect();
        let count = |index: usize| sent[index][client.said_field()].as_array().unwrap().len();
        assert_eq!((count(0), count(1)), (3, 1));
        assert_eq!(sent[1][client.said_field()][0]["content"], "the newest question");
        stand.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_number_is_refused() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for limit in ["", "many", "-1", "1.5"] {
        let client = stand.client(OPENAI).with_header("x-forebay-context-max", limit);
        assert_eq!(client.ask(&client.question("hi")).await.status, 400, "{limit}");
    }
    stand.stop().await;
}
