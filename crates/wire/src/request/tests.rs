use expect_test::{Expect, expect};

use super::*;

fn decode(protocol: Protocol, fields: &str) -> Result<Request, Error> {
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#);
    Request::decode(protocol, body.into())
}

#[track_caller]
fn check_refused(protocol: Protocol, fields: &str, expected: &Expect) {
    expected.assert_eq(&decode(protocol, fields).unwrap_err().to_string());
}

#[track_caller]
fn check_body_refused(body: &'static str, expected: &Expect) {
    let error = Request::decode(Protocol::OpenAiChat, Bytes::from_static(body.as_bytes()));
    expected.assert_eq(&error.unwrap_err().to_string());
}

#[test]
fn hostile_numbers_are_refused_by_name() {
    let openai = Protocol::OpenAiChat;
    for value in ["-1", "0", "1.5", "1e300", "\"5\"", "[]", "5.0", "4294967296", "true"] {
        for field in ["max_tokens", "max_completion_tokens"] {
            let error = decode(openai, &format!(r#""{field}":{value}"#)).unwrap_err().to_string();
            assert_eq!(error, format!("{field} must be a whole number from 1 to 4294967295"));
        }
    }
    for value in ["0", "1000000000", "-3", "1.5", "\"2\"", "129"] {
        let error = decode(openai, &format!(r#""n":{value}"#)).unwrap_err().to_string();
        assert_eq!(error, "n must be a whole number from 1 to 128");
    }
    check_refused(
        openai,
        r#""temperature":2.1"#,
        &expect!["temperature must be a number from 0 to 2"],
    );
    check_refused(
        openai,
        r#""temperature":"0""#,
        &expect!["temperature must be a number from 0 to 2"],
    );
    check_refused(
        openai,
        r#""temperature":-0.1"#,
        &expect!["temperature must be a number from 0 to 2"],
    );
    let anthropic = Protocol::AnthropicMessages;
    check_refused(
        anthropic,
        r#""max_tokens":-1"#,
        &expect!["max_tokens must be a whole number from 0 to 4294967295"],
    );
    check_refused(
        anthropic,
        r#""max_tokens":9,"temperature":1.1"#,
        &expect!["temperature must be a number from 0 to 1"],
    );
    check_refused(
        anthropic,
        r#""max_tokens":null"#,
        &expect!["max_tokens is required: set the most tokens to answer"],
    );
}

#[test]
fn other_fields_that_are_acted_on_are_checked() {
    let openai = Protocol::OpenAiChat;
    check_refused(openai, r#""stream":1"#, &expect!["stream must be true or false"]);
    check_refused(openai, r#""stream":"true""#, &expect!["stream must be true or false"]);
    check_refused(openai, r#""stream_options":[]"#, &expect!["stream_options must be an object"]);
    check_refused(
        openai,
        r#""stream_options":{"include_usage":1}"#,
        &expect!["stream_options.include_usage must be true or false"],
    );
    check_refused(
        openai,
        r#""stream":true,"stream":false"#,
        &expect![[r#"the key "stream" occurs twice in one object: send it once"#]],
    );
    check_body_refused(
        r#"{"messages":[{"role":"user"}]}"#,
        &expect!["model must be the name of a model"],
    );
    check_body_refused(
        r#"{"model":"","messages":[{"role":"user"}]}"#,
        &expect!["model must be the name of a model"],
    );
    check_body_refused(
        r#"{"model":5,"messages":[{"role":"user"}]}"#,
        &expect!["model must be the name of a model"],
    );
    check_body_refused(
        r#"{"model":"m"}"#,
        &expect!["messages must be an array of at least one message"],
    );
    check_body_refused(
        r#"{"model":"m","messages":[]}"#,
        &expect!["messages must be an array of at least one message"],
    );
    check_body_refused(
        r#"{"model":"m","messages":["hi"]}"#,
        &expect!["messages[0].role must be text: each message is an object with a role"],
    );
}

#[test]
fn what_costs_more_than_the_known_price_is_refused() {
    let (openai, anthropic) = (Protocol::OpenAiChat, Protocol::AnthropicMessages);
    let rule = expect![
        "service_tier must be absent or one of auto, default, standard, standard_only, flex and on_demand: what other tiers cost is not known"
    ];
    check_refused(openai, r#""service_tier":"priority""#, &rule);
    check_refused(openai, r#""service_tier":1"#, &rule);
    check_refused(
        anthropic,
        r#""max_tokens":1,"speed":"fast""#,
        &expect!["speed must be absent or standard: what more speed costs is not known"],
    );
    for fields in [r#""service_tier":"auto""#, r#""service_tier":null"#, r#""service_tier":"flex""#]
    {
        assert!(decode(openai, fields).is_ok(), "{fields}");
    }
}

#[test]
fn null_counts_as_absent() {
    let fields =
        r#""max_tokens":null,"n":null,"temperature":null,"stream":null,"stream_options":null"#;
    let request = decode(Protocol::OpenAiChat, fields).unwrap();
    assert_eq!(request.max_output_tokens(), None);
    assert_eq!((request.choices(), request.temperature()), (1, None));
    assert!(!request.is_stream() && !request.wants_usage());
}

#[test]
fn what_is_acted_on_is_read() {
    let fields = r#""max_tokens":7,"max_completion_tokens":9,"n":3,"temperature":0.0,"stream":true,
        "stream_options":{"include_usage":true},"tools":[{"type":"function"}],"new":{"a":[1]}"#;
    let request = decode(Protocol::OpenAiChat, fields).unwrap();
    assert_eq!(request.max_output_tokens(), Some(9), "the larger of two limits");
    assert_eq!((request.choices(), request.temperature()), (3, Some(0.0)));
    assert!(request.is_stream() && request.wants_usage() && request.has_tools());
    assert_eq!(request.fields()["new"], serde_json::json!({"a": [1]}));
    let request = decode(Protocol::AnthropicMessages, r#""max_tokens":7"#).unwrap();
    assert!(request.wants_usage(), "anthropic always tells");
    let request = decode(Protocol::AnthropicMessages, r#""max_tokens":0"#).unwrap();
    assert_eq!(request.max_output_tokens(), Some(0), "its cache is only to be filled");
}

#[track_caller]
fn check_splice(fields: &str, edits: &Edits, expected: &Expect) {
    let request = decode(Protocol::OpenAiChat, fields).unwrap();
    let sent = request.encode_for(Protocol::OpenAiChat, edits).unwrap();
    let sent = std::str::from_utf8(&sent).unwrap();
    expected.assert_eq(sent.split_once("\"hi\"}]").unwrap().1);
}

#[test]
fn usage_is_asked_for_once() {
    let edits = Edits { include_usage: true, ..Edits::default() };
    check_splice(
        r#""stream":true }"#.trim_end_matches('}'),
        &edits,
        &expect![[r#","stream":true,"stream_options":{"include_usage":true} }"#]],
    );
    check_splice(
        r#""stream":true,"stream_options":{ }"#,
        &edits,
        &expect![[r#","stream":true,"stream_options":{"include_usage":true }}"#]],
    );
    check_splice(
        r#""stream_options":{"a":1 },"stream":true"#,
        &edits,
        &expect![[r#","stream_options":{"a":1,"include_usage":true },"stream":true}"#]],
    );
    check_splice(
        r#""stream_options":null,"stream":true"#,
        &edits,
        &expect![[r#","stream_options":{"include_usage":true},"stream":true}"#]],
    );
    check_splice(
        r#""stream_options":{"include_usage": false},"stream":true"#,
        &edits,
        &expect![[r#","stream_options":{"include_usage": true},"stream":true}"#]],
    );
    check_splice(r#""stream":false"#, &edits, &expect![[r#","stream":false}"#]]);
}

#[test]
fn the_limit_is_set_where_it_is_absent_or_larger() {
    let edits = Edits { max_output_tokens: Some(50), ..Edits::default() };
    check_splice(r#""n":1"#, &edits, &expect![[r#","n":1,"max_tokens":50}"#]]);
    check_splice(r#""max_tokens": 51"#, &edits, &expect![[r#","max_tokens": 50}"#]]);
    check_splice(r#""max_tokens": 49"#, &edits, &expect![[r#","max_tokens": 49}"#]]);
    check_splice(
        r#""max_completion_tokens":99,"max_tokens":1"#,
        &edits,
        &expect![[r#","max_completion_tokens":50,"max_tokens":1}"#]],
    );
    check_splice(
        r#""max_completion_tokens":null"#,
        &edits,
        &expect![[r#","max_completion_tokens":50}"#]],
    );
    let edits = Edits { output_limit: crate::OutputLimit::MaxCompletionTokens, ..edits };
    check_splice(r#""n":1"#, &edits, &expect![[r#","n":1,"max_completion_tokens":50}"#]]);
    check_splice(r#""max_tokens":51"#, &edits, &expect![[r#","max_tokens":50}"#]]);
}

/// A model is shown it as text, however large it is.
#[test]
fn what_looks_like_an_image_in_a_tool_s_input_is_text() {
    let image =
        r#"{"type":"image","source":{"type":"base64","media_type":"image/x","data":"AAAA"}}"#;
    let call = format!(r#"{{"type":"tool_use","id":"t1","name":"f","input":{image}}}"#);
    let result = format!(r#"{{"type":"tool_result","tool_use_id":"t1","content":[{image}]}}"#);
    for (block, images) in [(call, 0), (result, 1)] {
        let body = format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":[{block}]}}]}}"#
        );
        let request = Request::decode(Protocol::AnthropicMessages, body.into()).unwrap();
        assert_eq!(request.image_count(), images);
        assert_eq!(request.session_text().contains("AAAA"), images == 0);
    }
}

#[test]
fn text_is_everything_but_images() {
    let body = r#"{"model":"m","max_tokens":1,"tools":[{"name":"look_up","input_schema":{"type":"object"}}],
        "system":"be brief","messages":[{"role":"user","content":[{"type":"text","text":"what?"},
        {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAAAAAA"}},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,BBBB","detail":"low"}},
        {"type":"note","url":"data:image/counted"},
        {"type":"tool_use","id":"t1","name":"f","input":{"city":"Oslo"}}]}]}"#;
    let request = Request::decode(Protocol::AnthropicMessages, body.into()).unwrap();
    let text = request.session_text();
    for word in
        ["look_up", "input_schema", "be brief", "what?", "data:image/counted", "city", "Oslo", "t1"]
    {
        assert!(text.contains(word), "{word}");
    }
    assert!(!text.contains("AAAA") && !text.contains("BBBB"));
    assert_eq!(request.image_count(), 2);
}

fn decode_responses(fields: &str) -> Result<Request, Error> {
    Request::decode(Protocol::OpenAiResponses, format!(r#"{{"model":"m",{fields}}}"#).into())
}

#[track_caller]
fn check_response_refused(fields: &str, expected: &Expect) {
    expected.assert_eq(&decode_responses(fields).unwrap_err().to_string());
}

#[test]
fn the_fields_of_responses_are_checked() {
    check_response_refused(
        r#""max_output_tokens":9"#,
        &expect!["input must be text or an array of at least one item"],
    );
    check_response_refused(
        r#""input":[]"#,
        &expect!["input must be text or an array of at least one item"],
    );
    check_response_refused(
        r#""input":[{"content":"x"}]"#,
        &expect!["input[0] must be an object with a type or a role"],
    );
    check_response_refused(
        r#""input":"x","max_output_tokens":0"#,
        &expect!["max_output_tokens must be a whole number from 1 to 4294967295"],
    );
    check_response_refused(
        r#""input":"x","background":true"#,
        &expect!["background must be false: responses are not stored here"],
    );
    let request = decode_responses(
        r#""input":"x","max_output_tokens":7,"max_tokens":9,"stream":true,"tools":[{"type":"web_search"}]"#,
    )
    .unwrap();
    assert_eq!(request.max_output_tokens(), Some(7));
    assert!(request.is_stream() && request.wants_usage() && request.has_tools());
}

/// What is stored elsewhere is text that is paid for and not seen.
#[test]
fn what_builds_on_stored_responses_is_refused() {
    for (field, value) in [
        ("previous_response_id", r#""resp_1""#),
        ("conversation", r#""conv_1""#),
        ("prompt", r#"{"id":"pmpt_1"}"#),
    ] {
        let error = decode_responses(&format!(r#""input":"x","{field}":{value}"#)).unwrap_err();
        assert!(matches!(&error, Error::NotStored { field: found } if found == field), "{error}");
    }
    check_response_refused(
        r#""input":[{"type":"item_reference","id":"msg_1"}]"#,
        &expect![
            "input[0] refers to what is not stored here: send the whole conversation as input"
        ],
    );
    decode_responses(r#""input":"x","previous_response_id":null,"store":true"#).unwrap();
}

#[test]
fn images_of_responses_are_images() {
    let request = decode_responses(
        r#""input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]"#,
    )
    .unwrap();
    assert_eq!(request.image_count(), 1);
    assert!(!request.session_text().contains("AAAA"));
}
