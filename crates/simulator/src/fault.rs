//! What may go wrong in one attempt.

use serde::{Deserialize, Serialize};

/// What goes wrong in one attempt.
///
/// In JSON a variant without fields is its name in snake case (`"refuse"`), one with fields an
/// object of one member (`{"reset": {"after_bytes": 10}}`). Byte offsets count the body, without
/// its chunk framing. Faults after the headers need a request that is accepted; a request that the
/// simulator refuses is refused all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Nothing: the proper answer. Useful between other faults.
    #[default]
    None,

    /// The connection is reset when the request's headers arrive; its body is not read.
    Refuse,
    /// Nothing is read after the request's headers and nothing is answered.
    HangOnAccept,

    /// The request is read and the connection reset without an answer.
    ResetBeforeHeaders,
    /// The request is read and the connection closed without an answer.
    CloseBeforeHeaders,
    /// The request is read and nothing is answered.
    HangBeforeHeaders,
    /// The proper answer, this much later.
    Delay {
        /// In milliseconds.
        millis: u64,
    },

    /// The proper answer, of which the event at this place and all after it wait for
    /// [`Simulator::release`](crate::Simulator::release). Before the first event the headers wait
    /// as well, and a complete answer always waits as a whole.
    Hold {
        /// Which event waits.
        at: Position,
    },

    /// Headers of the proper answer, then nothing.
    HangAfterHeaders,
    /// The first event of the stream, or the first half of a complete answer, then nothing.
    HangAfterFirstEvent,
    /// All but the terminal event, or all but the last byte of a complete answer, then nothing.
    HangBeforeTerminal,
    /// The terminal event, but not the end of the body. As `hang_before_terminal` where the answer
    /// is not a stream.
    HangAfterTerminal,
    /// The proper answer, headers included, a few bytes at a time.
    Drip {
        /// Bytes per write, at least 1.
        bytes: usize,
        /// Milliseconds between writes.
        pause_ms: u64,
    },
    /// The connection is reset after so many bytes of the body, or at its end if that is sooner.
    Reset {
        /// Bytes of the body that are sent.
        after_bytes: usize,
    },
    /// The connection is closed after so many bytes of the body, or at its end if that is sooner,
    /// and never with the end marker of a chunked body.
    Close {
        /// Bytes of the body that are sent.
        after_bytes: usize,
    },

    /// Status 200 and a well-framed body of no bytes.
    EmptyBody,
    /// Status 200 and an error: as the body, or as an event after which the stream ends.
    ErrorEvent {
        /// The event in whose place it stands.
        position: Position,
        /// The error's type or code instead of the protocol's word for "overloaded".
        #[serde(default)]
        code: Option<String>,
    },
    /// A `content-length` that is not the body's, also for a stream; then the connection closes.
    WrongContentLength {
        /// What is added to the true length; the sum is at least 0.
        delta: i64,
    },
    /// A chunked body whose second chunk has no valid size.
    ChunkGarbage,
    /// Status 200, the right content type, and a body that is neither JSON nor UTF-8.
    NotJson,
    /// Status 200, the right content type, and this body.
    Literal {
        /// The body, byte for byte.
        body: String,
    },
    /// Bytes that are not an HTTP response.
    NotHttp,
    /// So many `103 Early Hints`, then the proper answer.
    InformationalFlood {
        /// How many.
        count: usize,
    },
    /// A `307` to another place.
    Redirect {
        /// The `location` header.
        location: String,
    },
    /// An error status with the protocol's envelope.
    Status {
        /// The status.
        code: u16,
        /// The `retry-after` header, written as it is.
        #[serde(default)]
        retry_after: Option<String>,
        /// The error's type or code instead of the usual one of this status.
        #[serde(default)]
        error: Option<String>,
    },
    /// The error of a request that is longer than the model's context.
    ContextLength,
    /// The proper answer with other numbers of tokens.
    Usage(UsageFault),
    /// The stream without its terminal event but well ended, or the first half of a complete
    /// answer, framed as if it were all.
    NoTerminal,
    /// The proper answer with every request header sent back: as response headers of the same name
    /// (but for framing ones) and in the text.
    EchoHeaders,
    /// A small gzip body that unpacks to 16 MiB.
    GzipBomb,
    /// A first event, or a string in a complete answer, of so many bytes without a line end.
    LongLine {
        /// Bytes of text.
        bytes: usize,
    },
}

/// A place in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The first event.
    First,
    /// The event after half of all events.
    Middle,
    /// The terminal event.
    Last,
}

/// How the reported usage is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageFault {
    /// Not there.
    Missing,
    /// Below zero.
    Negative,
    /// The usage event of a stream twice; in a complete answer the member twice.
    Twice,
    /// Ten times what it is.
    Tenfold,
}
