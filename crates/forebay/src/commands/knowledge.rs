//! `forebay knowledge` and `forebay index rebuild`

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use knowledge::{Item, ItemId, Shown};
use orchestrator::{KnowledgeAction, KnowledgeOutcome, NewItem};
use types::TenantId;

use super::search::{filter, place};
use super::unexpected;
use crate::arguments::{AddItem, Knowledge, KnowledgeCommand};
use crate::context::Context;
use crate::door;
use crate::output::{moment, or_dash, say, say_json, table};

/// Characters of an item that a list shows.
const SHOWN_CHARACTERS: usize = 80;
/// Bytes of an item's words on standard input at most.
const CONTENT_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(context: &Context, arguments: Knowledge) -> anyhow::Result<ExitCode> {
    tell(context, &arguments.owner.tenant, action(arguments.command)?)
}

pub(super) fn rebuild(context: &Context) -> anyhow::Result<ExitCode> {
    let tenant = TenantId::new("default")?;
    tell(context, &tenant, KnowledgeAction::RebuildIndex)
}

fn action(command: KnowledgeCommand) -> anyhow::Result<KnowledgeAction> {
    let id = ItemId::new;
    Ok(match command {
        KnowledgeCommand::List { filter: which, limit, skip } => {
            KnowledgeAction::List { filter: filter(which), skip, limit }
        }
        KnowledgeCommand::Show { ids } => {
            KnowledgeAction::Show { ids: ids.into_iter().map(id).collect() }
        }
        KnowledgeCommand::Add(new) => KnowledgeAction::Add(new_item(new)?),
        KnowledgeCommand::Edit { id: number, content } => {
            KnowledgeAction::Edit { id: id(number), content: words(content)? }
        }
        KnowledgeCommand::Confirm { id: number } => KnowledgeAction::Confirm { id: id(number) },
        KnowledgeCommand::Invalidate { id: number } => {
            KnowledgeAction::Invalidate { id: id(number) }
        }
        KnowledgeCommand::Forget { id: number } => KnowledgeAction::Forget { id: id(number) },
        KnowledgeCommand::Export { target } => {
            KnowledgeAction::Export { target: absolute(&target)? }
        }
        KnowledgeCommand::Import { source } => {
            KnowledgeAction::Import { source: absolute(&source)? }
        }
    })
}

/// The daemon has a working directory of its own.
fn absolute(path: &Path) -> anyhow::Result<std::path::PathBuf> {
    std::path::absolute(path).context("could not resolve a path")
}

fn new_item(new: AddItem) -> anyhow::Result<NewItem> {
    let AddItem { content, kind, title, intent, project, confidence, source } = new;
    let content = words(content)?;
    Ok(NewItem { content, kind, title, intent, project, confidence, source })
}

/// What was typed, or standard input.
fn words(content: Option<String>) -> anyhow::Result<String> {
    if let Some(content) = content {
        return Ok(content);
    }
    let mut text = String::new();
    let input = std::io::stdin().lock().take(CONTENT_BYTES_MAX + 1).read_to_string(&mut text);
    input.context("could not read standard input as UTF-8")?;
    anyhow::ensure!(
        u64::try_from(text.len())? <= CONTENT_BYTES_MAX,
        "standard input is larger than {CONTENT_BYTES_MAX} bytes; learn it from a file"
    );
    Ok(text.trim().to_owned())
}

fn tell(context: &Context, tenant: &TenantId, action: KnowledgeAction) -> anyhow::Result<ExitCode> {
    let outcome = door::know(&context.config()?, tenant, action)?;
    if context.json() {
        say_json(&outcome.document())?;
        return Ok(ExitCode::SUCCESS);
    }
    match outcome {
        KnowledgeOutcome::Items { items } => say(&list(&items))?,
        KnowledgeOutcome::Shown { items } => items.iter().try_for_each(show)?,
        KnowledgeOutcome::Added(added) => {
            let id = or_dash(added.id.map(|id| format!("#{id}")));
            let other = added.other.map(|other| format!(", the other is #{other}"));
            say(&format!("{}: {id}{}", added.outcome, other.unwrap_or_default()))?;
        }
        KnowledgeOutcome::Changed { item } => say(&list(&[item]))?,
        KnowledgeOutcome::Exported { items } => say(&format!("{items} items written"))?,
        KnowledgeOutcome::Imported(imported) => {
            say(&format!("{} items stored, {} were there already", imported.added, imported.known))?
        }
        KnowledgeOutcome::Rebuilt { texts, vectors: Some(vectors) } => say(&format!(
            "the indexes hold the words of {texts} items and the store's {vectors} vectors"
        ))?,
        KnowledgeOutcome::Rebuilt { texts, vectors: None } => say(&format!(
            "the index holds the words of {texts} items; no embedding model is installed, so \
             there is none of vectors: `forebay models pull`"
        ))?,
        KnowledgeOutcome::Learned(_)
        | KnowledgeOutcome::Found { .. }
        | KnowledgeOutcome::Answered { .. }
        | KnowledgeOutcome::Classified { .. }
        | KnowledgeOutcome::Embedded { .. } => return Err(unexpected()),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(items: &[Item]) -> String {
    let row = |item: &Item| {
        let words = item.content.split_whitespace().collect::<Vec<_>>().join(" ");
        vec![
            item.id.to_string(),
            item.kind.to_string(),
            item.status.to_string(),
            or_dash(item.project.as_ref()),
            item.accesses.to_string(),
            moment(Some(item.confirmed_at)),
            words.chars().take(SHOWN_CHARACTERS).collect(),
        ]
    };
    let titles = [">number", "kind", "status", "project", ">uses", "confirmed", "content"];
    table(&titles, items.iter().map(row).collect())
}

fn show(shown: &Shown) -> anyhow::Result<()> {
    let item = &shown.item;
    say(&format!("#{}  {}  {}  {}", item.id, item.kind, item.status, item.title))?;
    say(&item.content)?;
    say(&format!(
        "project {}, intent {}, confidence {:.2}, stored {}, confirmed {}, given out {} times",
        or_dash(item.project.as_ref()),
        or_dash(item.intent.as_ref()),
        item.confidence.get(),
        moment(Some(item.created_at)),
        moment(Some(item.confirmed_at)),
        item.accesses
    ))?;
    for source in &shown.sources {
        let section = if source.section.is_empty() { "" } else { "  " };
        let seen = moment(Some(source.seen_at));
        say(&format!("from {}{section}{}, seen {seen}", place(source), source.section))?;
    }
    for relation in &shown.relations {
        say(&format!("#{} {} #{}", relation.item, relation.kind.name(), relation.other))?;
    }
    say("")
}
