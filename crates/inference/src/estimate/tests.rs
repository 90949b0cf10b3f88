use super::*;
use bytes::Bytes;

fn estimate(protocol: Protocol, body: &str) -> u64 {
    let request = Request::decode(protocol, Bytes::copy_from_slice(body.as_bytes())).unwrap();
    estimate_input(&request).get()
}

/// `published` is the input that the provider itself counted for such a text.
#[track_caller]
fn check_text(text: &str, published: u64) {
    let bound = text_bound(text);
    assert!(bound >= published, "{text:.40}: {bound} < {published}");
    assert!(bound <= count(text.len()), "{text:.40}: {bound} is more than its bytes");
}

/// Counts of the reference tokenizer (tiktoken) for texts of its own documentation and tests.
#[test]
fn bounds_are_above_published_counts() {
    check_text("", 0);
    check_text("hello world", 2);
    check_text("antidisestablishmentarianism", 6);
    check_text("2 + 2 = 4", 7);
    check_text("お誕生日おめでとう", 9);
}

/// A tokenizer that gives every digit, every character outside ASCII and every word a token of its
/// own is finer than those in use; its count is made without any vocabulary.
fn fine_count(text: &str) -> u64 {
    let mut total = 0;
    let mut in_word = false;
    for letter in text.chars() {
        let word = letter.is_ascii_alphabetic();
        let single = letter.is_ascii_digit() || !letter.is_ascii();
        total += u64::from(single || (word && !in_word));
        in_word = word;
    }
    total
}

#[test]
fn text_is_bounded_by_its_bytes_and_never_below_a_finer_tokenizer() {
    let samples = [
        "The quick brown fox jumps over the lazy dog. ".repeat(300),
        "fn main() {\n        let x = vec![1, 2, 3];\n}\n".repeat(200),
        "1234567890".repeat(500),
        "0.123,45;67 ".repeat(500),
        "東京都は日本の首都です。".repeat(100),
        "नमस्ते दुनिया ".repeat(100),
        "👩‍👩‍👧‍👦🇩🇪".repeat(100),
        "a".repeat(10_000),
        "qX9zPl0".repeat(1_000),
        "=".repeat(10_000),
        " ".repeat(10_000),
        "\n".repeat(10_000),
    ];
    for sample in samples {
        let bound = text_bound(&sample);
        assert!(bound >= fine_count(&sample), "{sample:.20}: {bound}");
        assert!(bound >= count(o200k_base().count(sample.as_str())), "{sample:.20}: {bound}");
        assert!(bound <= count(sample.len()), "{sample:.20}: {bound}");
    }
}

#[test]
fn english_is_not_bounded_far_above_its_count() {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
    let counted = count(o200k_base().count(text.as_str()));
    assert!(text_bound(&text) < counted * 2);
}

#[test]
fn beyond_the_counted_part_bytes_count() {
    let text = "word ".repeat(200_000);
    let rest = count(text.len() - COUNTED_BYTES_MAX);
    assert!(text_bound(&text) >= rest);
    assert!(text_bound(&text) < rest + count(COUNTED_BYTES_MAX));
}

#[test]
fn parts_end_between_characters_and_lose_nothing() {
    let text = "aé漢👍".repeat(3_000);
    assert_eq!(parts(&text).collect::<String>(), text);
    assert!(parts(&text).all(|part| part.len() <= PART_BYTES));
}

#[test]
fn messages_tools_and_images_add_what_they_may_cost() {
    let plain = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    let base = estimate(Protocol::OpenAiChat, plain);
    assert!((64..120).contains(&base), "{base}");
    let tool = plain.replace(
        r#""model""#,
        r#""tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"model""#,
    );
    assert!(estimate(Protocol::OpenAiChat, &tool) > base + 1_000);
    let image = r#"[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]"#;
    let image = plain.replace(r#""hi""#, image);
    assert!(estimate(Protocol::OpenAiChat, &image) >= base + 9_900);
    let mini = image.replace(r#""m""#, r#""gpt-4o-mini""#);
    assert!(estimate(Protocol::OpenAiChat, &mini) >= 48_169);
}

#[test]
fn the_tools_of_a_namespace_count_as_well() {
    let body = |tools: &str| format!(r#"{{"model":"m","input":"hi","tools":[{tools}]}}"#);
    let tools = r#"{"type":"function","name":"a"},{"type":"custom","name":"b"}"#;
    let grouped = format!(r#"{{"type":"namespace","name":"n","tools":[{tools}]}}"#);
    let items_of = |tools: &str| {
        items(&Request::decode(Protocol::OpenAiResponses, body(tools).into()).unwrap())
    };
    assert_eq!((items_of(tools), items_of(&grouped)), (2, 3));
    let body =
        format!(r#"{{"model":"m","input":[{{"type":"additional_tools","tools":[{grouped}]}}]}}"#);
    let request = Request::decode(Protocol::OpenAiResponses, body.into()).unwrap();
    assert_eq!((items(&request), request.has_tools()), (4, true));
}

/// Checks that the parts are together the whole, but for where texts meet.
#[track_caller]
fn check_parts(protocol: Protocol, body: &str, messages: usize) {
    let request = Request::decode(protocol, Bytes::copy_from_slice(body.as_bytes())).unwrap();
    let (around, each) = estimate_messages(&request);
    assert_eq!(each.len(), messages);
    let parts: u64 = each.iter().map(|message| message.get()).sum::<u64>() + around.get();
    let whole = estimate_input(&request).get();
    assert!(whole.abs_diff(parts) < 30, "{parts} for {whole} of {body:.80}");
}

#[test]
fn messages_are_counted_apart_as_they_are_together() {
    let data = "QUJD".repeat(25_000);
    let image = format!(
        r#"{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{data}"}}}}"#
    );
    let result = format!(r#"{{"type":"tool_result","tool_use_id":"t","content":[{image}]}}"#);
    let anthropic = format!(
        r#"{{"model":"m","max_tokens":9,"system":"be brief","tools":[{{"name":"t"}}],"messages":[
        {{"role":"user","content":"one"}},{{"role":"user","content":[{result}]}},{{"role":"user","content":[{image}]}}]}}"#
    );
    check_parts(Protocol::AnthropicMessages, &anthropic, 3);
    let openai = format!(
        r#"{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":[
        {{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}}]}}]}}"#
    );
    check_parts(Protocol::OpenAiChat, &openai, 1);
    let responses = format!(
        r#"{{"model":"m","input":[{{"role":"user","content":[
        {{"type":"input_image","image_url":"data:image/png;base64,{data}"}}]}},{{"role":"user","content":"two"}}]}}"#
    );
    check_parts(Protocol::OpenAiResponses, &responses, 2);
    check_parts(Protocol::OpenAiResponses, r#"{"model":"m","input":"words"}"#, 0);
}
