//! The passive voice: a form of “to be”, perhaps an adverb, and a past participle.

use crate::rules::checks::sentences::is_gap;
use crate::rules::sink::Sink;
use crate::{Document, Span, entropy};

const FORMS: [&str; 8] = ["am", "are", "be", "been", "being", "is", "was", "were"];

/// Past participles that do not end with “ed”, sorted.
const IRREGULAR: &[&str] = &[
    "beaten",
    "begun",
    "bent",
    "bitten",
    "bound",
    "bought",
    "broken",
    "brought",
    "built",
    "burnt",
    "caught",
    "chosen",
    "cut",
    "dealt",
    "done",
    "drawn",
    "driven",
    "drunk",
    "eaten",
    "fed",
    "felt",
    "forbidden",
    "forgiven",
    "forgotten",
    "fought",
    "found",
    "frozen",
    "given",
    "ground",
    "grown",
    "heard",
    "held",
    "hidden",
    "hit",
    "hurt",
    "kept",
    "known",
    "laid",
    "led",
    "left",
    "lent",
    "let",
    "lost",
    "made",
    "meant",
    "met",
    "mistaken",
    "overridden",
    "overwritten",
    "paid",
    "put",
    "quit",
    "read",
    "rebuilt",
    "rewritten",
    "ridden",
    "run",
    "said",
    "seen",
    "sent",
    "set",
    "shaken",
    "shown",
    "shrunk",
    "shut",
    "sold",
    "sought",
    "spent",
    "split",
    "spoken",
    "spread",
    "stolen",
    "stuck",
    "struck",
    "swept",
    "taken",
    "taught",
    "thought",
    "thrown",
    "told",
    "torn",
    "understood",
    "undone",
    "unset",
    "used",
    "withdrawn",
    "withheld",
    "won",
    "worn",
    "woven",
    "written",
];

/// Words that end with “ed” and are no participles, or are adjectives before all, sorted.
const NO_PARTICIPLES: &[&str] = &[
    "advanced",
    "aged",
    "bed",
    "biased",
    "complicated",
    "dedicated",
    "detailed",
    "embed",
    "exceed",
    "experienced",
    "feed",
    "hundred",
    "indeed",
    "interested",
    "limited",
    "married",
    "naked",
    "need",
    "proceed",
    "red",
    "related",
    "sacred",
    "seed",
    "shed",
    "speed",
    "succeed",
    "supposed",
    "tired",
    "unlimited",
    "unrelated",
    "unused",
    "used",
    "weed",
    "wicked",
];

pub(crate) fn find(document: &Document<'_>, sink: &mut Sink<'_>) {
    let prose = document.prose.text();
    let words = &document.words;
    let is_form = document.vocabulary.marked(&FORMS);
    let mut until = 0;
    for ((index, form), number) in words.iter().enumerate().zip(document.vocabulary.numbers()) {
        if form.start < until || is_form.get(entropy::index(*number)) != Some(&true) {
            continue;
        }
        let Some((participle, end)) = participle_after(document, index) else { continue };
        until = end;
        let span = document.prose.in_source(Span::new(form.start, end));
        sink.push(span, format_args!("“{} … {participle}” does not say who acts", form.of(prose)));
    }
}

/// The participle that follows the word at `index`, with at most two adverbs between them.
fn participle_after<'d>(document: &'d Document<'_>, index: usize) -> Option<(&'d str, usize)> {
    let prose = document.prose.text();
    let mut last = *document.words.get(index)?;
    for next in document.words.iter().skip(index + 1).take(3) {
        if !is_gap(&document.prose, last, *next) {
            return None;
        }
        let word = next.of(prose);
        if is_participle(word) {
            return Some((word, next.end));
        }
        if !is_adverb(word) {
            return None;
        }
        last = *next;
    }
    None
}

fn is_adverb(word: &str) -> bool {
    matches!(
        word,
        "not" | "also" | "then" | "being" | "been" | "often" | "never" | "always" | "now"
    ) || (word.len() > 4 && word.ends_with("ly"))
}

fn is_participle(word: &str) -> bool {
    if word.len() > 4 && word.ends_with("ed") && word.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return NO_PARTICIPLES.binary_search(&word).is_err() || word == "used";
    }
    IRREGULAR.binary_search(&word).is_ok()
}
