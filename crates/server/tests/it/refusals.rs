//! Requests that are wrong: each is told what, in its protocol.

use serde_json::json;
use wire::Protocol;

use crate::client::{Client, with};
use crate::raw::Raw;
use crate::reading::Problem;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, Stand};

async fn check_invalid(client: &Client, body: impl Into<Vec<u8>>, named: &str) {
    let body = body.into();
    let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    let answer = client.post(body).await;
    let problem = answer.problem();
    assert_eq!((answer.status, problem.kind.as_str()), (400, "invalid_request_error"), "{shown}");
    assert!(problem.message.contains(named), "{shown}: {problem:?}");
    assert!(problem.message.len() < 500, "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_body_is_refused_with_the_name_of_what_is_wrong() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for protocol in PROTOCOLS {
        let client = stand.client(protocol);
        let good = client.question("hi").to_string();
        let deep = good.replace("\"hi\"", &format!("{}{}", "[".repeat(9_000), "]".repeat(9_000)));
        check_invalid(&client, "", "json").await;
        check_invalid(&client, "[]", "json").await;
        check_invalid(&client, "{not json", "json").await;
        check_invalid(&client, format!("{good} {{}}"), "json").await;
        check_invalid(&client, format!("\u{feff}{good}"), "json").await;
        check_invalid(&client, good.replace("hi", "\\ud800"), "json").await;
        check_invalid(&client, deep, "json").await;
        check_invalid(&client, [good.as_bytes(), b"\xff"].concat(), "json").await;
        let mut invalid = good.clone().into_bytes();
        let at = good.find("hi").unwrap();
        invalid[at] = 0xff;
        check_invalid(&client, invalid, "json").await;
        let twice = good.replacen('{', r#"{"model":"other","#, 1);
        check_invalid(&client, twice, "\"model\"").await;
        let inner = good.replace(r#""role":"user""#, r#""role":"user","role":"system""#);
        check_invalid(&client, inner, "\"role\"").await;
        check_invalid(&client, "{}", client.said_field()).await;
        for (field, value) in [
            ("model", json!("")),
            ("model", json!(1)),
            (client.said_field(), json!([])),
            (client.said_field(), json!({"role": "user"})),
            (client.limit_field(), json!(-1)),
            (client.limit_field(), json!(0)),
            (client.limit_field(), json!(1.5)),
            (client.limit_field(), json!("5")),
            (client.limit_field(), json!(u64::MAX)),
            ("stream", json!("yes")),
            ("temperature", json!(-0.1)),
            ("temperature", json!(1e300)),
        ] {
            check_invalid(&client, with(&client.question("hi"), field, value).to_string(), field)
                .await;
        }
    }
    check_own_fields(&stand).await;
    assert_eq!(stand.attempts(), [0]);
    assert_eq!(stand.money("local").await, (0, 0));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoded_body_is_refused_with_how_to_send_it() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for protocol in PROTOCOLS {
        let client = stand.client(protocol);
        let question = client.question("hi").to_string();
        for encoding in ["gzip", "zstd", "br", "identity, gzip"] {
            let encoded = client.with_header("content-encoding", encoding);
            let answer = encoded.post(question.clone()).await;
            let problem = answer.problem();
            let kind = problem.kind.as_str();
            assert_eq!((answer.status, kind), (415, "invalid_request_error"), "{problem:?}");
            assert!(problem.message.contains(encoding), "{problem:?}");
            assert!(problem.message.contains("without content-encoding"), "{problem:?}");
        }
        let plain = client.with_header("content-encoding", "Identity");
        assert_eq!(plain.post(question).await.status, 200);
    }
    stand.stop().await;
}

/// Fields that only one protocol has.
async fn check_own_fields(stand: &Stand) {
    let client = stand.client(OPENAI);
    for (field, value, named) in [
        ("n", json!(1_000_000_000), "n must"),
        ("n", json!(0), "n must"),
        ("max_completion_tokens", json!(-1), "max_completion_tokens"),
        ("stream_options", json!(true), "stream_options"),
        ("stream_options", json!({"include_usage": 1}), "stream_options.include_usage"),
    ] {
        check_invalid(&client, with(&client.question("hi"), field, value).to_string(), named).await;
    }
    let client = stand.client(ANTHROPIC);
    let mut question = client.question("hi");
    question.as_object_mut().unwrap().remove("max_tokens");
    check_invalid(&client, question.to_string(), "max_tokens").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_model_is_refused_with_those_that_are_served() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for protocol in PROTOCOLS {
        let client = stand.client(protocol);
        for model in ["gpt-5", "sim ", "a\r\nb", &"x".repeat(500)] {
            let answer = client.ask(&with(&client.question("hi"), "model", model)).await;
            let problem = answer.problem();
            let seen = (answer.status, problem.kind.as_str(), problem.code.as_deref());
            assert_eq!(
                seen,
                match protocol {
                    Protocol::OpenAiChat | Protocol::OpenAiResponses =>
                        (404, "invalid_request_error", Some("model_not_found")),
                    Protocol::AnthropicMessages => (404, "not_found_error", None),
                }
            );
            assert!(problem.message.contains("sim") && !problem.message.contains('\n'));
        }
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths_and_wrong_methods_are_told_so() {
    let stand = Plan::new(&[OPENAI]).start().await;
    for (method, path, protocol, status) in [
        ("GET", "/v1/chat/completions", OPENAI, 405),
        ("PUT", "/v1/messages", ANTHROPIC, 405),
        ("POST", "/v1/models", OPENAI, 405),
        ("DELETE", "/metrics", OPENAI, 405),
        ("POST", "/v1/completions", OPENAI, 404),
        ("POST", "/v1/messages/count", ANTHROPIC, 404),
        ("GET", "/../etc/passwd", OPENAI, 404),
        ("GET", "/v1/models/%2e%2e%2f%00", OPENAI, 404),
        ("POST", "//v1/chat/completions", OPENAI, 404),
    ] {
        let mut raw = Raw::connect(stand.address()).await;
        raw.send(format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}"))
            .await;
        let received = raw.response().await;
        assert_eq!(received.status(), status, "{method} {path}: {}", received.text());
        Problem::in_document(protocol, &received.body());
    }
    assert_eq!(stand.attempts(), [0]);
    stand.stop().await;
}

/// A body that two readers could see as two different requests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ambiguous_framing_is_refused_and_the_connection_closed() {
    let stand = Plan::new(&[OPENAI]).start().await;
    let smuggled = "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n";
    for headers in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 0x5\r\n",
        "content-length: -1\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "transfer-encoding : chunked\r\n",
    ] {
        let mut raw = Raw::connect(stand.address()).await;
        raw.send(format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n{headers}\r\n0\r\n\r\n{smuggled}"
        ))
        .await;
        let received = raw.rest().await;
        assert!(received.is_closed, "{headers}");
        assert_eq!(received.status(), 400, "{headers} {}", received.text());
        assert_eq!(
            received.text().matches("HTTP/1.1 ").count(),
            1,
            "{headers} {}",
            received.text()
        );
    }
    stand.stop().await;
}
