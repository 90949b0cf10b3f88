//! The form that all answers have between a protocol that is read and a protocol that is written.

use types::TokenUsage;

use crate::Finish;

/// One step of an answer. A complete answer is the same steps in one go.
///
/// `choice` counts the answers of a request with `n` above 1, `tool` the tool calls of a choice;
/// both from 0.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    Start {
        id: Option<&'a str>,
        model: Option<&'a str>,
    },
    Text {
        choice: u64,
        text: &'a str,
    },
    /// Thinking aloud; without the signature that makes it replayable.
    Reasoning {
        choice: u64,
        text: &'a str,
    },
    Refusal {
        choice: u64,
        text: &'a str,
    },
    ToolCall {
        choice: u64,
        tool: u64,
        id: &'a str,
        name: &'a str,
    },
    /// A fragment of the JSON text of a tool call's arguments.
    ToolArguments {
        choice: u64,
        tool: u64,
        fragment: &'a str,
    },
    /// Content that only its own protocol knows, such as audio or the results of a server's tool.
    Opaque {
        bytes: usize,
        is_answer: bool,
    },
    Finish {
        choice: u64,
        finish: Finish,
        sequence: Option<&'a str>,
    },
    /// The tokens so far; replaces what was reported before.
    Usage(TokenUsage),
    End,
}

/// Takes the events of an answer as they are read.
pub(crate) type Sink<'s> = dyn FnMut(Event<'_>) -> Result<(), crate::Error> + 's;
