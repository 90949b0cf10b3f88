//! Why an answer ended.

/// The reason for which a model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It had said everything.
    Stop,
    /// It met the limit of output tokens or the end of its context window.
    Length,
    /// It calls tools and waits for their results.
    ToolCalls,
    /// It or its provider refused to go on.
    ContentFilter,
    /// It met one of the request's stop sequences.
    StopSequence,
    /// A reason that only its protocol knows, as the provider spells it.
    Other(String),
}

impl Finish {
    /// Whether the answer is whole: the model ended it by itself or at a stop sequence.
    pub fn is_normal(&self) -> bool {
        matches!(self, Self::Stop | Self::StopSequence)
    }
}
