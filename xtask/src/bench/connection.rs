//! A client for HTTP/1.1 that adds as little as possible: one blocking connection, kept alive,
//! with a buffer of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const TIMEOUT: Duration = Duration::from_secs(30);
const BUFFER_BYTES: usize = 256 * 1024;

pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// One answer, in the connection's buffer.
pub(super) struct Answer<'a> {
    head: &'a str,
    pub(super) body: &'a [u8],
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Sends a whole request and reads its whole answer.
    pub(super) fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.send(request)?;
        self.receive()
    }

    /// Sends a whole request, whose answer is to be received before the next.
    pub(super) fn send(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(request)?)
    }

    /// Reads a whole answer.
    pub(super) fn receive(&mut self) -> Result<Answer<'_>> {
        let mut filled = 0;
        let head_bytes = loop {
            let searched = filled;
            filled += self.read(filled)?;
            // The end of the head may lie across two reads.
            let from = searched.saturating_sub(3);
            if let Some(at) = find(&self.buffer[from..filled], b"\r\n\r\n") {
                break from + at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..head_bytes])?;
        let length: usize = header(head, "content-length")
            .with_context(|| format!("the answer has no content-length: {head}"))?
            .parse()
            .context("content-length is a number")?;
        let end = head_bytes + length;
        while filled < end {
            filled += self.read(filled)?;
        }
        if filled > end {
            bail!("the answer is longer than its content-length");
        }
        let head = std::str::from_utf8(&self.buffer[..head_bytes])?;
        Ok(Answer { head, body: &self.buffer[head_bytes..end] })
    }

    /// Reads an answer in chunks to its last one. Shows how many bytes have come each time that some
    /// have; returns head and chunks as they came.
    pub(super) fn receive_chunked(&mut self, mut came: impl FnMut(usize)) -> Result<&[u8]> {
        let mut filled = 0;
        while !self.buffer[..filled].ends_with(b"\r\n0\r\n\r\n") {
            filled += self.read(filled)?;
            came(filled);
        }
        Ok(&self.buffer[..filled])
    }

    fn read(&mut self, filled: usize) -> Result<usize> {
        match self.stream.read(&mut self.buffer[filled..])? {
            0 if filled == self.buffer.len() => bail!("the answer is larger than {BUFFER_BYTES}"),
            0 => bail!("the connection was closed in the middle of an answer"),
            read => Ok(read),
        }
    }
}

impl Answer<'_> {
    pub(super) fn is_ok(&self) -> bool {
        self.head.starts_with("HTTP/1.1 200")
    }

    /// The whole answer.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), self.body].concat()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }
}

impl std::fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.head, self.body.escape_ascii())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Answers each request with the next of `answers`, sent in the pieces given.
    fn serve(answers: Vec<Vec<&'static str>>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for pieces in answers {
                let read = stream.read(&mut [0; 64]).unwrap();
                assert_eq!(read, 4);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn answers_are_read_whole_and_the_connection_is_kept() {
        let address = serve(vec![
            vec!["HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Status: x; hit\r\n\r\nhello"],
            vec!["HTTP/1.1 500 No\r\ncontent-length: 3\r", "\n\r", "\nab", "c"],
            vec!["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
        ]);
        let mut connection = Connection::open(address).unwrap();
        let answer = connection.exchange(b"one\n").unwrap();
        assert!(answer.is_ok());
        assert_eq!(answer.body, b"hello");
        assert_eq!(answer.header("cache-status"), Some("x; hit"));
        let answer = connection.exchange(b"two\n").unwrap();
        assert!(!answer.is_ok());
        assert_eq!(answer.body, b"abc");
        assert_eq!(connection.exchange(b"3rd\n").unwrap().body, b"");
    }

    #[track_caller]
    fn check_refused(answer: &'static str, expect: &str) {
        let mut connection = Connection::open(serve(vec![vec![answer]])).unwrap();
        let error = connection.exchange(b"one\n").err().unwrap().to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn what_is_not_one_whole_answer_is_an_error() {
        check_refused("HTTP/1.1 200 OK\r\n\r\nhello", "no content-length");
        check_refused("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", "closed");
        check_refused("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nhello", "longer");
    }
}
