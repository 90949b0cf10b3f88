//! The conventions' names for providers.

/// Hosts and the name of whoever is there; one that begins with a dot or a hyphen is an ending.
const BY_HOST: [(&str, &str); 17] = [
    ("api.openai.com", "openai"),
    (".api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("-aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.deepseek.com", "deepseek"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "x_ai"),
    (".api.x.ai", "x_ai"),
    (".ml.cloud.ibm.com", "ibm.watsonx.ai"),
];

/// The value of `gen_ai.provider.name` for who answers at `host`, where the conventions have one.
pub fn provider_name(host: &str) -> Option<&'static str> {
    let is_at = |(known, _): &&(&str, &str)| match known.as_bytes() {
        [b'.' | b'-', ..] => host.ends_with(known),
        _ => host == *known,
    };
    if host.starts_with("bedrock") && host.ends_with(".amazonaws.com") {
        return Some("aws.bedrock");
    }
    BY_HOST.iter().find(is_at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_hosts() {
        let known = [
            ("generativelanguage.googleapis.com", "gcp.gemini"),
            ("europe-west4-aiplatform.googleapis.com", "gcp.vertex_ai"),
            ("ours.openai.azure.com", "azure.ai.openai"),
            ("bedrock-runtime.eu-central-1.amazonaws.com", "aws.bedrock"),
            ("eu.api.openai.com", "openai"),
            ("api.deepseek.com", "deepseek"),
            ("api.mistral.ai", "mistral_ai"),
            ("api.x.ai", "x_ai"),
        ];
        for (host, name) in known {
            assert_eq!(provider_name(host), Some(name), "{host}");
        }
        for host in ["", "127.0.0.1", "api.openai.com.example", "notapi.x.ai", "s3.amazonaws.com"] {
            assert_eq!(provider_name(host), None, "{host}");
        }
    }
}
