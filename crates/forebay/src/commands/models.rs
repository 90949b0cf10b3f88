//! `forebay models`

use std::process::ExitCode;

use orchestrator::{PullOptions, Stored, StoredState};
use serde_json::json;

use crate::arguments::Models;
use crate::context::Context;
use crate::model;
use crate::output::{note, say, say_json, table};

/// Exit code 1 where what was to be pulled is not there, or what is verified is broken.
pub(super) fn run(context: &Context, command: &Models) -> anyhow::Result<ExitCode> {
    let store = model::store(&context.config()?)?;
    let stored = match command {
        Models::List => store.list()?,
        Models::Verify => store.verify()?,
        Models::Pull { onnx_runtime } => {
            let (onnx_runtime, offline) = (*onnx_runtime, context.offline());
            model::pull(&store, PullOptions { onnx_runtime, offline })??;
            store.list()?
        }
    };
    if let Models::Pull { onnx_runtime: true } = command
        && let Some(library) = stored.iter().find(|stored| !stored.usable)
    {
        note(&format!(
            "this program was built without the engine that uses {}: build it with the feature \
             onnx-runtime",
            library.name
        ));
    }
    show(context, &stored)?;
    let is_broken = |stored: &Stored| matches!(stored.state, StoredState::Damaged { .. });
    let has_failed = matches!(command, Models::Verify) && stored.iter().any(is_broken);
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn show(context: &Context, stored: &[Stored]) -> anyhow::Result<()> {
    if context.json() {
        return say_json(&json!({"models": stored}));
    }
    let row = |stored: &Stored| {
        let state = match &stored.state {
            StoredState::Installed if stored.usable => "installed".to_owned(),
            StoredState::Installed => "installed, not built in".to_owned(),
            StoredState::Missing => "missing".to_owned(),
            StoredState::Damaged { file } => format!("damaged: {}", file.display()),
        };
        let precisions: Vec<_> = stored.precisions.iter().map(|one| one.as_str()).collect();
        vec![stored.name.clone(), stored.bytes.to_string(), precisions.join(" "), state]
    };
    say(&table(&["name", ">bytes", "precisions", "state"], stored.iter().map(row).collect()))
}
