//! `forebay learn`

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use orchestrator::{KnowledgeAction, KnowledgeOutcome, Learned, NewMaterial, learnable_files};

use super::unexpected;
use crate::arguments::Learn;
use crate::context::Context;
use crate::door::KnowledgeDoor;
use crate::model::ensure_model;
use crate::output::{say, say_json};

/// Bytes of standard input at most.
const INPUT_BYTES_MAX: u64 = 16 << 20;

/// Exit code 1 where a file could not be read.
pub(super) fn run(context: &Context, arguments: &Learn) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    let mut learned = Learned::default();
    let mut actions = Vec::new();
    for path in &arguments.paths {
        if path == Path::new("-") {
            actions.push(KnowledgeAction::Learn(standard_input(arguments)?));
            continue;
        }
        // The daemon has a working directory of its own.
        let path = std::path::absolute(path).context("could not resolve a path")?;
        for file in learnable_files(&path) {
            match file {
                Ok(file) => actions.push(one_file(file, arguments)),
                Err(unread) => learned.unread.push(unread),
            }
        }
    }
    if !actions.is_empty() {
        ensure_model(context, &config)?;
        let door = KnowledgeDoor::open(&config)?;
        let carried_out = learn_all(&door, arguments, actions, &mut learned);
        door.close()?;
        carried_out?;
    }
    tell(context, &learned)?;
    Ok(if learned.unread.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one_file(file: PathBuf, arguments: &Learn) -> KnowledgeAction {
    KnowledgeAction::LearnFiles { paths: vec![file], project: arguments.project.clone() }
}

fn standard_input(arguments: &Learn) -> anyhow::Result<NewMaterial> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX + 1).read_to_string(&mut text);
    let read = read.context("could not read standard input as UTF-8")?;
    if u64::try_from(read)? > INPUT_BYTES_MAX {
        bail!("standard input is larger than {INPUT_BYTES_MAX} bytes; put it into a file");
    }
    let (name, project) = ("standard input".to_owned(), arguments.project.clone());
    Ok(NewMaterial { name, text, format: None, project })
}

fn learn_all(
    door: &KnowledgeDoor<'_>,
    arguments: &Learn,
    actions: Vec<KnowledgeAction>,
    learned: &mut Learned,
) -> anyhow::Result<()> {
    let progress = progress(actions.len())?;
    for action in actions {
        if let KnowledgeAction::LearnFiles { paths, .. } = &action {
            let name = paths.first().map(|path| path.display().to_string());
            progress.set_message(name.unwrap_or_default());
        }
        let outcome = door.know(&arguments.owner.tenant, action)?;
        let KnowledgeOutcome::Learned(more) = outcome else { return Err(unexpected()) };
        learned.add(more);
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(())
}

fn progress(files: usize) -> anyhow::Result<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}")?;
    Ok(ProgressBar::new(u64::try_from(files)?).with_style(style))
}

fn tell(context: &Context, learned: &Learned) -> anyhow::Result<()> {
    if context.json() {
        return say_json(learned);
    }
    let Learned { sources, created, merged, superseded, conflicting, left_out, .. } = learned;
    say(&format!(
        "{sources} read: {created} new, {merged} seen elsewhere too, {superseded} new versions, \
         {conflicting} that contradict others, {left_out} known"
    ))?;
    if learned.redacted > 0 {
        say(&format!("{} secrets were taken out", learned.redacted))?;
    }
    if learned.skipped > 0 {
        say(&format!("{} lines could not be read and were passed over", learned.skipped))?;
    }
    if let Some(reason) = &learned.model_failure {
        let times = learned.unextracted;
        say(&format!("the extraction model did not answer {times} times: {reason}"))?;
    }
    for unread in &learned.unread {
        say(&format!("could not read {}: {}", unread.name, unread.reason))?;
    }
    Ok(())
}
