//! An answer once all of it is there.

use bytes::Bytes;
use cache::Form;
use wire::AnswerSummary;

use crate::item::Source;

/// A whole answer, in the client's protocol.
pub(super) struct Recording {
    pub(super) form: Form,
    pub(super) frames: Vec<Bytes>,
    pub(super) summary: AnswerSummary,
    pub(super) source: Source,
}
