//! One answer in both forms.

use bytes::Bytes;
use forebay_wire::{Protocol, ProviderProtocol, StreamDecoder, decode_answer, fold, unfold};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CLIENTS: [Protocol; 3] =
    [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages];

fn openai_message() -> impl Strategy<Value = Value> {
    let call = ("[a-z]{1,8}", "[a-z]{1,8}", input().prop_map(|input| input.to_string())).prop_map(
        |(id, name, arguments)| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}),
    );
    (
        option::of("\\PC{0,20}"),
        option::of("\\PC{1,20}"),
        option::of("\\PC{1,20}"),
        vec(call, 0..4),
        any::<bool>(),
    )
        .prop_map(|(content, refusal, reasoning, calls, has_annotations)| {
            let mut message = json!({"role": "assistant", "content": content, "refusal": refusal});
            if let Some(reasoning) = reasoning {
                message["reasoning_content"] = reasoning.into();
            }
            if !calls.is_empty() {
                message["tool_calls"] = calls.into();
            }
            if has_annotations {
                message["annotations"] = json!([{"type": "url_citation", "url": "u"}]);
            }
            message
        })
}

fn openai_answer() -> impl Strategy<Value = Value> {
    let token = ("\\PC{1,4}", -20.0..0.0).prop_map(
        |(token, logprob)| json!({"token": token, "logprob": logprob, "bytes": [1], "top_logprobs": []}),
    );
    let logprobs = option::of(vec(token, 1..4))
        .prop_map(|tokens| json!(tokens.map(|tokens| json!({"content": tokens, "refusal": null}))));
    let finish = prop::sample::select(vec!["stop", "length", "tool_calls", "content_filter"]);
    let choice = (openai_message(), logprobs, finish);
    (vec(choice, 1..4), any::<u32>(), any::<bool>()).prop_map(|(choices, tokens, has_tier)| {
        let choices: Vec<Value> = choices
            .into_iter()
            .enumerate()
            .map(|(index, (message, logprobs, finish))| {
                json!({"index": index, "message": message, "logprobs": logprobs, "finish_reason": finish})
            })
            .collect();
        let mut answer = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000_u64,
            "model": "m", "choices": choices, "system_fingerprint": null,
            "usage": {"prompt_tokens": tokens, "completion_tokens": 2, "total_tokens": u64::from(tokens) + 2,
                      "completion_tokens_details": {"reasoning_tokens": 1}},
        });
        if has_tier {
            answer["service_tier"] = "default".into();
        }
        answer
    })
}

fn input() -> impl Strategy<Value = Value> {
    vec(
        (
            "[a-z]{1,5}",
            prop_oneof![
                any::<i32>().prop_map(Value::from),
                "\\PC{0,9}".prop_map(Value::from),
                any::<f64>().prop_filter("json", |n| n.is_finite()).prop_map(Value::from)
            ],
        ),
        0..4,
    )
    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn anthropic_block() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,20}".prop_map(|text| json!({"type": "text", "text": text})),
        "\\PC{1,20}".prop_map(|text| json!({"type": "text", "text": text, "citations": [{"type": "char_location", "cited_text": "x"}]})),
        ("\\PC{0,20}", "[A-Za-z]{4,20}").prop_map(|(thinking, signature)| json!({"type": "thinking", "thinking": thinking, "signature": signature})),
        "[A-Za-z]{4,20}".prop_map(|data| json!({"type": "redacted_thinking", "data": data})),
        ("[a-z]{1,8}", input()).prop_map(|(name, input)| json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": input})),
        ("[a-z]{1,8}", input()).prop_map(|(name, input)| json!({"type": "server_tool_use", "id": "srv_1", "name": name, "input": input})),
        Just(json!({"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]})),
    ]
}

fn anthropic_answer() -> impl Strategy<Value = Value> {
    let stop = prop::sample::select(vec![
        "end_turn",
        "max_tokens",
        "tool_use",
        "refusal",
        "stop_sequence",
    ]);
    (vec(anthropic_block(), 0..5), stop, any::<u32>()).prop_map(|(blocks, stop, tokens)| {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": blocks,
            "stop_reason": stop, "stop_sequence": if stop == "stop_sequence" { json!("x") } else { Value::Null },
            "usage": {"input_tokens": tokens, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 7,
                      "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
                      "output_tokens": 9, "service_tier": "standard"},
        })
    })
}

fn responses_item() -> impl Strategy<Value = Value> {
    let text = |text| json!({"type": "output_text", "annotations": [], "text": text});
    prop_oneof![
        vec("\\PC{0,20}".prop_map(text), 0..3).prop_map(|parts| json!({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": parts})),
        "\\PC{1,20}".prop_map(|text| json!({"id": "msg_2", "type": "message", "status": "completed", "role": "assistant", "content": [{"type": "refusal", "refusal": text}]})),
        ("\\PC{0,20}", "[A-Za-z]{4,20}").prop_map(|(text, sealed)| json!({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": text}], "encrypted_content": sealed})),
        ("[a-z]{1,8}", "[a-z]{1,8}", input()).prop_map(|(id, name, input)| json!({"id": "fc_1", "type": "function_call", "status": "completed", "call_id": id, "name": name, "arguments": input.to_string()})),
        "[a-z]{1,8}".prop_map(|query| json!({"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": query}})),
    ]
}

fn responses_answer() -> impl Strategy<Value = Value> {
    let end = prop::sample::select(vec![
        ("completed", Value::Null),
        ("incomplete", json!({"reason": "max_output_tokens"})),
        ("incomplete", json!({"reason": "content_filter"})),
    ]);
    (vec(responses_item(), 0..5), end, any::<u32>()).prop_map(|(items, (status, why), tokens)| {
        json!({
            "id": "resp_1", "object": "response", "created_at": 1_790_000_000_u64, "status": status,
            "error": null, "incomplete_details": why, "model": "m", "output": items, "store": true,
            "usage": {"input_tokens": tokens, "input_tokens_details": {"cached_tokens": 3},
                      "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 2},
                      "total_tokens": u64::from(tokens) + 9},
        })
    })
}

/// An answer of Gemini, which looks alike whole and in chunks.
fn gemini_answer() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        "\\PC{1,20}".prop_map(|text| json!({"text": text})),
        "\\PC{1,20}".prop_map(|text| json!({"text": text, "thought": true})),
        ("[a-z]{1,8}", input()).prop_map(|(name, args)| json!({"functionCall": {"name": name, "args": args}, "thoughtSignature": "c2ln"})),
    ];
    let end = prop::sample::select(vec!["STOP", "MAX_TOKENS", "SAFETY", "OTHER"]);
    (vec(part, 0..5), end, any::<u32>()).prop_map(|(parts, end, tokens)| {
        json!({
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": end}],
            "usageMetadata": {"promptTokenCount": tokens, "cachedContentTokenCount": 1,
                              "candidatesTokenCount": 5, "thoughtsTokenCount": 2,
                              "totalTokenCount": u64::from(tokens) + 7},
            "modelVersion": "m", "responseId": "r",
        })
    })
}

/// An answer unfolded and folded is the same answer, and both forms have the same summary.
fn check(protocol: Protocol, answer: &Value) -> Result<(), TestCaseError> {
    let body = Bytes::from(answer.to_string());
    let frames = unfold(protocol, &body, true).unwrap();
    let folded: Value = serde_json::from_slice(&fold(protocol, &frames).unwrap()).unwrap();
    prop_assert_eq!(&folded, answer);

    let mut decoder = StreamDecoder::new(protocol, protocol);
    let mut sent = Vec::new();
    for frame in &frames {
        let pieces = decoder.push(frame).unwrap();
        prop_assert_eq!(pieces.len(), 1, "each frame is complete");
        sent.extend(pieces.into_iter().map(|piece| piece.bytes));
    }
    prop_assert_eq!(decoder.finish().unwrap().len(), 0);
    prop_assert_eq!(&sent, &frames);
    let whole = decode_answer(protocol, protocol, body.clone()).unwrap();
    prop_assert_eq!(&whole.body, &body);
    prop_assert_eq!(decoder.summary(), &whole.summary);
    Ok(())
}

/// An answer translated as a stream is the answer translated whole, for every client.
fn check_translated(upstream: Protocol, answer: &Value) -> Result<(), TestCaseError> {
    let body = Bytes::from(answer.to_string());
    let frames = unfold(upstream, &body, true).unwrap();
    for client in CLIENTS {
        check_streamed(upstream.into(), client, &body, &frames)?;
    }
    Ok(())
}

fn check_streamed(
    upstream: ProviderProtocol,
    client: Protocol,
    body: &Bytes,
    sent: &[Bytes],
) -> Result<(), TestCaseError> {
    let whole = decode_answer(upstream, client, body.clone()).unwrap();
    let mut decoder = StreamDecoder::new(upstream, client);
    let mut frames = Vec::new();
    for frame in sent {
        frames.extend(decoder.push(frame).unwrap().into_iter().map(|piece| piece.bytes));
    }
    frames.extend(decoder.finish().unwrap().into_iter().map(|piece| piece.bytes));
    prop_assert_eq!(decoder.summary(), &whole.summary);
    let streamed: Value = serde_json::from_slice(&fold(client, &frames).unwrap()).unwrap();
    let whole: Value = serde_json::from_slice(&whole.body).unwrap();
    prop_assert_eq!(streamed, whole);
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn an_openai_answer_survives_both_forms(answer in openai_answer()) {
        check(Protocol::OpenAiChat, &answer)?;
        check_translated(Protocol::OpenAiChat, &answer)?;
    }

    #[test]
    fn an_anthropic_answer_survives_both_forms(answer in anthropic_answer()) {
        check(Protocol::AnthropicMessages, &answer)?;
        check_translated(Protocol::AnthropicMessages, &answer)?;
    }

    #[test]
    fn a_response_survives_both_forms(answer in responses_answer()) {
        check(Protocol::OpenAiResponses, &answer)?;
        check_translated(Protocol::OpenAiResponses, &answer)?;
    }

    #[test]
    fn an_answer_of_gemini_says_the_same_in_both_forms(answer in gemini_answer()) {
        let body = Bytes::from(answer.to_string());
        let frame = Bytes::from(format!("data: {answer}\r\n\r\n"));
        for client in CLIENTS {
            check_streamed(ProviderProtocol::Gemini, client, &body, std::slice::from_ref(&frame))?;
        }
    }
}

#[test]
fn the_usage_chunk_comes_only_where_it_is_asked_for() {
    let answer = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    });
    let body = Bytes::from(answer.to_string());
    let count = |include_usage| {
        let frames = unfold(Protocol::OpenAiChat, &body, include_usage).unwrap();
        frames
            .iter()
            .filter(|frame| frame.windows(14).any(|part| part == b"\"prompt_tokens"))
            .count()
    };
    assert_eq!((count(false), count(true)), (0, 1));
}

/// What is known of the output when there is none yet.
#[test]
fn an_answer_of_anthropic_begins_without_output() {
    let answer = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
        "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 9,
            "output_tokens_details": {"thinking_tokens": 7}}});
    let client = Protocol::AnthropicMessages;
    let frames = unfold(client, &Bytes::from(answer.to_string()), true).unwrap();
    let begin = std::str::from_utf8(&frames[0]).unwrap().split_once("data: ").unwrap().1;
    let begin: Value = serde_json::from_str(begin).unwrap();
    assert_eq!(begin["message"]["usage"], json!({"input_tokens": 3, "output_tokens": 0}));
    let folded: Value = serde_json::from_slice(&fold(client, &frames).unwrap()).unwrap();
    assert_eq!(folded, answer);
}
