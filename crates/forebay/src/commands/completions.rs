//! `forebay completions`

use std::io;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;

pub(super) fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    clap_complete::generate(shell, &mut Arguments::command(), "forebay", &mut io::stdout());
    Ok(ExitCode::SUCCESS)
}
