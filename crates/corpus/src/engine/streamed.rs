//! Plain text of any size, in bounded memory.

use std::io::{self, Read};

use analysis::{
    Analyzer, Entropies, Finding, Format, Report, Score, Sketch, Stream, StreamReport,
    StreamSettings, Window,
};

use crate::places::Recogniser;
use crate::{Found, Place};

/// Findings that are kept of one document; the others are counted.
const FINDINGS_MAX: usize = 10_000;
/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// Reads to the end and keeps only counts and the first findings.
pub(super) fn stream(analyzer: &Analyzer, mut reader: impl Read) -> io::Result<Found> {
    let mut seen = Seen::default();
    let mut stream = Stream::new(StreamSettings::default(), |window: Window<'_>| {
        let findings = analyzer.rules().find_streamed(window);
        seen.add(findings, window);
    });
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => stream.push(piece.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let streamed = stream.finish();
    Ok(Found {
        report: report(&streamed, seen.findings),
        places: seen.places,
        sketch: Sketch::of([]),
        findings_of_stream: Some(seen.total),
    })
}

/// What the windows held.
#[derive(Default)]
struct Seen {
    recogniser: Recogniser,
    findings: Vec<Finding>,
    places: Vec<Place>,
    total: u64,
    characters: u64,
}

impl Seen {
    fn add(&mut self, mut findings: Vec<Finding>, window: Window<'_>) {
        self.total += findings.len() as u64;
        findings.truncate(FINDINGS_MAX.saturating_sub(self.findings.len()));
        let offset = usize::try_from(window.offset).unwrap_or(usize::MAX);
        let places = self.recogniser.places(&findings, window.text, offset, self.characters);
        self.places.extend(places);
        self.findings.append(&mut findings);
        self.characters += window.text.chars().count() as u64;
    }
}

/// A report with what a stream can know; the rest is empty.
fn report(streamed: &StreamReport, findings: Vec<Finding>) -> Report {
    Report {
        format: Format::Plain,
        bytes: streamed.bytes,
        replaced: streamed.replaced,
        characters: streamed.characters,
        lines: streamed.lines,
        words: streamed.words,
        sentences: 0,
        headings: 0,
        entropies: Entropies {
            bytes: streamed.byte_entropy,
            characters: streamed.character_entropy,
            words: streamed.word_entropy,
            character_bigrams: streamed.character_bigram_entropy,
            word_bigrams: streamed.word_bigram_entropy,
            ..Entropies::default()
        },
        readability: None,
        verdicts: Vec::new(),
        findings,
        score: Score::Abstained { words: 0, needed: 0 },
    }
}
