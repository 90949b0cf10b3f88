//! Recorded streams, split at every byte.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use expect_test::expect_file;
use forebay_wire::{
    AnswerSummary, Error, PieceKind, Protocol, ProviderProtocol, SseDecoder, SseEvent,
    StreamDecoder, fold, is_usage_only,
};

use crate::model;

const CLIENTS: [Protocol; 3] =
    [Protocol::OpenAiChat, Protocol::OpenAiResponses, Protocol::AnthropicMessages];

/// Groq's streams are among those of OpenAI's protocol.
const PROVIDERS: [(&str, ProviderProtocol); 4] = [
    ("openai", ProviderProtocol::OpenAiChat),
    ("responses", ProviderProtocol::OpenAiResponses),
    ("anthropic", ProviderProtocol::AnthropicMessages),
    ("gemini", ProviderProtocol::Gemini),
];

struct Transcript {
    path: PathBuf,
    protocol: ProviderProtocol,
    bytes: Vec<u8>,
}

impl Transcript {
    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

fn transcripts() -> Vec<Transcript> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut transcripts = Vec::new();
    for (folder, protocol) in PROVIDERS {
        for entry in fs_err::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "sse") {
                let bytes = fs_err::read(&path).unwrap();
                transcripts.push(Transcript { path, protocol, bytes });
            }
        }
    }
    transcripts.sort_by(|left, right| left.path.cmp(&right.path));
    transcripts
}

/// All that a caller sees of a stream.
#[derive(Debug, PartialEq)]
struct Seen {
    pieces: Vec<(PieceKind, Bytes)>,
    errors: Vec<String>,
    summary: AnswerSummary,
}

/// The transcripts that a client reads as they are, with its protocol.
fn native() -> Vec<(Transcript, Protocol)> {
    let known = transcripts().into_iter();
    known.filter_map(|known| known.protocol.client().map(|client| (known, client))).collect()
}

fn decode(upstream: ProviderProtocol, client: Protocol, chunks: &[&[u8]]) -> Seen {
    let mut decoder = StreamDecoder::new(upstream, client);
    let (mut pieces, mut errors) = (Vec::new(), Vec::new());
    for step in 0..=chunks.len() {
        let result = match chunks.get(step) {
            Some(chunk) => decoder.push(chunk),
            None => decoder.finish(),
        };
        match result {
            Ok(more) => pieces.extend(more.into_iter().map(|piece| (piece.kind, piece.bytes))),
            Err(Error::Truncated) if !errors.is_empty() => {}
            Err(error) => errors.push(format!("{error:?}")),
        }
    }
    Seen { pieces, errors, summary: decoder.summary().clone() }
}

fn frames(chunks: &[&[u8]]) -> Vec<SseEvent> {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(event) = decoder.next_event() {
            events.push(event.unwrap());
        }
    }
    decoder.finish();
    while let Some(event) = decoder.next_event() {
        events.push(event.unwrap());
    }
    events
}

/// Frames do not depend on the split at any byte (see above), so what is made of them is tried at
/// every `usual`th; with `FOREBAY_LONG=1` at every byte as well.
fn stride(usual: usize) -> usize {
    if testkit::is_long() { 1 } else { usual }
}

#[test]
fn there_are_enough_of_each_protocol() {
    for (_, protocol) in PROVIDERS {
        assert!(transcripts().iter().filter(|known| known.protocol == protocol).count() >= 15);
    }
}

#[test]
fn framing_is_the_model_s() {
    for transcript in transcripts() {
        let framed: Vec<_> = frames(&[&transcript.bytes])
            .into_iter()
            .map(|event| (event.name.map(|name| name.to_vec()), event.data.to_vec()))
            .collect();
        let expected = model::sse_events(&transcript.bytes);
        // The decoder also gives the last event that lacks its blank line.
        assert_eq!(framed[..expected.len()], expected, "{}", transcript.name());
        assert!(framed.len() <= expected.len() + 1, "{}", transcript.name());
    }
}

#[test]
fn events_do_not_depend_on_where_the_bytes_are_split() {
    for transcript in transcripts() {
        let bytes = transcript.bytes.as_slice();
        let whole = frames(&[bytes]);
        for at in 0..=bytes.len() {
            let (left, right) = bytes.split_at(at);
            assert_eq!(frames(&[left, right]), whole, "{} at {at}", transcript.name());
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(frames(&single), whole, "{} byte by byte", transcript.name());
    }
}

#[test]
fn pieces_do_not_depend_on_where_the_bytes_are_split() {
    for transcript in transcripts() {
        let bytes = transcript.bytes.as_slice();
        for client in CLIENTS {
            let whole = decode(transcript.protocol, client, &[bytes]);
            for at in (0..=bytes.len()).step_by(stride(41)) {
                let (left, right) = bytes.split_at(at);
                let split = decode(transcript.protocol, client, &[left, right]);
                assert_eq!(split, whole, "{} at {at}", transcript.name());
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(decode(transcript.protocol, client, &single), whole);
        }
    }
}

#[test]
fn all_pairs_of_splits_of_short_streams_give_the_same_events() {
    for transcript in transcripts().into_iter().filter(|known| known.bytes.len() < 300) {
        let bytes = transcript.bytes.as_slice();
        let whole = frames(&[bytes]);
        for first in 0..bytes.len() {
            for second in first..bytes.len() {
                let chunks = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(frames(&chunks), whole, "{}", transcript.name());
            }
        }
    }
}

/// The frames of a stream with LF line ends that are not made of comments alone.
fn without_comments(stream: &[u8]) -> Vec<u8> {
    let lines = std::str::from_utf8(stream).unwrap().lines().filter(|line| !line.starts_with(':'));
    let text = lines.map(|line| format!("{line}\n")).collect::<String>();
    let frames = text.split("\n\n").map(str::trim_start).filter(|frame| !frame.is_empty());
    frames.map(|frame| format!("{frame}\n\n")).collect::<String>().into_bytes()
}

/// What goes out to a client of the same protocol is what came in, up to the terminal event or
/// the error, but for the mark, comments between events, and a missing `event:` line.
#[test]
fn bytes_of_the_same_protocol_are_not_touched() {
    for (transcript, client) in native() {
        let seen = decode(transcript.protocol, client, &[&transcript.bytes]);
        let sent: Vec<u8> = seen.pieces.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
        let name = transcript.name();
        let mut expected = transcript.bytes.as_slice();
        expected = expected.strip_prefix(b"\xef\xbb\xbf").unwrap_or(expected);
        let uncommented;
        if name.contains("-comments") {
            uncommented = without_comments(expected);
            expected = &uncommented;
        }
        if name.contains("20-no-event-names") {
            assert!(seen.pieces.iter().all(|(_, bytes)| bytes.starts_with(b"event: ")), "{name}");
            continue;
        }
        assert!(expected.starts_with(&sent), "{name}");
        if seen.errors.is_empty() && !name.contains("after-done") {
            assert_eq!(sent.len(), expected.len(), "{name}");
        }
    }
}

/// Whether the words that end a stream of this protocol are among these bytes.
fn shows_end(protocol: ProviderProtocol, bytes: &[u8]) -> bool {
    let words: &[&str] = match protocol {
        ProviderProtocol::OpenAiChat | ProviderProtocol::Groq => &["[DONE]"],
        ProviderProtocol::OpenAiResponses => &["response.completed", "response.incomplete"],
        ProviderProtocol::AnthropicMessages => &["message_stop"],
        ProviderProtocol::Gemini => &["finishReason", "blockReason"],
    };
    words.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
}

#[test]
fn a_stream_cut_anywhere_never_ends_cleanly() {
    for transcript in transcripts() {
        let bytes = transcript.bytes.as_slice();
        for client in CLIENTS {
            let whole = decode(transcript.protocol, client, &[bytes]);
            if !whole.errors.is_empty() {
                continue;
            }
            let terminal = |seen: &Seen| {
                seen.pieces.iter().filter(|(kind, _)| *kind == PieceKind::Terminal).count()
            };
            assert_eq!(terminal(&whole), 1, "{}", transcript.name());
            for at in (0..bytes.len()).step_by(stride(41)) {
                let cut = decode(transcript.protocol, client, &[&bytes[..at]]);
                let is_clean = cut.errors.is_empty();
                let is_ended = shows_end(transcript.protocol, &bytes[..at]);
                assert!(is_ended || !is_clean, "{} at {at}", transcript.name());
                assert_eq!(is_clean, cut.summary.complete, "{} at {at}", transcript.name());
                assert_eq!(terminal(&cut), usize::from(is_clean), "{} at {at}", transcript.name());
            }
        }
    }
}

fn shown(seen: &Seen) -> String {
    let mut text = String::new();
    for (kind, bytes) in &seen.pieces {
        writeln!(text, "{kind:?}").unwrap();
        for line in String::from_utf8_lossy(bytes).lines().filter(|line| !line.is_empty()) {
            writeln!(text, "    {line}").unwrap();
        }
    }
    for error in &seen.errors {
        writeln!(text, "error {error}").unwrap();
    }
    text
}

/// A frame that was recorded is told apart as the piece was.
#[test]
fn usage_chunks_are_known_again() {
    for (transcript, client) in native() {
        let seen = decode(transcript.protocol, client, &[&transcript.bytes]);
        for (kind, bytes) in seen.pieces {
            let is_usage = is_usage_only(client, &bytes);
            assert_eq!(is_usage, kind == PieceKind::UsageOnly, "{}", transcript.name());
        }
    }
}

fn folded(client: Protocol, seen: &Seen) -> String {
    let frames: Vec<Bytes> = seen.pieces.iter().map(|(_, bytes)| bytes.clone()).collect();
    match fold(client, &frames) {
        Ok(body) => String::from_utf8(body.to_vec()).unwrap(),
        Err(error) => format!("error {error:?}"),
    }
}

/// What each client sees: of its own protocol only the kinds of pieces, because the bytes are
/// those of the transcript.
fn snapshot(transcript: &Transcript) -> String {
    let seen =
        CLIENTS.map(|client| (client, decode(transcript.protocol, client, &[&transcript.bytes])));
    let mut text = format!("{:#?}\n", seen[0].1.summary);
    for (client, seen_here) in &seen {
        assert_eq!(seen_here.summary, seen[0].1.summary);
        if transcript.protocol.client() == Some(*client) {
            let kinds = seen_here.pieces.iter().map(|(kind, _)| format!("{kind:?}"));
            writeln!(text, "\npieces: {}", kinds.collect::<Vec<_>>().join(" ")).unwrap();
            writeln!(text, "errors: {}", seen_here.errors.join(" ")).unwrap();
            writeln!(text, "folded: {}", folded(*client, seen_here)).unwrap();
        } else {
            writeln!(text, "\nto {client}:\n{}", shown(seen_here)).unwrap();
        }
    }
    text
}

#[test]
fn transcripts_mean_what_their_snapshots_say() {
    for transcript in transcripts() {
        expect_file![transcript.path.with_extension("snap")].assert_eq(&snapshot(&transcript));
    }
}
