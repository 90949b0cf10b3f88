//! Bytes that mean nothing, and bytes that mean harm.

use bytes::Bytes;
use forebay_wire::{
    Edits, Error, Protocol, ProviderProtocol, Request, SseDecoder, StreamDecoder, decode_answer,
    decode_error, fold, unfold,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::model;

const CLIENTS: [Protocol; 3] =
    [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages];

const PROVIDERS: [ProviderProtocol; 5] = [
    ProviderProtocol::OpenAiChat,
    ProviderProtocol::OpenAiResponses,
    ProviderProtocol::AnthropicMessages,
    ProviderProtocol::Gemini,
    ProviderProtocol::Groq,
];

/// Feeds bytes to everything that reads bytes.
fn read_everywhere(bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes);
    for protocol in CLIENTS {
        if let Ok(request) = Request::decode(protocol, body.clone()) {
            let _ = request.session_text();
            let edits =
                Edits { max_output_tokens: Some(1), include_usage: true, ..Edits::default() };
            for target in PROVIDERS {
                let _ = request.encode_for(target, &edits);
            }
        }
        let _ = fold(protocol, std::slice::from_ref(&body));
        let _ = unfold(protocol, &body, true);
    }
    for provider in PROVIDERS {
        let _ = decode_error(provider, 400, bytes);
        for client in CLIENTS {
            let _ = decode_answer(provider, client, body.clone());
            let mut decoder = StreamDecoder::new(provider, client);
            let pushed = decoder.push(bytes).is_ok();
            let finished = decoder.finish().is_ok();
            assert!(decoder.summary().complete || !(pushed && finished), "no clean end");
        }
    }
}

/// Words of the protocols in any order, so that more than the first branch is reached.
fn soup() -> impl Strategy<Value = String> {
    let words = &[
        "data: ",
        "data:",
        "event: ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "{\"choices\":[",
        "{\"delta\":{\"content\":\"x\"}}",
        "\"tool_calls\":[{\"index\":0}]",
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":1}}",
        "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":-1}}}",
        "{\"type\":\"message_delta\"}",
        "{\"type\":\"message_stop\"}",
        "[DONE]",
        "\u{feff}",
        "null",
        "{\"error\":{\"code\":99999}}",
        "{\"content\":[{\"type\":\"tool_use\"}]}",
        "1e999",
        "\\u12",
        "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":",
        "{\"role\":\"tool\"}",
        "\"tools\":[{}]",
        "\"x\"",
        "}]}",
        "{\"choices\":[{\"message\":",
        "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"function_call\"}}",
        "{\"type\":\"response.function_call_arguments.delta\",\"output_index\":0,\"delta\":\"{\"}",
        "{\"type\":\"response.completed\",\"response\":{\"output\":[",
        "{\"type\":\"response.failed\"}",
        "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[",
        "{\"model\":\"m\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":",
        "\"text\":{\"format\":{\"type\":\"json_schema\"}}",
        "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"args\":",
        "{\"text\":\"x\",\"thought\":true}",
        "\"finishReason\":\"STOP\"",
        "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}",
    ][..];
    vec(proptest::sample::select(words), 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(crate::cases(1_000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        read_everywhere(&bytes);
    }

    #[test]
    fn arbitrary_words_never_panic(text in soup()) {
        read_everywhere(text.as_bytes());
    }

    /// Lines of any kind, split anywhere, are framed as the model frames them.
    #[test]
    fn framing_is_the_model_s(text in soup(), at in any::<prop::sample::Index>()) {
        let (left, right) = text.as_bytes().split_at(at.index(text.len() + 1));
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        decoder.push(left);
        while let Some(event) = decoder.next_event() {
            events.push(event.unwrap());
        }
        decoder.push(right);
        decoder.finish();
        while let Some(event) = decoder.next_event() {
            events.push(event.unwrap());
        }
        let found: Vec<_> = events
            .iter()
            .map(|event| (event.name.as_ref().map(|name| name.to_vec()), event.data.to_vec()))
            .collect();
        let expected = model::sse_events(text.as_bytes());
        prop_assert_eq!(&found[..expected.len()], &expected[..]);
    }
}

#[test]
fn an_endless_line_is_refused_at_the_limit() {
    let chunk = vec![b'x'; 16 * 1024];
    let mut decoder = SseDecoder::default();
    decoder.push(b"data: ");
    let mut pushed = 6;
    let refusal = loop {
        assert!(pushed < 10 * 1024 * 1024, "no limit was met");
        decoder.push(&chunk);
        pushed += chunk.len();
        if let Some(result) = decoder.next_event() {
            break result;
        }
    };
    assert!(matches!(refusal, Err(Error::EventTooLarge { limit: 8_388_608 })));
    assert!(pushed <= 8_388_608 + chunk.len());
    decoder.push(b"\n\ndata: x\n\n");
    assert!(decoder.next_event().is_none(), "nothing follows the refusal");
}

/// A decoder that searches from the beginning at every byte needs a minute for this.
#[test]
fn an_endless_line_in_single_bytes_takes_linear_time() {
    let limit = 1024 * 1024;
    let mut decoder = SseDecoder::new(limit);
    for _ in 0..limit {
        decoder.push(b"x");
        assert!(decoder.next_event().is_none());
    }
    decoder.push(b"x");
    assert!(matches!(decoder.next_event(), Some(Err(Error::EventTooLarge { .. }))));
}

#[test]
fn the_limit_does_not_depend_on_the_chunks() {
    #[track_caller]
    fn check(event: &[u8], is_refused: bool) {
        for size in [1, 2, 3, 7, event.len()] {
            let mut decoder = SseDecoder::new(32);
            let mut results = Vec::new();
            for chunk in event.chunks(size) {
                decoder.push(chunk);
                results.extend(std::iter::from_fn(|| decoder.next_event()));
            }
            decoder.finish();
            results.extend(std::iter::from_fn(|| decoder.next_event()));
            assert_eq!(results.iter().any(Result::is_err), is_refused, "in chunks of {size}");
        }
    }
    check(b"data: 456789012345678901234567890\n\n", true);
    check(b"data: 456789012345678901234567\n\n", false);
    check(b"data: 4567890123456789012345678\r\n\r\n", true);
    check(b": 23456789012345678901234567890123\n\n", true);
    check(b": 234\n: 234\n: 234\n: 234\n: 234\n: 234\ndata: x\n\n", false);
}
