//! An answer that is kept.

use bytes::Bytes;
use types::{Microdollars, ModelId, ProviderId, RequestId, Timestamp, TokenUsage};

pub(crate) mod codec;

/// How an answer was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The frames of a stream, in order, the terminal one included.
    Stream,
    /// One JSON body.
    Complete,
}

/// A complete answer and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What `frames` holds.
    pub form: Form,
    /// Server-sent events in the client's protocol, or one JSON body. Each keeps alive the buffer
    /// that it was cut from, and only its own bytes are weighed: give it frames that own theirs.
    pub frames: Vec<Bytes>,
    /// Who answered.
    pub provider: ProviderId,
    /// With which model.
    pub model: ModelId,
    /// What the answer used when it was made; a hit uses nothing.
    pub usage: TokenUsage,
    /// What the answer cost when it was made, and so what a hit saves.
    pub cost: Microdollars,
    /// The request that the answer was made for.
    pub origin: RequestId,
    /// When it was recorded.
    pub stored_at: Timestamp,
}

impl Entry {
    /// What one entry is taken to weigh in memory beside its bytes: itself, its key twice, its place
    /// in the map and its three names.
    const OVERHEAD_BYTES: u64 = 512;
    /// What one frame is taken to weigh beside its bytes: the handle and the allocation.
    const FRAME_OVERHEAD_BYTES: u64 = 64;

    /// About how many bytes of memory this entry holds.
    pub fn weight(&self) -> u64 {
        self.frames.iter().fold(Self::OVERHEAD_BYTES, |sum, frame| {
            sum.saturating_add(frame.len() as u64).saturating_add(Self::FRAME_OVERHEAD_BYTES)
        })
    }
}
