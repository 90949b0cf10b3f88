//! Tools that only Responses has, as other protocols' providers call them.
//!
//! Each folder of `tests/golden/tools` holds a request and, of each provider, an answer that calls
//! its tools: `PROVIDER.json` and the same as a stream, `PROVIDER.sse`. Beside them stands what the
//! client gets, in `PROVIDER.responses` and `PROVIDER.frames`. `UPDATE_EXPECT=1` writes these anew.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use expect_test::expect_file;
use forebay_wire::{Edits, Error, Piece, Protocol, ProviderProtocol, Request, fold, unfold};
use serde_json::{Value, json};

const PROVIDERS: [(&str, ProviderProtocol); 4] = [
    ("openai", ProviderProtocol::OpenAiChat),
    ("anthropic", ProviderProtocol::AnthropicMessages),
    ("gemini", ProviderProtocol::Gemini),
    ("groq", ProviderProtocol::Groq),
];

const CLIENT: Protocol = Protocol::OpenAiResponses;

fn folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tools");
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn read(path: &Path) -> Bytes {
    Bytes::from(fs_err::read(path).unwrap())
}

fn request(folder: &Path) -> Request {
    Request::decode(CLIENT, read(&folder.join("request.json"))).unwrap()
}

fn stream(
    request: &Request,
    provider: ProviderProtocol,
    chunks: &[&[u8]],
) -> Result<Vec<Bytes>, Error> {
    let mut decoder = request.decode_stream(provider);
    let mut pieces: Vec<Piece> = Vec::new();
    for chunk in chunks {
        pieces.extend(decoder.push(chunk)?);
    }
    pieces.extend(decoder.finish()?);
    Ok(pieces.into_iter().map(|piece| piece.bytes).collect())
}

/// The calls of an answer in the client's words, but for their ids.
fn calls(answer: &[u8]) -> Vec<Value> {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    let items = answer["output"].as_array().unwrap().iter();
    let calls = items.filter(|item| item["type"].as_str().unwrap().ends_with("_call"));
    let said = calls.map(|call| {
        let parsed = |text: &Value| -> Option<Value> { serde_json::from_str(text.as_str()?).ok() };
        let arguments = parsed(&call["arguments"]);
        json!([
            call["type"],
            call["status"],
            call["namespace"],
            call["name"],
            arguments,
            call["input"]
        ])
    });
    said.collect()
}

#[test]
fn calls_have_the_names_that_the_client_gave() {
    for folder in folders() {
        let request = request(&folder);
        let mut seen: Vec<Vec<Value>> = Vec::new();
        for (name, provider) in PROVIDERS {
            let path = folder.join(name);
            let whole = request.decode_answer(provider, read(&path.with_extension("json")));
            let whole = whole.unwrap().body;
            let pretty: Value = serde_json::from_slice(&whole).unwrap();
            expect_file![path.with_extension("responses")].assert_eq(&format!("{pretty:#}\n"));

            let bytes = read(&path.with_extension("sse"));
            let frames = stream(&request, provider, &[&bytes]).unwrap();
            let shown = String::from_utf8(frames.concat()).unwrap();
            expect_file![path.with_extension("frames")].assert_eq(&shown);
            seen.extend([calls(&whole), calls(&fold(CLIENT, &frames).unwrap())]);
        }
        assert!(!seen[0].is_empty());
        assert!(seen.iter().all(|calls| calls == &seen[0]), "{}", folder.display());
    }
}

#[test]
fn calls_do_not_depend_on_where_the_bytes_are_split() {
    for folder in folders() {
        let request = request(&folder);
        for (name, provider) in PROVIDERS {
            let bytes = read(&folder.join(name).with_extension("sse"));
            let whole = stream(&request, provider, &[&bytes]).unwrap();
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(stream(&request, provider, &single).unwrap(), whole, "{name}");
        }
    }
}

/// The next request of a client that was given an answer and called its tools.
fn next(request: &Request, answer: &[u8]) -> Request {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    let given = answer["output"].as_array().unwrap();
    let results = given.iter().filter_map(|item| {
        let kind = item["type"].as_str().filter(|kind| kind.ends_with("_call"))?;
        let kind = format!("{kind}_output");
        Some(json!({"type": kind, "call_id": item["call_id"], "output": "done"}))
    });
    let question = json!({"role": "user", "content": "hi"});
    let input = std::iter::once(question).chain(given.iter().cloned()).chain(results);
    let mut fields = request.fields().clone();
    fields.insert("input".to_owned(), input.collect());
    Request::decode(CLIENT, Value::Object(fields).to_string().into()).unwrap()
}

/// The names and arguments of the calls in a message of OpenAI's chat completions.
fn called(message: &Value) -> Vec<(String, Value)> {
    let calls = message["tool_calls"].as_array().into_iter().flatten();
    let said = calls.map(|call| {
        let text = |name: &str| call["function"][name].as_str().unwrap();
        (text("name").to_owned(), serde_json::from_str(text("arguments")).unwrap())
    });
    said.collect()
}

#[test]
fn calls_that_come_back_have_the_provider_s_names() {
    for folder in folders() {
        let wanted: Value = serde_json::from_slice(&read(&folder.join("openai.json"))).unwrap();
        let wanted = called(&wanted["choices"][0]["message"]);
        let request = request(&folder);
        for (name, provider) in PROVIDERS {
            let body = read(&folder.join(name).with_extension("json"));
            let answer = request.decode_answer(provider, body).unwrap().body;
            let next = next(&request, &answer);
            let sent = next.encode_for(ProviderProtocol::OpenAiChat, &Edits::default()).unwrap();
            let sent: Value = serde_json::from_slice(&sent).unwrap();
            let messages = sent["messages"].as_array().unwrap().iter();
            assert_eq!(messages.flat_map(called).collect::<Vec<_>>(), wanted, "{name}");
        }
    }
}

/// A whole answer that is served as a stream is that answer again.
#[test]
fn calls_can_be_streamed_from_a_recording() {
    for folder in folders() {
        let body = read(&folder.join("openai.json"));
        let whole = request(&folder).decode_answer(ProviderProtocol::OpenAiChat, body).unwrap();
        let frames = unfold(CLIENT, &whole.body, true).unwrap();
        assert_eq!(calls(&fold(CLIENT, &frames).unwrap()), calls(&whole.body));
    }
}
