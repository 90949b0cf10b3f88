//! `migrate` and `index`: the binary's own commands, from the source tree.

use anyhow::Result;

use crate::process;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Passed on, for example `--check`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(command: &str, arguments: &Arguments) -> Result<()> {
    let mut cargo =
        process::cargo(["run", "--quiet", "--locked", "--package", "forebay", "--", command]);
    process::run(cargo.args(&arguments.rest))
}
