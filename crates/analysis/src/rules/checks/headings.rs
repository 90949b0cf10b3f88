//! Headings and their sections.

use rustc_hash::FxHashSet;

use crate::rules::sink::Sink;
use crate::{Document, Heading};

pub(crate) fn jumps(document: &Document<'_>, sink: &mut Sink<'_>) {
    for pair in document.outline.headings.windows(2) {
        if let [before, heading] = pair
            && heading.level > before.level + 1
        {
            let message = format_args!(
                "a heading of level {} follows one of level {}",
                heading.level, before.level
            );
            sink.push(heading.span, message);
        }
    }
}

pub(crate) fn duplicates(document: &Document<'_>, sink: &mut Sink<'_>) {
    // One set of names for each level that is open.
    let mut seen: Vec<FxHashSet<&str>> = Vec::new();
    for heading in &document.outline.headings {
        let depth = usize::from(heading.level);
        seen.truncate(depth);
        seen.resize_with(depth, FxHashSet::default);
        let name = heading.text.trim();
        let is_new = seen.last_mut().is_none_or(|names| names.insert(name));
        if !is_new && !name.is_empty() {
            sink.push(
                heading.span,
                format_args!("“{}” is also an earlier heading here", short(name)),
            );
        }
    }
}

pub(crate) fn empty_sections(document: &Document<'_>, sink: &mut Sink<'_>) {
    let headings = &document.outline.headings;
    for (index, heading) in headings.iter().enumerate() {
        let next = headings.get(index + 1);
        if next.is_some_and(|next| next.level > heading.level) {
            continue;
        }
        let end = next.map_or(document.text.len(), |next| next.span.start);
        let body = document.text.get(heading.span.end..end);
        // A section that is longer than this holds something, whatever it is.
        let is_empty = body.is_some_and(|body| body.len() < 4096 && body.trim().is_empty());
        if is_empty && !heading.text.trim().is_empty() {
            sink.push(heading.span, format_args!("“{}” has no content", short(&heading.text)));
        }
    }
}

pub(crate) fn several_tops(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut tops = document.outline.headings.iter().filter(|heading| heading.level == 1).skip(1);
    // Once is enough: they are a way to structure the document.
    if let Some(second) = tops.next() {
        let count = tops.count() + 2;
        sink.push(second.span, format_args!("{count} headings are of the first level"));
    }
}

/// How a heading is capitalised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Sentence,
    Title,
}

pub(crate) fn case(document: &Document<'_>, sink: &mut Sink<'_>) {
    let headings: Vec<(&Heading, Case)> = document
        .outline
        .headings
        .iter()
        .filter_map(|one| Some((one, case_of(&one.text)?)))
        .collect();
    let titles = headings.iter().filter(|(_, case)| *case == Case::Title).count();
    let sentences = headings.len() - titles;
    let (usual, name) = if titles > sentences {
        (Case::Title, "each word with a capital letter")
    } else {
        (Case::Sentence, "the first word alone with a capital letter")
    };
    // With fewer, or with both about as frequent, no way is the usual one.
    if headings.len() < 4 || std::cmp::min(titles, sentences) * 4 > headings.len() {
        return;
    }
    for (heading, _) in headings.iter().filter(|(_, case)| *case != usual) {
        sink.push(heading.span, format_args!("most headings here start {name}, this one does not"));
    }
}

/// None where it cannot be told: too few words that have a choice.
fn case_of(text: &str) -> Option<Case> {
    let (mut capital, mut small) = (0, 0);
    for word in text.split_whitespace().skip(1) {
        let plain = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        let has_tail = word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
        if plain && has_tail {
            let is_capital = word.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
            *(if is_capital { &mut capital } else { &mut small }) += 1;
        }
    }
    match (capital, small) {
        (2.., 0) => Some(Case::Title),
        (0, 1..) => Some(Case::Sentence),
        _ => None,
    }
}

/// The start of a text, for messages.
pub(crate) fn short(text: &str) -> &str {
    let text = text.trim();
    text.get(..text.floor_char_boundary(60)).unwrap_or(text)
}
