//! What agents send beside what they ask.

use bytes::Bytes;
use forebay_wire::{Edits, Protocol, ProviderProtocol, Request};
use serde_json::{Value, json};

fn sent(client: Protocol, provider: ProviderProtocol, body: &Value) -> Bytes {
    let request = Request::decode(client, body.to_string().into()).unwrap();
    request.encode_for(provider, &Edits::default()).unwrap()
}

#[test]
fn the_accounting_of_claude_code_does_not_change_what_others_are_sent() {
    let line = |hash: &str| format!("x-anthropic-billing-header: cc_version=2.1.0; cch={hash};");
    let listed = |hash: &str| {
        let system = [line(hash), "Be brief.".to_owned()];
        json!(system.map(|text| json!({"type": "text", "text": text})))
    };
    let in_one = |hash: &str| json!(format!("{}\nBe brief.", line(hash)));
    let ask = |system: Value, provider| {
        let body = json!({"model": "m", "max_tokens": 9, "system": system,
            "messages": [{"role": "user", "content": "hi"}]});
        sent(Protocol::AnthropicMessages, provider, &body)
    };
    for provider in [
        ProviderProtocol::OpenAiChat,
        ProviderProtocol::OpenAiResponses,
        ProviderProtocol::Gemini,
        ProviderProtocol::Groq,
    ] {
        let expected = ask(json!("Be brief."), provider);
        assert_eq!(ask(listed("36ee5"), provider), expected, "{provider}");
        assert_eq!(ask(listed("0aaa9"), provider), expected, "{provider}");
        assert_eq!(ask(in_one("0aaa9"), provider), expected, "{provider}");
    }
    let same = ProviderProtocol::AnthropicMessages;
    assert_ne!(ask(listed("36ee5"), same), ask(listed("0aaa9"), same), "the same bytes");
}
