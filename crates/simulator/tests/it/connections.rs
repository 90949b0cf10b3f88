//! What a connection carries: several requests, odd framing, bytes that are no request.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Ended, parse, raw, rest, start};

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;

fn kept_alive(number: usize) -> String {
    let body = BODY.replace("hi", &number.to_string());
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn one_connection_carries_many_requests_sent_ahead() {
    let simulator = start().await;
    let requests: String = (0..20).map(kept_alive).collect();
    let last = kept_alive(20).replace("host: x", "host: x\r\nconnection: close");
    let (bytes, ended) = raw(simulator.address(), (requests + &last).as_bytes()).await;
    assert_eq!(ended, Ended::Closed);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 21);
    let numbers: Vec<_> = (0..21).map(|n| text.find(&format!("request-id: req_{n}\r"))).collect();
    assert!(numbers.is_sorted() && numbers[0].is_some());
    let counts = simulator.counts_when(|counts| counts.in_flight == 0).await;
    assert_eq!((counts.connections, counts.attempts(), counts.completed), (1, 21, 21));
    simulator.stop().await;
}

#[tokio::test]
async fn a_request_may_arrive_byte_by_byte() {
    let simulator = start().await;
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    socket.set_nodelay(true).unwrap();
    for byte in kept_alive(0).replace("host: x", "host: x\r\nConnection: Close").bytes() {
        socket.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(parse(&rest(&mut socket).await.0).status, 200);
    simulator.stop().await;
}

#[tokio::test]
async fn a_chunked_body_is_put_together() {
    let simulator = start().await;
    let (start, end) = BODY.split_at(20);
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer k\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{start}\r\n{:X};extension\r\n{end}\r\n0\r\n\r\n",
        start.len(),
        end.len(),
    );
    assert_eq!(parse(&raw(simulator.address(), request.as_bytes()).await.0).status, 200);
    assert_eq!(simulator.requests()[0].body, BODY);
    simulator.stop().await;
}

#[tokio::test]
async fn a_client_that_waits_for_permission_gets_it() {
    let simulator = start().await;
    let request =
        kept_alive(0).replace("host: x", "host: x\r\nconnection: close\r\nexpect: 100-continue");
    let (bytes, _) = raw(simulator.address(), request.as_bytes()).await;
    let bytes = bytes.strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    assert_eq!(parse(bytes).status, 200);
    simulator.stop().await;
}

async fn check_unreadable(request: &[u8], status: u16) {
    let simulator = start().await;
    let (bytes, _) = raw(simulator.address(), request).await;
    assert_eq!(parse(&bytes).status, status);
    simulator.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_request_are_told_so() {
    let post = "POST /v1/messages HTTP/1.1\r\n";
    check_unreadable(b"nonsense\r\n\r\n", 400).await;
    check_unreadable(format!("{post}no colon\r\n\r\n").as_bytes(), 400).await;
    check_unreadable(format!("{post}content-length: many\r\n\r\n").as_bytes(), 400).await;
    check_unreadable(format!("{post}content-length: 99999999999\r\n\r\n").as_bytes(), 413).await;
    check_unreadable(format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n").as_bytes(), 400)
        .await;
    check_unreadable(format!("{post}transfer-encoding: chunked\r\n\r\n1\r\nabc").as_bytes(), 400)
        .await;
    check_unreadable(format!("{post}x: {}", "y".repeat(70_000)).as_bytes(), 431).await;
}
