//! The bytes of an answer, and when they are sent.

use std::time::Duration;

use bytes::Bytes;

/// A response before it is put on a connection.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// More headers, each with its line end.
    pub(crate) headers: String,
    pub(crate) body: Body,
    /// A `content-length` that is not the body's; also makes a stream go without chunks.
    pub(crate) declared_length: Option<usize>,
    pub(crate) pace: Pace,
    /// The part that waits to be released; the first waits together with the head.
    pub(crate) held_part: Option<usize>,
    content_type: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// JSON.
    Complete(Bytes),
    /// Events of which the last is the terminal one.
    Stream(Vec<Bytes>),
}

/// One thing to do on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Send(Bytes),
    Pause(Duration),
    /// Wait for a release.
    Hold,
    /// Do nothing until the client leaves.
    Hang,
    Reset,
    Close,
}

/// What follows the last byte of a body that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Proper,
    Hang,
    Reset,
    Close,
}

/// Pauses between the parts of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pub(crate) first: Duration,
    pub(crate) between: Duration,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Body) -> Self {
        let content_type = match body {
            Body::Complete(_) => "application/json",
            Body::Stream(_) => "text/event-stream; charset=utf-8",
        };
        Self {
            status,
            headers: String::new(),
            body,
            declared_length: None,
            pace: Pace::default(),
            held_part: None,
            content_type,
        }
    }

    pub(crate) fn json(status: u16, body: String) -> Self {
        Self::new(status, Body::Complete(body.into()))
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// The parts of the body: events, or the one document.
    pub(crate) fn parts(&self) -> &[Bytes] {
        match &self.body {
            Body::Complete(document) => std::slice::from_ref(document),
            Body::Stream(events) => events,
        }
    }

    /// The length of the body without chunk framing.
    pub(crate) fn length(&self) -> usize {
        self.parts().iter().map(Bytes::len).sum()
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Vec<Step> {
        self.steps(usize::MAX, End::Proper)
    }

    /// The head and the first `limit` bytes of the body, then `end`.
    pub(crate) fn steps(&self, limit: usize, end: End) -> Vec<Step> {
        let mut steps = Steps::default();
        steps.pause(self.pace.first);
        if self.held_part == Some(0) {
            steps.hold();
        }
        steps.send(self.head().as_bytes());
        let mut left = limit;
        for (index, part) in self.parts().iter().enumerate() {
            let part = &part[..part.len().min(left)];
            if index > 0 && !part.is_empty() {
                steps.pause(self.pace.between);
            }
            if index > 0 && self.held_part == Some(index) {
                steps.hold();
            }
            left -= part.len();
            self.frame(part, &mut steps);
        }
        if end == End::Proper && self.is_chunked() {
            steps.send(b"0\r\n\r\n");
        }
        steps.end(end)
    }

    fn is_chunked(&self) -> bool {
        matches!(self.body, Body::Stream(_)) && self.declared_length.is_none()
    }

    fn frame(&self, part: &[u8], steps: &mut Steps) {
        if part.is_empty() {
            // A chunk of no bytes would end the body.
        } else if self.is_chunked() {
            steps.send(format!("{:x}\r\n", part.len()).as_bytes());
            steps.send(part);
            steps.send(b"\r\n");
        } else {
            steps.send(part);
        }
    }

    fn head(&self) -> String {
        let (status, reason, more) = (self.status, reason(self.status), &self.headers);
        let content_type = self.content_type;
        let framing = if self.is_chunked() {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {}", self.declared_length.unwrap_or_else(|| self.length()))
        };
        format!(
            "HTTP/1.1 {status} {reason}\r\ncontent-type: {content_type}\r\n{framing}\r\n{more}\r\n"
        )
    }
}

/// Collects steps; bytes that nothing separates go out in one write.
#[derive(Debug, Default)]
struct Steps {
    done: Vec<Step>,
    unsent: Vec<u8>,
}

impl Steps {
    fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    fn pause(&mut self, span: Duration) {
        if !span.is_zero() {
            self.flush();
            self.done.push(Step::Pause(span));
        }
    }

    fn hold(&mut self) {
        self.flush();
        self.done.push(Step::Hold);
    }

    fn flush(&mut self) {
        if !self.unsent.is_empty() {
            self.done.push(Step::Send(std::mem::take(&mut self.unsent).into()));
        }
    }

    fn end(mut self, end: End) -> Vec<Step> {
        self.flush();
        self.done.extend(match end {
            End::Proper => None,
            End::Hang => Some(Step::Hang),
            End::Reset => Some(Step::Reset),
            End::Close => Some(Step::Close),
        });
        self.done
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Overloaded",
        _ => "Simulated",
    }
}
