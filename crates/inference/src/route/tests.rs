use super::*;

/// Providers are written `id native… requested=own…`.
fn settings(text: &[&str]) -> InferenceSettings {
    let mut settings = InferenceSettings::new(Vec::new());
    for line in text {
        let mut words = line.split_whitespace();
        let head = words.next().unwrap();
        let url = "https://provider.example/v1".parse().unwrap();
        let mut provider =
            ProviderSettings::new(head.parse().unwrap(), ProviderProtocol::OpenAiChat, url);
        for word in words {
            match word.split_once('=') {
                Some((asked, own)) => {
                    provider.models.insert(asked.parse().unwrap(), own.parse().unwrap());
                }
                None => provider.native.push(word.parse().unwrap()),
            }
        }
        settings.chain.push(provider);
    }
    settings
}

fn chain() -> InferenceSettings {
    settings(&[
        "groq llama-3.3-70b claude-sonnet=llama-3.3-70b gpt-5=gpt-oss-120b fast=llama-3.1-8b",
        "anthropic claude-* gpt-5=claude-sonnet fast=claude-haiku smart=claude-opus",
        "openai gpt-* o3 claude-sonnet=gpt-5 fast=gpt-5-mini smart=gpt-5",
        "local llama-3.3-70b=qwen3 claude-sonnet=qwen3",
    ])
}

#[track_caller]
fn check(asked: &str, expected: &str) {
    let shown = match route(&chain(), asked) {
        Ok(route) => route.candidates.iter().fold(route.resolved.to_string(), |shown, next| {
            format!("{shown} {}:{}", next.provider, next.model)
        }),
        Err(error) => format!("{:?}", error.class()),
    };
    assert_eq!(shown, expected, "{asked}");
}

#[test]
fn the_native_provider_comes_first_and_the_unmapped_are_skipped() {
    check(
        "claude-sonnet",
        "claude-sonnet anthropic:claude-sonnet groq:llama-3.3-70b openai:gpt-5 local:qwen3",
    );
    check("gpt-5", "gpt-5 openai:gpt-5 groq:gpt-oss-120b anthropic:claude-sonnet");
    check("llama-3.3-70b", "llama-3.3-70b groq:llama-3.3-70b local:qwen3");
    check("o3", "o3 openai:o3");
}

#[test]
fn an_alias_starts_at_the_head_of_the_chain() {
    check("fast", "llama-3.1-8b groq:llama-3.1-8b anthropic:claude-haiku openai:gpt-5-mini");
    check("smart", "claude-opus anthropic:claude-opus openai:gpt-5");
}

#[test]
fn what_nobody_serves_is_refused_with_what_is_served() {
    for asked in ["mistral", "claude", "", "a b", "o3-mini"] {
        check(asked, "Caller");
    }
    let error = route(&chain(), &"x".repeat(1_000)).unwrap_err().to_string();
    assert!(error.contains("claude-*") && error.contains("fast"), "{error}");
    assert!(error.len() < 600, "{error}");
}

#[test]
fn the_list_of_models_names_who_is_asked_first() {
    let listed: Vec<String> =
        models(&chain()).iter().map(|model| format!("{}:{}", model.id, model.provider)).collect();
    assert_eq!(
        listed,
        [
            "claude-sonnet:anthropic",
            "fast:groq",
            "gpt-5:openai",
            "llama-3.3-70b:groq",
            "o3:openai",
            "smart:anthropic"
        ]
    );
}

#[test]
fn an_error_lists_at_most_fifty_names() {
    let mut settings = settings(&["many"]);
    settings.chain[0].native =
        (0..200).map(|number| format!("model-{number}").parse().unwrap()).collect();
    let Err(Error::UnknownModel { served, .. }) = route(&settings, "x") else { panic!("served") };
    assert_eq!(served.len(), 50);
}
