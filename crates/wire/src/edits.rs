//! What may be changed in a request on its way out.

/// The changes to a request. Everything that is not named here goes out as it came in, but for
/// reasoning that its provider would refuse, which is taken out: in the input of Responses what was
/// made here of another protocol's answer, and `reasoning_content` on the way to Groq.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// The model's name at the provider. Default: the name that the client sent.
    pub model: Option<String>,
    /// The most output tokens: set where the client gave no limit or a larger one.
    /// Default: the client's limit stands.
    pub max_output_tokens: Option<u64>,
    /// Which field of an OpenAI chat body gets the limit where the client set neither.
    /// Default: `max_tokens`.
    pub output_limit: OutputLimit,
    /// Ask for the usage of a streamed OpenAI answer. An explicit `false` counts as absent: money
    /// needs the usage, and its chunk is dropped on the way to a client that did not ask.
    pub include_usage: bool,
    /// Set `prompt_cache_key` where a body for OpenAI, in either of its protocols, has none.
    pub prompt_cache_key: Option<String>,
}

/// The two names of the output limit in OpenAI chat completions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputLimit {
    /// `max_tokens`, which Groq, Gemini and local servers take and OpenAI's newer models refuse.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI's newer models want.
    MaxCompletionTokens,
}

impl OutputLimit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }
}
