use types::TokenCount;

use super::*;
use crate::{Protocol, Request, UpstreamErrorKind};

fn decode(body: &str) -> Result<Answer, Error> {
    let request = Request::decode_embeddings(r#"{"model":"m","input":["a","b"]}"#.into()).unwrap();
    request.decode_answer(Protocol::OpenAiChat, Bytes::from(body.to_owned()))
}

#[track_caller]
fn check_unreadable(body: &str, expected: &str) {
    match decode(body) {
        Err(Error::Unreadable { what }) => assert_eq!(what, expected, "{body}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_whole_answer_keeps_its_bytes() {
    for data in [
        r#"[{"embedding":[1,2.5e-3]},{"index":1,"embedding":[0,-1]}]"#,
        r#"[{"embedding":"AAAA"},{"embedding":"BBBB"}]"#,
    ] {
        let body = format!(
            r#"{{"new":[1],"model":"x","usage":{{"prompt_tokens":7,"total_tokens":7}}, "data":{data} }}"#
        );
        let answer = decode(&body).unwrap();
        assert_eq!(answer.body, body);
        let summary = answer.summary;
        let usage = TokenUsage { input: TokenCount::new(7), ..TokenUsage::default() };
        assert_eq!(summary.usage, Some(usage), "nothing of it is output");
        assert_eq!(
            (summary.finish, summary.complete, summary.has_content),
            (Some(Finish::Stop), true, true)
        );
        assert_eq!((summary.model.as_deref(), summary.content_bytes), (Some("x"), 0));
    }
}

/// OpenAI's packages ask for base64 by themselves and take what comes for it.
#[test]
fn lists_are_written_as_the_base64_that_was_asked_for() {
    let ask = r#"{"model":"m","input":["a","b"],"encoding_format":"base64"}"#;
    let request = Request::decode_embeddings(ask.into()).unwrap();
    let answered = |data: &str| {
        let body = format!(r#"{{ "new":[1], "data" : {data} ,"model":"x"}}"#);
        request.decode_answer(Protocol::OpenAiChat, body.into()).map(|answer| answer.body)
    };
    // Of 0.1, -2, 1e-9 and 0 as IEEE 754 says, low byte first.
    let base64 =
        r#"[{"index":1,"embedding":"zczMPQAAAMA="}, {"x":[2],"embedding":"X3CJMAAAAAA=" }]"#;
    let expected = format!(r#"{{ "new":[1], "data" : {base64} ,"model":"x"}}"#);
    let lists = r#"[{"index":1,"embedding":[0.1, -2]}, {"x":[2],"embedding":[ 1e-9,0.0] }]"#;
    assert_eq!(answered(lists).unwrap(), expected);
    assert_eq!(answered(base64).unwrap(), expected);
    for wrong in [
        r#"[{"embedding":[1e300]},{"embedding":[1]}]"#,
        r#"[{"embedding":[1,2,3,4]},{"embedding":"AAAA"}]"#,
    ] {
        assert!(matches!(answered(wrong), Err(Error::Unreadable { .. })), "{wrong}");
    }
}

#[test]
fn an_answer_may_leave_the_usage_out() {
    let data = r#""data":[{"embedding":[1]},{"embedding":[2]}]"#;
    assert_eq!(decode(&format!("{{{data}}}")).unwrap().summary.usage, None);
    let total = format!(r#"{{{data},"usage":{{"total_tokens":9}}}}"#);
    assert_eq!(decode(&total).unwrap().summary.usage.unwrap().input, TokenCount::new(9));
}

#[test]
fn what_is_not_whole_is_no_answer() {
    let no_list = "the body is no json with a list of embeddings";
    for body in [
        "",
        "[]",
        r#"{"data":[{"embedding":[1]},{"embed"#,
        r#"{"data":7}"#,
        r#"{"data":[{"embedding":["a"]},{}]}"#,
        r#"{"data":[{},{}]}"#,
    ] {
        check_unreadable(body, no_list);
    }
    check_unreadable(r#"{"object":"list"}"#, "it has no embeddings");
    let count = "it has another number of embeddings than was asked for";
    check_unreadable(r#"{"data":[]}"#, count);
    check_unreadable(r#"{"data":[{"embedding":[1]}]}"#, count);
    check_unreadable(r#"{"data":[{"embedding":[1]},{"embedding":[1]},{"embedding":[1]}]}"#, count);
    let lengths = "its embeddings are empty or of several lengths";
    check_unreadable(r#"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#, lengths);
    check_unreadable(r#"{"data":[{"embedding":[]},{"embedding":[]}]}"#, lengths);
    check_unreadable(r#"{"data":[{"embedding":""},{"embedding":""}]}"#, lengths);
}

#[test]
fn an_error_inside_a_200_is_an_error() {
    let body = r#"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#;
    match decode(body) {
        Err(Error::Upstream(error)) => assert_eq!(error.kind, UpstreamErrorKind::RateLimited),
        other => panic!("{other:?}"),
    }
}

#[test]
fn vectors_are_written_as_openai_does() {
    let vectors = [vec![0.1_f32, -2.0], vec![1e-9, 0.0]];
    let answer = EmbeddingsAnswer {
        model: "m",
        vectors: &vectors,
        encoding: VectorEncoding::Float,
        tokens: TokenCount::new(5),
    };
    let rest = r#""model":"m","usage":{"prompt_tokens":5,"total_tokens":5}}"#;
    let data = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2.0]},{"object":"embedding","index":1,"embedding":[1e-9,0.0]}],"#;
    assert_eq!(answer.body(), format!("{data}{rest}"));
    // Of 0.1, -2, 1e-9 and 0 as IEEE 754 says, low byte first.
    let data = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"zczMPQAAAMA="},{"object":"embedding","index":1,"embedding":"X3CJMAAAAAA="}],"#;
    let answer = EmbeddingsAnswer { encoding: VectorEncoding::Base64, ..answer };
    assert_eq!(answer.body(), format!("{data}{rest}"));
    assert!(decode(std::str::from_utf8(&answer.body()).unwrap()).is_ok());
}
