//! What is configured about one provider.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use types::{ModelId, ProviderId};
use wire::{OutputLimit, Protocol, ProviderProtocol};

use crate::{NativeModels, UpstreamUrl};

/// One provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name in records, prices and errors.
    pub id: ProviderId,
    /// The protocol it speaks.
    pub protocol: ProviderProtocol,
    /// Beside chat completions it speaks OpenAI Responses at the same address: requests of that
    /// protocol go to it as they are, and those of Anthropic's translated to it where that can say
    /// them, because OpenAI lets its newer models reason and call tools there alone. Default: false;
    /// true for OpenAI itself.
    pub also_responses: bool,
    /// Where its API begins, such as `https://api.openai.com/v1`, `https://api.anthropic.com` or
    /// `https://generativelanguage.googleapis.com/v1beta`.
    pub base_url: UpstreamUrl,
    /// The key that is sent to it and to nobody else. Default: none, as local servers need none.
    pub api_key: Option<SecretString>,
    /// Requested models with the models that stand for them here.
    pub models: BTreeMap<ModelId, ModelId>,
    /// Models it serves under their own names.
    pub native: Vec<NativeModels>,
    /// How long to wait for it.
    pub timeouts: Timeouts,
    /// Requests in flight at once at most; fewer while the provider refuses for having too much to
    /// do. Beyond them the next provider is asked, and where there is none they wait. Default: 256.
    pub concurrency_max: usize,
    /// Where it may be.
    pub network: Network,
    /// Its limits count for all keys of an organisation: the rate limit of a model also rests that
    /// model at the other providers of the same host that say so. Default: false; true for Groq.
    pub org_level_limits: bool,
    /// The name of its field for the output limit. Default: `max_tokens`.
    pub output_limit: OutputLimit,
    /// It is told the conversation as `prompt_cache_key` where the request has none, so that it
    /// finds what it has cached. Default: false.
    pub prompt_cache_key: bool,
}

impl ProviderSettings {
    /// A provider with the defaults and without key or models.
    pub fn new(
        id: ProviderId,
        protocol: impl Into<ProviderProtocol>,
        base_url: UpstreamUrl,
    ) -> Self {
        Self {
            id,
            protocol: protocol.into(),
            also_responses: false,
            base_url,
            api_key: None,
            models: BTreeMap::new(),
            native: Vec::new(),
            timeouts: Timeouts::default(),
            concurrency_max: 256,
            network: Network::default(),
            org_level_limits: false,
            output_limit: OutputLimit::default(),
            prompt_cache_key: false,
        }
    }

    /// The protocol in which it is asked first what a client asks in `client`; its own is for what
    /// that cannot say.
    pub(crate) fn protocol_for(&self, client: Protocol) -> ProviderProtocol {
        match client {
            Protocol::OpenAiResponses | Protocol::AnthropicMessages if self.also_responses => {
                ProviderProtocol::OpenAiResponses
            }
            Protocol::OpenAiChat | Protocol::OpenAiResponses | Protocol::AnthropicMessages => {
                self.protocol
            }
        }
    }

    /// Whether both talk to the same provider as the same customer, however they do so: what was
    /// learned by one is true for the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let key =
            |settings: &Self| settings.api_key.as_ref().map(|key| key.expose_secret().to_owned());
        self.id == other.id
            && self.protocol == other.protocol
            && self.base_url == other.base_url
            && key(self) == key(other)
    }

    /// The name of this provider's model for a requested one: its map first, then the requested
    /// name where it is native.
    pub(crate) fn model_for(&self, requested: &ModelId) -> Option<ModelId> {
        self.models
            .get(requested)
            .or_else(|| self.is_native(requested).then_some(requested))
            .cloned()
    }

    pub(crate) fn is_native(&self, requested: &ModelId) -> bool {
        self.native.iter().any(|models| models.include(requested))
    }
}

/// How long to wait for a provider, each stage by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For name, address, TCP and TLS. Default: 5 s.
    pub connect: Duration,
    /// From sending a request for a stream to the answer's headers, which local servers send when
    /// they have loaded the model and read the prompt. Default: 300 s.
    pub headers: Duration,
    /// From sending a request for a whole answer to its headers, which most providers send when
    /// the answer is made. Default: 600 s.
    pub whole_answer: Duration,
    /// From sending a request for a stream to its first content. Default: 300 s.
    pub first_content: Duration,
    /// Between two chunks of a stream after its first content; reasoning that is not shown may come
    /// between them. Default: 300 s.
    pub between_chunks: Duration,
    /// For one attempt, its whole stream included. Default: one hour.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            headers: Duration::from_secs(300),
            whole_answer: Duration::from_secs(600),
            first_content: Duration::from_secs(300),
            between_chunks: Duration::from_secs(300),
            total: Duration::from_secs(3_600),
        }
    }
}

/// Where a provider may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// `http://` is allowed. Default: false.
    pub allow_plain_http: bool,
    /// Loopback, private and other addresses that are not public are allowed. Default: false.
    pub allow_private_addresses: bool,
}
