//! A connection on which any bytes can be sent.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::stand::PATIENCE;

pub(crate) struct Raw {
    socket: TcpStream,
}

/// What came back, and whether the server then closed.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_closed: bool,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { socket: TcpStream::connect(address).await.unwrap() }
    }

    /// The same with a client's system that takes little of what is not read.
    pub(crate) async fn narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 << 10).unwrap();
        Self { socket: socket.connect(address).await.unwrap() }
    }

    /// Sends; a server that has hung up need not take it.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.socket.write_all(bytes.as_ref()).await.is_ok()
    }

    /// The next bytes, so many at most.
    pub(crate) async fn some(&mut self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; most];
        let reading = tokio::time::timeout(PATIENCE, self.socket.read(&mut bytes));
        let count = reading.await.expect("nothing comes").unwrap_or(0);
        bytes.truncate(count);
        bytes
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn rest(&mut self) -> Received {
        self.within(PATIENCE).await
    }

    /// Everything up to the end of the connection or of this time.
    pub(crate) async fn within(&mut self, time: Duration) -> Received {
        let mut bytes = Vec::new();
        let reading = async {
            // A reset is an end as well.
            while self.socket.read_buf(&mut bytes).await.is_ok_and(|count| count > 0) {}
        };
        let is_closed = tokio::time::timeout(time, reading).await.is_ok();
        Received { bytes, is_closed }
    }

    /// One response with a `content-length`.
    pub(crate) async fn response(&mut self) -> Received {
        let mut bytes = Vec::new();
        let reading = async {
            while !is_whole(&bytes) {
                if self.socket.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return true;
                }
            }
            false
        };
        let is_closed = tokio::time::timeout(PATIENCE, reading).await.expect("no response");
        Received { bytes, is_closed }
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse().unwrap())
}

impl Received {
    /// The status of the first response; 0 where there is none.
    pub(crate) fn status(&self) -> u16 {
        let text = self.text();
        text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body of the last response.
    pub(crate) fn body(&self) -> Vec<u8> {
        let end = self.bytes.windows(4).rposition(|window| window == b"\r\n\r\n").unwrap();
        self.bytes[end + 4..].to_vec()
    }
}

/// The head of a request with a body of `length` bytes, as a client without a key sends it.
pub(crate) fn head(length: usize) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    )
}
