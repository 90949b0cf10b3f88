//! A client that writes and reads bytes and knows nothing of the simulator's code.

use std::net::SocketAddr;

use forebay_simulator::{Simulator, SimulatorSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Closed,
    Reset,
}

/// A response whose framing was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
}

pub(crate) async fn start() -> Simulator {
    Simulator::start(SimulatorSettings::default()).await.unwrap()
}

/// The bytes of a request that asks the server to close afterwards.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

pub(crate) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

pub(crate) const BEARER: &str = "authorization: Bearer sk-test\r\n";
pub(crate) const ANTHROPIC: &str = "x-api-key: sk-test\r\nanthropic-version: 2023-06-01\r\n";

pub(crate) fn openai(body: &str) -> Vec<u8> {
    post("/v1/chat/completions", BEARER, body)
}

pub(crate) fn anthropic(body: &str) -> Vec<u8> {
    post("/v1/messages", ANTHROPIC, body)
}

/// Everything that comes back until the server ends the connection.
pub(crate) async fn raw(address: SocketAddr, request: &[u8]) -> (Vec<u8>, Ended) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // A server that resets early may do so while this is written.
    let _ = socket.write_all(request).await;
    rest(&mut socket).await
}

/// Everything up to the end of the connection.
pub(crate) async fn rest(socket: &mut TcpStream) -> (Vec<u8>, Ended) {
    let mut received = Vec::new();
    loop {
        match socket.read_buf(&mut received).await {
            Ok(0) => return (received, Ended::Closed),
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                return (received, Ended::Reset);
            }
        }
    }
}

/// One well-formed response.
pub(crate) async fn send(simulator: &Simulator, request: &[u8]) -> Response {
    let (bytes, ended) = raw(simulator.address(), request).await;
    assert_eq!(ended, Ended::Closed);
    parse(&bytes)
}

/// Takes a well-formed response apart; nothing may be missing and nothing may follow.
#[track_caller]
pub(crate) fn parse(bytes: &[u8]) -> Response {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = str::from_utf8(&bytes[..end]).unwrap().to_owned();
    let status = head[9..12].parse().unwrap();
    let mut response = Response { status, head, body: bytes[end + 4..].to_vec() };
    if response.header("transfer-encoding") == Some("chunked") {
        response.body = dechunk(&response.body);
    } else {
        assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()));
    }
    response
}

#[track_caller]
fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(str::from_utf8(&bytes[..line]).unwrap(), 16).unwrap();
        let chunk = &bytes[line + 2..];
        assert_eq!(&chunk[size..size + 2], b"\r\n");
        body.extend_from_slice(&chunk[..size]);
        bytes = &chunk[size + 2..];
        if size == 0 {
            assert!(bytes.is_empty());
            return body;
        }
    }
}

/// The events of a stream as name and data; every event must be one of the two protocols' shapes.
#[track_caller]
pub(crate) fn events(response: &Response) -> Vec<(&str, &str)> {
    assert_eq!(response.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let text = response.text().strip_suffix("\n\n").unwrap();
    text.split("\n\n")
        .map(|frame| match frame.split_once('\n') {
            Some((name, data)) => {
                (name.strip_prefix("event: ").unwrap(), data.strip_prefix("data: ").unwrap())
            }
            None => ("", frame.strip_prefix("data: ").unwrap()),
        })
        .collect()
}
