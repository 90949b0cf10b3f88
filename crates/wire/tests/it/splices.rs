//! What is checked is what is sent.

use forebay_wire::{Edits, Protocol, Request};
use serde_json::Value;

use crate::bodies::{Case, case};
use crate::model;

/// As many cases of each protocol; with `FOREBAY_LONG=1` ten times as many.
fn cases() -> u64 {
    if std::env::var_os("FOREBAY_LONG").is_some() { 100_000 } else { 10_000 }
}

/// The outbound bytes parse to the inbound values with exactly the edits, and every byte outside
/// of the edited values is the inbound one.
#[track_caller]
fn check(case: &Case) {
    let body = bytes::Bytes::from(case.body.clone());
    let request = Request::decode(case.protocol, body.clone()).expect(&case.body);
    let sent = request.encode_for(case.protocol, &case.edits).unwrap();

    let before: Value = serde_json::from_slice(&body).unwrap();
    let after: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(after, model::edited(case.protocol, &before, &case.edits), "{case}");
    assert_eq!(Value::Object(request.fields().clone()), before, "{case}");
    let protocol = case.protocol;
    assert_eq!(skeleton(protocol, &sent, &before), skeleton(protocol, &body, &before), "{case}");

    let again = Request::decode(case.protocol, sent.clone()).unwrap();
    assert_eq!(again.encode_for(case.protocol, &case.edits).unwrap(), sent, "{case}");
}

/// A body without the values and insertions that edits may touch, everything else byte for byte.
fn skeleton(protocol: Protocol, body: &[u8], inbound: &Value) -> String {
    let text = std::str::from_utf8(body).unwrap();
    let members: Vec<(String, String)> = members(text);
    let mut skeleton = String::new();
    for (key, raw) in members {
        let is_inserted = inbound.get(&key).is_none();
        let may_change: &[&str] = match protocol {
            Protocol::OpenAiChat => {
                &["model", "max_tokens", "max_completion_tokens", "stream_options"]
            }
            Protocol::OpenAiResponses => &["model", "max_output_tokens"],
            Protocol::AnthropicMessages => &["model", "max_tokens"],
        };
        match key.as_str() {
            _ if is_inserted => {}
            key if may_change.contains(&key) => {
                skeleton.push_str(&raw[..raw.find(':').unwrap()]);
            }
            _ => skeleton.push_str(&raw),
        }
        skeleton.push(';');
    }
    skeleton.trim_end_matches(';').to_owned()
}

/// The members of an object, with their raw text; by counting brackets outside of strings.
fn members(text: &str) -> Vec<(String, String)> {
    let inner = text.trim();
    let inner = &inner[1..inner.len() - 1];
    let (mut depth, mut in_string, mut escaped, mut start) = (0, false, false, 0);
    let mut raws = Vec::new();
    for (at, character) in inner.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            ',' if !in_string && depth == 0 => {
                raws.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    raws.push(&inner[start..]);
    let keyed = raws.into_iter().map(|raw| {
        let key = raw[..raw.find(':').unwrap()].trim();
        (serde_json::from_str(key).unwrap(), raw.trim().to_owned())
    });
    keyed.collect()
}

fn run(protocol: Protocol) {
    for seed in 0..cases() {
        check(&case(protocol, seed));
    }
}

#[test]
fn ten_thousand_openai_bodies_change_only_where_they_may() {
    run(Protocol::OpenAiChat);
}

#[test]
fn ten_thousand_responses_bodies_change_only_where_they_may() {
    run(Protocol::OpenAiResponses);
}

#[test]
fn ten_thousand_anthropic_bodies_change_only_where_they_may() {
    run(Protocol::AnthropicMessages);
}

#[test]
fn without_edits_the_bytes_are_the_same_bytes() {
    let body = bytes::Bytes::from_static(
        br#" {"model" : "m", "messages":[{"role":"user","content":"\u0041"}], "input" : "\u0041", "max_tokens":5} "#,
    );
    for protocol in [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages] {
        let request = Request::decode(protocol, body.clone()).unwrap();
        let sent = request.encode_for(protocol, &Edits::default()).unwrap();
        assert_eq!(sent, body);
        assert_eq!(sent.as_ptr(), body.as_ptr(), "the body is shared, not copied");
    }
}
