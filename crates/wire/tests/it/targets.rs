//! Everything that reads bytes from outside, each as a target that is given bytes that are almost
//! right: requests, answers and streams that were recorded, with a few changes.
//!
//! `FOREBAY_FUZZ_SECONDS` gives each target so long in place of a number of cases.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use forebay_wire::{
    Edits, Error, Protocol, ProviderProtocol, Request, SseDecoder, StreamDecoder,
    UpstreamErrorKind, decode_answer, decode_error, fold, unfold,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestError, TestRunner};
use serde_json::Value;
use types::Clock;

use crate::model;

const CLIENTS: [Protocol; 3] =
    [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages];

/// What stands in JSON and in streams where a reader decides something.
const TOKENS: [&str; 24] = [
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "18446744073709551616",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[{}]",
    "{\"type\":\"text\"}",
    ",",
    ":",
    "\"",
    "\\u12",
    "\\ud800",
    "\n",
    "\n\n",
    "\r",
    "data: ",
    "event: ",
    "\u{feff}",
    "\u{e9}",
];

/// A change at a place of a sample.
#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Insert(&'static str),
    /// What follows, as far as this of a hundred bytes, is left out.
    Cut(usize),
    /// The same is there twice.
    Repeat(usize),
    /// Everything from here on is left out.
    End,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => any::<u8>().prop_map(Change::Set),
        4 => select(&TOKENS[..]).prop_map(Change::Insert),
        3 => (1_usize..100).prop_map(Change::Cut),
        2 => (1_usize..100).prop_map(Change::Repeat),
        1 => Just(Change::End),
    ]
}

fn apply(sample: &mut Vec<u8>, (at, change): (Index, Change)) {
    if sample.is_empty() {
        return;
    }
    let at = at.index(sample.len());
    let to = |length: usize| at.saturating_add(length).min(sample.len());
    match change {
        Change::Set(byte) => sample[at] = byte,
        Change::Insert(token) => drop(sample.splice(at..at, token.bytes())),
        Change::Cut(length) => drop(sample.drain(at..to(length))),
        Change::Repeat(length) => {
            let again = sample[at..to(length)].to_vec();
            sample.splice(at..at, again);
        }
        Change::End => sample.truncate(at),
    }
}

/// Samples with up to five changes, and bytes that are no sample at all.
fn near(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    assert!(samples.len() > 5, "too few samples");
    let changed = (select(samples), vec((any::<Index>(), change()), 0..6));
    let changed = changed.prop_map(|(mut sample, changes)| {
        for change in changes {
            apply(&mut sample, change);
        }
        sample
    });
    prop_oneof![9 => changed, 1 => vec(any::<u8>(), 0..200)]
}

/// The files below a folder of the tests that end so.
fn samples(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let paths = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    paths.into_iter().map(|path| fs_err::read(path).unwrap()).collect()
}

fn requests() -> Vec<Vec<u8>> {
    let folders = ["openai", "responses", "anthropic"];
    let mut requests: Vec<_> = folders
        .iter()
        .flat_map(|name| samples(&format!("golden/requests/{name}"), "json"))
        .collect();
    requests.push(br#"{"model":"m","input":["one",[1,2]],"dimensions":256}"#.to_vec());
    requests
}

/// Requests with tools that only Responses has, and answers of a provider that call them.
fn tools(provider: &str) -> (Vec<Request>, Vec<Vec<u8>>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tools");
    let folders = fs_err::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let (mut requests, mut answers) = (Vec::new(), Vec::new());
    for folder in folders {
        let request = fs_err::read(folder.join("request.json")).unwrap();
        requests.push(Request::decode(Protocol::OpenAiResponses, request.into()).unwrap());
        let known = ["json", "sse"].map(|end| folder.join(provider).with_extension(end));
        answers.extend(known.iter().filter_map(|path| fs_err::read(path).ok()));
    }
    (requests, answers)
}

/// Gives a target its cases and says how many there were.
fn run(name: &str, samples: Vec<Vec<u8>>, target: impl Fn(&[u8])) {
    let clock = Clock::system();
    let seconds = std::env::var("FOREBAY_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let budget = seconds.map(Duration::from_secs);
    let strategy = near(samples);
    let mut cases = 0_u64;
    loop {
        let config = ProptestConfig { failure_persistence: None, ..crate::cases(500) };
        cases += u64::from(config.cases);
        let tried = TestRunner::new(config).run(&strategy, |bytes| {
            target(&bytes);
            Ok(())
        });
        if let Err(TestError::Fail(why, bytes)) = tried {
            panic!("{name}: {why}\non {:?}", String::from_utf8_lossy(&bytes));
        }
        if budget.is_none_or(|budget| clock.monotonic() >= budget) {
            break;
        }
    }
    println!("{name}: {cases} cases in {:?}, nothing found", clock.monotonic());
}

#[test]
fn sse_decoder() {
    let streams = ["openai", "responses", "anthropic", "gemini"];
    let streams = streams.iter().flat_map(|name| samples(&format!("transcripts/{name}"), "sse"));
    run("sse_decoder", streams.collect(), |bytes| {
        let (whole, halves) =
            (events(&[bytes]), events(&[&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]]));
        assert_eq!(whole, halves, "it matters where the bytes are split");
        let expected = model::sse_events(bytes);
        assert_eq!(&whole[..expected.len()], &expected[..]);
    });
}

fn events(chunks: &[&[u8]]) -> Vec<(Option<Vec<u8>>, Vec<u8>)> {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        events.extend(std::iter::from_fn(|| decoder.next_event()));
    }
    decoder.finish();
    events.extend(std::iter::from_fn(|| decoder.next_event()));
    let plain = |event: Result<forebay_wire::SseEvent, Error>| {
        let event = event.expect("no event is too large");
        (event.name.map(|name| name.to_vec()), event.data.to_vec())
    };
    events.into_iter().map(plain).collect()
}

/// Every way in which bytes are a request that can be sent on.
fn decoded(bytes: &[u8]) -> Vec<Request> {
    let body = Bytes::copy_from_slice(bytes);
    let chats = CLIENTS.map(|client| Request::decode(client, body.clone()));
    chats.into_iter().chain([Request::decode_embeddings(body)]).flatten().collect()
}

#[test]
fn request_parser() {
    run("request_parser", requests(), |bytes| {
        let count = Request::decode_count(Bytes::copy_from_slice(bytes));
        for request in decoded(bytes).into_iter().chain(count) {
            assert_eq!(&request.body()[..], bytes);
            assert!(!request.model().is_empty() && request.choices() > 0);
            let fields: Value = serde_json::from_slice(bytes).unwrap();
            assert_eq!(
                fields.as_object(),
                Some(request.fields()),
                "what is checked is what is sent"
            );
            let _ = (request.session_text(), request.image_count(), request.input_texts());
        }
    });
}

/// Whatever is sent to a provider is a request of its protocol.
fn requests_to(name: &str, target: ProviderProtocol) {
    let edits = Edits { max_output_tokens: Some(1), include_usage: true, ..Edits::default() };
    run(name, requests(), |bytes| {
        for request in decoded(bytes) {
            let Ok(body) = request.encode_for(target, &edits) else { continue };
            let sent: Value = serde_json::from_slice(&body).unwrap();
            assert!(sent.is_object());
            if let Some(client) = target.client().filter(|client| *client != request.protocol()) {
                let again = Request::decode(client, body);
                assert!(again.is_ok(), "{:?} of {sent}", again.err());
            }
        }
    });
}

/// Whatever a provider sends is read, and what is made of it is an answer of the client's protocol.
fn answers_from(name: &str, (golden, transcripts): (&str, &str), provider: ProviderProtocol) {
    let mut known = samples(&format!("golden/answers/{golden}"), "json");
    known.extend(samples(&format!("transcripts/{transcripts}"), "sse"));
    let (requests, answers) = tools(golden);
    known.extend(answers);
    run(name, known, |bytes| {
        let _ = decode_error(provider, 400, bytes);
        for client in CLIENTS {
            let is_same = provider.client() == Some(client);
            let body = Bytes::copy_from_slice(bytes);
            if let Ok(answer) = decode_answer(provider, client, body) {
                let frames = unfold(client, &answer.body, true);
                assert!(is_same || frames.is_ok(), "{:?}", frames.err());
            }
            let decoder = StreamDecoder::new(provider, client);
            check_stream(bytes, decoder, (!is_same).then_some(client));
        }
        for request in &requests {
            let client =
                Some(request.protocol()).filter(|client| provider.client() != Some(*client));
            if let Ok(answer) = request.decode_answer(provider, Bytes::copy_from_slice(bytes)) {
                let frames = client.map(|client| unfold(client, &answer.body, true));
                assert!(frames.is_none_or(|frames| frames.is_ok()));
            }
            check_stream(bytes, request.decode_stream(provider), client);
        }
    });
}

/// Checks a stream; what is made of it where it is translated to a client's protocol.
fn check_stream(bytes: &[u8], mut decoder: StreamDecoder, translated: Option<Protocol>) {
    let mut frames = Vec::new();
    let (left, right) = bytes.split_at(bytes.len() / 2);
    let mut is_well = true;
    for step in [Some(left), Some(right), None] {
        let pieces = match step {
            Some(chunk) => decoder.push(chunk),
            None => decoder.finish(),
        };
        is_well &= pieces.is_ok();
        frames.extend(pieces.into_iter().flatten().map(|piece| piece.bytes));
    }
    assert!(decoder.summary().complete || !is_well, "a clean end that is none");
    if let Some(client) = translated.filter(|_| is_well) {
        let folded = fold(client, &frames);
        let is_excused = folded.as_ref().is_err_and(|error| is_malformed_call(error, &frames));
        assert!(is_excused || folded.is_ok(), "{:?} of {frames:?}", folded.err());
    }
}

/// A model may write arguments that are no JSON object, for which Anthropic's answers have no place;
/// but one that met its limit has only not come to the end of them.
fn is_malformed_call(error: &Error, frames: &[Bytes]) -> bool {
    let frames = frames.concat();
    let says = |words: &[u8]| frames.windows(words.len()).any(|window| window == words);
    let is_anthropic = says(b"event: message_delta\n");
    let is_cut = says(br#""delta":{"stop_reason":"max_tokens""#);
    matches!(error, Error::Upstream(error) if error.kind == UpstreamErrorKind::Unable
        && error.message == "the model's tool call is malformed" && is_anthropic && !is_cut)
}

#[test]
fn requests_to_openai_chat() {
    requests_to("requests_to_openai_chat", ProviderProtocol::OpenAiChat);
}

#[test]
fn requests_to_responses() {
    requests_to("requests_to_responses", ProviderProtocol::OpenAiResponses);
}

#[test]
fn requests_to_anthropic() {
    requests_to("requests_to_anthropic", ProviderProtocol::AnthropicMessages);
}

#[test]
fn requests_to_gemini() {
    requests_to("requests_to_gemini", ProviderProtocol::Gemini);
}

#[test]
fn requests_to_groq() {
    requests_to("requests_to_groq", ProviderProtocol::Groq);
}

#[test]
fn answers_from_openai_chat() {
    let folders = ("openai", "openai");
    answers_from("answers_from_openai_chat", folders, ProviderProtocol::OpenAiChat);
}

#[test]
fn answers_from_responses() {
    let folders = ("responses", "responses");
    answers_from("answers_from_responses", folders, ProviderProtocol::OpenAiResponses);
}

#[test]
fn answers_from_anthropic() {
    let folders = ("anthropic", "anthropic");
    answers_from("answers_from_anthropic", folders, ProviderProtocol::AnthropicMessages);
}

#[test]
fn answers_from_gemini() {
    answers_from("answers_from_gemini", ("gemini", "gemini"), ProviderProtocol::Gemini);
}

/// Its streams are recorded among those of OpenAI's protocol.
#[test]
fn answers_from_groq() {
    answers_from("answers_from_groq", ("groq", "openai"), ProviderProtocol::Groq);
}
