//! `/v1/analyze`: reports for whoever has a key, and documents that are kept to themselves.

use serde_json::{Value, json};

use crate::client::plain_http;
use crate::stand::{OPENAI, Plan, Stand};

/// Posts `body` as `content_type`; the status and the answer.
async fn post(stand: &Stand, key: Option<&str>, content_type: &str, body: String) -> (u16, Value) {
    let url = format!("http://{}/v1/analyze", stand.daemon.address());
    let mut request = plain_http().post(url).header("content-type", content_type).body(body);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

const PAGE: &str = "# A\n\n### C\n\nWords of a page.\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_comes_back_as_a_report() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let body = json!({ "text": PAGE, "format": "markdown", "profile": "reference" }).to_string();
    let (status, report) = post(&stand, None, "application/json", body).await;
    assert_eq!(
        (status, &report["format"], &report["headings"]),
        (200, &json!("markdown"), &json!(2))
    );
    let rules: Vec<_> = report["findings"].as_array().unwrap().iter().map(|f| &f["rule"]).collect();
    assert!(rules.contains(&&json!("heading-jump")), "{rules:?}");

    let (status, raw) = post(&stand, None, "Text/Markdown; charset=utf-8", PAGE.to_owned()).await;
    assert_eq!((status, &raw["findings"]), (200, &report["findings"]));
    let (status, plain) = post(&stand, None, "text/plain", PAGE.to_owned()).await;
    assert_eq!((status, &plain["headings"]), (200, &json!(0)));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_document_is_refused_without_repeating_it() {
    let stand = Plan::new(&[OPENAI])
        .with("server.body_bytes_max = 2048")
        .with("analysis.document_bytes_max = 100")
        .start()
        .await;
    for body in ["{}", "not json, secret", r#"{"text":7}"#, r#"{"text":"a","secret":1}"#] {
        let (status, problem) = post(&stand, None, "application/json", body.to_owned()).await;
        assert_eq!((status, &problem["error"]["type"]), (400, &json!("invalid_request_error")));
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
    for length in [101, 4096] {
        let (status, _) = post(&stand, None, "text/plain", "x".repeat(length)).await;
        assert_eq!(status, 413, "{length}");
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_needed_where_keys_are_required() {
    let stand = Plan::new(&[OPENAI]).with("server.require_keys = true").start().await;
    let (status, _) = post(&stand, None, "text/plain", PAGE.to_owned()).await;
    assert_eq!(status, 401);
    let (status, _) = post(&stand, Some("fb-wrong"), "text/plain", PAGE.to_owned()).await;
    assert_eq!(status, 401);
    stand.stop().await;
}
