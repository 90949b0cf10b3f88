//! `forebay search` and `ask`

use std::process::ExitCode;

use knowledge::{Filter, Hit, Query, Source};
use orchestrator::{KnowledgeAction, KnowledgeOutcome};

use super::unexpected;
use crate::arguments::{Question, Which};
use crate::context::Context;
use crate::door;
use crate::model::ensure_model;
use crate::output::{say, say_json};

/// Characters of an item that a list of hits shows.
const SHOWN_CHARACTERS: usize = 400;

/// Exit code 1 where nothing is found.
pub(super) fn run(context: &Context, question: Question) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    ensure_model(context, &config)?;
    let tenant = question.owner.tenant.clone();
    let outcome = door::know(&config, &tenant, KnowledgeAction::Search(query(question)))?;
    if context.json() {
        say_json(&outcome.document())?;
    }
    let KnowledgeOutcome::Found { hits, .. } = outcome else { return Err(unexpected()) };
    if !context.json() {
        for (place, hit) in (1..).zip(&hits) {
            show(place, hit)?;
        }
        if hits.is_empty() {
            say("nothing that is known says anything about it")?;
        }
    }
    Ok(if hits.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Exit code 1 where there is no answer.
pub(super) fn ask(context: &Context, question: Question) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    ensure_model(context, &config)?;
    let tenant = question.owner.tenant.clone();
    let outcome = door::know(&config, &tenant, KnowledgeAction::Ask(query(question)))?;
    if context.json() {
        say_json(&outcome.document())?;
    }
    let KnowledgeOutcome::Answered { answer, model_failure, hits, .. } = outcome else {
        return Err(unexpected());
    };
    if !context.json() {
        match &answer {
            Some(answer) => {
                say(&answer.text)?;
                say("")?;
                let cited = |id| hits.iter().find(|hit| hit.item.id == id);
                for (number, hit) in (1..).zip(answer.citations.iter().filter_map(|id| cited(*id)))
                {
                    say(&format!("[{number}] {}", origin(hit)))?;
                }
            }
            None => say("nothing that is known answers it")?,
        }
        if let Some(reason) = model_failure {
            say(&format!("the answer model did not answer: {reason}"))?;
        }
    }
    Ok(if answer.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn query(question: Question) -> Query {
    Query {
        text: question.words.join(" "),
        filter: filter(question.filter),
        intent: question.near_intent,
        project: question.near_project,
        limit: question.limit,
    }
}

pub(super) fn filter(which: Which) -> Filter {
    Filter {
        project: which.project,
        kind: which.kind,
        intent: which.intent,
        status: which.status,
        as_of: which.as_of,
        ..Filter::default()
    }
}

fn show(place: usize, hit: &Hit) -> anyhow::Result<()> {
    let parts = &hit.parts;
    say(&format!("{place}. {:.2}  {}", hit.score, origin(hit)))?;
    say(&format!(
        "   #{} {}; text {:.2}, vector {:.2}, freshness {:.2}, intent {:.2}, project {:.2}",
        hit.item.id,
        hit.item.kind,
        parts.text,
        parts.vector,
        parts.freshness,
        parts.intent,
        parts.project
    ))?;
    let words = hit.item.content.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = words.chars().take(SHOWN_CHARACTERS).collect();
    let cut = if shown.len() < words.len() { " …" } else { "" };
    say(&format!("   {shown}{cut}"))?;
    say("")
}

/// Where an item was learned, and under which headings.
fn origin(hit: &Hit) -> String {
    let place = hit.sources.first().map_or_else(String::new, place);
    if hit.item.title.is_empty() { place } else { format!("{place}  {}", hit.item.title) }
}

/// A source as editors take it.
pub(super) fn place(source: &Source) -> String {
    if source.line == 0 { source.name.clone() } else { format!("{}:{}", source.name, source.line) }
}
