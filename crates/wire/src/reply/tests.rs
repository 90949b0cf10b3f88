use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(protocol: Protocol, kind: ReplyKind, expected: Expect) {
    let body = error_body(protocol, kind, "say \"what\"\nto do", "req-1");
    expected.assert_eq(std::str::from_utf8(&body).unwrap());
}

#[test]
fn money_and_limits_have_the_names_that_sdks_act_on() {
    let openai = Protocol::OpenAiChat;
    check(openai, ReplyKind::BudgetExhausted, expect![""]);
    check(openai, ReplyKind::BudgetReserved, expect![""]);
    check(openai, ReplyKind::Authentication, expect![""]);
    let anthropic = Protocol::AnthropicMessages;
    check(anthropic, ReplyKind::BudgetExhausted, expect![""]);
    check(anthropic, ReplyKind::BudgetReserved, expect![""]);
    check(anthropic, ReplyKind::UnknownModel, expect![""]);
}

#[test]
fn a_frame_is_one_event_and_no_terminal() {
    for protocol in [Protocol::OpenAiChat, Protocol::AnthropicMessages] {
        let frame = error_frame(protocol, ReplyKind::Upstream, "it\r\n\r\nbroke");
        let mut decoder = crate::StreamDecoder::new(protocol, protocol);
        let error = decoder.push(&frame).unwrap_err();
        assert!(matches!(error, crate::Error::Upstream(_)), "{error}");
        assert!(matches!(decoder.finish(), Err(crate::Error::Truncated)));
        let text = std::str::from_utf8(&frame).unwrap();
        assert_eq!(text.matches("\n\n").count(), 1);
        assert_eq!(text.starts_with("event: error\n"), protocol == Protocol::AnthropicMessages);
    }
}
