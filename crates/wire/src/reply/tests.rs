use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(protocol: Protocol, kind: ReplyKind, expected: &Expect) {
    let body = error_body(protocol, kind, "say \"what\"\nto do", "req-1");
    expected.assert_eq(std::str::from_utf8(&body).unwrap());
}

#[test]
fn money_and_limits_have_the_names_that_sdks_act_on() {
    let openai = Protocol::OpenAiChat;
    check(
        openai,
        ReplyKind::BudgetExhausted,
        &expect![[
            r#"{"error":{"message":"say \"what\"\nto do","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#
        ]],
    );
    check(
        openai,
        ReplyKind::BudgetReserved,
        &expect![[
            r#"{"error":{"message":"say \"what\"\nto do","type":"rate_limit_exceeded","param":null,"code":"rate_limit_exceeded"}}"#
        ]],
    );
    check(
        openai,
        ReplyKind::Authentication,
        &expect![[
            r#"{"error":{"message":"say \"what\"\nto do","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#
        ]],
    );
    let anthropic = Protocol::AnthropicMessages;
    check(
        anthropic,
        ReplyKind::BudgetExhausted,
        &expect![[
            r#"{"type":"error","error":{"type":"billing_error","message":"say \"what\"\nto do"},"request_id":"req-1"}"#
        ]],
    );
    check(
        anthropic,
        ReplyKind::BudgetReserved,
        &expect![[
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"say \"what\"\nto do"},"request_id":"req-1"}"#
        ]],
    );
    check(
        anthropic,
        ReplyKind::UnknownModel,
        &expect![[
            r#"{"type":"error","error":{"type":"not_found_error","message":"say \"what\"\nto do"},"request_id":"req-1"}"#
        ]],
    );
}

#[test]
fn an_overflow_has_the_words_that_agents_act_on() {
    for protocol in [Protocol::OpenAiChat, Protocol::OpenAiResponses] {
        check(
            protocol,
            ReplyKind::ContextLength,
            &expect![[
                r#"{"error":{"message":"say \"what\"\nto do","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}"#
            ]],
        );
    }
    for (message, told) in [
        (
            "p0: input length and `max_tokens` exceed context limit: 9 + 1 > 9, decrease them",
            "p0: input length and `max_tokens` exceed context limit: 9 + 1 > 9, decrease them",
        ),
        ("128001 tokens", "prompt is too long: 128001 tokens"),
        (
            "p0: prompt is too long: 9 tokens > 8 maximum",
            "prompt is too long: 9 tokens > 8 maximum",
        ),
    ] {
        let anthropic = Protocol::AnthropicMessages;
        let body = error_body(anthropic, ReplyKind::ContextLength, message, "req-1");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"], json!({"type": "invalid_request_error", "message": told}));
        let other = error_body(anthropic, ReplyKind::InvalidRequest, message, "req-1");
        let other: Value = serde_json::from_slice(&other).unwrap();
        assert_eq!(other["error"]["message"], message);
    }
}

/// What OpenAI's packages want of a stream: it begins with `response.created`, its numbers begin
/// with 0, and its responses have all that they always have.
#[test]
fn a_response_that_fails_at_once_is_a_stream_of_its_own() {
    let stream = failed_response(ReplyKind::ContextLength, "too much");
    let text = std::str::from_utf8(&stream).unwrap();
    let events: Vec<Value> = text
        .split_terminator("\n\n")
        .map(|frame| serde_json::from_str(frame.split_once("\ndata: ").unwrap().1).unwrap())
        .collect();
    let [created, failed] = &events[..] else { panic!("{text}") };
    for (number, (event, status)) in
        [(created, "in_progress"), (failed, "failed")].iter().enumerate()
    {
        assert_eq!(event["sequence_number"], number);
        assert_eq!(event["response"]["status"], *status);
        for field in ["id", "object", "created_at", "model", "output", "tools", "tool_choice"] {
            assert!(!event["response"][field].is_null(), "{field}: {text}");
        }
    }
    assert_eq!(created["type"], "response.created");
    assert_eq!(failed["type"], "response.failed");
    let error = json!({"code": "context_length_exceeded", "message": "too much"});
    assert_eq!(failed["response"]["error"], error);
}

#[test]
fn a_frame_is_one_event_and_no_terminal() {
    for (protocol, name) in [
        (Protocol::OpenAiChat, "data: "),
        (Protocol::OpenAiResponses, "event: response.failed\n"),
        (Protocol::AnthropicMessages, "event: error\n"),
    ] {
        let frame = error_frame(protocol, ReplyKind::Upstream, "it\r\n\r\nbroke", b"");
        let mut decoder = crate::StreamDecoder::new(protocol, protocol);
        let error = decoder.push(&frame).unwrap_err();
        assert!(matches!(error, crate::Error::Upstream(_)), "{error}");
        assert!(matches!(decoder.finish(), Err(crate::Error::Truncated)));
        let text = std::str::from_utf8(&frame).unwrap();
        assert_eq!(text.matches("\n\n").count(), 1);
        assert!(text.starts_with(name), "{text}");
    }
}

#[test]
fn the_last_frame_has_the_number_after_those_that_were_sent() {
    let number = |sent: &str| {
        let kind = ReplyKind::Upstream;
        let frame = error_frame(Protocol::OpenAiResponses, kind, "it broke", sent.as_bytes());
        let text = std::str::from_utf8(&frame).unwrap();
        let data = text.strip_prefix("event: response.failed\ndata: ").unwrap();
        serde_json::from_str::<Value>(data).unwrap()["sequence_number"].as_u64()
    };
    let delta = |number: u64| {
        format!(
            "event: x\ndata: {{\"type\":\"x\",\"sequence_number\":{number},\"delta\":\"hi\"}}\n\n"
        )
    };
    assert_eq!(number(&delta(41)), Some(42));
    assert_eq!(number(&format!("{}{}", delta(7), delta(8))), Some(9));
    assert_eq!(number(&delta(8).replace('\n', "\r\n")), Some(9));
    assert_eq!(number(&delta(u64::MAX - 1)), Some(u64::MAX));
    // Some servers number nothing.
    for sent in ["", ": waiting\n\n", "data: {}\n\n", "data: {\n\n", &delta(u64::MAX)] {
        assert_eq!(number(sent), Some(0), "{sent:?}");
    }
}
