//! `[providers.NAME]`

use std::collections::BTreeMap;
use std::path::PathBuf;

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use wire::ProviderProtocol;

/// One provider. What the built-in five leave out is filled in for them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSection {
    /// Whether the provider is used. Default: true.
    pub enabled: Option<bool>,
    /// What it speaks: openai-chat, openai-responses, anthropic-messages, gemini or groq.
    pub protocol: Option<ProviderProtocol>,
    /// Whether it takes OpenAI Responses beside openai-chat under the same base URL: Responses go
    /// to it as they are, and Anthropic's Messages as Responses where those can say them. Default:
    /// false, true for the built-in openai.
    pub also_responses: Option<bool>,
    /// Where it is, version included, such as <https://api.openai.com/v1>.
    pub base_url: Option<String>,
    /// The environment variable that holds its key.
    pub api_key_env: Option<String>,
    /// The file that holds its key, such as a systemd credential.
    pub api_key_file: Option<PathBuf>,
    /// Models it serves under their own names; a final `*` stands for any ending.
    pub serves: Option<Vec<String>>,
    /// What it answers with when it stands in for another model, or for an alias such as `fast`.
    pub models: BTreeMap<String, String>,
    /// Requests in flight at it at most, and fewer for as long as it refuses some for having too
    /// much to do. Beyond them the next provider is asked; where there is none, they wait.
    /// Default: 256.
    pub concurrency_max: Option<usize>,
    /// Its field for the most output tokens where the client set none: max_tokens or
    /// max_completion_tokens. Default: max_tokens.
    pub output_limit_field: Option<OutputLimitField>,
    /// Whether it is told which conversation a request belongs to, as prompt_cache_key, where the
    /// client does not say. Default: true for openai, which caches little without it, else false.
    pub prompt_cache_key: Option<bool>,
    /// Whether its rate limits count for all keys of an organisation.
    pub org_level_limits: bool,
    /// Whether the base URL may be plain http.
    pub allow_plain_http: bool,
    /// Whether it may be at a private or loopback address.
    pub allow_private_addresses: bool,
}

/// The two names of the output limit in OpenAI chat completions.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputLimitField {
    /// Groq, Gemini and local servers take this one; OpenAI's newer models refuse it.
    MaxTokens,
    /// OpenAI's newer models want this one.
    MaxCompletionTokens,
}
