//! Bodies that are not what they should be.

use std::io::Read;

use forebay_simulator::{Fault, UsageFault};
use serde_json::Value;

use super::{cases, play, respond};
use crate::client::{Ended, Response, events};

#[tokio::test]
async fn a_literal_body_is_sent_as_it_is() {
    for case in cases().await {
        let body = "{\"any\": \"body\"}\n".to_owned();
        let response = respond(Fault::Literal { body: body.clone() }, &case.request).await;
        assert_eq!((response.status, response.body.as_slice()), (200, body.as_bytes()));
        assert_eq!(response.header("content-type"), case.response.header("content-type"));
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
        // The first chunk may end in the middle of a character.
        let text = String::from_utf8_lossy(&bytes);
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
async fn an_informational_flood_comes_before_the_answer() {
    for case in cases().await {
        let (bytes, _) = play(Fault::InformationalFlood { count: 100 }, &case.request).await;
        let expected =
            [&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)[..], &case.proper].concat();
        assert_eq!(bytes, expected);
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
        let expected = if is_messages_stream { vec![1, 1, 32] } else { vec![1, 32] };
        assert_eq!(proper, expected);
        assert!(faulty(UsageFault::Missing).await.is_empty());
        let negative: Vec<_> = proper.iter().map(|number| -number).collect();
        assert_eq!(faulty(UsageFault::Negative).await, negative);
        let tenfold = if is_messages_stream { vec![10, 1, 320] } else { vec![10, 320] };
        assert_eq!(faulty(UsageFault::Tenfold).await, tenfold);
        let twice = if is_messages_stream { vec![1, 1, 32, 32] } else { vec![1, 32, 1, 32] };
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
