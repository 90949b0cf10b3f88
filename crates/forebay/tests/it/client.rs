//! A client that writes and reads bytes and knows nothing of the gateway's code.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::place::within;
use crate::settings::MODEL;

/// One request for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) protocol: Protocol,
    pub(crate) stream: bool,
    pub(crate) text: String,
    pub(crate) max_tokens: u64,
    pub(crate) key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    OpenAi,
    Anthropic,
}

/// A response whose framing was taken off.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The connection ended before the response did: what came until then.
#[derive(Debug)]
pub(crate) struct Cut(pub(crate) String);

/// A request that was sent, and what came back so far.
pub(crate) struct Exchange {
    socket: TcpStream,
    received: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(text: &str) -> Self {
        let text = text.to_owned();
        Self { protocol: Protocol::OpenAi, stream: false, text, max_tokens: 64, key: None }
    }

    pub(crate) fn streamed(text: &str) -> Self {
        Self { stream: true, ..Self::new(text) }
    }

    pub(crate) fn with_key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// Sends it and reads the whole answer, which must be a good one.
    pub(crate) async fn answered(&self, gateway: SocketAddr) -> Response {
        let response = self.send(gateway).await;
        assert_eq!(response.status, 200, "{response:?}");
        assert!(response.body.contains("imulated"), "{response:?}");
        response
    }

    /// Sends it and reads the whole response.
    pub(crate) async fn send(&self, gateway: SocketAddr) -> Response {
        within("an answer", async { self.open(gateway).await.unwrap().finish().await.unwrap() })
            .await
    }

    /// Sends it.
    pub(crate) async fn open(&self, gateway: SocketAddr) -> std::io::Result<Exchange> {
        let mut head = String::new();
        if let Some(key) = &self.key {
            head = format!("authorization: Bearer {key}\r\n");
        }
        let path = match self.protocol {
            Protocol::OpenAi => "/v1/chat/completions",
            Protocol::Anthropic => "/v1/messages",
        };
        Exchange::open(gateway, "POST", path, &head, &self.body()).await
    }

    pub(crate) fn body(&self) -> String {
        let mut body = json!({
            "model": MODEL,
            "max_tokens": self.max_tokens,
            "messages": [{"role": "user", "content": self.text}],
        });
        if self.stream {
            body["stream"] = json!(true);
        }
        if self.stream && self.protocol == Protocol::OpenAi {
            body["stream_options"] = json!({"include_usage": true});
        }
        body.to_string()
    }
}

impl Exchange {
    pub(crate) async fn open(
        address: SocketAddr,
        method: &str,
        path: &str,
        head: &str,
        body: &str,
    ) -> std::io::Result<Self> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-length: {length}\r\n{head}\r\n{body}"
        );
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(request.as_bytes()).await?;
        Ok(Self { socket, received: Vec::new() })
    }

    /// Reads until `part` has come.
    pub(crate) async fn read_until(&mut self, part: &str) {
        within(part, async {
            while !String::from_utf8_lossy(&self.received).contains(part) {
                let read = self.socket.read_buf(&mut self.received).await.unwrap();
                assert_ne!(read, 0, "{}", String::from_utf8_lossy(&self.received));
            }
        })
        .await;
    }

    /// Reads to the end of the connection.
    pub(crate) async fn finish(mut self) -> Result<Response, Cut> {
        // A reset is the end as well: what counts is whether the response is whole.
        while self.socket.read_buf(&mut self.received).await.is_ok_and(|read| read > 0) {}
        response(&self.received)
            .ok_or_else(|| Cut(String::from_utf8_lossy(&self.received).into_owned()))
    }
}

/// The response to a request without a body.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Response {
    within(path, async {
        Exchange::open(address, "GET", path, "", "").await.unwrap().finish().await.unwrap()
    })
    .await
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Tokens in and out, where the response is a whole answer that tells them.
    pub(crate) fn usage(&self, ask: &Ask) -> Option<(u64, u64)> {
        if self.status != 200 {
            return None;
        }
        let (mut input, mut output) = (None, None);
        for document in self.documents(ask)? {
            // A stream of Anthropic's tells the input in the message that it begins with.
            for usage in [&document["usage"], &document["message"]["usage"]] {
                let count = |names: [&str; 2]| names.iter().find_map(|name| usage[name].as_u64());
                input = count(["prompt_tokens", "input_tokens"]).or(input);
                output = count(["completion_tokens", "output_tokens"]).or(output);
            }
        }
        Some((input?, output?))
    }

    /// The JSON documents of the body; none where a stream lacks its end.
    fn documents(&self, ask: &Ask) -> Option<Vec<Value>> {
        if !ask.stream {
            return Some(vec![serde_json::from_str(&self.body).unwrap()]);
        }
        let data: Vec<_> =
            self.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        let (last, rest) = data.split_last()?;
        let is_whole = match ask.protocol {
            Protocol::OpenAi => *last == "[DONE]",
            Protocol::Anthropic => last.contains("message_stop"),
        };
        let parse = |line: &&str| serde_json::from_str(line).unwrap();
        is_whole.then(|| rest.iter().map(parse).collect())
    }
}

/// Takes the framing off; none where something is missing.
fn response(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    let rest = &bytes[end + 4..];
    let mut response = Response { status, head, body: String::new() };
    let body = match response.header("content-length") {
        Some(length) => rest.get(..length.parse().unwrap())?.to_vec(),
        None => dechunked(rest)?,
    };
    response.body = String::from_utf8(body).unwrap();
    Some(response)
}

fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(str::from_utf8(&bytes[..line]).unwrap(), 16).unwrap();
        let chunk = bytes.get(line + 2..line + 2 + size)?;
        body.extend_from_slice(chunk);
        bytes = bytes.get(line + 2 + size + 2..)?;
        if size == 0 {
            return Some(body);
        }
    }
}
