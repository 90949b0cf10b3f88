//! Why the cache stays out of a request, or does not keep its answer.

use std::fmt;

/// A named reason, written in `Cache-Status` and in metrics by its [`name`](Self::name).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The request sets a temperature other than 0, so each answer is a sample of its own.
    Temperature,
    /// The request asks for more than one choice.
    Choices,
    /// The answer depends on more than the request: an earlier response, the web, the day.
    Stateful,
    /// The client sent `no-store`.
    NoStore,
    /// The answer did not reach its protocol's own end.
    Incomplete,
    /// The answer was cut at its token limit.
    Length,
    /// The answer was cut by a content filter.
    ContentFilter,
    /// The answer ends in a call of the client's tools.
    ToolCalls,
    /// The answer ended in a way that is not known to be normal.
    UnknownEnding,
    /// The answer has no content.
    Empty,
    /// The answer is larger than an entry may be.
    TooLarge,
}

impl Refusal {
    /// Every reason there is.
    pub const ALL: [Self; 11] = [
        Self::Temperature,
        Self::Choices,
        Self::Stateful,
        Self::NoStore,
        Self::Incomplete,
        Self::Length,
        Self::ContentFilter,
        Self::ToolCalls,
        Self::UnknownEnding,
        Self::Empty,
        Self::TooLarge,
    ];

    /// The reason as a token: lower-case letters and `-`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Choices => "choices",
            Self::Stateful => "stateful",
            Self::NoStore => "no-store",
            Self::Incomplete => "incomplete",
            Self::Length => "length",
            Self::ContentFilter => "content-filter",
            Self::ToolCalls => "tool-calls",
            Self::UnknownEnding => "unknown-ending",
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
