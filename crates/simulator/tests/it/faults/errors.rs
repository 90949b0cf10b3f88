//! Errors, with their status or inside a success.

use forebay_simulator::{Fault, Position, UsageFault};
use serde_json::{Value, json};

use super::{cases, respond};
use crate::client::{events, openai};

#[tokio::test]
async fn errors_come_inside_a_success() {
    for case in cases().await {
        for (position, kept) in [
            (Position::First, 0),
            (Position::Middle, case.parts().len() / 2),
            (Position::Last, case.parts().len() - 1),
        ] {
            for code in [None, Some("special".to_owned())] {
                let fault = Fault::ErrorEvent { position, code: code.clone() };
                let response = respond(fault, &case.request).await;
                assert_eq!(response.status, 200);
                let error = if case.is_stream {
                    let (error, before) =
                        events(&response).split_last().map(|(e, b)| (*e, b.to_vec())).unwrap();
                    assert_eq!(before, events(&case.response)[..kept]);
                    assert_eq!(error.0, if case.is_anthropic { "error" } else { "" });
                    serde_json::from_str(error.1).unwrap()
                } else {
                    response.json()
                };
                let (member, usual) = if case.is_anthropic {
                    ("type", json!("overloaded_error"))
                } else {
                    ("code", Value::Null)
                };
                assert_eq!(error["error"][member], code.map_or(usual, Value::from));
            }
        }
    }
}

#[tokio::test]
async fn redirects_point_elsewhere() {
    let location = "http://169.254.169.254/latest".to_owned();
    for case in cases().await {
        let response = respond(Fault::Redirect { location: location.clone() }, &case.request).await;
        assert_eq!((response.status, response.header("location")), (307, Some(&*location)));
    }
}

/// The type and code of an envelope (Anthropic has no code).
async fn check_status(status: u16, openai_kind: (&str, Option<&str>), anthropic_kind: &str) {
    for case in cases().await {
        let fault = Fault::Status { code: status, retry_after: None, error: None };
        let response = respond(fault, &case.request).await;
        assert_eq!((response.status, response.header("retry-after")), (status, None));
        let envelope = response.json();
        if case.is_anthropic {
            assert_eq!(envelope["type"], "error");
            assert_eq!(envelope["error"]["type"], anthropic_kind, "{status}");
        } else {
            let error = &envelope["error"];
            assert_eq!(
                (&error["type"], &error["code"]),
                (&json!(openai_kind.0), &json!(openai_kind.1))
            );
        }
    }
}

#[tokio::test]
async fn every_status_has_its_envelope() {
    let invalid = "invalid_request_error";
    for (status, openai_kind, anthropic_kind) in [
        (400, (invalid, None), invalid),
        (401, (invalid, Some("invalid_api_key")), "authentication_error"),
        (402, ("insufficient_quota", Some("insufficient_quota")), "billing_error"),
        (403, (invalid, None), "permission_error"),
        (404, (invalid, Some("model_not_found")), "not_found_error"),
        (408, (invalid, None), invalid),
        (413, (invalid, None), "request_too_large"),
        (422, (invalid, None), invalid),
        (429, ("requests", Some("rate_limit_exceeded")), "rate_limit_error"),
        (500, ("server_error", None), "api_error"),
        (502, ("server_error", None), "api_error"),
        (503, ("server_error", None), "api_error"),
        (504, ("server_error", None), "timeout_error"),
        (529, ("server_error", None), "overloaded_error"),
    ] {
        check_status(status, openai_kind, anthropic_kind).await;
    }
}

#[tokio::test]
async fn retry_after_and_error_codes_are_written_as_they_are() {
    for case in cases().await {
        for value in ["0", "1000000000", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"] {
            let fault = Fault::Status {
                code: 429,
                retry_after: Some(value.to_owned()),
                error: Some("insufficient_quota".to_owned()),
            };
            let response = respond(fault, &case.request).await;
            assert_eq!(response.header("retry-after"), Some(value));
            let member = if case.is_anthropic { "type" } else { "code" };
            assert_eq!(response.json()["error"][member], "insufficient_quota");
        }
    }
}

#[tokio::test]
async fn a_context_overflow_is_told_in_the_providers_words() {
    for case in cases().await {
        let response = respond(Fault::ContextLength, &case.request).await;
        let error = &response.json()["error"];
        assert_eq!((response.status, &error["type"]), (400, &json!("invalid_request_error")));
        if case.is_anthropic {
            assert!(error["message"].as_str().unwrap().starts_with("prompt is too long"));
        } else {
            assert_eq!(error["code"], "context_length_exceeded");
        }
    }
}

#[tokio::test]
async fn a_refused_request_is_refused_whatever_is_scripted() {
    for fault in [Fault::EmptyBody, Fault::HangAfterHeaders, Fault::Usage(UsageFault::Missing)] {
        assert_eq!(respond(fault, &openai("{}")).await.status, 400);
    }
}
