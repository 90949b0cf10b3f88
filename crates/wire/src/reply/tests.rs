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
fn a_frame_is_one_event_and_no_terminal() {
    for (protocol, name) in [
        (Protocol::OpenAiChat, "data: "),
        (Protocol::OpenAiResponses, "event: response.failed\n"),
        (Protocol::AnthropicMessages, "event: error\n"),
    ] {
        let frame = error_frame(protocol, ReplyKind::Upstream, "it\r\n\r\nbroke");
        let mut decoder = crate::StreamDecoder::new(protocol, protocol);
        let error = decoder.push(&frame).unwrap_err();
        assert!(matches!(error, crate::Error::Upstream(_)), "{error}");
        assert!(matches!(decoder.finish(), Err(crate::Error::Truncated)));
        let text = std::str::from_utf8(&frame).unwrap();
        assert_eq!(text.matches("\n\n").count(), 1);
        assert!(text.starts_with(name), "{text}");
    }
}
