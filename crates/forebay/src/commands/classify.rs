//! `forebay classify` and `embed`

use std::io::{BufRead as _, Read as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use knowledge::Example;
use orchestrator::{AskedLabels, KnowledgeAction, KnowledgeOutcome};
use serde_json::json;

use super::unexpected;
use crate::arguments::{Classify, Embed, Labels};
use crate::context::Context;
use crate::door;
use crate::model::ensure_model;
use crate::output::{say, say_json, table};

/// Bytes of texts on standard input at most.
const INPUT_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(context: &Context, arguments: Classify) -> anyhow::Result<ExitCode> {
    let labels = match (&arguments.examples, arguments.labels) {
        (Some(path), _) => {
            let text = fs_err::read_to_string(path)?;
            let examples = Example::parse_all(&text);
            let examples = examples.with_context(|| format!("{}", path.display()))?;
            AskedLabels::Examples(examples)
        }
        (None, Labels::Intents) => AskedLabels::Intents,
        (None, Labels::Trajectories) => AskedLabels::Trajectories,
    };
    let texts = texts_or_input(arguments.texts)?;
    let action = KnowledgeAction::Classify { texts: texts.clone(), labels };
    let config = context.config()?;
    ensure_model(context, &config)?;
    let outcome = door::know(&config, &arguments.owner.tenant, action)?;
    if context.json() {
        say_json(&outcome.document())?;
        return Ok(ExitCode::SUCCESS);
    }
    let KnowledgeOutcome::Classified { results, model_failure } = outcome else {
        return Err(unexpected());
    };
    let rows = results.iter().zip(texts).map(|(result, text)| {
        let label = result.label.as_deref().unwrap_or("-").to_owned();
        vec![label, format!("{:.2}", result.confidence.get()), text]
    });
    say(&table(&["label", ">confidence", "text"], rows.collect()))?;
    if let Some(reason) = model_failure {
        say(&format!("the classification model did not answer: {reason}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn embed(context: &Context, arguments: Embed) -> anyhow::Result<ExitCode> {
    let texts = texts_or_input(arguments.texts)?;
    let action = KnowledgeAction::Embed { texts: texts.clone() };
    let config = context.config()?;
    ensure_model(context, &config)?;
    let outcome = door::know(&config, &arguments.owner.tenant, action)?;
    let KnowledgeOutcome::Embedded { model, vectors } = outcome else { return Err(unexpected()) };
    for (text, vector) in texts.iter().zip(vectors) {
        say_json(&json!({"text": text, "model": model, "vector": vector}))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The texts that were typed, or the lines of standard input.
fn texts_or_input(texts: Vec<String>) -> anyhow::Result<Vec<String>> {
    if !texts.is_empty() {
        return Ok(texts);
    }
    let mut lines = Vec::new();
    let mut read = 0;
    for line in std::io::stdin().lock().take(INPUT_BYTES_MAX + 1).lines() {
        let line = line.context("could not read standard input as UTF-8")?;
        read += u64::try_from(line.len())? + 1;
        if !line.trim().is_empty() {
            lines.push(line);
        }
    }
    if read > INPUT_BYTES_MAX {
        bail!("standard input is larger than {INPUT_BYTES_MAX} bytes; send it in parts");
    }
    if lines.is_empty() {
        bail!("there is no text; give texts as arguments or a text a line on standard input");
    }
    Ok(lines)
}
