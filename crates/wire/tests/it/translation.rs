//! Requests of one protocol in the words of the other.

use std::fmt::Write as _;

use bytes::Bytes;
use expect_test::{Expect, expect};
use forebay_wire::{Edits, OutputLimit, Protocol, Request};
use serde_json::Value;

const OPENAI: Protocol = Protocol::OpenAiChat;
const ANTHROPIC: Protocol = Protocol::AnthropicMessages;

fn translate(from: Protocol, body: &str, edits: &Edits) -> String {
    let request = Request::decode(from, Bytes::from(body.to_owned())).expect(body);
    let to = if from == OPENAI { ANTHROPIC } else { OPENAI };
    match request.encode_for(to, edits) {
        Ok(sent) => {
            Request::decode(to, sent.clone()).expect("what is sent can be read");
            let sent: Value = serde_json::from_slice(&sent).unwrap();
            serde_json::to_string_pretty(&sent).unwrap()
        }
        Err(error) => error.to_string(),
    }
}

/// A translated body, one top-level field a line and one message a line.
fn shown(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let mut shown = String::new();
    for (name, value) in body.as_object().unwrap() {
        match value.as_array() {
            Some(items) => {
                writeln!(shown, "{name}:").unwrap();
                items.iter().for_each(|item| writeln!(shown, "  {item}").unwrap());
            }
            None => writeln!(shown, "{name}: {value}").unwrap(),
        }
    }
    shown
}

#[track_caller]
fn check(from: Protocol, body: &str, expected: &Expect) {
    let edits = Edits {
        model: Some("there".to_owned()),
        max_output_tokens: Some(1_000),
        include_usage: true,
        ..Edits::default()
    };
    expected.assert_eq(&shown(&translate(from, body, &edits)));
}

/// An OpenAI request with one message and further fields.
#[track_caller]
fn check_openai_field(fields: &str, expected: &Expect) {
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#);
    let translated =
        translate(OPENAI, &body, &Edits { max_output_tokens: Some(9), ..Edits::default() });
    expected.assert_eq(&translated.split_whitespace().collect::<String>());
}

#[track_caller]
fn check_anthropic_field(fields: &str, expected: &Expect) {
    let body = format!(
        r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"hi"}}],{fields}}}"#
    );
    let translated = translate(ANTHROPIC, &body, &Edits::default());
    expected.assert_eq(&translated.split_whitespace().collect::<String>());
}

#[test]
fn a_conversation_with_tools_goes_to_anthropic() {
    check(
        OPENAI,
        r#"{
        "model": "gpt-5", "stream": true, "stream_options": {"include_usage": true},
        "max_completion_tokens": 4000, "temperature": 1.7, "top_p": 0.9, "stop": "END",
        "user": "u-1", "parallel_tool_calls": false, "tool_choice": "required", "seed": 7,
        "reasoning_effort": "high", "response_format": {"type": "text"}, "n": 1,
        "tools": [
            {"type": "function", "function": {"name": "weather", "description": "d", "strict": true,
             "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
            {"type": "function", "function": {"name": "clock"}}
        ],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
            ]},
            {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Łódź\"}"}},
                {"id": "call:2", "type": "function", "function": {"name": "clock", "arguments": ""}}
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
            {"role": "tool", "tool_call_id": "call:2", "content": [{"type": "text", "text": "noon"}]},
            {"role": "user", "content": "And now?"}
        ]}"#,
        &expect![[r#"
            model: "there"
            max_tokens: 1000
            system:
              {"type":"text","text":"Be brief."}
              {"type":"text","text":"Be kind."}
            messages:
              {"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}
              {"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"weather","input":{"city":"Łódź"}},{"type":"tool_use","id":"call_2","name":"clock","input":{}}]}
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"rain"}]},{"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"noon"}]},{"type":"text","text":"And now?"}]}
            tools:
              {"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"description":"d"}
              {"name":"clock","input_schema":{"properties":{},"type":"object"}}
            tool_choice: {"type":"any","disable_parallel_tool_use":true}
            top_p: 0.9
            stop_sequences:
              "END"
            metadata: {"user_id":"u-1"}
            stream: true
        "#]],
    );
}

#[test]
fn a_conversation_with_tools_goes_to_openai() {
    check(
        ANTHROPIC,
        r#"{
        "model": "claude", "max_tokens": 500, "stream": true, "temperature": 0.5, "top_p": 0.9,
        "stop_sequences": ["END"], "metadata": {"user_id": "u-1"},
        "thinking": {"type": "enabled", "budget_tokens": 400}, "output_config": {"effort": "low"},
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
                   {"type": "text", "text": "Be kind."}],
        "tools": [{"name": "weather", "description": "d", "input_schema": {"type": "object"}},
                  {"type": "custom", "name": "clock", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "tool", "name": "clock", "disable_parallel_tool_use": true},
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "xxx"},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Łódź"}},
                {"type": "tool_use", "id": "toolu_2", "name": "clock", "input": {}}
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"},
                {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true,
                 "content": [{"type": "text", "text": "no"}, {"type": "text", "text": "clock"}]},
                {"type": "text", "text": "And now?"}
            ]}
        ]}"#,
        &expect![[r#"
            model: "there"
            messages:
              {"role":"system","content":"Be brief.\n\nBe kind."}
              {"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}
              {"role":"assistant","content":"Let me look.","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Łódź\"}"}},{"id":"toolu_2","type":"function","function":{"name":"clock","arguments":"{}"}}]}
              {"role":"tool","tool_call_id":"toolu_1","content":"rain"}
              {"role":"tool","tool_call_id":"toolu_2","content":"no\n\nclock"}
              {"role":"user","content":"And now?"}
            tools:
              {"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{}}}}
              {"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{}}}}
            tool_choice: {"type":"function","function":{"name":"clock"}}
            parallel_tool_calls: false
            max_tokens: 500
            temperature: 0.5
            top_p: 0.9
            stop:
              "END"
            user: "u-1"
            stream: true
            stream_options: {"include_usage":true}
        "#]],
    );
}

#[test]
fn what_openai_asks_for_and_anthropic_lacks_is_refused_by_name() {
    check_openai_field(
        r#""response_format":{"type":"json_object"}"#,
        &expect!["theformatoftheanswercannotbetranslatedtoanthropicmessages:itmusthaveaschema"],
    );
    check_openai_field(
        r#""response_format":{"type":"json_schema","json_schema":{}}"#,
        &expect![
            "response_format.json_schemacannotbetranslatedtoanthropicmessages:itmusthaveaschema"
        ],
    );
    check_openai_field(
        r#""n":2"#,
        &expect!["ncannotbetranslatedtoanthropicmessages:onerequesthasoneanswer"],
    );
    check_openai_field(
        r#""logprobs":true"#,
        &expect!["logprobscannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""frequency_penalty":0.5"#,
        &expect!["frequency_penaltycannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""logit_bias":{"50256":-100}"#,
        &expect!["logit_biascannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""functions":[{"name":"f"}]"#,
        &expect!["functionscannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""modalities":["text","audio"]"#,
        &expect!["modalitiescannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""web_search_options":{"a":1}"#,
        &expect!["web_search_optionscannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""brand_new":1"#,
        &expect!["brand_newcannotbetranslatedtoanthropicmessages:thereisnothinglikeit"],
    );
    check_openai_field(
        r#""tools":[{"type":"custom","custom":{"name":"x"}}]"#,
        &expect!["tools[0]cannotbetranslatedtoanthropicmessages:onlyfunctionscanbe"],
    );
    check_openai_field(
        r#""tool_choice":{"type":"allowed_tools"}"#,
        &expect!["tool_choicecannotbetranslatedtoanthropicmessages:onlyafunctioncanbechosen"],
    );
    check_openai_field(
        r#""stop":[1]"#,
        &expect!["stopcannotbetranslatedtoanthropicmessages:itmustbealistoftexts"],
    );
}

#[test]
fn what_asks_for_nothing_is_left_out() {
    check_openai_field(
        r#""logprobs":false,"top_logprobs":0,"presence_penalty":0,"logit_bias":{},"audio":null,
        "modalities":["text"],"store":true,"metadata":{"a":"b"},"service_tier":"auto","seed":1,
        "verbosity":"low","functions":[],"tool_choice":"auto","prompt_cache_key":"k""#,
        &expect![[r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#]],
    );
    check_anthropic_field(
        r#""top_k":null,"mcp_servers":[],"container":null,"service_tier":"auto","tool_choice":{"type":"auto"}"#,
        &expect![[r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":9}"#]],
    );
}

#[test]
fn what_anthropic_asks_for_and_openai_lacks_is_refused_by_name() {
    check_anthropic_field(
        r#""top_k":5"#,
        &expect!["top_kcannotbetranslatedtoopenaichatcompletions:thereisnothinglikeit"],
    );
    check_anthropic_field(
        r#""mcp_servers":[{"url":"u"}]"#,
        &expect!["mcp_serverscannotbetranslatedtoopenaichatcompletions:thereisnothinglikeit"],
    );
    check_anthropic_field(
        r#""container":"c""#,
        &expect!["containercannotbetranslatedtoopenaichatcompletions:thereisnothinglikeit"],
    );
    check_anthropic_field(
        r#""output_config":{"format":{"type":"json_schema"}}"#,
        &expect![
            "output_config.formatcannotbetranslatedtoopenaichatcompletions:thereisnothinglikeit"
        ],
    );
    check_anthropic_field(
        r#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#,
        &expect![
            "tools[0]cannotbetranslatedtoopenaichatcompletions:onlytoolsthattheclientrunscanbe"
        ],
    );
    check_anthropic_field(
        r#""stop_sequences":["1","2","3","4","5"]"#,
        &expect!["stopsequencescannotbetranslatedtoopenaichatcompletions:theremaybeatmost4"],
    );
}

#[track_caller]
fn check_messages(from: Protocol, messages: &str, expected: &Expect) {
    let body = format!(r#"{{"model":"m","max_tokens":9,"messages":{messages}}}"#);
    let translated = translate(from, &body, &Edits::default());
    expected.assert_eq(&translated.split_whitespace().collect::<Vec<_>>().join(" "));
}

#[test]
fn messages_that_anthropic_lacks_are_refused_by_place() {
    check_messages(
        OPENAI,
        r#"[{"role":"user","content":[{"type":"input_audio"}]}]"#,
        &expect![
            "messages[0].content[0] cannot be translated to anthropic messages: only text and images can be"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///x"}}]}]"#,
        &expect![
            "messages[0].content[0].image_url.url cannot be translated to anthropic messages: it must be a web address or base64 data"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"cut"}}]},{"role":"tool","tool_call_id":"c","content":""}]"#,
        &expect![
            "messages[1].tool_calls[0].function.arguments cannot be translated to anthropic messages: it must be the text of a json object"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#,
        &expect![
            "messages cannot be translated to anthropic messages: the last one must be the user's or a tool's"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"assistant","content":"b"},{"role":"user","content":"a"}]"#,
        &expect![
            "messages cannot be translated to anthropic messages: the first one must be the user's"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"system","content":"only"}]"#,
        &expect![
            "messages cannot be translated to anthropic messages: the last one must be the user's or a tool's"
        ],
    );
    check_messages(
        OPENAI,
        r#"[{"role":"function","name":"f","content":"x"}]"#,
        &expect![
            "messages[0].role cannot be translated to anthropic messages: there is no such role"
        ],
    );
}

#[test]
fn messages_that_openai_lacks_are_refused_by_place() {
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":[{"type":"document","source":{}}]}]"#,
        &expect![
            "messages[0].content[0] cannot be translated to openai chat completions: there is nothing like this block"
        ],
    );
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"u"}}]}]}]"#,
        &expect![
            "messages cannot be translated to openai chat completions: the result of a tool must be text"
        ],
    );
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":"a"},{"role":"system","content":[{"type":"image","source":{"type":"url","url":"u"}}]}]"#,
        &expect![
            "messages[1].content cannot be translated to openai chat completions: instructions are text"
        ],
    );
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":"a"},{"role":"tool","content":"b"}]"#,
        &expect![
            "messages[1].role cannot be translated to openai chat completions: there is no such role"
        ],
    );
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":"a"},{"role":"assistant","content":"{"}]"#,
        &expect![
            "messages cannot be translated to openai chat completions: the last one must be the user's or a tool's"
        ],
    );
    check_messages(
        ANTHROPIC,
        r#"[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"}]},{"role":"user","content":"b"}]"#,
        &expect![[
            r#"{ "model": "m", "messages": [ { "role": "user", "content": [ { "type": "text", "text": "a" }, { "type": "text", "text": "b" } ] } ], "max_tokens": 9 }"#
        ]],
    );
}

#[test]
fn the_limit_goes_into_the_field_that_the_edits_name() {
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    let edits = Edits {
        output_limit: OutputLimit::MaxCompletionTokens,
        max_output_tokens: Some(5),
        prompt_cache_key: Some("k".to_owned()),
        ..Edits::default()
    };
    let sent: Value = serde_json::from_str(&translate(ANTHROPIC, body, &edits)).unwrap();
    assert_eq!(sent["max_completion_tokens"], 5);
    assert_eq!(sent.get("max_tokens"), None);
    assert_eq!(sent["prompt_cache_key"], "k");
}

#[test]
fn anthropic_needs_a_limit_from_someone() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    expect!["max_tokens cannot be translated to anthropic messages: it must be set"]
        .assert_eq(&translate(OPENAI, body, &Edits::default()));
}
