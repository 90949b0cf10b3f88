//! One HTTP/1.1 request, as its bytes arrived.

use bytes::Bytes;

const MOST_HEADERS: usize = 128;

/// How long a body is, by its request's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLength {
    Bytes(usize),
    Chunked,
}

/// One HTTP/1.1 request. The body is empty until it is read.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) is_post: bool,
    /// Without the query.
    pub(crate) path: String,
    /// Without its question mark; empty where there is none.
    pub(crate) query: String,
    pub(crate) body_length: BodyLength,
    pub(crate) is_kept_alive: bool,
    pub(crate) expects_continue: bool,
    head: Bytes,
    body: Bytes,
}

/// The bytes are not an HTTP/1.1 request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Request {
    /// The length of the request line and headers at the start of `input`, once they are whole.
    pub(crate) fn head_length(input: &[u8]) -> Result<Option<usize>, Malformed> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        match httparse::Request::new(&mut headers).parse(input) {
            Ok(httparse::Status::Complete(length)) => Ok(Some(length)),
            Ok(httparse::Status::Partial) => Ok(None),
            Err(_) => Err(Malformed),
        }
    }

    /// Reads a whole `head`.
    pub(crate) fn parse(head: Bytes) -> Result<Self, Malformed> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut line = httparse::Request::new(&mut headers);
        line.parse(&head).map_err(|_| Malformed)?;
        let target = line.path.ok_or(Malformed)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        let is_post = line.method == Some("POST");
        let is_new = line.version == Some(1);
        let mut request = Self {
            is_post,
            path,
            query,
            body_length: BodyLength::Bytes(0),
            is_kept_alive: is_new,
            expects_continue: false,
            head,
            body: Bytes::new(),
        };
        request.read_framing()?;
        Ok(request)
    }

    fn read_framing(&mut self) -> Result<(), Malformed> {
        let says = |name: &str, word: &str| {
            self.header(name).is_some_and(|value| value.eq_ignore_ascii_case(word))
        };
        let is_kept_alive = self.is_kept_alive && !says("connection", "close");
        let expects_continue = says("expect", "100-continue");
        let body_length = if says("transfer-encoding", "chunked") {
            BodyLength::Chunked
        } else {
            let length = self.header("content-length").map_or(Ok(0), str::parse);
            BodyLength::Bytes(length.map_err(|_| Malformed)?)
        };
        (self.is_kept_alive, self.expects_continue) = (is_kept_alive, expects_continue);
        self.body_length = body_length;
        Ok(())
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// Bytes of head and body.
    pub(crate) fn length(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// The first value of a header, by its name in any case; none where it is not UTF-8.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        headers(&self.head).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// All headers in their order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        headers(&self.head)
    }
}

/// The headers of a head that was found well formed.
fn headers(head: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    lines.filter_map(|line| {
        let (name, value) = str::from_utf8(line).ok()?.split_once(':')?;
        Some((name, value.trim()))
    })
}
