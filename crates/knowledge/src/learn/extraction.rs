//! What of a passage is knowledge, by rules.

use analysis::{Document, Format};
use types::{ProjectId, Timestamp};

use super::cues;
use super::passage::{Passage, Speaker};
use crate::{Confidence, Draft, Intent, Kind, Source, Validity};

/// Letters of a statement: shorter ones say too little, longer ones are no statement.
const STATEMENT_LETTERS: std::ops::RangeInclusive<usize> = 25..=600;

/// Names that a writer gives to what should be remembered, and what they stand for.
const LABELS: [(&str, Kind, Option<Intent>); 11] = [
    ("decision:", Kind::ArchitecturalDecision, Some(Intent::FeatureDevelopment)),
    ("decided:", Kind::ArchitecturalDecision, Some(Intent::FeatureDevelopment)),
    ("fix:", Kind::BugSolution, Some(Intent::Debugging)),
    ("root cause:", Kind::BugSolution, Some(Intent::Debugging)),
    ("convention:", Kind::CodingPattern, None),
    ("rule:", Kind::CodingPattern, None),
    ("lesson:", Kind::AbstractConcept, Some(Intent::Learning)),
    ("lesson learned:", Kind::AbstractConcept, Some(Intent::Learning)),
    ("til:", Kind::AbstractConcept, Some(Intent::Learning)),
    ("remember:", Kind::AbstractConcept, None),
    ("note:", Kind::AbstractConcept, None),
];

/// What is the same for all drafts of a source.
#[derive(Clone, Debug)]
pub(super) struct Origin<'a> {
    pub(super) name: &'a str,
    pub(super) project: Option<&'a ProjectId>,
    pub(super) seen_at: Timestamp,
}

/// The drafts of a passage: a document's passage whole, of what somebody said the statements that a
/// rule knows.
pub(super) fn drafts(passage: &Passage, origin: &Origin<'_>) -> Vec<Draft> {
    if passage.speaker == Speaker::Document {
        let lower = passage.text.to_lowercase();
        let cue = cues::find(&lower);
        let draft = draft(passage, origin, passage.text.clone());
        return vec![Draft {
            kind: cue.map_or(Kind::AbstractConcept, |cue| cue.kind.clone()),
            intent: cue.map(|cue| cue.intent),
            title: passage.title.clone(),
            ..draft
        }];
    }
    let mut drafts: Vec<Draft> = statements(&passage.text)
        .into_iter()
        .filter_map(|statement| {
            let (kind, intent, confidence) = classify(&statement, passage.speaker)?;
            let confidence = Confidence::nearest(confidence);
            Some(Draft { kind, intent, confidence, ..draft(passage, origin, statement) })
        })
        .collect();
    for (number, draft) in (1..).zip(&mut drafts) {
        draft.source.section = format!("{}#{number}", passage.section);
    }
    drafts
}

fn draft(passage: &Passage, origin: &Origin<'_>, content: String) -> Draft {
    let seen_at = passage.said_at.unwrap_or(origin.seen_at);
    let source = Source {
        name: origin.name.to_owned(),
        line: passage.line,
        section: passage.section.clone(),
        seen_at,
    };
    Draft {
        project: origin.project.cloned(),
        confidence: Confidence::nearest(0.8),
        validity: Validity::since(seen_at),
        ..Draft::new(content, source)
    }
}

/// Kind, intent and confidence of a statement that is knowledge. A person's word counts more than
/// an agent's, and a label more than a cue.
fn classify(statement: &str, speaker: Speaker) -> Option<(Kind, Option<Intent>, f64)> {
    let lower = statement.to_lowercase();
    let trust = if speaker == Speaker::Person { 0.1 } else { 0.0 };
    if let Some((_, kind, intent)) = LABELS.iter().find(|(label, ..)| lower.starts_with(label)) {
        return Some((kind.clone(), *intent, 0.8 + trust));
    }
    if is_chatter(&lower) {
        return None;
    }
    let cue = cues::find(&lower)?;
    Some((cue.kind.clone(), Some(cue.intent), 0.6 + trust))
}

/// What is about to be done, asked or politely said is not knowledge.
fn is_chatter(lower: &str) -> bool {
    const BEGINNINGS: [&str; 21] = [
        "let me",
        "i'll",
        "i will",
        "i'm going",
        "i am going",
        "let's",
        "now i",
        "next, i",
        "first, i",
        "can you",
        "could you",
        "would you",
        "please",
        "do you",
        "should i",
        "should we",
        "what ",
        "how ",
        "why ",
        "sure",
        "thanks",
    ];
    lower.ends_with('?') || BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning))
}

/// The sentences of a text without its blocks of code. A fault and what mended it, told one after
/// the other, are one statement.
fn statements(text: &str) -> Vec<String> {
    let document = Document::new(text, Format::Markdown);
    let prose = document.prose.text();
    let mut statements: Vec<String> = Vec::new();
    let mut is_open = false;
    for span in &document.sentences {
        let sentence = with_code(&document, span.of(prose), *span);
        let lower = sentence.to_lowercase();
        let mends = is_open
            && [
                "fix",
                "solv",
                "the cause",
                "root cause",
                "turned out",
                "so i ",
                "so we ",
                "after ",
            ]
            .iter()
            .any(|cue| lower.contains(cue));
        match statements.last_mut() {
            Some(last) if mends && last.len() + sentence.len() < *STATEMENT_LETTERS.end() => {
                last.push(' ');
                last.push_str(&sentence);
                is_open = false;
            }
            _ => {
                is_open = ["fail", "error", "crash", "broke", "bug", "leak", "hang", "deadlock"]
                    .iter()
                    .any(|cue| lower.contains(cue));
                statements.push(sentence);
            }
        }
    }
    statements.retain(|statement| STATEMENT_LETTERS.contains(&statement.chars().count()));
    statements
}

/// A sentence with its inline code and marks as they were written, in one line.
fn with_code(document: &Document<'_>, sentence: &str, span: analysis::Span) -> String {
    let source = document.prose.in_source(span).of(document.text);
    let text = if source.is_empty() { sentence } else { source };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
