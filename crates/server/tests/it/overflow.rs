//! A conversation that is longer than a model's context: each agent knows it by other words.

use serde_json::Value;
use simulator::{Fault, Position};
use wire::{Protocol, ProviderProtocol};

use crate::client::{Answer, Client, streamed};
use crate::reading::{Said, events};
use crate::secrets::runs_alone;
use crate::stand::{ANTHROPIC, OPENAI, PROTOCOLS, Plan, RESPONSES, Stand};

const PROVIDERS: [ProviderProtocol; 5] = [
    ProviderProtocol::OpenAiChat,
    ProviderProtocol::OpenAiResponses,
    ProviderProtocol::AnthropicMessages,
    ProviderProtocol::Gemini,
    ProviderProtocol::Groq,
];

const CODE: &str = "context_length_exceeded";

/// How OpenAI ends a stream for which there is too much input.
const FAILED: &str = concat!(
    "event: response.created\n",
    r#"data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1700000000,"status":"in_progress","error":null,"model":"sim","output":[]}}"#,
    "\n\nevent: response.failed\n",
    r#"data: {"type":"response.failed","sequence_number":1,"response":{"id":"resp_1","object":"response","created_at":1700000000,"status":"failed","error":{"code":"context_length_exceeded","message":"Your input exceeds the context window of this model."},"model":"sim","output":[]}}"#,
    "\n\n",
);

/// Two providers, of which only the first is asked, and fails so.
async fn stand(provider: ProviderProtocol, fault: Fault) -> Stand {
    let stand = Plan::new(&[provider, provider]).start().await;
    stand.providers[0].script(vec![fault]);
    stand
}

#[track_caller]
fn check_told(client: &Client, answer: &Answer, is_stream: bool, at: &str) {
    if client.protocol == RESPONSES && is_stream {
        return check_stream(answer, at);
    }
    let problem = answer.problem();
    assert_eq!((answer.status, problem.kind.as_str()), (400, "invalid_request_error"), "{at}");
    assert_eq!(answer.header("retry-after"), "", "{at}");
    let expected = (client.protocol != ANTHROPIC).then_some(CODE);
    assert_eq!(problem.code.as_deref(), expected, "{at}: {problem:?}");
    if client.protocol == ANTHROPIC {
        assert!(problem.message.starts_with("prompt is too long: "), "{at}: {problem:?}");
        assert_eq!(problem.message.matches("too long").count(), 1, "{at}: {problem:?}");
    }
}

/// Codex looks for the code of `response.failed`, and at no error status.
#[track_caller]
fn check_stream(answer: &Answer, at: &str) {
    assert_eq!((answer.status, answer.is_stream()), (200, true), "{at}: {}", answer.text());
    assert_eq!(answer.header("cache-control"), "private, no-store", "{at}");
    assert_eq!(answer.header("x-accel-buffering"), "no", "{at}");
    assert!(!answer.header("x-request-id").is_empty(), "{at}");
    let said = Said::in_stream(RESPONSES, &answer.body);
    let problem = said.problem.unwrap();
    assert_eq!(problem.code.as_deref(), Some(CODE), "{at}");
    assert!(problem.message.contains("context"), "{at}: {problem:?}");
    let events = events(&answer.body);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    // OpenAI's packages refuse a stream that does not begin with the first of them.
    assert_eq!(names, ["response.created", "response.failed"], "{at}");
    for (number, (_, data)) in events.iter().enumerate() {
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["sequence_number"], number, "{at}");
        let response = &data["response"];
        assert_eq!((&response["object"], &response["id"]), (&"response".into(), &"resp".into()));
        assert!(response["output"].is_array() && response["created_at"].is_u64(), "{at}");
    }
}

/// How many requests in the client's protocol were refused, and how many ended otherwise.
async fn ended(client: &Client) -> (u64, u64) {
    let protocol = match client.protocol {
        Protocol::OpenAiChat => r#"protocol="openai-chat""#,
        Protocol::OpenAiResponses => r#"protocol="openai-responses""#,
        Protocol::AnthropicMessages => r#"protocol="anthropic-messages""#,
    };
    let all = client.counted("forebay_requests_total", &[protocol]).await;
    let refused = [protocol, r#"outcome="refused""#];
    let refused = client.counted("forebay_requests_total", &refused).await;
    (refused, all - refused)
}

/// Asks what is too long, and checks what is told and what is noted: that it is the client's to
/// mend, once, and nothing that is kept. The metrics are those of a process.
async fn check(stand: &Stand, client: &Client, is_stream: bool, at: &str) {
    let question = client.question("hi");
    let question = if is_stream { streamed(&question) } else { question };
    let (refused, others) = ended(client).await;
    let answer = client.ask(&question).await;
    check_told(client, &answer, is_stream, at);
    assert_eq!(stand.attempts(), [1, 0], "{at}: no other provider takes it");
    assert_eq!(ended(client).await, (refused + 1, others), "{at}");
    let sparing = client.with_header("cache-control", "only-if-cached");
    assert_eq!(sparing.ask(&question).await.status, 504, "{at}");
}

#[test]
fn every_client_is_told_of_too_long_a_conversation_in_its_own_words() {
    if runs_alone("overflow::every_client_is_told_of_too_long_a_conversation_in_its_own_words") {
        statuses();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn statuses() {
    for provider in PROVIDERS {
        for client in PROTOCOLS {
            for is_stream in [false, true] {
                let stand = stand(provider, Fault::ContextLength).await;
                let client = stand.client(client);
                let at = format!("{provider} to {}, stream {is_stream}", client.protocol);
                check(&stand, &client, is_stream, &at).await;
                stand.settled().await;
                assert_eq!(stand.money("local").await, (0, 0), "{at}: a refusal is not billed");
                stand.stop().await;
            }
        }
    }
}

/// Before any content a stream's own error is as good as a status.
#[test]
fn an_overflow_inside_a_200_is_told_as_one_with_a_status() {
    if runs_alone("overflow::an_overflow_inside_a_200_is_told_as_one_with_a_status") {
        streams();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn streams() {
    let event = Fault::ErrorEvent { position: Position::First, code: Some(CODE.to_owned()) };
    let failed = Fault::Literal { body: FAILED.to_owned() };
    for (provider, fault) in [
        (ProviderProtocol::OpenAiChat, event.clone()),
        (ProviderProtocol::OpenAiResponses, event),
        (ProviderProtocol::OpenAiResponses, failed),
    ] {
        for client in PROTOCOLS {
            let stand = stand(provider, fault.clone()).await;
            let client = stand.client(client);
            let at = format!("{fault:?} of {provider} to {}", client.protocol);
            check(&stand, &client, true, &at).await;
            stand.stop().await;
        }
    }
}

/// The kind alone decides: any other failure before the first content stays a status.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_failures_of_a_stream_that_has_not_begun_are_a_status() {
    for (code, status) in [(400, 400), (413, 413), (429, 429), (500, 502)] {
        let fault = Fault::Status { code, retry_after: None, error: None };
        let stand = Plan::new(&[RESPONSES]).with("resilience.retry_percent = 0").start().await;
        stand.providers[0].script(vec![fault.clone(), fault.clone(), fault]);
        let client = stand.client(RESPONSES);
        let answer = client.ask(&streamed(&client.question("hi"))).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        stand.stop().await;
    }
}

/// What Anthropic says is what Claude Code reads; others say it in their words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anthropic_s_own_words_are_kept() {
    let stand = stand(ProviderProtocol::AnthropicMessages, Fault::ContextLength).await;
    let client = stand.client(ANTHROPIC);
    let told = client.ask(&client.question("hi")).await.problem();
    assert_eq!(told.message, "prompt is too long: 200001 tokens > 200000 maximum");
    stand.stop().await;
}

/// A batch has no streams, so all is told by the status of its item.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overflow_in_a_batch_is_told_by_its_status() {
    let stand = stand(ProviderProtocol::OpenAiResponses, Fault::ContextLength).await;
    let client = stand.client(OPENAI);
    let question = stand.client(RESPONSES).question("hi");
    let item = serde_json::json!({"url": "/v1/responses", "body": question});
    let answers = client.post_to("/v1/batch", &serde_json::json!({"requests": [item]})).await;
    let answers: Value = serde_json::from_slice(&answers.body).unwrap();
    let answered = &answers["responses"][0];
    assert_eq!(answered["status"], 400, "{answers}");
    assert_eq!(answered["body"]["error"]["code"], CODE, "{answers}");
    stand.stop().await;
}
