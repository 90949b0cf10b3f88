//! Leaving out the oldest turns of a conversation that is too long, where the client asks for that.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use inference::estimate_messages;
use metrics::counter;
use serde::Deserialize;
use serde_json::value::RawValue;
use telemetry::names;
use types::TokenCount;
use wire::{Operation, Protocol, Request};

use crate::{Error, Incoming};

/// What was left out of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trimmed {
    /// Messages.
    pub messages: usize,
    /// Tokens that they have at most, counted as for reservations.
    pub tokens: TokenCount,
}

/// As a header says it.
impl std::fmt::Display for Trimmed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "messages={}, tokens={}", self.messages, self.tokens.get())
    }
}

/// Leaves out of a chat what is over the tokens that the client names, on a thread that may count
/// for as long as it takes. What cannot be read is left as it is: whoever decodes it says why.
pub(crate) async fn trim(incoming: &mut Incoming) -> Result<Option<Trimmed>, Error> {
    let Some(most) = incoming.context_max else { return Ok(None) };
    if incoming.operation != Operation::Chat {
        return Ok(None);
    }
    let (body, protocol) = (incoming.body.clone(), incoming.protocol);
    let shortened = tokio::task::spawn_blocking(move || shorten(&body, most, protocol)).await;
    // It fails only where counting panicked or the runtime ends.
    let Some((body, trimmed)) = shortened.map_err(|_| Error::GivenUp)? else { return Ok(None) };
    counter!(names::TRIMMED).increment(1);
    incoming.body = body;
    Ok(Some(trimmed))
}

/// The messages of a chat; Responses calls them input, which may be one text and then is one turn.
#[derive(Debug, Deserialize)]
struct Chat<'a> {
    #[serde(borrow, alias = "input")]
    messages: Vec<&'a RawValue>,
}

/// What says where a turn begins.
#[derive(Debug, Default, Deserialize)]
struct Message<'a> {
    #[serde(default)]
    role: String,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

/// A part of a message's content.
#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    r#type: String,
}

/// What a message is to the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The system's words, which always stay.
    System,
    /// The user's words, with which a turn begins.
    Begins,
    /// The rest of a turn: answers, calls of tools and their results.
    Continues,
}

/// The body without its oldest turns, so that its bound is at most `most` tokens or only the newest
/// turn is left; none where nothing need be left out. Turns go as a whole, so that no result of a
/// tool is without its call. The bytes of all that stays are as they were, but for the system's
/// words of turns that go: to Anthropic the user says them, because there they may only follow what
/// a user said.
fn shorten(body: &Bytes, most: u64, protocol: Protocol) -> Option<(Bytes, Trimmed)> {
    let text = std::str::from_utf8(body).ok()?;
    let messages: Vec<&str> =
        serde_json::from_str::<Chat<'_>>(text).ok()?.messages.iter().map(|raw| raw.get()).collect();
    let span = span_of(text, messages.first()?, messages.last()?)?;
    let (around, bounds) = estimate_messages(&Request::decode(protocol, body.clone()).ok()?);
    if bounds.len() != messages.len() {
        return None;
    }
    let mut total = bounds.iter().fold(around, |sum, bound| sum.saturating_add(*bound));
    let places: Vec<Place> = messages.iter().map(|message| place(message)).collect();
    let newest = places.iter().rposition(|place| *place == Place::Begins)?;
    let mut stays = vec![true; messages.len()];
    let mut trimmed = Trimmed { messages: 0, tokens: TokenCount::ZERO };
    let mut end = newest;
    for index in 0..newest {
        if places[index] == Place::System {
            continue;
        }
        // Only where a turn begins may it end here.
        if total.get() <= most && places[index] == Place::Begins {
            end = index;
            break;
        }
        stays[index] = false;
        total = total.saturating_sub(bounds[index]);
        trimmed.messages += 1;
        trimmed.tokens = trimmed.tokens.saturating_add(bounds[index]);
    }
    if trimmed.messages == 0 {
        return None;
    }
    let begun = stays.iter().position(|stays| !stays)?;
    let is_alone = |index| protocol == Protocol::AnthropicMessages && (begun..end).contains(&index);
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    for (index, message) in messages.iter().enumerate().filter(|(index, _)| stays[*index]) {
        kept.push(if is_alone(index) { as_user(message) } else { Cow::Borrowed(message) });
    }
    let shorter = [&text[..span.start], &kept.join(","), &text[span.end..]].concat();
    Some((shorter.into(), trimmed))
}

/// A message of the system as one of the user; one without words goes as it is.
fn as_user(message: &str) -> Cow<'_, str> {
    let read: Message<'_> = serde_json::from_str(message).unwrap_or_default();
    let is_empty = |raw: &RawValue| serde_json::from_str::<[(); 0]>(raw.get()).is_ok();
    match read.content.filter(|content| !is_empty(content)) {
        Some(content) => format!(r#"{{"role":"user","content":{}}}"#, content.get()).into(),
        None => message.into(),
    }
}

/// Where in `text` the parts of it `first` to `last` are.
fn span_of(text: &str, first: &str, last: &str) -> Option<Range<usize>> {
    let offset = |part: &str| (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    Some(offset(first)?..offset(last)?.checked_add(last.len())?)
}

fn place(message: &str) -> Place {
    let message: Message<'_> = serde_json::from_str(message).unwrap_or_default();
    match message.role.as_str() {
        "system" | "developer" => Place::System,
        "user" if !holds_results(message.content) => Place::Begins,
        _ => Place::Continues,
    }
}

/// Anthropic's clients send what tools gave as words of the user.
fn holds_results(content: Option<&RawValue>) -> bool {
    let parts = content.and_then(|raw| serde_json::from_str::<Vec<Part>>(raw.get()).ok());
    parts.is_some_and(|parts| parts.iter().any(|part| part.r#type == "tool_result"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANTHROPIC: Protocol = Protocol::AnthropicMessages;
    const SYSTEM: &str = r#"{"role":"system","content":"be brief"}"#;
    const REST: &str = r#" "tools": [{"name":"t","input_schema":{}}], "max_tokens": 9"#;

    fn long(word: &str) -> String {
        format!("{word} ").repeat(100)
    }

    fn user(text: &str) -> String {
        format!(r#"{{"role":"user","content":"{}"}}"#, long(text))
    }

    fn calls(id: &str) -> String {
        format!(r#"{{"role":"assistant","content":[{{"type":"tool_use","id":"{id}"}}]}}"#)
    }

    fn result(id: &str) -> String {
        format!(r#"{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}"}}]}}"#)
    }

    fn body(messages: &[String]) -> String {
        format!(r#"{{"model":"m","messages":[{}],{REST}}}"#, messages.join(","))
    }

    /// What is reserved for a body's input.
    fn bound(protocol: Protocol, body: &str) -> u64 {
        let request = Request::decode(protocol, Bytes::copy_from_slice(body.as_bytes())).unwrap();
        inference::estimate_input(&request).get()
    }

    /// The messages of what is left, or of all where nothing is left out.
    #[track_caller]
    fn check(messages: &[String], most: u64, left: &[usize]) {
        let before = Bytes::from(body(messages));
        let expected: Vec<String> = left.iter().map(|index| messages[*index].clone()).collect();
        match shorten(&before, most, ANTHROPIC) {
            None => assert_eq!(left.len(), messages.len()),
            Some((after, trimmed)) => {
                assert_eq!(String::from_utf8(after.to_vec()).unwrap(), body(&expected));
                assert_eq!(trimmed.messages, messages.len() - left.len());
                assert!(trimmed.tokens.get() > 0);
            }
        }
    }

    fn conversation() -> Vec<String> {
        let mut messages = vec![SYSTEM.to_owned(), user("one"), calls("a"), result("a")];
        messages.extend([user("two"), calls("b"), result("b"), user("three")]);
        messages
    }

    #[test]
    fn nothing_goes_from_what_is_short_enough() {
        check(&conversation(), 1_000_000, &[0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn whole_turns_go_the_oldest_first() {
        let all = bound(ANTHROPIC, &body(&conversation()));
        check(&conversation(), all - 50, &[0, 4, 5, 6, 7]);
        check(&conversation(), all - 500, &[0, 7]);
    }

    #[test]
    fn system_tools_and_the_newest_turn_always_stay() {
        check(&conversation(), 1, &[0, 7]);
        let ends_in_results = conversation()[..7].to_vec();
        check(&ends_in_results, 1, &[0, 4, 5, 6]);
        check(&[SYSTEM.to_owned(), user("one")], 1, &[0, 1]);
    }

    #[test]
    fn a_system_s_words_of_turns_that_go_stay_where_anthropic_takes_them() {
        let mut messages = conversation();
        messages.remove(0);
        let told = r#"{"role":"system","content":[{"type":"text","text":"be kind"}]}"#;
        messages.insert(1, told.to_owned());
        messages.push(SYSTEM.to_owned());
        let all = bound(ANTHROPIC, &body(&messages));
        let said = told.replace("system", "user");
        let shortened = |most| {
            let (after, _) = shorten(&body(&messages).into(), most, ANTHROPIC).unwrap();
            String::from_utf8(after.to_vec()).unwrap()
        };
        let newest = [user("three"), SYSTEM.to_owned()];
        assert_eq!(shortened(1), body(&[std::slice::from_ref(&said), &newest].concat()));
        let later = &messages[4..];
        assert_eq!(shortened(all - 50), body(&[&[said], later].concat()));
        let (elsewhere, _) = shorten(&body(&messages).into(), 1, Protocol::OpenAiChat).unwrap();
        let kept = [&[told.to_owned()], &newest[..]].concat();
        assert_eq!(String::from_utf8(elsewhere.to_vec()).unwrap(), body(&kept));
    }

    #[test]
    fn items_of_responses_go_with_their_turn() {
        let call = r#"{"type":"function_call","call_id":"a","name":"t","arguments":"{}"}"#;
        let output = r#"{"type":"function_call_output","call_id":"a","output":"1"}"#;
        let body = |items: &[&str]| format!(r#"{{"model":"m","input":[{}]}}"#, items.join(","));
        let (one, two) = (user("one"), user("two"));
        let all = [SYSTEM, &one, call, output, &two];
        let (after, trimmed) = shorten(&body(&all).into(), 1, Protocol::OpenAiResponses).unwrap();
        assert_eq!(String::from_utf8(after.to_vec()).unwrap(), body(&[SYSTEM, &two]));
        assert_eq!(trimmed.messages, 3);
        assert_eq!(
            shorten(&Bytes::from_static(br#"{"model":"m","input":"words"}"#), 1, ANTHROPIC),
            None
        );
    }

    #[test]
    fn what_is_left_is_no_larger_than_asked_for_where_that_can_be() {
        let messages: Vec<_> = (0..60).map(|number| user(&format!("w{number}"))).collect();
        for most in [2_000, 5_000, 10_000] {
            let (after, trimmed) = shorten(&body(&messages).into(), most, ANTHROPIC).unwrap();
            let left = bound(ANTHROPIC, std::str::from_utf8(&after).unwrap());
            // Parts that are counted apart may be counted a little higher together.
            assert!(left <= most + 60, "{left} of {most}");
            let one = bound(ANTHROPIC, &body(&messages[30..31]));
            assert!(left + 2 * one > most, "{left} of {most}: too much went");
            assert!(trimmed.messages > 0);
        }
    }

    /// Three turns, of which the newest holds an image of 400 kB, which counts as one.
    #[track_caller]
    fn check_image(protocol: Protocol, newest: &[&str]) {
        let (one, two) = (user("one"), user("two"));
        let messages: Vec<&str> = [one.as_str(), &two].iter().chain(newest).copied().collect();
        let list = if protocol == Protocol::OpenAiResponses { "input" } else { "messages" };
        let body = |messages: &[&str]| {
            let messages = messages.join(",");
            let body = format!(r#"{{"model":"m","max_tokens":9,"{list}":[{messages}]}}"#);
            body.replace("DATA", &"QUJD".repeat(100_000))
        };
        let most = bound(protocol, &body(&messages));
        assert!((10_000..12_000).contains(&most), "{most}");
        assert_eq!(shorten(&body(&messages).into(), most + 100, protocol), None);
        let (after, trimmed) = shorten(&body(&messages).into(), most - 50, protocol).unwrap();
        assert!(after == body(&messages[1..]), "more than the oldest turn went");
        assert_eq!(trimmed.messages, 1);
    }

    #[test]
    fn an_image_counts_as_one_and_not_as_text() {
        let image =
            r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"DATA"}}"#;
        let asks = format!(r#"{{"role":"user","content":[{image}]}}"#);
        check_image(ANTHROPIC, &[&asks]);
        let gives = format!(
            r#"{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"a","content":[{image}]}}]}}"#
        );
        check_image(ANTHROPIC, &[&user("three"), &calls("a"), &gives]);
        let asks = r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,DATA"}}]}"#;
        check_image(Protocol::OpenAiChat, &[asks]);
        let asks = r#"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,DATA"}]}"#;
        check_image(Protocol::OpenAiResponses, &[asks]);
    }

    #[test]
    fn what_is_no_chat_is_left_alone() {
        for body in ["", "[]", "{}", r#"{"messages":[]}"#, r#"{"messages":{}}"#, "\u{fe}"] {
            assert_eq!(
                shorten(&Bytes::copy_from_slice(body.as_bytes()), 1, ANTHROPIC),
                None,
                "{body}"
            );
        }
        assert_eq!(shorten(&Bytes::from_static(b"{\"messages\":[\"\xff\"]}"), 1, ANTHROPIC), None);
    }
}
