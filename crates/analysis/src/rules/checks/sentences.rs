//! Sentences and the words in them.

use crate::rules::sink::Sink;
use crate::{Document, Prose, Span};

const LONG: usize = 25;
const VERY_LONG: usize = 35;

/// Words that may rightly stand twice.
const DOUBLES: [&str; 8] = ["had", "that", "is", "very", "bye", "ha", "so", "no"];

pub(crate) fn long(document: &Document<'_>, sink: &mut Sink<'_>) {
    longer(document, LONG, VERY_LONG, sink);
}

pub(crate) fn very_long(document: &Document<'_>, sink: &mut Sink<'_>) {
    longer(document, VERY_LONG, usize::MAX, sink);
}

fn longer(document: &Document<'_>, above: usize, up_to: usize, sink: &mut Sink<'_>) {
    let mut words = document.words.iter().peekable();
    for sentence in &document.sentences {
        while words.next_if(|word| word.start < sentence.start).is_some() {}
        let mut count = 0;
        while words.next_if(|word| word.start < sentence.end).is_some() {
            count += 1;
        }
        if count > above && count <= up_to {
            let span = document.prose.in_source(*sentence);
            sink.push(span, format_args!("this sentence has {count} words, more than {above}"));
        }
    }
}

pub(crate) fn repeated_words(document: &Document<'_>, sink: &mut Sink<'_>) {
    let prose = document.prose.text();
    let pairs = document.words.array_windows().zip(document.vocabulary.numbers().array_windows());
    for ([one, two], [number, next]) in pairs {
        if number != next || one.len() < 2 || !is_gap(&document.prose, *one, *two) {
            continue;
        }
        let (first, second) = (one.of(prose), two.of(prose));
        let is_word = first.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_double = DOUBLES.iter().any(|word| word.eq_ignore_ascii_case(first));
        // Capitals at both are a name: Duran Duran.
        let is_name = second.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
        if is_word && !is_double && !is_name {
            let span = document.prose.in_source(Span::new(one.start, two.end));
            sink.suggest(
                span,
                format_args!("“{second}” stands twice"),
                format!("Write “{first}” once."),
            );
        }
    }
}

/// Whether only one space or line end is between two words, and nothing was left out there.
pub(crate) fn is_gap(prose: &Prose, one: Span, two: Span) -> bool {
    let between = prose.text().as_bytes().get(one.end);
    let is_space = two.start == one.end + 1 && matches!(between, Some(b' ' | b'\n' | b'\t'));
    let next_gap = || prose.gaps().partition_point(|gap| *gap < one.end);
    is_space && prose.gaps().get(next_gap()).is_none_or(|gap| *gap > two.start)
}
