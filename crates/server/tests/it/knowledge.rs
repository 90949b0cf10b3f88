//! `/v1/knowledge…` and `/v1/classify`: what a tenant knows, for whoever has a key of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::plain_http;
use crate::stand::{MODEL, OPENAI, Plan, Stand};

/// Somebody who asks with a key, or without one.
struct Asker<'a> {
    stand: &'a Stand,
    key: Option<String>,
}

impl Asker<'_> {
    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.stand.address());
        let mut request = plain_http().request(method, url);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    async fn good(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, answer) = self.send(method, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.good(Method::POST, path, body).await
    }

    async fn found(&self, words: &str) -> Vec<String> {
        let found = self.post("/v1/knowledge/search", &json!({"text": words})).await;
        let hits = found["hits"].as_array().unwrap();
        hits.iter().map(|hit| hit["item"]["content"].as_str().unwrap().to_owned()).collect()
    }
}

const MONEY: &str = "Money is counted in integer micro-dollars.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_lives_from_adding_to_forgetting() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let asker = Asker { stand: &stand, key: None };
    let new = json!({"content": MONEY, "kind": "architectural_decision", "title": "Money"});
    let added = asker.post("/v1/knowledge", &new).await;
    assert_eq!((&added["outcome"], &added["other"]), (&json!("created"), &Value::Null));
    let path = format!("/v1/knowledge/{}", added["id"]);
    let again = asker.post("/v1/knowledge", &new).await;
    assert_eq!(again["id"], added["id"], "{again}");

    let shown = asker.good(Method::GET, &path, &Value::Null).await;
    assert_eq!(shown["items"][0]["item"]["content"], MONEY);
    assert_eq!(shown["items"][0]["sources"][0]["name"], "added by hand");
    let changed = json!({"content": "Money is counted in whole nano-dollars."});
    let item = asker.good(Method::PATCH, &path, &changed).await;
    assert_eq!(item["item"]["content"], changed["content"]);
    assert_eq!(asker.found("nano-dollars").await.len(), 1);
    assert_eq!(asker.found("micro-dollars").await, [changed["content"].as_str().unwrap()]);

    asker.good(Method::PATCH, &path, &json!({"holds": false})).await;
    assert!(asker.found("nano-dollars").await.is_empty(), "it holds no longer");
    asker.good(Method::PATCH, &path, &json!({"holds": true})).await;
    assert_eq!(asker.found("nano-dollars").await.len(), 1);

    let of_kind = "/v1/knowledge?kind=architectural_decision&limit=5";
    let listed = asker.good(Method::GET, of_kind, &Value::Null).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let other = asker.good(Method::GET, "/v1/knowledge?kind=tool_usage", &Value::Null).await;
    assert_eq!(other["items"], json!([]));

    asker.good(Method::DELETE, &path, &Value::Null).await;
    let (status, gone) = asker.send(Method::GET, &path, &Value::Null).await;
    assert_eq!(status, 404, "{gone}");
    assert!(asker.found("nano-dollars").await.is_empty());
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_tenant_knows_no_other_sees() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let (acme, other) = (stand.key("acme", "ada").await, stand.key("other", "bob").await);
    let acme = Asker { stand: &stand, key: Some(acme) };
    let other = Asker { stand: &stand, key: Some(other) };
    let nobody = Asker { stand: &stand, key: None };
    let added = acme.post("/v1/knowledge", &json!({"content": MONEY})).await;
    assert_eq!(acme.found("how is money counted").await, [MONEY]);
    assert!(other.found("how is money counted").await.is_empty());
    let path = format!("/v1/knowledge/{}", added["id"]);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(other.send(method, &path, &Value::Null).await.0, 404);
    }
    assert_eq!(nobody.send(Method::GET, &path, &Value::Null).await.0, 401);
    assert_eq!(acme.found("how is money counted").await, [MONEY]);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_learned_once_and_answers_with_its_source() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let asker = Asker { stand: &stand, key: None };
    let text = format!("# Ledger\n\n{MONEY} Floats round.\n\nThe token is sk-live-abcdefgh.\n");
    let lesson = json!({"name": "ledger.md", "text": text, "project": "billing"});
    let learned = asker.post("/v1/knowledge/learn", &lesson).await;
    assert_eq!((&learned["sources"], &learned["by_meaning"]), (&json!(1), &json!(false)));
    assert!(learned["created"].as_u64().unwrap() >= 1, "{learned}");
    let again = asker.post("/v1/knowledge/learn", &lesson).await;
    assert_eq!((&again["created"], &again["merged"]), (&json!(0), &json!(0)), "{again}");

    let question = json!({"text": "How is money counted?"});
    let answered = asker.post("/v1/knowledge/ask", &question).await;
    let answer = answered["answer"]["text"].as_str().unwrap();
    assert!(answer.contains("micro-dollars") && answer.contains("[1]"), "{answered}");
    assert_eq!(answered["by_model"], false);
    assert_eq!(answered["hits"][0]["sources"][0]["name"], "ledger.md");
    assert_eq!(stand.providers[0].counts().attempts(), 0);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_configured_answers_and_is_paid_by_whoever_asks() {
    let stand = Plan::new(&[OPENAI])
        .with(&format!(r#"knowledge.answer_model = "{MODEL}""#))
        .with("server.require_keys = true")
        .start()
        .await;
    let asker = Asker { stand: &stand, key: Some(stand.key("acme", "ada").await) };
    let question = json!({"text": "How is money counted?"});
    let nothing = asker.post("/v1/knowledge/ask", &question).await;
    assert_eq!((&nothing["answer"], &nothing["by_model"]), (&Value::Null, &json!(false)));
    assert_eq!(stand.providers[0].counts().attempts(), 0, "there was nothing to answer from");

    asker.post("/v1/knowledge", &json!({"content": MONEY})).await;
    let answered = asker.post("/v1/knowledge/ask", &question).await;
    assert_eq!(answered["by_model"], true, "{answered}");
    assert_eq!(stand.providers[0].counts().attempts(), 1);
    stand.settled().await;
    let (spent, reserved) = stand.money("ada").await;
    assert!(spent > 0 && reserved == 0, "{spent} {reserved}");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_fails_is_told_of_beside_what_was_found() {
    let stand = Plan::new(&[OPENAI]).with(r#"knowledge.answer_model = "nobody-has-it""#);
    let stand = stand.start().await;
    let asker = Asker { stand: &stand, key: None };
    asker.post("/v1/knowledge", &json!({"content": MONEY})).await;
    let answered = asker.post("/v1/knowledge/ask", &json!({"text": "How is money counted?"})).await;
    assert!(answered["model_failure"].as_str().unwrap().contains("nobody-has-it"), "{answered}");
    assert!(answered["answer"]["text"].as_str().unwrap().contains("micro-dollars"));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_refused_with_what_to_do() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let asker = Asker { stand: &stand, key: None };
    for (path, body, said) in [
        ("/v1/knowledge/search", json!({"text": " "}), "text is empty"),
        ("/v1/knowledge/search", json!({"words": "x"}), "words"),
        ("/v1/knowledge/search", json!({"text": "x", "limit": 100_000}), "1000"),
        ("/v1/knowledge", json!({"content": "  "}), "empty"),
        ("/v1/knowledge", json!({"content": "x", "kind": "Run Book"}), "a-z"),
        ("/v1/knowledge", json!({"content": "x", "confidence": 2}), "0 to 1"),
        ("/v1/knowledge/learn", json!({"name": "x"}), "text"),
        ("/v1/classify", json!({"texts": []}), "1 to 256"),
        ("/v1/classify", json!({"texts": ["fix it"]}), "forebay models pull"),
    ] {
        let (status, problem) = asker.send(Method::POST, path, &body).await;
        let message = problem["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(said), "{path} {body}: {status} {message}");
    }
    let (status, _) = asker.send(Method::PATCH, "/v1/knowledge/7", &json!({"holds": true})).await;
    assert_eq!(status, 404);
    let (status, _) = asker.send(Method::GET, "/v1/knowledge?colour=red", &Value::Null).await;
    assert_eq!(status, 400);
    stand.stop().await;
}
