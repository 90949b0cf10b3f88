//! The five providers of the default chain.

use std::collections::BTreeMap;

use types::ProviderId;
use wire::ProviderProtocol;

use super::{OutputLimitField, ProviderSection};

/// The order in which providers are tried where the configuration gives none.
pub(super) fn chain() -> Vec<ProviderId> {
    let names = BUILTIN.iter().map(|builtin| builtin.id).chain(["local"]);
    names.filter_map(|name| ProviderId::new(name).ok()).collect()
}

/// One of the five, as data.
struct Builtin {
    id: &'static str,
    protocol: ProviderProtocol,
    also_responses: bool,
    base_url: &'static str,
    api_key_env: &'static str,
    serves: &'static [&'static str],
    fast: &'static str,
    smart: &'static str,
    output_limit_field: Option<OutputLimitField>,
    org_level_limits: bool,
}

const BUILTIN: [Builtin; 4] = [
    Builtin {
        id: "groq",
        protocol: ProviderProtocol::Groq,
        also_responses: false,
        base_url: "https://api.groq.com/openai/v1",
        api_key_env: "GROQ_API_KEY",
        serves: &["openai/gpt-oss-*", "qwen/*", "meta-llama/*", "llama-*"],
        fast: "openai/gpt-oss-20b",
        smart: "openai/gpt-oss-120b",
        output_limit_field: None,
        org_level_limits: true,
    },
    Builtin {
        id: "anthropic",
        protocol: ProviderProtocol::AnthropicMessages,
        also_responses: false,
        base_url: "https://api.anthropic.com/v1",
        api_key_env: "ANTHROPIC_API_KEY",
        serves: &["claude-*"],
        fast: "claude-haiku-4-5",
        smart: "claude-sonnet-5",
        output_limit_field: None,
        org_level_limits: false,
    },
    Builtin {
        id: "openai",
        protocol: ProviderProtocol::OpenAiChat,
        also_responses: true,
        base_url: "https://api.openai.com/v1",
        api_key_env: "OPENAI_API_KEY",
        serves: &["gpt-*", "chatgpt-*", "o1*", "o3*", "o4*", "text-embedding-*"],
        fast: "gpt-5-mini",
        smart: "gpt-5.6-terra",
        output_limit_field: Some(OutputLimitField::MaxCompletionTokens),
        org_level_limits: false,
    },
    Builtin {
        id: "gemini",
        protocol: ProviderProtocol::OpenAiChat,
        also_responses: false,
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        api_key_env: "GEMINI_API_KEY",
        serves: &["gemini-*", "gemma-*"],
        fast: "gemini-2.5-flash",
        smart: "gemini-3.1-pro-preview",
        output_limit_field: None,
        org_level_limits: false,
    },
];

/// The sections that the five have before the configuration file says anything. `local` has no
/// address of its own, so it is used only where the file gives one.
pub(super) fn providers() -> BTreeMap<ProviderId, ProviderSection> {
    let local = ProviderSection {
        protocol: Some(ProviderProtocol::OpenAiChat),
        ..ProviderSection::default()
    };
    let known = BUILTIN.iter().map(|builtin| (builtin.id, builtin.section()));
    known
        .chain([("local", local)])
        .filter_map(|(id, section)| Some((ProviderId::new(id).ok()?, section)))
        .collect()
}

impl Builtin {
    fn section(&self) -> ProviderSection {
        let stand_ins = [("fast", self.fast), ("smart", self.smart)];
        ProviderSection {
            protocol: Some(self.protocol),
            also_responses: Some(self.also_responses),
            base_url: Some(self.base_url.to_owned()),
            api_key_env: Some(self.api_key_env.to_owned()),
            serves: Some(self.serves.iter().map(ToString::to_string).collect()),
            models: stand_ins.map(|(asked, served)| (asked.to_owned(), served.to_owned())).into(),
            output_limit_field: self.output_limit_field,
            prompt_cache_key: (self.id == "openai").then_some(true),
            org_level_limits: self.org_level_limits,
            ..ProviderSection::default()
        }
    }
}
