//! `forebay completions`

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::output::say;

pub(super) fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    // The generator panics where its target cannot be written to.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "forebay", &mut script);
    say(String::from_utf8(script)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
