//! Words in two scripts that look like one.

use crate::Span;
use crate::rules::rule::Line;
use crate::rules::sink::Sink;

/// Letters of Cyrillic and Greek that look like Latin ones, from Unicode's list of confusables
/// (UTS 39).
const LOOKALIKES: &str = "аеорсухіјѕԁһԛԝАВЕЅІЈКМНОРСТХУοανρυιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

pub(crate) fn find(line: &Line<'_>, sink: &mut Sink<'_>) {
    // Greek and Cyrillic are the bytes CD to D4 in UTF-8.
    let is_suspect = |byte: u8| (0xcd..=0xd4).contains(&byte);
    if line.text.is_ascii() || !line.text.bytes().any(is_suspect) {
        return;
    }
    let mut start = None;
    for (at, character) in line.text.char_indices() {
        match (character.is_alphabetic(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                report(line.text, Span::new(from, at), sink);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        report(line.text, Span::new(from, line.text.len()), sink);
    }
}

fn report(text: &str, span: Span, sink: &mut Sink<'_>) {
    let word = span.of(text);
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let foreign = word.chars().filter(|character| !character.is_ascii());
    let (mut all, mut like) = (0, 0);
    for character in foreign {
        all += 1;
        like += usize::from(LOOKALIKES.contains(character));
    }
    // Two Latin letters at least: kΩ and µs are units, Δt a variable.
    if latin >= 2 && all > 0 && all == like {
        sink.push(span, format_args!("{like} letters of this word only look Latin"));
    }
}
