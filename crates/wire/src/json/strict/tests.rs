use serde_json::json;

use super::*;

#[track_caller]
fn check_refused(body: &[u8], expected: &str) {
    let message = parse_object(body).unwrap_err().to_string();
    assert!(message.contains(expected), "{message:?} lacks {expected:?}");
}

#[test]
fn reads_what_serde_json_reads() {
    let body =
        br#"{"a":[1,-2,3.5,true,null,"\u00e9\ud83d\ude00"],"b":{"c":{}},"d":18446744073709551615}"#;
    let expected: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(Value::Object(parse_object(body).unwrap()), expected);
    assert_eq!(parse_object(b" {} \n").unwrap(), Map::new());
    assert_eq!(parse_object(br#"{"a":"\u0000"}"#).unwrap()["a"], json!("\0"));
}

#[test]
fn names_the_key_that_occurs_twice() {
    check_refused(br#"{"model":"a","model":"a"}"#, r#""model" occurs twice"#);
    check_refused(br#"{"model":"a","mod\u0065l":"b"}"#, r#""model" occurs twice"#);
    check_refused(br#"{"a":[{"role":"x","role":"y"}]}"#, r#""role" occurs twice"#);
    let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "k".repeat(10_000));
    assert!(parse_object(long.as_bytes()).unwrap_err().to_string().len() < 200);
}

#[test]
fn refuses_what_is_not_one_strict_object() {
    for body in [
        &b""[..],
        b"{",
        b"{}x",
        b"{} {}",
        b"{'a':1}",
        b"{\"a\":1,}",
        b"{\"a\":01}",
        b"{\"a\":NaN}",
        b"{\"a\":1e400}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":\"\n\"}",
        b"\xef\xbb\xbf{}",
        b"{\"a\" 1}",
    ] {
        check_refused(body, "not a json object that can be read");
    }
    check_refused(b"[]", "must be a json object");
    check_refused(b"\"model\"", "must be a json object");
}

#[test]
fn bounds_depth_and_number_of_values() {
    let nested =
        |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(parse_object(nested(127).as_bytes()).is_ok());
    check_refused(nested(128).as_bytes(), "recursion limit exceeded");
    check_refused("[".repeat(1_000_000).as_bytes(), "recursion limit exceeded");
    check_refused(r#"{"a":"#.repeat(1_000_000).as_bytes(), "recursion limit exceeded");

    let zeros = |count: usize| format!(r#"{{"a":[{}0]}}"#, "0,".repeat(count - 1));
    assert!(parse_object(zeros(999_998).as_bytes()).is_ok());
    check_refused(zeros(999_999).as_bytes(), "at most 1,000,000 json values");
}
