//! Every fault does what its documentation says, for both protocols, streamed and not.

use std::io::Read;

use forebay_simulator::{Fault, Position, Script, Simulator, SimulatorSettings, UsageFault};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{
    Ended, Response, anthropic, events, get, openai, parse, post, raw, rest, send, start,
};

const BODIES: [(bool, &str); 4] = [
    (false, r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#),
    (
        true,
        r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#,
    ),
    (false, r#"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}]}"#),
    (
        true,
        r#"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}],"stream":true}"#,
    ),
];

/// A request and what comes back without a fault.
struct Case {
    request: Vec<u8>,
    is_stream: bool,
    is_anthropic: bool,
    /// The response as it is on the wire.
    proper: Vec<u8>,
    response: Response,
}

impl Case {
    /// The lengths of the events; of a complete answer, its own.
    fn parts(&self) -> Vec<usize> {
        if self.is_stream {
            let frames = self.response.text().split_inclusive("\n\n");
            frames.map(str::len).collect()
        } else {
            vec![self.response.body.len()]
        }
    }
}

async fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (is_stream, body) in BODIES {
        let is_anthropic = body.contains("max_tokens");
        let request = if is_anthropic { anthropic(body) } else { openai(body) };
        let (proper, _) = play(Fault::None, &request).await;
        let response = parse(&proper);
        cases.push(Case { request, is_stream, is_anthropic, proper, response });
    }
    cases
}

/// What comes back from a simulator of its own, until it ends the connection.
async fn play(fault: Fault, request: &[u8]) -> (Vec<u8>, Ended) {
    let simulator = scripted(fault).await;
    let played = raw(simulator.address(), request).await;
    simulator.stop().await;
    played
}

async fn scripted(fault: Fault) -> Simulator {
    let simulator = start().await;
    simulator.script(vec![fault]);
    simulator
}

/// A well-formed response to a faulty attempt.
async fn respond(fault: Fault, request: &[u8]) -> Response {
    let (bytes, ended) = play(fault, request).await;
    assert_eq!(ended, Ended::Closed);
    parse(&bytes)
}

/// `limit` bytes of the body with the head before and the framing around them.
fn cut(case: &Case, limit: usize) -> Vec<u8> {
    let head = case.proper.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let mut bytes = case.proper[..head].to_vec();
    let mut left = limit;
    let mut body = &case.response.body[..];
    for part in case.parts() {
        let (event, others) = body.split_at(part);
        body = others;
        let event = &event[..part.min(left)];
        left -= event.len();
        if event.is_empty() {
            break;
        }
        if case.is_stream {
            bytes.extend(format!("{:x}\r\n", event.len()).into_bytes());
        }
        bytes.extend_from_slice(event);
        if case.is_stream {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
}

/// The fault sends `expected` and then nothing, until the simulator stops.
async fn check_hangs(fault: Fault, request: &[u8], expected: &[u8]) {
    let simulator = scripted(fault.clone()).await;
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    socket.write_all(request).await.unwrap();
    let mut received = vec![0; expected.len()];
    socket.read_exact(&mut received).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&received), String::from_utf8_lossy(expected), "{fault:?}");
    let counts = simulator.counts_when(|counts| counts.attempts() == 1).await;
    assert_eq!((counts.in_flight, counts.faulty), (1, 0), "{fault:?}");
    simulator.stop().await;
    assert!(rest(&mut socket).await.0.is_empty(), "{fault:?}");
}

#[tokio::test]
async fn connections_end_or_hang_before_an_answer() {
    for case in cases().await {
        for (fault, ended) in [
            (Fault::Refuse, Ended::Reset),
            (Fault::ResetBeforeHeaders, Ended::Reset),
            (Fault::CloseBeforeHeaders, Ended::Closed),
        ] {
            assert_eq!(play(fault, &case.request).await, (Vec::new(), ended));
        }
        check_hangs(Fault::HangOnAccept, &case.request, b"").await;
        check_hangs(Fault::HangBeforeHeaders, &case.request, b"").await;
    }
}

#[tokio::test]
async fn a_refused_connection_is_reset_before_the_body_is_sent() {
    let head = post("/v1/messages", "content-length: 9\r\n", "");
    assert_eq!(play(Fault::Refuse, &head).await, (Vec::new(), Ended::Reset));
    check_hangs(Fault::HangOnAccept, &head, b"").await;
}

#[tokio::test]
async fn answers_hang_at_every_phase() {
    for case in cases().await {
        let parts = case.parts();
        let length: usize = parts.iter().sum();
        let (first, last) = if case.is_stream {
            (parts[0], length - parts[parts.len() - 1])
        } else {
            (length / 2, length - 1)
        };
        check_hangs(Fault::HangAfterHeaders, &case.request, &cut(&case, 0)).await;
        check_hangs(Fault::HangAfterFirstEvent, &case.request, &cut(&case, first)).await;
        check_hangs(Fault::HangBeforeTerminal, &case.request, &cut(&case, last)).await;
        let all = if case.is_stream { length } else { last };
        check_hangs(Fault::HangAfterTerminal, &case.request, &cut(&case, all)).await;
    }
}

#[tokio::test]
async fn answers_break_at_any_byte() {
    for case in cases().await {
        let length = case.response.body.len();
        for after_bytes in (0..length).step_by(53).chain([1, length - 1, length, length + 9]) {
            let expected = cut(&case, after_bytes);
            let reset = play(Fault::Reset { after_bytes }, &case.request).await;
            assert_eq!(reset, (expected.clone(), Ended::Reset));
            let closed = play(Fault::Close { after_bytes }, &case.request).await;
            assert_eq!(closed, (expected, Ended::Closed));
        }
    }
}

#[tokio::test]
async fn held_answers_wait_for_their_release() {
    for case in cases().await {
        let parts = case.parts();
        for (at, waiting) in [
            (Position::First, 0),
            (Position::Middle, parts.len() / 2),
            (Position::Last, parts.len() - 1),
        ] {
            let before = cut(&case, parts[..waiting].iter().sum());
            let before = if waiting == 0 { &[][..] } else { &before };
            check_hangs(Fault::Hold { at }, &case.request, before).await;

            let simulator = scripted(Fault::Hold { at }).await;
            simulator.release(1);
            assert_eq!(
                raw(simulator.address(), &case.request).await,
                (case.proper.clone(), Ended::Closed)
            );
            simulator.stop().await;
        }
    }
}

#[tokio::test]
async fn a_drip_is_the_proper_answer() {
    for case in cases().await {
        for bytes in [0, 1, 7, 1 << 20] {
            let (received, ended) = play(Fault::Drip { bytes, pause_ms: 0 }, &case.request).await;
            assert_eq!((received, ended), (case.proper.clone(), Ended::Closed));
        }
    }
}

#[tokio::test]
async fn bodies_are_empty_rubbish_or_wrongly_framed() {
    for case in cases().await {
        let response = respond(Fault::EmptyBody, &case.request).await;
        assert_eq!((response.status, response.body.len()), (200, 0));

        let response = respond(Fault::NotJson, &case.request).await;
        assert_eq!(response.status, 200);
        assert!(str::from_utf8(&response.body).is_err());
        assert_eq!(response.header("content-type"), case.response.header("content-type"));

        let (bytes, ended) = play(Fault::NotHttp, &case.request).await;
        assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP/") && ended == Ended::Closed);

        let (bytes, _) = play(Fault::ChunkGarbage, &case.request).await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("\r\ntransfer-encoding: chunked\r\n"));
        assert!(text.ends_with("\r\nzz\r\nrubbish\r\n"), "{text}");
    }
}

#[tokio::test]
async fn content_length_is_off_by_as_much_as_told() {
    for case in cases().await {
        let length = case.response.body.len();
        for (delta, declared) in [(10, length + 10), (-10, length - 10), (-1_000_000, 0)] {
            let (bytes, ended) = play(Fault::WrongContentLength { delta }, &case.request).await;
            assert_eq!(ended, Ended::Closed);
            let text = String::from_utf8(bytes).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {declared}\r\n")), "{head}");
            assert_eq!(body, case.response.text());
        }
    }
}

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
async fn an_informational_flood_comes_before_the_answer() {
    for case in cases().await {
        let (bytes, _) = play(Fault::InformationalFlood { count: 100 }, &case.request).await;
        let expected =
            [&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)[..], &case.proper].concat();
        assert_eq!(bytes, expected);
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

/// All numbers that a usage fault may change, in the order in which they are sent.
fn usage_numbers(response: &Response) -> Vec<i64> {
    let name = |text: &str| {
        ["\"prompt_tokens\":", "\"completion_tokens\":", "\"input_tokens\":", "\"output_tokens\":"]
            .iter()
            .find_map(|name| text.strip_prefix(name).map(str::to_owned))
    };
    let text = response.text();
    let found = text.char_indices().filter_map(|(at, _)| name(&text[at..]));
    let number = |rest: String| {
        let end = rest.find([',', '}']).unwrap();
        rest[..end].parse().unwrap()
    };
    found.map(number).collect()
}

#[tokio::test]
async fn usage_is_wrong_in_every_way() {
    for case in cases().await {
        let proper = usage_numbers(&case.response);
        let faulty =
            async |fault| usage_numbers(&respond(Fault::Usage(fault), &case.request).await);
        // A message_start says two numbers, and a message_delta the third.
        let is_messages_stream = case.is_anthropic && case.is_stream;
        let expected = if is_messages_stream { vec![2, 1, 32] } else { vec![2, 32] };
        assert_eq!(proper, expected);
        assert!(faulty(UsageFault::Missing).await.is_empty());
        let negative: Vec<_> = proper.iter().map(|number| -number).collect();
        assert_eq!(faulty(UsageFault::Negative).await, negative);
        let tenfold = if is_messages_stream { vec![20, 1, 320] } else { vec![20, 320] };
        assert_eq!(faulty(UsageFault::Tenfold).await, tenfold);
        let twice = if is_messages_stream { vec![2, 1, 32, 32] } else { vec![2, 32, 2, 32] };
        assert_eq!(faulty(UsageFault::Twice).await, twice);
    }
}

#[tokio::test]
async fn the_terminal_event_is_missing_from_a_well_framed_body() {
    for case in cases().await {
        let response = respond(Fault::NoTerminal, &case.request).await;
        assert_eq!(response.status, 200);
        let parts = case.parts();
        let kept = if case.is_stream {
            parts[..parts.len() - 1].iter().sum()
        } else {
            case.response.body.len() / 2
        };
        assert_eq!(response.body, case.response.body[..kept]);
    }
}

#[tokio::test]
async fn request_headers_are_echoed_in_head_and_text() {
    for case in cases().await {
        let response = respond(Fault::EchoHeaders, &case.request).await;
        let (name, value) = if case.is_anthropic {
            ("x-api-key", "sk-test")
        } else {
            ("authorization", "Bearer sk-test")
        };
        assert_eq!((response.status, response.header(name)), (200, Some(value)));
        let text: String = if case.is_stream {
            let deltas = events(&response).into_iter().filter(|(_, data)| *data != "[DONE]");
            let text = |data: &str| {
                let event: Value = serde_json::from_str(data).unwrap();
                let texts = [&event["choices"][0]["delta"]["content"], &event["delta"]["text"]];
                texts.iter().filter_map(|text| text.as_str()).collect::<String>()
            };
            deltas.map(|(_, data)| text(data)).collect()
        } else {
            let answer = response.json();
            let texts =
                [&answer["choices"][0]["message"]["content"], &answer["content"][0]["text"]];
            texts.iter().filter_map(|text| text.as_str()).collect()
        };
        assert!(text.contains(&format!("\n{name}: {value}")), "{text}");
        assert!(!text.contains("content-length"));
    }
}

#[tokio::test]
async fn the_bomb_is_small_until_it_is_unpacked() {
    for case in cases().await {
        let response = respond(Fault::GzipBomb, &case.request).await;
        assert_eq!((response.status, response.header("content-encoding")), (200, Some("gzip")));
        assert!(response.body.len() < 120_000);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&response.body[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked.len(), 16 << 20);
        assert!(unpacked.iter().all(|byte| *byte == b' '));
    }
}

#[tokio::test]
async fn a_long_line_is_one_line() {
    for case in cases().await {
        let response = respond(Fault::LongLine { bytes: 1_000_000 }, &case.request).await;
        let longest = response.text().lines().map(str::len).max().unwrap();
        assert!(longest > 1_000_000, "{longest}");
    }
}

#[tokio::test]
async fn a_refused_request_is_refused_whatever_is_scripted() {
    for fault in [Fault::EmptyBody, Fault::HangAfterHeaders, Fault::Usage(UsageFault::Missing)] {
        assert_eq!(respond(fault, &openai("{}")).await.status, 400);
    }
}

#[tokio::test]
async fn the_queue_comes_before_the_model_and_the_model_before_the_rest() {
    let status = |code| Fault::Status { code, retry_after: None, error: None };
    let simulator = start().await;
    simulator.set_script(Script {
        next: [status(500), Fault::None].into(),
        models: [("m".to_owned(), status(502))].into(),
        always: status(503),
    });
    let ask = async |model: &str| {
        let body = BODIES[0].1.replace("\"m\"", &format!("\"{model}\""));
        send(&simulator, &openai(&body)).await.status
    };
    let mut statuses = Vec::new();
    for model in ["m", "m", "m", "other", "m"] {
        statuses.push(ask(model).await);
        // Other requests leave the script alone.
        assert_eq!(
            send(&simulator, &get("/v1/models", "authorization: Bearer k\r\n")).await.status,
            200
        );
    }
    assert_eq!(statuses, [500, 200, 502, 503, 502]);
    simulator.stop().await;
}

#[tokio::test]
async fn a_general_fault_may_strike_before_the_body() {
    let simulator = start().await;
    simulator.set_script(Script { always: Fault::Refuse, ..Script::default() });
    for _ in 0..3 {
        let played = raw(simulator.address(), &openai(BODIES[0].1)).await;
        assert_eq!(played, (Vec::new(), Ended::Reset));
    }
    assert_eq!(simulator.counts_when(|counts| counts.in_flight == 0).await.faulty, 3);
    simulator.reset();
    assert_eq!(send(&simulator, &openai(BODIES[0].1)).await.status, 200);
    simulator.stop().await;
}

#[test]
fn faults_are_written_in_json_as_documented() {
    for (json, fault) in [
        (r#""none""#, Fault::None),
        (r#""refuse""#, Fault::Refuse),
        (r#"{"reset":{"after_bytes":10}}"#, Fault::Reset { after_bytes: 10 }),
        (
            r#"{"status":{"code":429,"retry_after":"-5"}}"#,
            Fault::Status { code: 429, retry_after: Some("-5".into()), error: None },
        ),
        (
            r#"{"error_event":{"position":"middle"}}"#,
            Fault::ErrorEvent { position: Position::Middle, code: None },
        ),
        (r#"{"usage":"tenfold"}"#, Fault::Usage(UsageFault::Tenfold)),
        (r#"{"hold":{"at":"first"}}"#, Fault::Hold { at: Position::First }),
    ] {
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
        let written = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), fault);
    }
    assert!(serde_json::from_str::<Fault>(r#"{"reset":{"after":10}}"#).is_err());
    assert_eq!(SimulatorSettings::default(), serde_json::from_str("{}").unwrap());
}
