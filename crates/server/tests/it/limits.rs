//! What comes in is bounded: headers, bodies, time, connections.

use std::time::Duration;

use wire::Protocol;

use crate::client::Client;
use crate::raw::{Raw, head};
use crate::reading::Problem;
use crate::stand::{OPENAI, PROTOCOLS, Plan, Stand, stopwatch};

const BODY_MAX: usize = 10_000;

async fn start() -> Stand {
    Plan::new(&[OPENAI])
        .with("server.header_bytes_max = 8192")
        .with(&format!("server.body_bytes_max = {BODY_MAX}"))
        .with("server.header_read_seconds = 1")
        .with("server.body_read_seconds = 1")
        .start()
        .await
}

/// A question of exactly `length` bytes.
fn question(client: &Client, length: usize) -> String {
    let text = |padding: usize| client.question(&"x".repeat(padding)).to_string();
    text(length - text(0).len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let stand = start().await;
    for protocol in PROTOCOLS {
        let client = stand.client(protocol);
        assert_eq!(client.post(question(&client, BODY_MAX)).await.status, 200);
        for length in [BODY_MAX + 1, 2 * BODY_MAX, 40 * BODY_MAX] {
            let refused = client.post(question(&client, length)).await;
            let problem = refused.problem();
            assert_eq!(refused.status, 413);
            assert!(problem.message.contains("10000 bytes"), "{problem:?}");
            let (kind, code) = match protocol {
                Protocol::OpenAiChat | Protocol::OpenAiResponses => {
                    ("invalid_request_error", Some("request_too_large"))
                }
                Protocol::AnthropicMessages => ("request_too_large", None),
            };
            assert_eq!((problem.kind.as_str(), problem.code.as_deref()), (kind, code));
        }
    }
    assert_eq!(stand.attempts(), [3]);
    stand.stop().await;
}

/// Chunks that announce no length, and a length that nobody would keep in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused_before_it_is_there() {
    let stand = start().await;
    let mut raw = Raw::connect(stand.address()).await;
    raw.send(head(10_000_000_000)).await;
    raw.send("{").await;
    let received = raw.rest().await;
    assert_eq!(received.status(), 413, "{}", received.text());
    assert!(received.is_closed);
    let mut raw = Raw::connect(stand.address()).await;
    let chunked = "transfer-encoding: chunked\r\n";
    raw.send(head(0).replace("content-length: 0\r\n", chunked)).await;
    let chunk = format!("{:x}\r\n{}\r\n", 5_000, "x".repeat(5_000));
    let mut sent = 0;
    while sent < 100 && raw.send(&chunk).await {
        sent += 1;
    }
    let received = raw.rest().await;
    assert!(received.is_closed && matches!(received.status(), 0 | 413), "{}", received.text());
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_over_their_limit_are_refused() {
    let stand = start().await;
    let padded = |bytes: usize, lines: usize| {
        let line = |number: usize| format!("x-{number}: {}\r\n", "y".repeat(bytes / lines));
        let lines: String = (0..lines).map(line).collect();
        head(2).replace("host: x\r\n", &format!("host: x\r\n{lines}")) + "{}"
    };
    for (bytes, lines, expected) in
        [(4_000, 10, 400), (9_000, 1, 431), (9_000, 50, 431), (2_000, 1_000, 431)]
    {
        let mut raw = Raw::connect(stand.address()).await;
        raw.send(padded(bytes, lines)).await;
        let received = raw.response().await;
        assert_eq!(received.status(), expected, "{bytes} {lines}: {}", received.text());
        if expected == 431 {
            assert!(raw.rest().await.is_closed);
        }
    }
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(1_000_000));
    let mut raw = Raw::connect(stand.address()).await;
    raw.send(long).await;
    let received = raw.rest().await;
    assert!(matches!(received.status(), 0 | 414 | 431), "{}", received.text());
    stand.stop().await;
}

/// However little a client sends, it does not keep its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_too_slowly_is_cut() {
    let stand = start().await;
    let start = stopwatch();
    let mut slow = Vec::new();
    let kept = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for sent in
        ["", "P", "POST /v1", "POST / HTTP/1.1\r\nhost: x\r\n", &preface[..10], preface, kept]
    {
        let mut raw = Raw::connect(stand.address()).await;
        raw.send(sent).await;
        slow.push((sent, raw));
    }
    for (sent, raw) in &mut slow {
        let received = raw.within(Duration::from_secs(20)).await;
        assert!(received.is_closed, "{sent:?} stays: {}", received.text());
    }
    assert!(start.monotonic() < Duration::from_secs(15));
    let mut raw = Raw::connect(stand.address()).await;
    raw.send(head(100)).await;
    raw.send("{\"model\":").await;
    let received = raw.response().await;
    assert_eq!(received.status(), 408, "{}", received.text());
    let problem = Problem::in_document(OPENAI, &received.body());
    assert!(problem.message.contains("body_read_seconds"), "{problem:?}");
    stand.stop().await;
}

/// Whatever it speaks, and though it was used before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_gives_its_place_up() {
    let stand = Plan::new(&[OPENAI])
        .with("server.connections_max = 1")
        .with("server.header_read_seconds = 1")
        .start()
        .await;
    let idle = [stand.client(OPENAI), Client::multiplexed(stand.address(), OPENAI)];
    for client in &idle {
        assert_eq!(client.get("/healthz").await.status, 200);
    }
    assert_eq!(stand.client(OPENAI).get("/healthz").await.status, 200);
    drop(idle);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_beyond_the_limit_waits_until_another_closes() {
    let stand = Plan::new(&[OPENAI]).with("server.connections_max = 2").start().await;
    let kept = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut places = Vec::new();
    for _ in 0..2 {
        let mut raw = Raw::connect(stand.address()).await;
        raw.send(kept).await;
        assert_eq!(raw.response().await.status(), 200);
        places.push(raw);
    }
    let mut third = Raw::connect(stand.address()).await;
    third.send(kept).await;
    let waiting = third.within(Duration::from_millis(50)).await;
    assert!(!waiting.is_closed && waiting.bytes.is_empty(), "{waiting:?}");
    places[0].send(kept).await;
    assert_eq!(places[0].response().await.status(), 200);
    drop(places.pop());
    assert_eq!(third.response().await.status(), 200);
    stand.stop().await;
}
