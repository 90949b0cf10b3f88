use expect_test::{Expect, expect};

use super::*;
use crate::{Edits, Operation, Protocol, Request};

fn decode(fields: &str) -> Result<Request, Error> {
    Request::decode_embeddings(format!(r#"{{"model":"m",{fields}}}"#).into())
}

#[track_caller]
fn check(fields: &str, inputs: usize, is_text: bool, texts: &[&str]) {
    let request = decode(fields).unwrap();
    let ask = request.embeddings().unwrap();
    assert_eq!((ask.inputs, ask.is_text), (inputs, is_text), "{fields}");
    assert_eq!(request.input_texts(), texts);
    assert_eq!(request.operation(), Operation::Embeddings);
    assert_eq!((request.is_stream(), request.max_output_tokens()), (false, Some(0)));
}

#[track_caller]
fn check_refused(fields: &str, expected: &Expect) {
    expected.assert_eq(&decode(fields).unwrap_err().to_string());
}

#[test]
fn every_form_of_input_is_counted() {
    check(r#""input":"hi""#, 1, true, &["hi"]);
    check(r#""input":["a","b","a"]"#, 3, true, &["a", "b", "a"]);
    check(r#""input":[15339,1917]"#, 1, false, &[]);
    check(r#""input":[[15339],[1917,0]]"#, 2, false, &[]);
    let most = vec!["\"a\""; 2_048].join(",");
    check(&format!(r#""input":[{most}]"#), 2_048, true, &["a"; 2_048]);
}

#[test]
fn options_are_read() {
    let request = decode(r#""input":"a","dimensions":256,"encoding_format":"base64","user":"u""#);
    let ask = *request.unwrap().embeddings().unwrap();
    assert_eq!((ask.dimensions, ask.encoding), (Some(256), VectorEncoding::Base64));
    let request = decode(r#""input":"a","dimensions":null,"encoding_format":null,"user":null"#);
    let ask = *request.unwrap().embeddings().unwrap();
    assert_eq!((ask.dimensions, ask.encoding), (None, VectorEncoding::Float));
}

#[test]
fn wrong_inputs_are_refused_by_place() {
    let kinds =
        expect!["input must be text, a list of texts, tokens, or a list of lists of tokens"];
    for fields in [r#""input":null"#, r#""user":"u""#, r#""input":{}"#, r#""input":7"#] {
        check_refused(fields, &kinds);
    }
    let empty = expect!["input must not be empty"];
    check_refused(r#""input":"""#, &empty);
    check_refused(r#""input":[]"#, &empty);
    check_refused(r#""input":["a",""]"#, &expect!["input[1] must not be empty"]);
    check_refused(r#""input":[[1],[]]"#, &expect!["input[1] must not be empty"]);
    let mixed = expect!["input[1] must be text, or a list of tokens, as all others are"];
    check_refused(r#""input":["a",1]"#, &mixed);
    check_refused(r#""input":["a",[1]]"#, &mixed);
    check_refused(r#""input":[[1],"a"]"#, &mixed);
    let first = expect!["input[0] must be text, or a list of tokens, as all others are"];
    check_refused(r#""input":[null]"#, &first);
    let token = expect!["input[1] must be the number of a token, as the first one is"];
    check_refused(r#""input":[1,"a"]"#, &token);
    check_refused(r#""input":[1,-1]"#, &token);
    check_refused(r#""input":[1,1.5]"#, &token);
    let nested = expect!["input[0][0] must be the number of a token, as the first one is"];
    check_refused(r#""input":[["a"]]"#, &nested);
    let many = vec!["\"a\""; 2_049].join(",");
    let limit = expect!["input must be at most 2048 inputs: send several requests"];
    check_refused(&format!(r#""input":[{many}]"#), &limit);
}

#[test]
fn wrong_options_are_refused_by_name() {
    let rule = expect!["dimensions must be a whole number from 1 to 65536"];
    for value in ["0", "-1", "1.5", "\"256\"", "65537"] {
        check_refused(&format!(r#""input":"a","dimensions":{value}"#), &rule);
    }
    let rule = expect!["encoding_format must be float or base64"];
    for value in ["\"int8\"", "1", "[]"] {
        check_refused(&format!(r#""input":"a","encoding_format":{value}"#), &rule);
    }
    check_refused(r#""input":"a","user":7"#, &expect!["user must be text"]);
    let rule = expect!["stream must be absent or false: embeddings come whole"];
    check_refused(r#""input":"a","stream":true"#, &rule);
    check_refused(
        r#""model":"n","input":"a""#,
        &expect![[r#"the key "model" occurs twice in one object: send it once"#]],
    );
}

#[test]
fn only_the_model_is_changed_on_the_way_out() {
    let request = decode(r#" "input" : ["a"],"dimensions":8 "#).unwrap();
    let edits = Edits {
        model: Some("other".to_owned()),
        max_output_tokens: Some(5),
        include_usage: true,
        prompt_cache_key: Some("k".to_owned()),
        ..Edits::default()
    };
    let sent = request.encode_for(Protocol::OpenAiChat, &edits).unwrap();
    assert_eq!(sent, r#"{"model":"other", "input" : ["a"],"dimensions":8 }"#);
    let refused = request.encode_for(Protocol::AnthropicMessages, &edits).unwrap_err();
    let expected = "input cannot be translated to anthropic messages: it has no embeddings";
    assert_eq!(refused.to_string(), expected);
}
