//! What a stream hands on to the client.

use bytes::Bytes;

/// Some of an answer, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One or more complete SSE frames in the client's protocol; may be empty.
    pub bytes: Bytes,
    /// What the frames are.
    pub kind: PieceKind,
}

/// What a piece carries, so far as it matters for sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// The role, `message_start`, a ping, an unknown event: nothing of the answer itself.
    Preamble,
    /// A part of the answer or its end; a provider cannot be changed after it was sent.
    Content,
    /// The extra chunk with the usage: drop it where the client did not ask for it.
    UsageOnly,
    /// `[DONE]` or `message_stop`.
    Terminal,
}
