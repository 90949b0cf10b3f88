use types::TokenCount;

use super::*;
use crate::{PieceKind, UpstreamErrorKind};

const TEXT: &[u8] = b"data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
const ERROR: &[u8] = b"data: {\"error\":{\"code\":\"rate_limit_exceeded\"}}\n\n";

fn openai() -> StreamDecoder {
    StreamDecoder::new(Protocol::OpenAiChat, Protocol::OpenAiChat)
}

#[test]
fn pieces_before_an_error_are_given_before_it() {
    let mut decoder = openai();
    let pieces = decoder.push(&[TEXT, ERROR, TEXT].concat()).unwrap();
    assert_eq!(pieces.len(), 1);
    assert!(decoder.has_failed());
    let error = decoder.push(b"").unwrap_err();
    let Error::Upstream(error) = error else { panic!("{error}") };
    assert_eq!(error.kind, UpstreamErrorKind::RateLimited);
    assert!(!decoder.has_failed());
    assert!(decoder.push(TEXT).unwrap().is_empty(), "nothing follows an error");
    assert!(matches!(decoder.finish(), Err(Error::Truncated)));
}

#[test]
fn what_is_cut_is_metered() {
    let mut decoder = openai();
    decoder.push(TEXT).unwrap();
    assert!(matches!(decoder.finish(), Err(Error::Truncated)));
    let summary = decoder.summary();
    assert_eq!(
        (summary.content_bytes, summary.complete, summary.finish.as_ref()),
        (2, false, None)
    );
}

#[track_caller]
fn check_kind(delta: &str, expected: PieceKind) {
    let frame = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n");
    let pieces = openai().push(frame.as_bytes()).unwrap();
    assert_eq!(pieces[0].kind, expected, "{delta}");
}

#[test]
fn only_what_says_something_is_content() {
    check_kind(r#"{"role":"assistant"}"#, PieceKind::Preamble);
    check_kind(
        r#"{"role":"assistant","content":"","refusal":null,"tool_calls":[]}"#,
        PieceKind::Preamble,
    );
    check_kind("{}", PieceKind::Preamble);
    check_kind(r#"{"content":" "}"#, PieceKind::Content);
    check_kind(r#"{"reasoning":"x"}"#, PieceKind::Content);
    check_kind(r#"{"refusal":"x"}"#, PieceKind::Content);
    check_kind(r#"{"tool_calls":[{"index":0}]}"#, PieceKind::Content);
    check_kind(r#"{"function_call":{"name":"f"}}"#, PieceKind::Content);
    check_kind(r#"{"something_new":{"a":1}}"#, PieceKind::Content);
}

#[test]
fn a_last_event_without_its_blank_line_counts() {
    let mut decoder = openai();
    decoder.push(TEXT).unwrap();
    decoder.push(b"data: [DONE]").unwrap();
    let pieces = decoder.finish().unwrap();
    assert_eq!(&pieces[0].bytes[..], b"data: [DONE]\n\n");
    assert_eq!(pieces[0].kind, PieceKind::Terminal);
}

#[test]
fn usage_that_comes_twice_counts_once() {
    let usage = "{\"prompt_tokens\":8,\"completion_tokens\":2,\"total_tokens\":10}";
    let mut decoder = openai();
    let frames = format!(
        "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],\"x_groq\":{{\"usage\":{usage}}}}}\n\n\
         data: {{\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n"
    );
    let kinds: Vec<PieceKind> =
        decoder.push(frames.as_bytes()).unwrap().iter().map(|piece| piece.kind).collect();
    assert_eq!(kinds, [PieceKind::Content, PieceKind::UsageOnly, PieceKind::Terminal]);
    let usage = decoder.summary().usage.unwrap();
    assert_eq!((usage.total_input(), usage.output), (TokenCount::new(8), TokenCount::new(2)));
}

#[test]
fn an_end_without_a_beginning_is_no_answer() {
    let ends = [
        (Protocol::AnthropicMessages, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        (Protocol::OpenAiChat, "data: [DONE]\n\n"),
    ];
    for (provider, end) in ends {
        for client in [Protocol::OpenAiChat, Protocol::AnthropicMessages] {
            let mut decoder = StreamDecoder::new(provider, client);
            assert!(matches!(decoder.push(end.as_bytes()), Err(Error::Unreadable { .. })));
            assert!(!decoder.summary().complete);
        }
    }
}
