//! Each pair of a client's and a provider's protocol, by example.
//!
//! Beside each request `CASE.json` of a client stands in `CASE.PROVIDER` what that provider is
//! sent, or the sentence that says why not; beside each answer of a provider in `CASE.CLIENT` what
//! that client gets. `UPDATE_EXPECT=1` writes them anew.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use expect_test::expect_file;
use forebay_wire::{Edits, OutputLimit, Protocol, ProviderProtocol, Request, decode_answer};
use serde_json::Value;

const CLIENTS: [(&str, Protocol); 3] = [
    ("openai", Protocol::OpenAiChat),
    ("responses", Protocol::OpenAiResponses),
    ("anthropic", Protocol::AnthropicMessages),
];

const PROVIDERS: [(&str, ProviderProtocol); 5] = [
    ("openai", ProviderProtocol::OpenAiChat),
    ("responses", ProviderProtocol::OpenAiResponses),
    ("anthropic", ProviderProtocol::AnthropicMessages),
    ("gemini", ProviderProtocol::Gemini),
    ("groq", ProviderProtocol::Groq),
];

/// The `.json` files of a folder, in order.
fn cases(folder: &str, name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder).join(name);
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    cases.sort();
    cases
}

fn read(path: &Path) -> Bytes {
    Bytes::from(fs_err::read(path).unwrap())
}

fn pretty(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    format!("{body:#}\n")
}

fn edits() -> Edits {
    Edits {
        model: Some("there".to_owned()),
        max_output_tokens: Some(1_000),
        output_limit: OutputLimit::MaxCompletionTokens,
        include_usage: true,
        prompt_cache_key: Some("team".to_owned()),
    }
}

#[test]
fn requests_are_sent_as_the_golden_files_say() {
    for (folder, client) in CLIENTS {
        let cases = cases("requests", folder);
        assert!(cases.len() >= 12, "{folder}");
        for path in cases {
            let request = Request::decode(client, read(&path)).unwrap();
            for (end, provider) in PROVIDERS {
                let sent = match request.encode_for(provider, &edits()) {
                    Ok(sent) if provider.client() == Some(client) => {
                        String::from_utf8(sent.to_vec()).unwrap()
                    }
                    Ok(sent) => {
                        if let Some(protocol) = provider.client() {
                            Request::decode(protocol, sent.clone()).expect("it can be read");
                        }
                        pretty(&sent)
                    }
                    Err(error) => format!("{error}\n"),
                };
                expect_file![path.with_extension(end)].assert_eq(&sent);
            }
        }
    }
}

#[test]
fn answers_are_given_as_the_golden_files_say() {
    for (folder, provider) in PROVIDERS {
        for path in cases("answers", folder) {
            for (end, client) in CLIENTS {
                let body = read(&path);
                let given = match decode_answer(provider, client, body.clone()) {
                    Ok(answer) if provider.client() == Some(client) => {
                        assert_eq!(answer.body, body, "the same bytes");
                        continue;
                    }
                    Ok(answer) => pretty(&answer.body),
                    Err(error) => format!("{error}\n"),
                };
                expect_file![path.with_extension(end)].assert_eq(&given);
            }
        }
    }
}
