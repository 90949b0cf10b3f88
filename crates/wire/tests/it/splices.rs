//! What is checked is what is sent.

use std::slice::from_ref;

use forebay_wire::{Edits, Protocol, ProviderProtocol, Request, decode_answer};
use serde_json::{Value, json};

use crate::bodies::{Case, case};
use crate::model;

/// As many cases of each protocol; with `FOREBAY_LONG=1` ten times as many.
fn cases() -> u64 {
    if testkit::is_long() { 100_000 } else { 10_000 }
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
            "input" if loses_items(protocol, inbound) => skeleton.push_str(&kept_items(&raw)),
            _ => skeleton.push_str(&raw),
        }
        skeleton.push(';');
    }
    skeleton.trim_end_matches(';').to_owned()
}

/// The members of an object, with their raw text.
fn members(text: &str) -> Vec<(String, String)> {
    let keyed = parts(text).into_iter().map(|raw| {
        let key = raw[..raw.find(':').unwrap()].trim();
        (serde_json::from_str(key).unwrap(), raw.to_owned())
    });
    keyed.collect()
}

/// The raw members of an object or items of an array; by counting brackets outside of strings.
fn parts(text: &str) -> Vec<&str> {
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
                raws.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    raws.push(inner[start..].trim());
    raws
}

fn loses_items(protocol: Protocol, inbound: &Value) -> bool {
    let items = inbound["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    let made_here = items.iter().filter(|item| model::is_made_here(item)).count();
    protocol == Protocol::OpenAiResponses && (1..items.len()).contains(&made_here)
}

/// The raw items of a conversation that may not go.
fn kept_items(raw: &str) -> String {
    let items = parts(&raw[raw.find(':').unwrap() + 1..]);
    let stays = |item: &&str| !model::is_made_here(&serde_json::from_str(item).unwrap());
    items.into_iter().filter(stays).collect::<Vec<_>>().join(",")
}

/// The raw messages without what Groq refuses of the model's own words.
fn groq_messages(raw: &str) -> String {
    let shown = |item: &str| {
        let message: Value = serde_json::from_str(item).unwrap();
        let stays = |key: &String| message["role"] != "assistant" || key != "reasoning_content";
        let kept = members(item).into_iter().filter(|(key, _)| stays(key));
        kept.map(|(_, raw)| raw).collect::<Vec<_>>().join(",")
    };
    let items = parts(&raw[raw.find(':').unwrap() + 1..]);
    items.into_iter().map(shown).collect::<Vec<_>>().join(";")
}

/// As [`check`], to Groq, which takes one answer and no key for its cache.
#[track_caller]
fn check_groq(case: &Case) {
    let edits = Edits { prompt_cache_key: None, ..case.edits.clone() };
    let body = bytes::Bytes::from(case.body.clone());
    let request = Request::decode(case.protocol, body.clone()).expect(&case.body);
    let Ok(sent) = request.encode_for(ProviderProtocol::Groq, &edits) else {
        return assert_eq!(request.choices(), 3, "{case}");
    };
    let before: Value = serde_json::from_slice(&body).unwrap();
    let after: Value = serde_json::from_slice(&sent).unwrap();
    let expected = model::for_groq(model::edited(case.protocol, &before, &edits));
    assert_eq!(after, expected, "{case}");
    let rest = |body: &[u8]| {
        let text = skeleton(case.protocol, body, &before);
        let members = members(std::str::from_utf8(body).unwrap());
        let (_, raw) = members.into_iter().find(|(key, _)| key == "messages").unwrap();
        text.replace(&raw, &groq_messages(&raw))
    };
    assert_eq!(rest(&sent), rest(&body), "{case}");
    let again = Request::decode(case.protocol, sent.clone()).unwrap();
    assert_eq!(again.encode_for(ProviderProtocol::Groq, &edits).unwrap(), sent, "{case}");
}

#[test]
fn ten_thousand_openai_bodies_to_groq_lose_only_the_reasoning_that_it_refuses() {
    for seed in 0..cases() {
        check_groq(&case(Protocol::OpenAiChat, seed));
    }
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

/// What a client was given as the answer of another protocol's provider comes back to OpenAI, which
/// never saw that reasoning.
#[test]
fn reasoning_that_was_made_here_does_not_go_to_openai() {
    let message = br#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"I look."},
        {"type":"tool_use","id":"toolu_1","name":"f","input":{}}],
        "stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}"#;
    let (provider, client) = (Protocol::AnthropicMessages, Protocol::OpenAiResponses);
    let answer = decode_answer(provider, client, message.as_slice().into()).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let given = answer["output"].as_array().unwrap();
    let kinds: Vec<_> = given.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call"]);

    let question = json!({"role": "user", "content": "hi"});
    let result = json!({"type": "function_call_output", "call_id": "toolu_1", "output": "1"});
    let input = [from_ref(&question), given, from_ref(&result)].concat();
    let body = json!({"model": "m", "input": input}).to_string();
    let request = Request::decode(client, body.into()).unwrap();
    let sent = request.encode_for(client, &Edits::default()).unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    let expected = [&[question], &given[1..], &[result]].concat();
    assert_eq!(sent["input"], Value::Array(expected));
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
