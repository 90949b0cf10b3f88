use serde_json::{Value, json};

use super::*;
use UpstreamErrorKind as Kind;

#[track_caller]
fn check(status: u16, body: &Value, expected: Kind) {
    let error = decode_error(ProviderProtocol::OpenAiChat, status, body.to_string().as_bytes());
    assert_eq!(error.kind, expected, "{body}");
}

#[track_caller]
fn check_inside(body: &Value, expected: Option<Kind>) {
    let text = body.to_string();
    let error = UpstreamError::inside(&serde_json::from_str(&text).unwrap());
    assert_eq!(error.map(|error| error.kind), expected, "{body}");
}

fn openai(kind: &str, code: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn anthropic(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
}

#[test]
fn statuses_alone_say_enough() {
    let silent = json!("<html>");
    for (status, kind) in [
        (400, Kind::InvalidRequest),
        (401, Kind::Authentication),
        (402, Kind::OutOfMoney),
        (403, Kind::Forbidden),
        (404, Kind::NotFound),
        (408, Kind::Timeout),
        (409, Kind::Server),
        (413, Kind::TooLarge),
        (422, Kind::InvalidRequest),
        (425, Kind::Server),
        (429, Kind::RateLimited),
        (498, Kind::Overloaded),
        (500, Kind::Server),
        (502, Kind::Server),
        (503, Kind::Overloaded),
        (504, Kind::Timeout),
        (529, Kind::Overloaded),
    ] {
        check(status, &silent, kind);
    }
}

#[test]
fn openai_words_are_understood() {
    check(429, &openai("requests", Some("rate_limit_exceeded"), "slow down"), Kind::RateLimited);
    check(429, &openai("insufficient_quota", Some("insufficient_quota"), "x"), Kind::OutOfMoney);
    check(429, &openai("x", Some("credit_balance_exhausted"), "x"), Kind::OutOfMoney);
    check(
        401,
        &openai("invalid_request_error", Some("invalid_api_key"), "x"),
        Kind::Authentication,
    );
    check(401, &openai("invalid_request_error", None, "x"), Kind::Authentication);
    check(404, &openai("invalid_request_error", Some("model_not_found"), "x"), Kind::NotFound);
    check(400, &openai("invalid_request_error", None, "bad n"), Kind::InvalidRequest);
    check(
        400,
        &openai("invalid_request_error", Some("context_length_exceeded"), "x"),
        Kind::ContextLength,
    );
    check(
        400,
        &openai(
            "invalid_request_error",
            None,
            "This model's maximum context length is 8192 tokens",
        ),
        Kind::ContextLength,
    );
    check(500, &openai("server_error", None, "x"), Kind::Server);
    check(503, &openai("server_error", None, "x"), Kind::Overloaded);
}

#[test]
fn anthropic_words_are_understood() {
    check(529, &anthropic("overloaded_error", "Overloaded"), Kind::Overloaded);
    check(429, &anthropic("rate_limit_error", "x"), Kind::RateLimited);
    check(429, &anthropic("enforced_spend_limit_reached", "x"), Kind::OutOfMoney);
    check(402, &anthropic("billing_error", "x"), Kind::OutOfMoney);
    check(403, &anthropic("permission_error", "x"), Kind::Forbidden);
    check(401, &anthropic("authentication_error", "x"), Kind::Authentication);
    check(413, &anthropic("request_too_large", "x"), Kind::TooLarge);
    check(504, &anthropic("timeout_error", "x"), Kind::Timeout);
    check(
        400,
        &anthropic("invalid_request_error", "prompt is too long: 9 > 8"),
        Kind::ContextLength,
    );
    check(
        400,
        &anthropic("invalid_request_error", "Your credit balance is too low to access the API"),
        Kind::OutOfMoney,
    );
}

#[test]
fn errors_inside_a_200_are_found() {
    check_inside(&anthropic("overloaded_error", "x"), Some(Kind::Overloaded));
    check_inside(&openai("server_error", None, "x"), Some(Kind::Server));
    check_inside(&openai("invalid_request_error", None, "x"), Some(Kind::InvalidRequest));
    check_inside(&json!({"error": "something broke"}), Some(Kind::Server));
    check_inside(
        &json!({"error": {"code": 429, "message": "x"}, "choices": []}),
        Some(Kind::RateLimited),
    );
    check_inside(&json!({"error": {"code": "502"}}), Some(Kind::Server));
    check_inside(
        &json!({"x_groq": {"error": "over capacity"}, "choices": []}),
        Some(Kind::Overloaded),
    );
    check_inside(&json!([{"error": {"status": "UNAVAILABLE"}}]), Some(Kind::Overloaded));
    for fine in [
        json!({"choices": [], "error": null}),
        json!({"choices": [], "error": ""}),
        json!({"x_groq": {"id": "r"}}),
        json!({"type": "ping"}),
        json!([]),
        json!(5),
    ] {
        check_inside(&fine, None);
    }
}

#[test]
fn gemini_says_in_the_body_when_to_come_back() {
    let wait = |delay: &str| {
        let body = json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota",
            "details": [{"@type": "a"}, {"@type": "RetryInfo", "retryDelay": delay}]}}]);
        decode_error(ProviderProtocol::OpenAiChat, 429, body.to_string().as_bytes())
    };
    assert_eq!(wait("45.5s").retry_after, Some(Duration::from_millis(45_500)));
    assert_eq!(wait("45.5s").kind, Kind::RateLimited);
    for hostile in ["", "s", "-1s", "NaNs", "infs", "1e300s", "soon"] {
        assert_eq!(wait(hostile).retry_after, None, "{hostile}");
    }
}

#[test]
fn gemini_s_errors_are_told_apart() {
    let kind = |status: u16, error: Value| {
        let body = json!({ "error": error }).to_string();
        decode_error(ProviderProtocol::Gemini, status, body.as_bytes())
    };
    let quota = |id: &str| {
        json!({"code": 429, "status": "RESOURCE_EXHAUSTED",
            "message": "You exceeded your quota.\nPlease retry in 12.5s.",
            "details": [{"@type": "QuotaFailure", "violations": [{"quotaId": id}]}]})
    };
    let minute = kind(429, quota("GenerateRequestsPerMinutePerProjectPerModel"));
    assert_eq!(minute.kind, Kind::RateLimited);
    assert_eq!(minute.retry_after, Some(Duration::from_millis(12_500)));
    let day = kind(429, quota("GenerateRequestsPerDayPerProject"));
    assert_eq!(day.kind, Kind::OutOfMoney);
    let model = kind(429, quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"));
    assert_eq!(model.kind, Kind::RateLimited);
    assert_eq!(model.retry_after, Some(Duration::from_secs(86_400)));
    let key = json!({"code": 400, "status": "INVALID_ARGUMENT",
        "message": "API key not valid. Please pass a valid API key."});
    assert_eq!(kind(400, key).kind, Kind::Authentication);
    let long = json!({"code": 400, "status": "INVALID_ARGUMENT",
        "message": "The input token count (1048577) exceeds the maximum."});
    assert_eq!(kind(400, long).kind, Kind::ContextLength);
    let busy = json!({"code": 503, "status": "UNAVAILABLE", "message": "overloaded"});
    assert_eq!(kind(503, busy).kind, Kind::Overloaded);
}

#[test]
fn what_a_client_sent_does_not_speak_for_the_provider() {
    let quoted =
        |words: &str| format!("tools.0: Input tag '{words}' found using 'type' is none of");
    for words in [
        "Your credit balance is too low",
        "You have reached your specified API usage limits",
        "API key not valid",
        "Request too large for",
        "overloaded",
        "over capacity",
    ] {
        let message = quoted(words);
        check(400, &anthropic("invalid_request_error", &message), Kind::InvalidRequest);
        check(400, &openai("invalid_request_error", None, &message), Kind::InvalidRequest);
        check(400, &json!({"error": message}), Kind::InvalidRequest);
        let inside = anthropic("invalid_request_error", &message);
        check_inside(&inside, Some(Kind::InvalidRequest));
    }
}

/// A model's name is the client's too: 403, 404 and 413 repeat it.
#[test]
fn a_model_s_name_does_not_speak_for_the_provider() {
    for words in ["overloaded", "over capacity", "context window", "with this model"] {
        let message = format!("The model `{words}-x` does not exist. Please try again in 2h.");
        for (status, kind) in [(403, Kind::Forbidden), (404, Kind::NotFound)] {
            let vllm = json!({"error": {"message": message, "type": "NotFoundError", "code": 404}});
            for body in
                [vllm, openai("invalid_request_error", None, &message), json!({"error": message})]
            {
                check(status, &body, kind);
                let error =
                    decode_error(ProviderProtocol::Groq, status, body.to_string().as_bytes());
                assert_eq!(error.retry_after, None, "{body}");
            }
        }
    }
    for words in ["overloaded", "over capacity", "was flagged"] {
        check(413, &json!({"error": format!("`{words}` is too much")}), Kind::TooLarge);
    }
    check(404, &json!({"error": "no model `was flagged`"}), Kind::NotFound);
    check(500, &json!({"error": "we are overloaded"}), Kind::Overloaded);
}

#[test]
fn what_another_model_takes_is_no_wrong_request() {
    for message in [
        "`temperature` is deprecated for this model.",
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        "Unsupported parameter: 'temperature' is not supported with this model.",
        "'temperature' does not support 0.2 with this model. Only the default (1) is supported.",
        "Function tools with reasoning_effort are not supported for m in /v1/chat/completions.",
        "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : \
         property 'reasoning_content' is unsupported)]",
        "This model does not support response format `json_schema`.",
    ] {
        check(400, &openai("invalid_request_error", None, message), Kind::Unsupported);
        check(400, &anthropic("invalid_request_error", message), Kind::Unsupported);
        check_inside(&anthropic("invalid_request_error", message), Some(Kind::Unsupported));
        check(500, &openai("server_error", None, message), Kind::Server);
    }
    for code in ["unsupported_value", "unsupported_parameter", "invalid_encrypted_content"] {
        check(400, &openai("invalid_request_error", Some(code), "x"), Kind::Unsupported);
    }
}

#[test]
fn of_texts_that_are_too_long_only_the_conversation_can_be_made_shorter() {
    let long = |param: &str| {
        json!({"error": {"message": "string too long", "type": "invalid_request_error",
            "param": param, "code": "string_above_max_length"}})
    };
    for param in [
        "messages[1].content",
        "messages[1].content[0].text",
        "input",
        "input[3]",
        "input[3].output",
        "messages[3].tool_calls[0].function.arguments",
        "instructions",
    ] {
        check(400, &long(param), Kind::ContextLength);
    }
    for param in [
        "messages[1].tool_calls[0].id",
        "input[95].call_id",
        "tools[13].function.description",
        "user",
        "",
    ] {
        check(400, &long(param), Kind::Unsupported);
    }
}

#[test]
fn money_for_a_smaller_request_is_money() {
    let message = |afforded: &str| {
        let words = format!(
            "This request requires more credits, or fewer max_tokens. You requested up to 64000 \
             tokens, but can only afford {afforded}. To increase, add more credits"
        );
        json!({"error": {"code": 402, "message": words}})
    };
    check(402, &message("2404"), Kind::Unable);
    for nothing in ["0", "-3", "nothing"] {
        check(402, &message(nothing), Kind::OutOfMoney);
    }
    check(
        402,
        &json!({"error": {"code": 402, "message": "Insufficient credits"}}),
        Kind::OutOfMoney,
    );
}

#[test]
fn a_spent_limit_of_spending_is_no_wrong_request() {
    let message = "You have reached your specified API usage limits. You will regain access on \
                   2026-12-01 at 00:00 UTC.";
    check(400, &anthropic("invalid_request_error", message), Kind::OutOfMoney);
}

#[test]
fn a_request_above_a_limit_is_told_from_one_too_many() {
    let message = "Request too large for model `m` on tokens per minute (TPM): Limit 8000, \
                   Requested 32979, please reduce your message size and try again.";
    check(413, &openai("tokens", Some("rate_limit_exceeded"), message), Kind::Unable);
    check(429, &openai("tokens", Some("rate_limit_exceeded"), message), Kind::Unable);
}

#[test]
fn groq_s_model_may_fail_at_a_call() {
    for code in ["tool_use_failed", "json_validate_failed"] {
        check(400, &openai("invalid_request_error", Some(code), "x"), Kind::Unable);
    }
}

#[test]
fn overflows_are_known_by_their_words_where_the_request_is_at_fault() {
    for message in [
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease it",
        "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
        "the request exceeds the available context size, try increasing it",
        "Your input exceeds the context window of this model.",
    ] {
        for status in [400, 413, 422] {
            check(status, &anthropic("invalid_request_error", message), Kind::ContextLength);
            check(status, &json!({"error": message}), Kind::ContextLength);
        }
        check_inside(&openai("invalid_request_error", None, message), Some(Kind::ContextLength));
        check_inside(&json!({"error": message}), Some(Kind::ContextLength));
        check(500, &openai("server_error", None, message), Kind::Server);
        check(401, &json!({"error": message}), Kind::Authentication);
    }
    check(400, &openai("exceed_context_size_error", None, "x"), Kind::ContextLength);
}

#[test]
fn messages_say_when_to_come_back() {
    let wait = |message: &str| {
        let body = openai("tokens", Some("rate_limit_exceeded"), message).to_string();
        decode_error(ProviderProtocol::OpenAiChat, 429, body.as_bytes()).retry_after
    };
    for (message, millis) in [
        ("Limit 200000, Used 158833. Please try again in 6.379s. Visit the page.", 6_379),
        ("Please try again in 120ms.", 120),
        ("Please try again in 7m12s.", 432_000),
        ("Please try again in 1h2m3.5s.", 3_723_500),
        ("Please retry in 1m2s.", 62_000),
        ("Please retry in 534.5ms", 534),
        ("Too many. Please retry after 5 seconds. Thank you.", 5_000),
        ("Please try again in 9999h.", 86_400_000),
    ] {
        let waits = wait(message).unwrap().as_millis();
        assert_eq!(waits, millis, "{message}");
    }
    for vague in [
        "",
        "Please try again in a while.",
        "Please try again in ",
        "Please try again in 5",
        "Please try again in -5s.",
        "Please try again in 99999999999999999999s.",
        "Please retry after the end of the day.",
    ] {
        assert_eq!(wait(vague), None, "{vague}");
    }
}

#[test]
fn messages_are_short_plain_and_without_keys() {
    let message = |text: &str| {
        let body = openai("x", None, text).to_string();
        decode_error(ProviderProtocol::OpenAiChat, 401, body.as_bytes()).message
    };
    assert_eq!(message("Incorrect key: sk-proj-abc_DEF*12. Try."), "Incorrect key: [key]. Try.");
    assert_eq!(message("(gsk_123) \"AIzaXYZ\""), "([key]) \"[key]\"");
    assert_eq!(message("a\r\ndata: b\0"), "a  data: b ");
    assert_eq!(message("é".repeat(10_000).as_str()).chars().count(), 500);
    let empty = decode_error(ProviderProtocol::OpenAiChat, 502, b"\xff").message;
    assert_eq!(empty, "openai chat completions provider answered with status 502");
}

#[test]
fn a_prompt_that_is_not_allowed_says_nothing_about_the_key() {
    let flagged = "Your chosen model requires moderation and your input was flagged";
    let openrouter = json!({"error": {"code": 403, "message": flagged}});
    check(403, &openrouter, Kind::InvalidRequest);
    check(403, &json!({"error": "Content violates usage guidelines."}), Kind::InvalidRequest);
    check(403, &json!("<html>"), Kind::Forbidden);
}
